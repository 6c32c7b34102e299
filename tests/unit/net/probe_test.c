/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for the broker: what is told, how often, and that it ends. */
#include "tests/unit/net/relay.h"

#include <unistd.h>

static void start(struct rig *rig)
{
    rig_start(rig);
    probe_start(&rig->worker.probe, &rig->worker);
}

static void a_broker_that_is_there_is_found_without_a_word(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    start(&rig);
    int broker = rig_accept(&rig);
    rig_wait(&rig, rig.worker.probe.state == PROBE_FOUND);
    rig_wait(&rig, rig.worker.connections == NULL);
    assert_int_equal(rig.log_count, 0);
    assert_int_equal(rig.gone, 0);
    close(broker);
    rig_close(&rig);
}

static void a_broker_that_is_not_there_is_told_once_and_so_is_its_coming(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    int32_t there = rig.upstream[0].port;
    rig.upstream[0].port = rig_closed_port();
    start(&rig);
    rig_wait(&rig, rig.script.freed >= 2);
    assert_int_equal(rig.log_count, 1);
    assert_true(rig_logged(&rig, "waiting for the broker: 127.0.0.1:"));
    assert_true(rig_logged(&rig, ": connection refused"));
    rig.upstream[0].port = there;
    close(rig_accept(&rig));
    rig_wait(&rig, rig.log_count == 2);
    assert_string_equal(rig.log[1], "the broker is there");
    rig_close(&rig);
}

static void a_broker_that_wants_sasl_is_found_and_that_is_told_once(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig.script.wants_sasl = true;
    start(&rig);
    for (unsigned times = 1; times <= 2; times++) {
        close(rig_accept(&rig));
        rig_wait(&rig, rig.worker.probe.state == PROBE_FOUND && rig.script.freed == times);
        probe_missed(&rig.worker.probe, false, REASON_BROKER_UNREACHABLE, "");
    }
    assert_int_equal(rig.log_count, 1);
    assert_true(rig_logged(&rig, "the broker answers only who has authenticated (SASL): how many there are, "
                                 "kbridge learns from the answers to its first client"));
    rig_close(&rig);
}

static void another_reason_to_wait_is_told_too(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    start(&rig);
    rig_wait(&rig, rig.worker.probe.state == PROBE_FOUND);
    const char *refused = "192.0.2.1:9092: connection refused";
    for (int i = 0; i < 2; i++) {
        probe_missed(&rig.worker.probe, true, REASON_BROKER_UNREACHABLE, refused);
        assert_int_equal(rig.log_count, 1);
    }
    probe_missed(&rig.worker.probe, true, REASON_BROKER_FOREIGN, "HTTP");
    assert_int_equal(rig.log_count, 2);
    assert_string_equal(rig.log[0],
                        "waiting for the broker: 192.0.2.1:9092: connection refused; kbridge tries again "
                        "every second: start the broker, or correct upstream");
    rig_close(&rig);
}

static void a_failed_dial_of_a_client_makes_it_look_again(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    start(&rig);
    close(rig_accept(&rig));
    rig_wait(&rig, rig.worker.probe.state == PROBE_FOUND);
    rig.upstream[0].port = rig.listening[0].port; /* a loop, which fails at once */
    int client = rig_connect(&rig);
    rig_send(&rig, client, "?");
    rig_expect_eof(&rig, client);
    assert_int_equal(rig.worker.probe.state, PROBE_LOOKING);
    rig_wait(&rig, rig.log_count == 1);
    assert_true(rig_logged(&rig, "waiting for the broker: the upstream is kbridge itself: 127.0.0.1:"));
    close(client);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broker_that_is_there_is_found_without_a_word),
        cmocka_unit_test(a_broker_that_is_not_there_is_told_once_and_so_is_its_coming),
        cmocka_unit_test(a_broker_that_wants_sasl_is_found_and_that_is_told_once),
        cmocka_unit_test(another_reason_to_wait_is_told_too),
        cmocka_unit_test(a_failed_dial_of_a_client_makes_it_look_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
