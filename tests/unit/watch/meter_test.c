/* SPDX-License-Identifier: Apache-2.0 */
/* Facts in, counts out; messages are walked as the bridge walks them. */
#include "proxy/watch/meter.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "proxy/kafka/keys.h"
#include "tests/unit/watch/messages.h"
#include "tests/unit/watch/page.h"
#include "tests/unit/watch/talker.h"

struct fixture {
    struct page page;
    struct meter meter;
    struct conversation conversation;
    struct exchange exchange;
    enum direction direction;
};

static int begin(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.conversation = {.client_id = "billing", .from = 100}};
    fixture.conversation.told.rule = TOLD_GATEWAY;
    page_begin(&fixture.page);
    fixture.page.steady_us = 1; /* no clock of a running machine stands at 0 */
    *state = &fixture;
    return meter_begin(&fixture.meter, page_clocks(&fixture.page)) ? 0 : -1;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    meter_gone(&fixture->meter, &fixture->conversation);
    meter_end(&fixture->meter);
    return 0;
}

static void ask(struct fixture *fixture, uint64_t number, int api_key, int version)
{
    fixture->exchange = (struct exchange){
        .number = number, .api_key = (int16_t)api_key, .api_version = (int16_t)version, .request_size = 10};
    meter_request(&fixture->meter, &fixture->conversation, &fixture->exchange);
}

static void answer(struct fixture *fixture, uint64_t number, uint32_t size)
{
    fixture->exchange.number = number;
    fixture->exchange.response_size = size;
    fixture->conversation.to += size; /* in a test nothing is rewritten */
    meter_response(&fixture->meter, &fixture->conversation, &fixture->exchange);
}

static void see(void *context, enum walk_step step, const struct walk_event *event)
{
    struct fixture *fixture = context;
    meter_field(&fixture->meter, &fixture->conversation, &fixture->exchange, fixture->direction, step, event);
}

static void walk(struct fixture *fixture, const struct wire *wire, enum direction direction, size_t piece)
{
    fixture->direction = direction;
    wire_walk(wire, direction, fixture->exchange.api_key, fixture->exchange.api_version, piece, see, fixture);
}

static const struct meter_client *client_of(struct fixture *fixture, const char *id)
{
    struct name name = {.len = 0};
    name_append(&name, bytes_of(id));
    return &fixture->meter.clients[labels_index(&fixture->meter.client_names, &name)];
}

static const struct meter_topic *topic_of(struct fixture *fixture, const char *topic)
{
    struct name name = {.len = 0};
    name_append(&name, bytes_of(topic));
    return &fixture->meter.topics[labels_index(&fixture->meter.topic_names, &name)];
}

static void test_a_request_counts_by_api_version_and_client(void **state)
{
    struct fixture *fixture = *state;
    ask(fixture, 0, API_FETCH, 13);
    ask(fixture, 1, API_FETCH, 13);
    ask(fixture, 2, API_FETCH, 12);
    ask(fixture, 3, 3000, 1);
    ask(fixture, 4, API_FETCH, 300);
    assert_int_equal(fixture->meter.apis[API_FETCH].requests[13], 2);
    assert_int_equal(fixture->meter.apis[API_FETCH].requests[12], 1);
    assert_int_equal(fixture->meter.apis[API_FETCH].requests[METER_VERSIONS], 1);
    assert_int_equal(fixture->meter.apis[fixture->meter.api_count - 1].requests[1], 1);
    assert_string_equal(meter_api_name(&fixture->meter, (uint16_t)(fixture->meter.api_count - 1)), "other");
    assert_int_equal(client_of(fixture, "billing")->requests, 5);
}

static void test_an_answer_counts_bytes_and_its_time_in_the_first_bucket_that_is_not_below(void **state)
{
    static const struct {
        uint64_t took_us;
        size_t bucket;
    } rows[] = {
        {0, 0}, {250, 0}, {251, 1}, {30000000, LATENCY_BOUND_COUNT - 1}, {30000001, LATENCY_BOUND_COUNT}};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t before = fixture->meter.apis[API_FETCH].latency[rows[i].bucket];
        ask(fixture, i, API_FETCH, 13);
        fixture->page.steady_us += rows[i].took_us;
        answer(fixture, i, 20);
        assert_int_equal(fixture->meter.apis[API_FETCH].latency[rows[i].bucket], before + 1);
    }
    assert_int_equal(fixture->meter.apis[API_FETCH].bytes_in, 50);
    assert_int_equal(fixture->meter.apis[API_FETCH].bytes_out, 100);
    assert_int_equal(client_of(fixture, "billing")->bytes_out, 100);
    assert_int_equal(fixture->meter.apis[API_FETCH].latency_sum_us, 60000502);
}

static void test_many_requests_under_way_keep_their_times_apart(void **state)
{
    enum { MANY = 100 };
    struct fixture *fixture = *state;
    for (uint64_t number = 0; number < MANY; number++) {
        ask(fixture, number, API_FETCH, 13);
        fixture->page.steady_us += 1000;
    }
    answer(fixture, 3, 20);
    answer(fixture, MANY - 1, 20);
    assert_int_equal(fixture->meter.apis[API_FETCH].latency_sum_us, (MANY - 3) * 1000 + 1000);
}

