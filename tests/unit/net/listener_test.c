/* SPDX-License-Identifier: Apache-2.0 */
/* Listening: on which addresses, what a person is told when it cannot be, and who is refused. */
#include "tests/unit/net/relay.h"

#include <sys/socket.h>
#include <unistd.h>

/* False where this machine has no IPv6 at all. */
static bool has_ipv6(void)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
    close(fd);
    return has;
}

static void localhost_is_both_loopback_addresses_on_one_port(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig_start(&rig);
    assert_string_equal(rig.listening[0].host, "127.0.0.1");
    assert_true(rig.listening[0].port > 0);
    assert_int_equal(rig.worker.surroundings.seen.both_loopbacks, has_ipv6());
    if (has_ipv6()) {
        assert_int_equal(rig.listening_count, 2);
        assert_string_equal(rig.listening[1].host, "::1");
        assert_int_equal(rig.listening[1].port, rig.listening[0].port);
    }
    rig_close(&rig);
}

static void one_loopback_address_is_not_both(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    strcpy(rig.listen.host, "127.0.0.1");
    rig_start(&rig);
    assert_int_equal(rig.listening_count, 1);
    assert_false(rig.worker.surroundings.seen.both_loopbacks);
    rig_close(&rig);
}

static bool listens(uint16_t port, const char *host)
{
    union sockaddr_ip address;
    assert_true(sockaddr_parse(host, port, &address));
    int fd = socket(address.any.sa_family, SOCK_STREAM, 0);
    bool reached = connect(fd, &address.any, sockaddr_size(&address.any)) == 0;
    close(fd);
    return reached;
}

static void nodes_get_a_port_each_beside_every_listener(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    uint16_t first = rig_closed_port();
    rig.settings.exact = (struct exact){EXACT_PORTS, first, first};
    rig_start(&rig);
    assert_int_equal(rig.listening_count, has_ipv6() ? 2 : 1);
    assert_true(listens(first, "127.0.0.1"));
    assert_int_equal(listens(first, "::1"), has_ipv6());
    assert_true(rig_logged(&rig, "a port for each node"));
    int client = rig_connect(&rig);
    rig_send(&rig, client, "?");
    close(client);
    rig_wait(&rig, rig.gone >= 1);
    rig_close(&rig);
}

static void nodes_get_a_loopback_address_each_when_they_are_met(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig.settings.exact.mode = EXACT_LOOPBACK;
    rig_start(&rig);
    uint16_t port = (uint16_t)rig.listening[0].port;
    assert_false(listens(port, "127.0.1.7"));
    size_t count = rig.worker.listeners.count;
    assert_true(rig.worker.bridge.listen(rig.worker.bridge.net, 7));
    assert_true(rig.worker.bridge.listen(rig.worker.bridge.net, 7));
    assert_int_equal(rig.worker.listeners.count, count + 1);
    assert_true(listens(port, "127.0.1.7"));
    assert_false(listens(port, "127.0.1.8"));
    rig_close(&rig);
}

static void on_every_interface_no_further_socket_is_needed(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    strcpy(rig.listen.host, "*");
    rig.settings.exact.mode = EXACT_LOOPBACK;
    rig_start(&rig);
    size_t count = rig.worker.listeners.count;
    assert_true(rig.worker.bridge.listen(rig.worker.bridge.net, 7));
    assert_int_equal(rig.worker.listeners.count, count);
    rig_close(&rig);
}

static void an_address_that_somebody_else_has_is_told_once_and_stays_theirs(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig.settings.exact.mode = EXACT_LOOPBACK;
    rig_start(&rig);
    union sockaddr_ip taken;
    assert_true(sockaddr_parse("127.0.1.7", (uint16_t)rig.listening[0].port, &taken));
    int other = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(other, &taken.any, sizeof taken.v4), 0);
    assert_int_equal(listen(other, 1), 0);
    assert_false(rig.worker.bridge.listen(rig.worker.bridge.net, 7));
    close(other);
    assert_false(rig.worker.bridge.listen(rig.worker.bridge.net, 7));
    assert_int_equal(rig.log_count, 1);
    assert_true(rig_logged(&rig, "cannot listen on 127.0.1.7:"));
    rig_close(&rig);
}

