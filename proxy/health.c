/* SPDX-License-Identifier: Apache-2.0 */
/* One ApiVersions round trip through kbridge; see health.h.
 * That the port is open says nothing: kbridge accepts and holds clients while Kafka is not there. */
#include "proxy/health.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "config/settings.h"
#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

enum {
    EXIT_MISUSED = 2,
    CORRELATION_ID = 0x6b62,
    ANSWER_HEAD = 8,       /* length and correlation id */
    ANSWER_MAX = 64 << 10, /* 100 APIs have 600 bytes */
    PORT_TEXT_ROOM = 6,
};

static const struct endpoint_form form = {.example = "localhost:29092", .default_port = 29092};

/* ---- time and memory ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

/* False, with errno: time is up. An error of the socket shows when it is used. */
static bool wait_for(int fd, short event, int64_t deadline_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = event};
    for (;;) {
        int64_t left_ms = deadline_ms - now_ms();
        int ready = poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0);
        if (ready > 0)
            return true;
        if (ready == 0)
            errno = ETIMEDOUT;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

static void *resize(void *context, void *at, size_t size)
{
    (void)context;
    if (size > 0)
        return realloc(at, size);
    free(at);
    return NULL;
}

/* ---- the connection ---- */

/* A connected socket, or -1 with errno. */
static int dial(const struct addrinfo *address, int64_t deadline_ms)
{
    int failure = 0;
    socklen_t len = sizeof failure;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    bool started = connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS;
    if (started && wait_for(fd, POLLOUT, deadline_ms) &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) == 0 && failure == 0)
        return fd;
    if (failure)
        errno = failure;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* A socket that is connected to the first address of the endpoint that takes it, or -1. */
static int reach(const struct endpoint *endpoint, int64_t deadline_ms, struct problem *problem)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    char port[PORT_TEXT_ROOM];
    snprintf(port, sizeof port, "%u", (unsigned)endpoint->port);
    int status = getaddrinfo(endpoint->host, port, &hints, &addresses);
    if (status != 0) {
        problem_say(problem, "%s does not resolve (%s)", endpoint->host, gai_strerror(status));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *at = addresses; at && fd < 0; at = at->ai_next)
        fd = dial(at, deadline_ms);
    if (fd < 0)
        problem_say(problem, "nobody can be reached there (%s)", strerror(errno));
    freeaddrinfo(addresses);
    return fd;
}

/* ---- the round trip ---- */

static bool send_all(int fd, struct bytes bytes, int64_t deadline_ms)
{
    while (bytes.len > 0) {
        ssize_t sent = wait_for(fd, POLLOUT, deadline_ms) ? send(fd, bytes.at, bytes.len, MSG_NOSIGNAL) : -1;
        if (sent < 0)
            return false;
        bytes.at += sent;
        bytes.len -= (size_t)sent;
    }
    return true;
}

/* Whole, or false with errno; 0: the other side has closed. */
static bool receive_all(int fd, uint8_t *to, size_t len, int64_t deadline_ms)
{
    for (size_t have = 0; have < len;) {
        ssize_t got = wait_for(fd, POLLIN, deadline_ms) ? recv(fd, to + have, len - have, 0) : -1;
        if (got == 0)
            errno = 0;
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

static bool ask(int fd, int64_t deadline_ms, struct problem *problem)
{
    static const struct allocator platform = {resize, NULL};
    struct buffer question = {.allocator = &platform};
    const char *bad = write_request(&question, API_API_VERSIONS, 0, CORRELATION_ID, (struct givens){NULL, 0});
    bool sent = !bad && send_all(fd, buffer_bytes(&question), deadline_ms);
    buffer_free(&question);
    if (bad)
        return problem_say(problem, "the question cannot be made: %s", bad);
    return sent || problem_say(problem, "the question cannot be sent (%s)", strerror(errno));
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The answer is read to its end: to close before that would look like a broken connection. */
static bool hear(int fd, int64_t deadline_ms, struct problem *problem)
{
    static const uint8_t ours[] = {0, 0, CORRELATION_ID >> 8, CORRELATION_ID & 0xff};
    uint8_t answer[ANSWER_MAX];
    bool came = receive_all(fd, answer, ANSWER_HEAD, deadline_ms);
    size_t len = came ? big_endian(answer) : 0;
    if (came && (len < sizeof ours || len > ANSWER_MAX || memcmp(answer + 4, ours, sizeof ours) != 0))
        return problem_say(problem, "what came is no answer to the question");
    if (came && receive_all(fd, answer, len - sizeof ours, deadline_ms))
        return true;
    if (errno == ETIMEDOUT)
        return problem_say(problem, "no answer came within %d s", HEALTH_TIMEOUT_MS / 1000);
    return problem_say(problem, "the connection ended without an answer (%s)",
                       errno ? strerror(errno) : "closed by the other side");
}

static bool kafka_answers(const struct endpoint *endpoint, struct problem *problem)
{
    int64_t deadline_ms = now_ms() + HEALTH_TIMEOUT_MS;
    int fd = reach(endpoint, deadline_ms, problem);
    if (fd < 0)
        return false;
    bool answers = ask(fd, deadline_ms, problem) && hear(fd, deadline_ms, problem);
    close(fd);
    return answers;
}

/* ---- whom to ask ---- */

static bool endpoint_of_settings(char **environment, struct endpoint *endpoint, struct problem *problem)
{
    struct settings settings;
    bool loaded = settings_load(&settings, 0, NULL, environment, problem);
    if (loaded)
        *endpoint = settings.listen.at[0];
    settings_free(&settings);
    if (loaded && strcmp(endpoint->host, "*") == 0)
        strcpy(endpoint->host, "localhost");
    return loaded;
}

static bool find_endpoint(int argc, char **argv, char **environment, struct endpoint *endpoint,
                          struct problem *problem)
{
    if (argc == 0)
        return endpoint_of_settings(environment, endpoint, problem);
    if (argc == 1)
        return endpoint_parse(argv[0], &form, endpoint, problem) ||
               problem_say(problem, "health asks at one HOST:PORT: %s.", problem->text);
    return problem_say(problem, "health takes one HOST:PORT or nothing, not %d arguments.", argc);
}

int health(int argc, char **argv, char **environment)
{
    struct endpoint endpoint = {.port = 0};
    struct problem problem;
    if (!find_endpoint(argc, argv, environment, &endpoint, &problem)) {
        fprintf(stderr, "kbridge: %s\n", problem.text);
        return EXIT_MISUSED;
    }
    bool answers = kafka_answers(&endpoint, &problem);
    fputs(answers ? "Kafka answers at " : "Kafka does not answer at ", stdout);
    endpoint_print(&endpoint, &form, stdout);
    if (!answers)
        printf(": %s", problem.text);
    puts(".");
    return answers ? EXIT_SUCCESS : EXIT_FAILURE;
}
