/* SPDX-License-Identifier: Apache-2.0 */
/* Events in, objects out. That they are of the schema is shown with real traffic (tests/e2e/test_traffic.py). */
#include "proxy/watch/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/watch/page.h"

static struct json json;

static void assert_json(const struct traffic_event *event, const char *text)
{
    json_event(&json, event);
    assert_true(json.len < JSON_ROOM);
    json.text[json.len] = 0;
    assert_string_equal(json.text, text);
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
        .exchange = {.api_key = 0, .api_version = 7, .node = 1, .request_size = 118, .response_size = 54},
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
    snprintf(
        expected, sizeof expected,
        "{\"time\":\"2026-11-24T03:04:05.678Z\",\"connection\":2,\"peer\":\"172.18.0.1:5342\","
        "\"client\":\"orders\",\"software\":\"librdkafka 2.0.2\",\"node\":1,\"api\":\"Produce\","
        "\"api_key\":0,\"version\":7,\"outcome\":\"answered\",\"bytes_in\":118,\"bytes_out\":54,\"ms\":7.012,"
        "\"topics\":[{\"name\":\"t\",\"partitions\":[{\"partition\":3,\"offset\":41},{\"partition\":4}],"
        "\"partition_count\":2}%s%s%s%s%s%s%s],\"topic_count\":9,"
        "\"keys\":[{\"kind\":\"transactional id\",\"name\":\"tx\"}],\"key_count\":1,\"acks\":-1,"
        "\"records\":{\"bytes\":69,\"count\":1,\"compression\":[\"lz4\"],\"transactional\":true},"
        "\"errors\":[{\"code\":6,\"name\":\"NOT_LEADER_OR_FOLLOWER\",\"at\":\"t\",\"partition\":3}],"
        "\"error_count\":1,\"told\":\"localhost:29092\"}\n",
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
        "\"software\":\"\",\"folded\":{\"empty_fetches\":20,\"heartbeats\":3,\"ms\":10000.500}}\n");
}

static void test_foreign_text_stays_json_whatever_bytes_it_has(void **state)
{
    static const struct {
        const char *text, *json;
    } rows[] = {
        {"plain", "plain"},
        {"\"\\", "\\\"\\\\"},
        {"\n\x1b\x7f", "\\u000a\\u001b\\u007f"},
        {"gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80", "gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"cut \xc3", "cut \xef\xbf\xbd"},
        {"\x80 \xc0\xaf", "\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 /* a surrogate */
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* beyond Unicode */
    };
    const struct place place = page_place(1, 5342);
    const struct fold fold = {.empty_fetches = 0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct who who = {.place = &place, .client_id = rows[i].text};
        char expected[512];
        snprintf(expected, sizeof expected,
                 "{\"time\":\"2026-11-24T03:04:05.678Z\",\"peer\":\"172.18.0.1:5342\",\"client\":\"%s\","
                 "\"software\":\"\",\"folded\":{\"empty_fetches\":0,\"heartbeats\":0,\"ms\":0.000}}\n",
                 rows[i].json);
        assert_json(&(struct traffic_event){.wall_us = PAGE_TIME, .who = &who, .folded = &fold}, expected);
    }
}

static void test_the_longest_object_has_room(void **state)
{
    char text[64];
    const struct place place = page_place(1, 65535);
    const struct who who = {.place = &place, .client_id = text, .software = text};
    struct name name = {.len = NAME_KEPT};
    struct summary summary = {
        .topic_count = UINT32_MAX, .key_count = UINT32_MAX, .error_count = UINT32_MAX, .has_producer = true};
    (void)state;
    memset(text, 1, sizeof text - 1);
    text[sizeof text - 1] = 0;
    memset(name.at, 1, NAME_KEPT);
    summary.member = name;
    for (size_t i = 0; i < TOPICS_KEPT; i++) {
        summary.topics[i] = (struct topic_summary){{name, true, {0}}, UINT32_MAX, {{0, 0}}};
        for (size_t k = 0; k < PARTITIONS_KEPT; k++)
            summary.topics[i].partitions[k] = (struct partition_summary){INT32_MIN, INT64_MAX};
    }
    for (size_t i = 0; i < KEYS_KEPT; i++)
        summary.keys[i] = (struct key_summary){.role = ROLE_TRANSACTIONAL_ID, .name = name};
    for (size_t i = 0; i < ERRORS_KEPT; i++)
        summary.errors[i] = (struct error_summary){86, true, INT32_MIN, {.name = name}};
    json_event(&json, &(struct traffic_event){.connection = UINT32_MAX, .who = &who, .summary = &summary});
    assert_true(json.len < JSON_ROOM);
    assert_int_equal(json.text[json.len - 2], '}');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_exchange_has_all_that_is_known_of_it),
        cmocka_unit_test(test_what_was_folded_is_an_object_of_its_own),
        cmocka_unit_test(test_foreign_text_stays_json_whatever_bytes_it_has),
        cmocka_unit_test(test_the_longest_object_has_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