/* The line that tells why nothing was opened. */
static void fail_to_start(struct rig *rig, const char *sentence)
{
    totals_open(&rig->totals, 1);
    assert_true(worker_open(&rig->worker, &rig->settings, &rig->totals));
    assert_false(worker_start(&rig->worker, NULL));
    assert_int_equal(rig->log_count, 1);
    if (!strstr(rig->log[0], sentence))
        fail_msg("\"%s\" has no \"%s\"", rig->log[0], sentence);
    rig_close(rig);
}

static void a_port_in_use_is_told_with_what_to_do(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig.listen.port = rig.upstream[0].port;
    fail_to_start(&rig,
                  ": address already in use; stop what listens there, or choose another port with --listen");
}

static void an_address_of_another_machine_is_told(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig.listen = (struct address){.host = "203.0.113.1", .port = 1};
    fail_to_start(&rig,
                  "cannot listen on 203.0.113.1:1: address not available; no interface of this machine has");
}

static void loopback_addresses_need_a_loopback_listener(void **state)
{
    (void)state;
    struct rig rig;
    if (!has_ipv6())
        return;
    rig_open(&rig);
    strcpy(rig.listen.host, "::1");
    rig.settings.exact.mode = EXACT_LOOPBACK;
    fail_to_start(&rig,
                  "listen.per-broker: loopback is not possible here, because kbridge does not listen on "
                  "127.0.0.1; give it a range of ports instead, such as 29093-29192");
}

static void a_name_that_does_not_resolve_is_told(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig.listen = (struct address){.host = "nowhere.invalid", .port = 1};
    fail_to_start(&rig, "cannot listen on nowhere.invalid:1: the name does not resolve (");
}

/* ---- forwards ---- */

/* What the broker of the rig is, is the target here. */
static struct forward forward_to_broker(const struct rig *rig, const char *host, int32_t port)
{
    struct forward forward = {.listen = {.port = port}, .to = rig->upstream[0]};
    strcpy(forward.listen.host, host);
    return forward;
}

static void a_port_alone_is_forwarded_wherever_clients_of_kafka_connect(void **state)
{
    (void)state;
    struct rig rig;
    uint16_t free_port = rig_closed_port();
    rig_open(&rig);
    struct forward forward = forward_to_broker(&rig, "", free_port);
    rig.settings.forwards = &forward;
    rig.settings.forward_count = 1;
    rig_start(&rig);
    unsigned count = has_ipv6() ? 2 : 1;
    assert_int_equal(rig.listening_count, 2 * count);
    for (unsigned i = 0; i < count; i++) {
        assert_string_equal(rig.listening[count + i].host, rig.listening[i].host);
        assert_int_equal(rig.listening[count + i].port, free_port);
    }
    assert_int_equal(rig.worker.surroundings.seen.both_loopbacks, has_ipv6());
    rig_close(&rig);
}

static void an_address_on_which_kafka_has_two_ports_is_opened_once(void **state)
{
    (void)state;
    struct rig rig;
    uint16_t free_port = rig_closed_port();
    rig_open(&rig);
    const struct address listen[] = {{.host = "127.0.0.1"}, {.host = "127.0.0.1"}};
    struct forward forward = forward_to_broker(&rig, "", free_port);
    rig.settings.listen = listen;
    rig.settings.listen_count = 2;
    rig.settings.forwards = &forward;
    rig.settings.forward_count = 1;
    rig_start(&rig);
    assert_int_equal(rig.listening_count, 3);
    rig_close(&rig);
}

