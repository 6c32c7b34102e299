/* SPDX-License-Identifier: Apache-2.0 */
/* Requests over a socket, whole and split at every byte, and what becomes of those who send too much or read too little. */
#include "proxy/admin/http.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_TURNS = 100000, ANSWER_ROOM = 8192 };

struct fixture {
    uv_loop_t loop;
    struct http_server server;
    uv_tcp_t listener;
    struct http_connection *streams; /* the last one that asked for /stream */
    unsigned handled, gone;
    struct http_request request; /* the last one */
    union sockaddr_ip at;
};

static void handle(void *context, struct http_connection *connection, const struct http_request *request)
{
    struct fixture *fixture = context;
    fixture->handled++;
    fixture->request = *request;
    fixture->request.query = NULL;
    if (strcmp(request->url, "/stream") == 0) {
        fixture->streams = connection;
        http_stream(connection);
        return;
    }
    http_reply(connection, &(struct http_answer){.status = 200,
                                                 .type = "text/plain",
                                                 .headers = "X-Path: seen\r\n",
                                                 .body = bytes_of("hello")});
}

static void gone(void *context, struct http_connection *connection)
{
    struct fixture *fixture = context;
    fixture->gone++;
    if (fixture->streams == connection)
        fixture->streams = NULL;
}

static int begin(void **state)
{
    static struct fixture fixture;
    int len = sizeof fixture.at;
    fixture = (struct fixture){.server = {.handle = handle, .gone = gone, .context = &fixture}};
    fixture.server.loop = &fixture.loop;
    fixture.server.listeners = &fixture.listener;
    *state = &fixture;
    sockaddr_parse("127.0.0.1", 0, &fixture.at);
    return uv_loop_init(&fixture.loop) || http_listen(&fixture.server, &fixture.at.any) ||
           uv_tcp_getsockname(&fixture.listener, &fixture.at.any, &len);
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    http_close(&fixture->server);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    return uv_loop_close(&fixture->loop);
}

static void turn(struct fixture *fixture)
{
    uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

static int dial(const struct fixture *fixture)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, &fixture->at.any, sizeof fixture->at.v4), 0);
    return fd;
}

static void say(int fd, const char *text, size_t len)
{
    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* All that comes until the end. */
static const char *hear(struct fixture *fixture, int fd)
{
    static char answer[ANSWER_ROOM];
    size_t len = 0;
    for (int turns = 0; turns < PATIENCE_TURNS; turns++) {
        turn(fixture);
        ssize_t got = recv(fd, answer + len, sizeof answer - 1 - len, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno == ECONNRESET))
            break;
        len += got > 0 ? (size_t)got : 0;
        if (got < 0)
            usleep(10);
    }
    answer[len] = 0;
    close(fd);
    return answer;
}

static const char *ask(struct fixture *fixture, const char *request)
{
    int fd = dial(fixture);
    say(fd, request, strlen(request));
    return hear(fixture, fd);
}

static void test_a_request_is_handled_once_wherever_it_is_split(void **state)
{
    static const char request[] = "GET /a?b=c&token=x%20y HTTP/1.1\r\nHost: localhost:1\r\nX-Host: "
                                  "no\r\nauthorization: Bearer z\r\n\r\n";
    struct fixture *fixture = *state;
    for (size_t at = 1; at < sizeof request - 1; at++) {
        int fd = dial(fixture);
        fixture->handled = 0;
        say(fd, request, at);
        turn(fixture);
        turn(fixture);
        say(fd, request + at, sizeof request - 1 - at);
        const char *answer = hear(fixture, fd);
        assert_int_equal(fixture->handled, 1);
        assert_string_equal(fixture->request.url, "/a");
        assert_string_equal(fixture->request.host, "localhost:1");
        assert_string_equal(fixture->request.authorization, "Bearer z");
        assert_string_equal(fixture->request.origin, "");
        assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
        assert_non_null(strstr(answer, "Content-Length: 5\r\n"));
        assert_non_null(strstr(answer, "X-Path: seen\r\n"));
        assert_null(strstr(answer, "Access-Control"));
        assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\nhello");
    }
}

