/* SPDX-License-Identifier: Apache-2.0 */
/* Stopping a worker: what is still sent, how long it takes, and that nothing is left. */
#include "tests/unit/net/relay.h"

#include <unistd.h>

static void a_worker_without_clients_stops_at_once(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig_start(&rig);
    rig_close(&rig);
}

static void a_stopping_worker_closes_clients_and_links(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    worker_stop(&rig.worker);
    rig_expect_eof(&rig, client);
    rig_expect_eof(&rig, broker);
    close(client);
    close(broker);
    rig_close(&rig);
    assert_int_equal(rig.gone, 1);
    assert_int_equal(rig.script.reason, REASON_STOPPING);
}

static void a_client_that_ignores_the_end_does_not_hold_up_the_stop(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    uint64_t begun_ms = rig_clock_ms();
    worker_stop(&rig.worker);
    worker_run(&rig.worker);
    assert_in_range(rig_clock_ms() - begun_ms, 0, RIG_PATIENCE_MS);
    close(client);
    close(broker);
    rig_close(&rig);
}

static void a_second_stop_closes_even_what_is_still_to_be_sent(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    struct flow down = {.from = broker, .to = -1, .total = 1 << 30, .piece = 1 << 20};
    rig_wait(&rig, (rig_flow(&down), rig.totals.held_bytes > 0));
    uint64_t begun_ms = rig_clock_ms();
    worker_stop(&rig.worker);
    assert_int_equal(rig.gone, 0);
    worker_stop(&rig.worker);
    assert_int_equal(rig.gone, 1);
    worker_run(&rig.worker);
    assert_in_range(rig_clock_ms() - begun_ms, 0, STOP_MS - 1);
    close(client);
    close(broker);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_without_clients_stops_at_once),
        cmocka_unit_test(a_stopping_worker_closes_clients_and_links),
        cmocka_unit_test(a_client_that_ignores_the_end_does_not_hold_up_the_stop),
        cmocka_unit_test(a_second_stop_closes_even_what_is_still_to_be_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
