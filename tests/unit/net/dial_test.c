/* SPDX-License-Identifier: Apache-2.0 */
/* Dials: what is tried, for how long, and which sentence tells why it failed. */
#include "tests/unit/net/relay.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client comes, its dial fails, its conversation ends. */
static void fail_to_dial(struct rig *rig)
{
    rig_start(rig);
    int client = rig_connect(rig);
    rig_send(rig, client, "?");
    rig_expect_eof(rig, client);
    close(client);
    rig_wait(rig, rig->gone == 1);
}

static void a_refused_connection_is_told_with_its_address(void **state)
{
    (void)state;
    struct rig rig;
    char expected[96];
    rig_open(&rig);
    rig.upstream[0].port = rig_closed_port();
    fail_to_dial(&rig);
    snprintf(expected, sizeof expected, "127.0.0.1:%d: connection refused (nobody listens there)",
             rig.upstream[0].port);
    assert_string_equal(rig.script.sentence, expected);
    assert_int_equal(rig.script.reason, REASON_BROKER_UNREACHABLE);
    rig_close(&rig);
}

static void a_name_is_told_with_every_address_that_failed(void **state)
{
    (void)state;
    struct rig rig;
    char beginning[64];
    rig_open(&rig);
    rig.upstream[0] = (struct address){.host = "localhost", .port = rig_closed_port()};
    fail_to_dial(&rig);
    snprintf(beginning, sizeof beginning, "localhost:%d (", rig.upstream[0].port);
    assert_memory_equal(rig.script.sentence, beginning, strlen(beginning));
    assert_non_null(strstr(rig.script.sentence, "127.0.0.1"));
    assert_non_null(strstr(rig.script.sentence, "): connection refused"));
    rig_close(&rig);
}

static void a_name_that_does_not_resolve_is_told(void **state)
{
    (void)state;
    struct rig rig;
    static const char beginning[] = "nowhere.invalid: name does not resolve";
    rig_open(&rig);
    strcpy(rig.upstream[0].host, "nowhere.invalid");
    fail_to_dial(&rig);
    assert_memory_equal(rig.script.sentence, beginning, strlen(beginning));
    rig_close(&rig);
}

static void kbridge_does_not_dial_itself(void **state)
{
    (void)state;
    static const char *const spellings[] = {"127.0.0.1", "localhost", "::1", "0.0.0.0"};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct rig rig;
        rig_open(&rig);
        rig_start(&rig);
        rig.upstream[0].port = rig.listening[0].port;
        strcpy(rig.upstream[0].host, spellings[i]);
        int client = rig_connect(&rig);
        rig_send(&rig, client, "?");
        rig_expect_eof(&rig, client);
        close(client);
        rig_wait(&rig, rig.gone == 1);
        assert_int_equal(rig.script.reason, REASON_LOOP);
        assert_non_null(strstr(rig.script.sentence, "is an address on which kbridge itself listens"));
        rig_close(&rig);
    }
}

static void a_forward_to_kbridge_itself_is_not_dialled(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    struct forward forward = {.listen = {.host = "127.0.0.1"}, .to = {.host = "127.0.0.1"}};
    rig.settings.forwards = &forward;
    rig.settings.forward_count = 1;
    rig_start(&rig);
    rig.listening[0] = rig.listening[rig.listening_count - 1];
    forward.to.port = rig.listening[0].port;
    int client = rig_connect(&rig);
    rig_expect_eof(&rig, client);
    close(client);
    rig_wait(&rig, rig.gone == 1);
    assert_int_equal(rig.script.reason, REASON_LOOP);
    assert_non_null(strstr(rig.script.sentence, "or another one for kbridge with --forward"));
    rig_close(&rig);
}

static void on_every_interface_kbridge_knows_all_its_addresses(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    strcpy(rig.listen.host, "*");
    rig_start(&rig);
    rig.upstream[0].port = rig.listening[0].port;
    strcpy(rig.upstream[0].host, "127.0.0.3");
    int client = rig_connect(&rig);
    rig_send(&rig, client, "?");
    rig_expect_eof(&rig, client);
    close(client);
    rig_wait(&rig, rig.gone == 1);
    assert_int_equal(rig.script.reason, REASON_LOOP);
    rig_close(&rig);
}

/* A listener whose backlog is full: the kernel drops what else comes, and a connect hangs. */
static int full_listener(uint16_t *port, int *fillers, int count)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = rig_listen(port);
    listen(fd, 0);
    at.sin_port = htons(*port);
    for (int i = 0; i < count; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&at, sizeof at);
    }
    return fd;
}

static void an_address_that_does_not_answer_is_given_up_in_time(void **state)
{
    (void)state;
    enum { FILLERS = 4 };
    struct rig rig;
    int fillers[FILLERS];
    uint16_t port;
    int silent = full_listener(&port, fillers, FILLERS);
    rig_open(&rig);
    rig.upstream[0].port = port;
    rig.settings.dial_timeout_ms = 50;
    fail_to_dial(&rig);
    assert_non_null(strstr(rig.script.sentence, "connection timed out"));
    rig_close(&rig);
    for (int i = 0; i < FILLERS; i++)
        close(fillers[i]);
    close(silent);
}

static void a_link_can_be_dialled_again(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig.settings.upstream_count = 2;
    rig.upstream[0].port = rig_closed_port();
    rig.script.redials = 1;
    rig_start(&rig);
    int client = rig_connect(&rig);
    rig_send(&rig, client, "hello");
    int broker = rig_accept(&rig);
    rig_expect(&rig, broker, "hello");
    assert_non_null(strstr(rig.script.dial_failure, "connection refused"));
    close(client);
    close(broker);
    rig_close(&rig);
}

/* The state in which the dial of the only client is when its worker is stopped. */
static void stop_while_dialling(const char *host, int32_t port)
{
    struct rig rig;
    rig_open(&rig);
    rig.upstream[0].port = port;
    strcpy(rig.upstream[0].host, host);
    rig_start(&rig);
    int client = rig_connect(&rig);
    rig_send(&rig, client, "?");
    rig_wait(&rig, rig.worker.connections && rig.worker.connections->link_room == 1);
    worker_stop(&rig.worker);
    close(client);
    rig_close(&rig);
    assert_int_equal(rig.script.reason, REASON_STOPPING);
}

static void a_dial_under_way_does_not_outlive_its_client(void **state)
{
    (void)state;
    enum { FILLERS = 4 };
    int fillers[FILLERS];
    uint16_t port;
    int silent = full_listener(&port, fillers, FILLERS);
    stop_while_dialling("127.0.0.1", port);
    stop_while_dialling("nowhere.invalid", port);
    for (int i = 0; i < FILLERS; i++)
        close(fillers[i]);
    close(silent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_connection_is_told_with_its_address),
        cmocka_unit_test(a_name_is_told_with_every_address_that_failed),
        cmocka_unit_test(a_name_that_does_not_resolve_is_told),
        cmocka_unit_test(kbridge_does_not_dial_itself),
        cmocka_unit_test(a_forward_to_kbridge_itself_is_not_dialled),
        cmocka_unit_test(on_every_interface_kbridge_knows_all_its_addresses),
        cmocka_unit_test(an_address_that_does_not_answer_is_given_up_in_time),
        cmocka_unit_test(a_link_can_be_dialled_again),
        cmocka_unit_test(a_dial_under_way_does_not_outlive_its_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
