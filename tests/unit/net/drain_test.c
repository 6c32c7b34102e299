/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of the clients of a worker that is told to stop: who is waited for, how long, and what is said of it. */
#include "tests/unit/net/relay.h"

#include <unistd.h>

struct scene {
    struct rig rig;
    int client, broker;
};

static void begin(struct scene *scene, uint32_t drain_ms, bool awaits)
{
    rig_open(&scene->rig);
    scene->rig.settings.drain_ms = drain_ms;
    scene->rig.script.awaits = awaits;
    rig_start(&scene->rig);
    rig_pair(&scene->rig, &scene->client, &scene->broker);
    worker_stop(&scene->rig.worker);
}

static void end(struct scene *scene)
{
    close(scene->client);
    close(scene->broker);
    rig_close(&scene->rig);
}

static void an_idle_client_is_not_waited_for(void **state)
{
    static struct scene scene;
    (void)state;
    begin(&scene, 3600000, false);
    rig_expect_eof(&scene.rig, scene.client);
    end(&scene);
    assert_string_equal(scene.rig.script.sentence, "drained");
    assert_false(rig_logged(&scene.rig, "timeouts.drain"));
}

static void a_client_with_a_request_under_way_is_waited_for(void **state)
{
    static struct scene scene;
    (void)state;
    begin(&scene, 3600000, true);
    assert_true(rig_logged(&scene.rig, "1 client still to be answered (timeouts.drain = 3600 s"));
    rig_send(&scene.rig, scene.broker, "answer");
    rig_expect(&scene.rig, scene.client, "answer");
    assert_int_equal(scene.rig.gone, 0);
    end(&scene);
    assert_false(rig_logged(&scene.rig, " cut "));
}

static void who_is_not_answered_in_time_is_cut_and_counted(void **state)
{
    static struct scene scene;
    (void)state;
    begin(&scene, 50, true);
    rig_expect_eof(&scene.rig, scene.client);
    assert_true(
        rig_logged(&scene.rig, "1 client cut with a request that is not answered (timeouts.drain = 50 ms)"));
    end(&scene);
    assert_int_equal(scene.rig.script.reason, REASON_STOPPING);
}

static void told_to_stop_again_it_waits_no_longer(void **state)
{
    static struct scene scene;
    (void)state;
    begin(&scene, 3600000, true);
    worker_stop(&scene.rig.worker);
    assert_int_equal(scene.rig.gone, 1);
    assert_true(rig_logged(&scene.rig, "1 client cut"));
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_client_is_not_waited_for),
        cmocka_unit_test(a_client_with_a_request_under_way_is_waited_for),
        cmocka_unit_test(who_is_not_answered_in_time_is_cut_and_counted),
        cmocka_unit_test(told_to_stop_again_it_waits_no_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
