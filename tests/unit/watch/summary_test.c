/* SPDX-License-Identifier: Apache-2.0 */
/* The gathering of a summary under messages that no client sends; what it gathers from good ones is tested by the
 * lines in traffic_test.c. */
#include "proxy/watch/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/kafka/keys.h"
#include "tests/unit/watch/messages.h"

enum { ROUNDS = 20, VERSIONS = 20, RANDOM_SIZE = 400 };

static void fill(struct wire *wire)
{
    wire->len = 0;
    while (wire->len < RANDOM_SIZE)
        wire_8(wire, rand() % 3 ? rand() % 4 : rand()); /* small numbers, so that lengths often fit */
}

/* Returns how many steps there were before the message was over or wrong. */
static unsigned walk_random(struct gathering *gathering, enum direction direction, int api_key, int version)
{
    struct wire wire;
    struct walk walk;
    struct walk_event event;
    enum walk_step step;
    unsigned count = 0;
    fill(&wire);
    struct span input = {wire.at, wire.len};
    walk_begin(&walk, tables_message(direction, api_key), version, (uint32_t)wire.len);
    for (; (step = walk_next(&walk, &input, &event)) > WALK_BAD; count++)
        gathering_see(gathering, direction, step, &event);
    return count;
}

static unsigned gather_random(int api_key, int version)
{
    struct exchange exchange = {.api_key = (int16_t)api_key, .api_version = (int16_t)version};
    struct gathering gathering;
    gathering_begin(&gathering, &exchange);
    unsigned count = walk_random(&gathering, REQUEST, api_key, version);
    count += walk_random(&gathering, RESPONSE, api_key, version);
    gathering_end(&gathering);
    for (size_t i = 0; i < TOPICS_KEPT && i < gathering.summary.topic_count; i++)
        assert_true(gathering.summary.topics[i].topic.name.len <= NAME_KEPT);
    return count;
}

static void test_random_messages_of_every_api_and_version_stay_within_bounds(void **state)
{
    unsigned count = 0;
    (void)state;
    srand(1);
    for (int api_key = 0; api_key <= tables_api_key_last; api_key++)
        for (int version = 0; version < VERSIONS; version++)
            for (int round = 0; round < ROUNDS && tables_knows(api_key, version); round++)
                count += gather_random(api_key, version);
    assert_true(count > 10000);
}

struct seen {
    struct gathering *gathering;
    enum direction direction;
};

static void see(void *context, enum walk_step step, const struct walk_event *event)
{
    struct seen *seen = context;
    gathering_see(seen->gathering, seen->direction, step, event);
}

static void test_a_request_that_goes_on_behind_its_response_changes_nothing(void **state)
{
    static const struct part parts[] = {{"orders", 3, 6}};
    struct wire request = {.len = 0}, response = {.len = 0};
    struct exchange exchange = {.api_key = API_PRODUCE, .api_version = 7};
    struct gathering gathering;
    (void)state;
    message_produce(&request, parts, 1, 1, 10);
    message_produced(&response, parts, 1);
    gathering_begin(&gathering, &exchange);
    struct seen answer = {&gathering, RESPONSE}, late = {&gathering, REQUEST};
    wire_walk(&response, RESPONSE, API_PRODUCE, 7, WIRE_ROOM, see, &answer);
    wire_walk(&request, REQUEST, API_PRODUCE, 7, WIRE_ROOM, see, &late);
    gathering_end(&gathering);
    assert_int_equal(gathering.summary.topic_count, 1);
    assert_int_equal(gathering.summary.error_count, 1);
    assert_int_equal(gathering.summary.record_bytes, 0);
    assert_false(gathering.summary.has_acks);
}

static void test_a_name_longer_than_kept_is_cut_and_marked(void **state)
{
    char name[NAME_KEPT + 2];
    (void)state;
    for (size_t len = NAME_KEPT - 1; len <= NAME_KEPT + 1; len++) {
        struct part part = {name, 0, 0};
        struct wire request = {.len = 0};
        struct exchange exchange = {.api_key = API_PRODUCE, .api_version = 7};
        struct gathering gathering;
        memset(name, 'x', len);
        name[len] = 0;
        message_produce(&request, &part, 1, 1, 10);
        gathering_begin(&gathering, &exchange);
        wire_walk(&request, REQUEST, API_PRODUCE, 7, 1, see, &(struct seen){&gathering, REQUEST});
        const struct name *kept = &gathering.summary.topics[0].topic.name;
        assert_int_equal(kept->len, len > NAME_KEPT ? NAME_KEPT : len);
        assert_int_equal(kept->cut, len > NAME_KEPT);
    }
}

static void test_metadata_v0_asks_for_all_topics_with_none(void **state)
{
    struct wire request = {.len = 0};
    struct exchange exchange = {.api_key = API_METADATA, .api_version = 0};
    struct gathering gathering;
    (void)state;
    wire_array(&request, 0);
    gathering_begin(&gathering, &exchange);
    wire_walk(&request, REQUEST, API_METADATA, 0, 1, see, &(struct seen){&gathering, REQUEST});
    assert_true(gathering.summary.all_topics);
    exchange.api_version = 1;
    gathering_begin(&gathering, &exchange);
    wire_walk(&request, REQUEST, API_METADATA, 1, 1, see, &(struct seen){&gathering, REQUEST});
    assert_false(gathering.summary.all_topics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_messages_of_every_api_and_version_stay_within_bounds),
        cmocka_unit_test(test_a_request_that_goes_on_behind_its_response_changes_nothing),
        cmocka_unit_test(test_a_name_longer_than_kept_is_cut_and_marked),
        cmocka_unit_test(test_metadata_v0_asks_for_all_topics_with_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