static void test_what_wants_no_answer_has_no_time(void **state)
{
    struct fixture *fixture = *state;
    ask(fixture, 0, API_PRODUCE, 7);
    answer(fixture, 0, 0);
    assert_int_equal(fixture->meter.apis[API_PRODUCE].latency[0], 0);
    assert_int_equal(fixture->meter.apis[API_PRODUCE].bytes_in, 10);
}

static void test_each_error_code_of_an_answer_counts(void **state)
{
    static const struct part parts[] = {{"orders", 0, 6}, {NULL, 1, 0}, {NULL, 2, 6}, {"bills", 0, 3}};
    struct fixture *fixture = *state;
    for (size_t piece = 1; piece < 20; piece += 6) {
        struct wire wire = {.len = 0};
        ask(fixture, piece, API_PRODUCE, 7);
        message_produced(&wire, parts, 4);
        walk(fixture, &wire, RESPONSE, piece);
    }
    assert_int_equal(fixture->meter.error_count, 2);
    assert_int_equal(fixture->meter.errors[0].code, 6);
    assert_int_equal(fixture->meter.errors[0].count, 8);
    assert_int_equal(fixture->meter.errors[1].count, 4);
    assert_int_equal(client_of(fixture, "billing")->errors, 12);
}

static void test_records_count_by_topic_whole_and_in_pieces(void **state)
{
    static const struct part parts[] = {{"orders", 0, 0}, {NULL, 1, 0}, {"bills", 0, 0}};
    struct fixture *fixture = *state;
    for (size_t piece = 1; piece < 200; piece += 66) {
        struct wire wire = {.len = 0};
        ask(fixture, piece, API_PRODUCE, 7);
        message_produce(&wire, parts, 3, -1, 50);
        walk(fixture, &wire, REQUEST, piece);
    }
    assert_int_equal(topic_of(fixture, "orders")->produced_bytes, 400);
    assert_int_equal(topic_of(fixture, "bills")->produced_bytes, 200);
    assert_int_equal(topic_of(fixture, "bills")->fetched_bytes, 0);
}

static void test_a_topic_that_is_named_by_its_id_gets_the_name_that_metadata_told(void **state)
{
    struct fixture *fixture = *state;
    struct wire metadata = {.len = 0}, fetched = {.len = 0};
    ask(fixture, 0, API_FETCH, 13);
    message_fetched(&fetched, 0, 70);
    walk(fixture, &fetched, RESPONSE, sizeof fetched.at);
    assert_int_equal(fixture->meter.topics[LABEL_OTHER].fetched_bytes, 70);
    ask(fixture, 1, API_METADATA, 12);
    message_metadata(&metadata, 0, 0);
    walk(fixture, &metadata, RESPONSE, 5);
    ask(fixture, 2, API_FETCH, 13);
    walk(fixture, &fetched, RESPONSE, sizeof fetched.at);
    assert_int_equal(topic_of(fixture, "orders")->fetched_bytes, 70);
}

static void test_who_came_and_went_is_counted(void **state)
{
    struct fixture *fixture = *state;
    meter_came(&fixture->meter, &fixture->conversation);
    assert_int_equal(fixture->meter.told[TOLD_GATEWAY], 1);
    meter_gone(&fixture->meter, &fixture->conversation);
    assert_int_equal(fixture->meter.ended_bytes_in, 100);
    assert_int_equal(fixture->meter.ended_bytes_out, 0);
    assert_null(fixture->conversation.watched);
}

static void test_two_meters_add_up_by_name(void **state)
{
    struct fixture *fixture = *state;
    struct meter sum;
    static const struct part parts[] = {{"orders", 0, 6}};
    struct wire wire = {.len = 0};
    ask(fixture, 0, API_PRODUCE, 7);
    message_produced(&wire, parts, 1);
    walk(fixture, &wire, RESPONSE, sizeof wire.at);
    answer(fixture, 0, 20);
    assert_true(meter_begin(&sum, page_clocks(&fixture->page)));
    meter_add(&sum, &fixture->meter);
    meter_add(&sum, &fixture->meter);
    assert_int_equal(sum.apis[API_PRODUCE].requests[7], 2);
    assert_int_equal(sum.apis[API_PRODUCE].latency[0], 2);
    assert_int_equal(sum.errors[0].count, 2);
    assert_int_equal(sum.client_names.count, 2);
    assert_int_equal(sum.clients[1].requests, 2);
    assert_int_equal(sum.clients[1].bytes_out, 40);
    meter_end(&sum);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_a_request_counts_by_api_version_and_client),
        TEST(test_an_answer_counts_bytes_and_its_time_in_the_first_bucket_that_is_not_below),
        TEST(test_many_requests_under_way_keep_their_times_apart),
        TEST(test_what_wants_no_answer_has_no_time),
        TEST(test_each_error_code_of_an_answer_counts),
        TEST(test_records_count_by_topic_whole_and_in_pieces),
        TEST(test_a_topic_that_is_named_by_its_id_gets_the_name_that_metadata_told),
        TEST(test_who_came_and_went_is_counted),
        TEST(test_two_meters_add_up_by_name),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
