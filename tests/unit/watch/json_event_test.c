/* SPDX-License-Identifier: Apache-2.0 */
/* Events in, objects out. That they are of the schema is shown with real traffic (tests/e2e/test_traffic.py). */
#include "proxy/watch/json_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/watch/page.h"

static void assert_json(const struct traffic_event *event, const char *expected)
{
    struct text json = {.at = NULL};
    json_event(&json, NULL, event);
    assert_false(json.failed);
    assert_int_equal(json.len, strlen(expected));
    assert_memory_equal(json.at, expected, json.len);
    text_free(&json);
}

static struct name name_of(const char *text)
{
    struct name name = {.len = (uint8_t)strlen(text)};
    memcpy(name.at, text, name.len);
    return name;
}

static void test_an_exchange_has_all_that_is_known_of_it(void **state)
{
    static const struct told told = {.host = "localhost", .port = 29092};
    const struct place place = page_place(1, 5342);
    const struct who who = {&place, "orders", "librdkafka 2.0.2", &told};
    struct summary summary = {
        .exchange = {.api_key = 0,
                     .api_version = 7,
                     .node = 1,
                     .correlation_id = 9,
                     .request_size = 118,
                     .response_size = 54},
        .told = true,
        .has_acks = true,
        .acks = -1,
        .record_bytes = 69,
        .batches = {.record_count = 1, .compressions = 1 << COMPRESSION_LZ4, .transactional = true},
        .topic_count = 9,
        .error_count = 1,
        .key_count = 1,
    };
    (void)state;
    for (size_t i = 0; i < TOPICS_KEPT; i++)
        summary.topics[i].topic.name = name_of("t");
    summary.topics[0].partition_count = 2;
    summary.topics[0].partitions[0] = (struct partition_summary){3, 41};
    summary.topics[0].partitions[1] = (struct partition_summary){4, OFFSET_NONE};
    summary.keys[0] = (struct key_summary){.role = ROLE_TRANSACTIONAL_ID, .name = name_of("tx")};
    summary.errors[0] = (struct error_summary){6, true, 3, {.name = name_of("t")}};
    const struct traffic_event event = {
        .wall_us = PAGE_TIME, .connection = 2, .who = &who, .summary = &summary, .took_us = 7012};
    const char *rest = ",{\"name\":\"t\",\"partitions\":[],\"partition_count\":0}";
    char expected[2048];
    snprintf(expected, sizeof expected,
             "{\"time\":\"2026-11-24T03:04:05.678Z\",\"connection\":2,\"peer\":\"172.18.0.1:5342\","
             "\"client\":\"orders\",\"software\":\"librdkafka 2.0.2\",\"node\":1,\"api\":\"Produce\","
             "\"api_key\":0,\"version\":7,\"correlation_id\":9,\"outcome\":\"answered\",\"bytes_in\":118,"
             "\"bytes_out\":54,\"ms\":7.012,"
             "\"topics\":[{\"name\":\"t\",\"partitions\":[{\"partition\":3,\"offset\":41},{\"partition\":4}],"
             "\"partition_count\":2}%s%s%s%s%s%s%s],\"topic_count\":9,"
             "\"keys\":[{\"kind\":\"transactional id\",\"name\":\"tx\"}],\"key_count\":1,\"acks\":-1,"
             "\"records\":{\"bytes\":69,\"count\":1,\"compression\":[\"lz4\"],\"transactional\":true},"
             "\"errors\":[{\"code\":6,\"name\":\"NOT_LEADER_OR_FOLLOWER\",\"at\":\"t\",\"partition\":3}],"
             "\"error_count\":1,\"told\":\"localhost:29092\"}",
             rest, rest, rest, rest, rest, rest, rest);
    assert_json(&event, expected);
}

static void test_what_was_folded_is_an_object_of_its_own(void **state)
{
    const struct place place = page_place(1, 5342);
    const struct who who = {.place = &place, .client_id = "orders"};
    const struct fold fold = {.empty_fetches = 20, .heartbeats = 3};
    (void)state;
    assert_json(
        &(struct traffic_event){.wall_us = PAGE_TIME, .who = &who, .folded = &fold, .took_us = 10000500},
        "{\"time\":\"2026-11-24T03:04:05.678Z\",\"peer\":\"172.18.0.1:5342\",\"client\":\"orders\","
        "\"software\":\"\",\"folded\":{\"empty_fetches\":20,\"heartbeats\":3,\"ms\":10000.500}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_exchange_has_all_that_is_known_of_it),
        cmocka_unit_test(test_what_was_folded_is_an_object_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