static void test_head_gets_no_body(void **state)
{
    const char *answer = ask(*state, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_non_null(strstr(answer, "Content-Length: 5\r\n"));
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
}

static void test_what_is_no_request_or_too_long_is_refused(void **state)
{
    static char long_path[HTTP_URL_ROOM + 100] = "GET /", long_host[HTTP_VALUE_ROOM + 100];
    struct fixture *fixture = *state;
    memset(long_path + 5, 'a', HTTP_URL_ROOM);
    strcat(long_path, " HTTP/1.1\r\nHost: x\r\n\r\n");
    strcpy(long_host, "GET / HTTP/1.1\r\nHost: ");
    memset(long_host + strlen(long_host), 'a', HTTP_VALUE_ROOM);
    strcat(long_host, "\r\n\r\n");
    assert_non_null(strstr(ask(fixture, "hello\r\n\r\n"), "HTTP/1.1 400 "));
    assert_non_null(strstr(ask(fixture, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "HTTP/1.1 400 "));
    assert_non_null(strstr(ask(fixture, long_path), "HTTP/1.1 414 "));
    assert_non_null(strstr(ask(fixture, long_host), "HTTP/1.1 431 "));
    assert_int_equal(fixture->handled, 0);
}

static int open_stream(struct fixture *fixture)
{
    static const char request[] = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
    int fd = dial(fixture);
    say(fd, request, sizeof request - 1);
    for (int turns = 0; !fixture->streams && turns < PATIENCE_TURNS; turns++)
        turn(fixture);
    assert_non_null(fixture->streams);
    return fd;
}

static void test_who_reads_events_too_slowly_is_dropped_at_the_bound(void **state)
{
    enum { EVENT = 64 << 10 };
    static const uint8_t event[EVENT];
    struct fixture *fixture = *state;
    int fd = open_stream(fixture);
    size_t sent = 0;
    while (fixture->streams && sent < (size_t)100 * HTTP_STREAM_QUEUE_MAX) {
        http_stream_send(fixture->streams, (struct bytes){event, EVENT});
        sent += EVENT;
        turn(fixture);
    }
    assert_null(fixture->streams);
    assert_int_equal(fixture->gone, 1);
    assert_int_equal(fixture->server.dropped, 1);
    assert_true(sent > HTTP_STREAM_QUEUE_MAX);
    close(fd);
}

static void test_a_reader_of_events_that_goes_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    close(open_stream(fixture));
    for (int turns = 0; fixture->streams && turns < PATIENCE_TURNS; turns++)
        turn(fixture);
    assert_int_equal(fixture->gone, 1);
    assert_int_equal(fixture->server.dropped, 0);
}

static void test_one_more_than_the_bound_is_closed_at_once(void **state)
{
    struct fixture *fixture = *state;
    int fds[HTTP_CONNECTIONS_MAX];
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        fds[i] = dial(fixture);
        for (int turns = 0; fixture->server.count <= i && turns < PATIENCE_TURNS; turns++)
            turn(fixture);
    }
    assert_string_equal(hear(fixture, dial(fixture)), "");
    assert_int_equal(fixture->server.count, HTTP_CONNECTIONS_MAX);
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++)
        close(fds[i]);
}

static void test_a_query_is_found_by_its_whole_name_and_decoded(void **state)
{
    static const struct {
        const char *query, *name, *value; /* value NULL: it is not there */
    } rows[] = {
        {"a=1&b=2", "a", "1"},
        {"a=1&b=2", "b", "2"},
        {"ab=1", "b", NULL},
        {"a=x%20y+z", "a", "x y z"},
        {"a=%2A%zz", "a", "*%zz"},
        {"a=", "a", ""},
        {"", "a", NULL},
        {"a", "a", NULL},
        {"a=%4", "a", "%4"},
        {"a=1&a=2", "a", "1"},
        {"a=12345678", "a", "1234567"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char value[8];
        struct http_request request = {.query = rows[i].query};
        assert_int_equal(http_query(&request, rows[i].name, value, sizeof value), rows[i].value != NULL);
        assert_string_equal(value, rows[i].value ? rows[i].value : "");
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_a_request_is_handled_once_wherever_it_is_split),
        TEST(test_head_gets_no_body),
        TEST(test_what_is_no_request_or_too_long_is_refused),
        TEST(test_who_reads_events_too_slowly_is_dropped_at_the_bound),
        TEST(test_a_reader_of_events_that_goes_is_forgotten),
        TEST(test_one_more_than_the_bound_is_closed_at_once),
        TEST(test_a_query_is_found_by_its_whole_name_and_decoded),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