static void a_forward_of_one_address_changes_nothing_for_kafka(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    struct forward forward = forward_to_broker(&rig, "127.0.0.1", 0);
    rig.settings.forwards = &forward;
    rig.settings.forward_count = 1;
    rig_start(&rig);
    assert_int_equal(rig.worker.surroundings.seen.both_loopbacks, has_ipv6());
    rig_close(&rig);
}

static void a_client_of_a_forward_gets_its_target(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    struct forward forward = forward_to_broker(&rig, "127.0.0.1", 0);
    rig.settings.forwards = &forward;
    rig.settings.forward_count = 1;
    rig_start(&rig);
    rig.upstream[0].port = 1; /* only the forward knows the way */
    rig.listening[0] = rig.listening[rig.listening_count - 1];
    int client = rig_connect(&rig), target = rig_accept(&rig);
    rig_send(&rig, target, "welcome");
    rig_expect(&rig, client, "welcome");
    assert_int_equal(rig.totals.client_count, 1);
    close(client);
    close(target);
    rig_close(&rig);
}

static void a_target_that_is_missed_says_nothing_of_the_broker(void **state)
{
    (void)state;
    struct rig rig;
    uint16_t free_port = rig_closed_port();
    rig_open(&rig);
    struct forward forward = forward_to_broker(&rig, "127.0.0.1", 0);
    forward.to.port = free_port;
    rig.settings.forwards = &forward;
    rig.settings.forward_count = 1;
    rig_start(&rig);
    rig.worker.probe.state = PROBE_FOUND;
    rig.listening[0] = rig.listening[rig.listening_count - 1];
    int client = rig_connect(&rig);
    rig_expect_eof(&rig, client);
    assert_int_equal(rig.worker.probe.state, PROBE_FOUND);
    close(client);
    rig_close(&rig);
}

static void a_forward_that_cannot_listen_names_its_setting(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    struct forward forward = forward_to_broker(&rig, "127.0.0.1", rig.upstream[0].port);
    rig.settings.forwards = &forward;
    rig.settings.forward_count = 1;
    fail_to_start(&rig,
                  ": address already in use; stop what listens there, or choose another port with --forward");
}

/* ---- who is refused ---- */

static void clients_above_the_limit_are_refused_counted_and_told_once(void **state)
{
    (void)state;
    enum { REFUSED = 5 };
    struct rig rig;
    int first, broker, refused[REFUSED];
    rig_open(&rig);
    rig.settings.connections_max = 1;
    rig_start(&rig);
    rig_pair(&rig, &first, &broker);
    for (int i = 0; i < REFUSED; i++)
        refused[i] = rig_connect(&rig);
    for (int i = 0; i < REFUSED; i++) {
        rig_expect_eof(&rig, refused[i]);
        close(refused[i]);
    }
    assert_int_equal(rig.totals.counters.refused_limit, REFUSED);
    assert_int_equal(rig.log_count, 1);
    assert_true(rig_logged(&rig,
                           "a client was refused: limits.connections (1) is reached; raise it where so many "
                           "are meant; refused so far: 1"));
    close(first);
    rig_expect_eof(&rig, broker);
    close(broker);
    rig_wait(&rig, rig.gone == 1);
    rig_pair(&rig, &first, &broker);
    close(first);
    close(broker);
    rig_close(&rig);
}

static void clients_that_there_is_no_file_descriptor_for_are_refused(void **state)
{
    (void)state;
    struct rig rig;
    int first, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig.totals.socket_max = 3;
    rig_pair(&rig, &first, &broker);
    int second = rig_connect(&rig);
    rig_expect_eof(&rig, second);
    assert_true(rig_logged(&rig, "the system lets kbridge open no more than 3 sockets"));
    close(first);
    close(second);
    close(broker);
    rig_close(&rig);
}

static void a_client_that_there_is_no_memory_for_is_refused_and_the_next_is_served(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig.script.no_memory = true;
    client = rig_connect(&rig);
    rig_expect_eof(&rig, client);
    close(client);
    assert_int_equal(rig.totals.counters.refused_memory, 1);
    rig.script.no_memory = false;
    rig_pair(&rig, &client, &broker);
    close(client);
    close(broker);
    rig_close(&rig);
}

static void a_failing_accept_pauses_the_listener_for_a_second(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    uv_stream_t *listener = (uv_stream_t *)&rig.worker.listeners.at[0].tcp;
    listener->connection_cb(listener, UV_EMFILE);
    assert_true(
        rig_logged(&rig, "a client could not be accepted: too many open files; trying again in a second"));
    assert_int_equal(rig.totals.counters.accept_failed, 1);
    rig_wait(&rig, rig.worker.listeners.at[0].resume_ms == 0);
    rig_pair(&rig, &client, &broker);
    close(client);
    close(broker);
    rig_close(&rig);
}

/* ---- several workers ---- */

static void a_second_worker_listens_where_the_first_does_and_nobody_else_can(void **state)
{
    (void)state;
    struct rig rig;
    struct worker second;
    rig_open(&rig);
    rig.settings.worker_count = 2;
    rig_start(&rig);
    assert_true(worker_open(&second, &rig.settings, &rig.totals));
    assert_true(worker_start(&second, &rig.worker));
    assert_int_equal(second.listeners.count, rig.worker.listeners.count);
    for (size_t i = 0; i < second.listeners.count; i++) {
        assert_true(listener_is_open(&second.listeners.at[i]));
        assert_memory_equal(&second.listeners.at[i].at, &rig.worker.listeners.at[i].at,
                            sizeof(union sockaddr_ip));
    }
    struct address taken = {.host = "127.0.0.1", .port = rig.listening[0].port};
    struct server_settings others = rig.settings;
    struct worker other;
    others.listen = &taken;
    assert_true(worker_open(&other, &others, &rig.totals));
    assert_false(worker_start(&other, NULL));
    assert_true(rig_logged(&rig, "address already in use"));
    worker_stop(&other);
    worker_run(&other);
    assert_true(worker_close(&other));
    worker_stop(&second);
    worker_run(&second);
    assert_true(worker_close(&second));
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(localhost_is_both_loopback_addresses_on_one_port),
        cmocka_unit_test(one_loopback_address_is_not_both),
        cmocka_unit_test(a_port_in_use_is_told_with_what_to_do),
        cmocka_unit_test(an_address_of_another_machine_is_told),
        cmocka_unit_test(nodes_get_a_port_each_beside_every_listener),
        cmocka_unit_test(nodes_get_a_loopback_address_each_when_they_are_met),
        cmocka_unit_test(on_every_interface_no_further_socket_is_needed),
        cmocka_unit_test(an_address_that_somebody_else_has_is_told_once_and_stays_theirs),
        cmocka_unit_test(loopback_addresses_need_a_loopback_listener),
        cmocka_unit_test(a_name_that_does_not_resolve_is_told),
        cmocka_unit_test(a_port_alone_is_forwarded_wherever_clients_of_kafka_connect),
        cmocka_unit_test(an_address_on_which_kafka_has_two_ports_is_opened_once),
        cmocka_unit_test(a_forward_of_one_address_changes_nothing_for_kafka),
        cmocka_unit_test(a_client_of_a_forward_gets_its_target),
        cmocka_unit_test(a_target_that_is_missed_says_nothing_of_the_broker),
        cmocka_unit_test(a_forward_that_cannot_listen_names_its_setting),
        cmocka_unit_test(clients_above_the_limit_are_refused_counted_and_told_once),
        cmocka_unit_test(clients_that_there_is_no_file_descriptor_for_are_refused),
        cmocka_unit_test(a_client_that_there_is_no_memory_for_is_refused_and_the_next_is_served),
        cmocka_unit_test(a_failing_accept_pauses_the_listener_for_a_second),
        cmocka_unit_test(a_second_worker_listens_where_the_first_does_and_nobody_else_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
