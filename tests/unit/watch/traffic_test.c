/* SPDX-License-Identifier: Apache-2.0 */
/* Exchanges in, lines out: messages are walked as the bridge walks them, and each line is compared whole. */
#include "proxy/watch/traffic.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "proxy/kafka/keys.h"
#include "proxy/watch/text.h"
#include "tests/unit/watch/messages.h"
#include "tests/unit/watch/page.h"

/* Everything up to the details, for a client of four digits of port. */
#define LINE(api, rest) "03:04:05.678  #1    orders-service     " api rest "\n"

struct fixture {
    struct page page;
    struct traffic traffic;
    struct taker taker;
    struct place place;
    struct who who;
    struct exchange exchange;
    enum direction direction;
    int connection;
};

static void take_text(void *context, const struct traffic_event *event)
{
    struct line line = {.len = 0};
    text_event(&line, event, false);
    struct sink sink = page_sink(context);
    sink.write(sink.context, line.text, line.len);
}

static int begin(void **state)
{
    static struct fixture fixture;
    page_begin(&fixture.page);
    traffic_init(&fixture.traffic, page_clocks(&fixture.page));
    fixture.taker = (struct taker){.filter.all = true, .take = take_text, .context = &fixture.page};
    traffic_add(&fixture.traffic, &fixture.taker);
    fixture.place = page_place(1, 5342);
    fixture.who = (struct who){.place = &fixture.place, .client_id = "orders-service"};
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    traffic_end(&fixture->traffic, &fixture->connection, &fixture->who);
    uint32_t left = fixture->traffic.exchange_count;
    traffic_free(&fixture->traffic);
    return left ? -1 : 0;
}

static void see(void *context, enum walk_step step, const struct walk_event *event)
{
    struct fixture *fixture = context;
    traffic_field(&fixture->traffic, &fixture->connection, &fixture->exchange, fixture->direction, step,
                  event);
}

static void walk(struct fixture *fixture, const struct wire *wire, enum direction direction, size_t piece)
{
    fixture->direction = direction;
    wire_walk(wire, direction, fixture->exchange.api_key, fixture->exchange.api_version, piece, see, fixture);
}

static void start(struct fixture *fixture, uint64_t number, int api_key, int version)
{
    fixture->exchange = (struct exchange){
        .number = number,
        .api_key = (int16_t)api_key,
        .api_version = (int16_t)version,
        .node = 1,
        .request_size = 1300,
    };
}

static void send(struct fixture *fixture, const struct wire *request)
{
    walk(fixture, request, REQUEST, WIRE_ROOM);
    traffic_request(&fixture->traffic, &fixture->connection, &fixture->exchange);
    fixture->page.steady_us += 1234;
}

static void receive(struct fixture *fixture, const struct wire *response)
{
    fixture->exchange.response_size = 58;
    if (response)
        walk(fixture, response, RESPONSE, WIRE_ROOM);
    traffic_response(&fixture->traffic, &fixture->connection, &fixture->who, &fixture->exchange);
}

static void exchange(struct fixture *fixture, int api_key, int version, const struct wire *request,
                     const struct wire *response)
{
    start(fixture, 0, api_key, version);
    send(fixture, request);
    receive(fixture, response);
}

/* ---- what a line shows ---- */

static void test_produce_shows_topics_records_acks_and_errors_with_their_place(void **state)
{
    static const struct part parts[] = {{"orders", 3, 6}, {NULL, 4, 0}, {"payments", 0, 0}};
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    message_produce(&request, parts, 3, -1, 400);
    message_produced(&response, parts, 3);
    exchange(fixture, API_PRODUCE, 7, &request, &response);
    page_assert(&fixture->page, LINE("Produce v7                 node 1",
                                     "    1.3 KiB       58 B      1.23 ms  orders[3@0 4@0], payments[0@0], "
                                     "1.2 KiB of records, acks=all, orders-3 NOT_LEADER_OR_FOLLOWER"));
}

static void test_produce_without_an_answer_is_said_to_want_none(void **state)
{
    static const struct part parts[] = {{"orders", 3, 0}};
    struct wire request = {.len = 0};
    struct fixture *fixture = *state;
    message_produce(&request, parts, 1, 0, 10);
    start(fixture, 0, API_PRODUCE, 7);
    send(fixture, &request);
    traffic_response(&fixture->traffic, &fixture->connection, &fixture->who, &fixture->exchange);
    page_assert(&fixture->page, LINE("Produce v7                 node 1",
                                     "    1.3 KiB        0 B            -  orders[3], 10 B of records, "
                                     "acks=0, no answer wanted"));
}

static void test_of_long_lists_the_first_are_shown_and_the_rest_is_counted(void **state)
{
    static const struct part parts[] = {
        {"a", 0, 3},  {NULL, 1, 3}, {NULL, 2, 3}, {NULL, 3, 3}, {NULL, 4, 3},
        {NULL, 5, 0}, {"b", 0, 0},  {"c", 0, 0},  {"d", 0, 0},  {"e", 0, 0},
    };
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    message_produce(&request, parts, 10, 1, 1);
    message_produced(&response, parts, 10);
    exchange(fixture, API_PRODUCE, 7, &request, &response);
    page_assert(
        &fixture->page,
        LINE("Produce v7                 node 1",
             "    1.3 KiB       58 B      1.23 ms  a[0@0 1@0 2@0 3@0 +2], b[0@0], c[0@0], +2 topics, "
             "10 B of records, acks=1, a-0 UNKNOWN_TOPIC_OR_PARTITION, a-1 UNKNOWN_TOPIC_OR_PARTITION, "
             "a-2 UNKNOWN_TOPIC_OR_PARTITION, +2 errors"));
}

static void test_metadata_for_all_topics_shows_what_came_and_errors_that_stand_before_their_names(
    void **state)
{
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    message_metadata_all(&request);
    message_metadata(&response, 29, 9);
    exchange(fixture, API_METADATA, 12, &request, &response);
    page_assert(&fixture->page, LINE("Metadata v12               node 1",
                                     "    1.3 KiB       58 B      1.23 ms  all topics, orders[0 1 2], "
                                     "orders-1 REPLICA_NOT_AVAILABLE, orders TOPIC_AUTHORIZATION_FAILED"));
}

static void test_a_topic_id_is_shown_as_kafka_writes_it_until_its_name_has_passed(void **state)
{
    struct wire fetch = {.len = 0}, fetched = {.len = 0}, all = {.len = 0}, metadata = {.len = 0};
    struct fixture *fixture = *state;
    message_fetch(&fetch);
    message_fetched(&fetched, 100, 20);
    exchange(fixture, API_FETCH, 13, &fetch, &fetched);
    page_assert(&fixture->page,
                LINE("Fetch v13                  node 1",
                     "    1.3 KiB       58 B      1.23 ms  AQIDBAUGBwgJCgsMDQ4PEA[3@0], 20 B of records, "
                     "AQIDBAUGBwgJCgsMDQ4PEA-3 UNKNOWN_TOPIC_ID"));
    message_metadata_all(&all);
    message_metadata(&metadata, 0, 0);
    exchange(fixture, API_METADATA, 12, &all, &metadata);
    fixture->page.len = 0;
    exchange(fixture, API_FETCH, 13, &fetch, &fetched);
    page_assert(&fixture->page, LINE("Fetch v13                  node 1",
                                     "    1.3 KiB       58 B      1.23 ms  orders[3@0], 20 B of records, "
                                     "orders-3 UNKNOWN_TOPIC_ID"));
}

static void test_a_group_is_shown_with_the_error_of_the_whole_answer(void **state)
{
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    wire_string(&request, "readers");
    wire_32(&request, 5);
    wire_string(&request, "member-1");
    wire_16(&response, 27);
    exchange(fixture, 12, 0, &request, &response);
    page_assert(&fixture->page, LINE("Heartbeat v0               node 1",
                                     "    1.3 KiB       58 B      1.23 ms  group readers, member member-1, "
                                     "generation 5, REBALANCE_IN_PROGRESS"));
}

static void test_find_coordinator_shows_keys_of_their_kind_and_errors_by_key(void **state)
{
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    wire_8(&request, 1);
    wire_compact_array(&request, 1);
    wire_compact(&request, "tx-1");
    wire_tags(&request);
    wire_32(&response, 0);
    wire_compact_array(&response, 1);
    wire_compact(&response, "tx-1");
    wire_32(&response, -1);
    wire_compact(&response, "");
    wire_32(&response, -1);
    wire_16(&response, 15);
    wire_compact(&response, NULL);
    wire_tags(&response);
    wire_tags(&response);
    exchange(fixture, API_FIND_COORDINATOR, 4, &request, &response);
    page_assert(&fixture->page, LINE("FindCoordinator v4         node 1",
                                     "    1.3 KiB       58 B      1.23 ms  transactional id tx-1, "
                                     "tx-1 COORDINATOR_NOT_AVAILABLE"));
}

static void test_config_resources_are_shown_and_their_values_never(void **state)
{
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    wire_array(&request, 3); /* AlterConfigs v0 */
    for (int i = 0; i < 3; i++) {
        wire_8(&request, i ? 4 : 2);
        wire_string(&request, i ? "" : "orders");
        wire_array(&request, 1);
        wire_string(&request, "ssl.keystore.password");
        wire_string(&request, "secret");
    }
    wire_8(&request, 0);
    wire_32(&response, 0);
    wire_array(&response, 1);
    wire_16(&response, 40);
    wire_string(&response, "no");
    wire_8(&response, 2);
    wire_string(&response, "orders");
    exchange(fixture, 33, 0, &request, &response);
    page_assert(&fixture->page, LINE("AlterConfigs v0            node 1",
                                     "    1.3 KiB       58 B      1.23 ms  topic orders, broker (default), "
                                     "+1, orders INVALID_CONFIG"));
}

static void test_sasl_shows_the_mechanism_and_the_error_but_no_byte_of_the_exchange(void **state)
{
    struct wire handshake = {.len = 0}, token = {.len = 0}, refused = {.len = 0};
    struct fixture *fixture = *state;
    wire_string(&handshake, "PLAIN");
    exchange(fixture, API_SASL_HANDSHAKE, 1, &handshake, NULL);
    wire_32(&token, 12);
    wire_add(&token, "\0user\0secret", 12);
    wire_16(&refused, 58);
    wire_string(&refused, "secret");
    wire_32(&refused, 6);
    wire_add(&refused, "secret", 6);
    exchange(fixture, API_SASL_AUTHENTICATE, 0, &token, &refused);
    page_assert(&fixture->page, LINE("SaslHandshake v1           node 1",
                                     "    1.3 KiB       58 B      1.23 ms  mechanism PLAIN")
                                    LINE("SaslAuthenticate v0        node 1",
                                         "    1.3 KiB       58 B      1.23 ms  SASL_AUTHENTICATION_FAILED"));
}

static void test_names_in_an_array_are_topics_and_what_is_foreign_is_escaped(void **state)
{
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    wire_array(&request, 2); /* DeleteTopics v1 */
    wire_string(&request, "a\x1b[2J");
    wire_string(&request, "b");
    wire_32(&request, 1000);
    wire_zeros(&response, 4);
    wire_array(&response, 2);
    wire_string(&response, "a\x1b[2J");
    wire_16(&response, 0);
    wire_string(&response, "b");
    wire_16(&response, 999);
    exchange(fixture, 20, 1, &request, &response);
    page_assert(&fixture->page, LINE("DeleteTopics v1            node 1",
                                     "    1.3 KiB       58 B      1.23 ms  a\\x1b[2J, b, b error 999"));
}

static void test_what_kbridge_answers_itself_names_kbridge_in_the_place_of_a_node(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, 0, API_API_VERSIONS, 9);
    fixture->exchange.node = NODE_KBRIDGE;
    traffic_request(&fixture->traffic, &fixture->connection, &fixture->exchange);
    receive(fixture, NULL);
    page_assert(&fixture->page,
                LINE("ApiVersions v9             kbridge", "   1.3 KiB       58 B      0.00 ms"));
}

static void test_an_api_without_a_table_is_a_number_and_a_bare_token_is_named(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, 0, 9999, 3);
    fixture->exchange.node = -1;
    traffic_request(&fixture->traffic, &fixture->connection, &fixture->exchange);
    receive(fixture, NULL);
    start(fixture, 1, API_SASL_AUTHENTICATE, -1);
    traffic_request(&fixture->traffic, &fixture->connection, &fixture->exchange);
    receive(fixture, NULL);
    page_assert(&fixture->page,
                LINE("api key 9999 v3            node ?", "    1.3 KiB       58 B      0.00 ms")
                    LINE("SaslAuthenticate token     node 1", "    1.3 KiB       58 B      0.00 ms"));
}

/* ---- what is kept, and for how long ---- */

static void test_requests_under_way_at_the_same_time_are_not_mixed_up(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t number = 0; number < 3; number++) {
        char group[] = "group-0";
        struct wire request = {.len = 0};
        group[6] = (char)('0' + number);
        wire_string(&request, group);
        wire_32(&request, 5);
        wire_string(&request, "");
        start(fixture, number, 12, 0);
        send(fixture, &request);
    }
    static const uint64_t order[] = {1, 0, 2};
    for (size_t i = 0; i < 3; i++) {
        start(fixture, order[i], 12, 0);
        receive(fixture, NULL);
    }
    page_assert(&fixture->page,
                LINE("Heartbeat v0               node 1",
                     "    1.3 KiB       58 B      2.46 ms  group group-1, generation 5")
                    LINE("Heartbeat v0               node 1",
                         "    1.3 KiB       58 B      3.70 ms  group group-0, generation 5")
                        LINE("Heartbeat v0               node 1",
                             "    1.3 KiB       58 B      1.23 ms  group group-2, generation 5"));
}

static void test_what_is_not_answered_is_shown_when_the_connection_ends(void **state)
{
    static const struct part parts[] = {{"orders", 3, 0}};
    struct wire request = {.len = 0};
    struct fixture *fixture = *state;
    message_produce(&request, parts, 1, 1, 10);
    start(fixture, 0, API_PRODUCE, 7);
    send(fixture, &request);
    request.len = 30; /* up to the records; it was never sent */
    start(fixture, 1, API_PRODUCE, 7);
    fixture->direction = REQUEST;
    struct walk walk;
    struct walk_event event;
    enum walk_step step;
    struct span input = {request.at, request.len};
    walk_begin(&walk, tables_message(REQUEST, API_PRODUCE), 7, 46);
    while ((step = walk_next(&walk, &input, &event)) > WALK_BAD)
        see(fixture, step, &event);
    assert_int_equal(step, WALK_MORE);
    traffic_end(&fixture->traffic, &fixture->connection, &fixture->who);
    page_assert(&fixture->page,
                LINE("Produce v7                 node 1",
                     "    1.3 KiB        0 B      1.23 ms  orders[3], 10 B of records, acks=1, no answer")
                    LINE("Produce v7                 not sent",
                         "  1.3 KiB        0 B      0.00 ms  orders[3], acks=1, no answer"));
    assert_int_equal(fixture->traffic.exchange_count, 0);
}

static void test_a_split_at_every_byte_changes_nothing(void **state)
{
    static const struct part parts[] = {{"orders", 3, 6}, {NULL, 4, 0}, {"payments", 0, 7}};
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    message_produce(&request, parts, 3, -1, 40);
    message_produced(&response, parts, 3);
    for (size_t piece = 1; piece < request.len; piece++) {
        start(fixture, piece, API_PRODUCE, 7);
        walk(fixture, &request, REQUEST, piece);
        traffic_request(&fixture->traffic, &fixture->connection, &fixture->exchange);
        walk(fixture, &response, RESPONSE, piece);
        receive(fixture, NULL);
        page_assert(&fixture->page,
                    LINE("Produce v7                 node 1",
                         "    1.3 KiB       58 B      0.00 ms  orders[3@0 4@0], payments[0@0], "
                         "120 B of records, acks=all, orders-3 NOT_LEADER_OR_FOLLOWER, "
                         "payments-0 REQUEST_TIMED_OUT"));
    }
}

static void test_too_many_at_the_same_time_are_left_out_and_counted(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t number = 0; number < TRAFFIC_EXCHANGES_MAX + 2; number++) {
        start(fixture, number, 9999, 0);
        traffic_request(&fixture->traffic, &fixture->connection, &fixture->exchange);
    }
    assert_int_equal(fixture->traffic.exchange_count, TRAFFIC_EXCHANGES_MAX);
    receive(fixture, NULL);
    page_assert(&fixture->page, "");
    start(fixture, 0, 9999, 0);
    receive(fixture, NULL);
    page_assert(&fixture->page,
                LINE("api key 9999 v0            node 1",
                     "    1.3 KiB       58 B      0.00 ms  (before it 1 not shown: too many at "
                     "the same time)"));
    for (uint64_t number = 1; number < TRAFFIC_EXCHANGES_MAX; number++) {
        fixture->page.len = 0;
        start(fixture, number, 9999, 0);
        receive(fixture, NULL);
    }
    assert_int_equal(fixture->traffic.exchange_count, 0);
}

/* ---- takers ---- */

static void count(void *context, const struct traffic_event *event)
{
    unsigned *counts = context;
    counts[event->first ? 1 : 0]++;
}

static void heartbeat(struct fixture *fixture, uint64_t number)
{
    struct wire request = {.len = 0};
    wire_string(&request, "group");
    wire_32(&request, 5);
    wire_string(&request, "");
    start(fixture, number, 12, 0);
    send(fixture, &request);
    receive(fixture, NULL);
}

static void test_takers_come_and_go_and_each_is_told_what_is_its_first_of_a_connection(void **state)
{
    struct fixture *fixture = *state;
    struct traffic *traffic = &fixture->traffic;
    unsigned counts[2] = {0, 0};
    struct taker taker = {.filter.all = true, .take = count, .context = counts};
    traffic_remove(traffic, &fixture->taker);
    assert_false(traffic->wanted);
    assert_true(traffic_add(traffic, &taker));
    assert_true(traffic_add(traffic, &taker)); /* no second time */
    assert_true(traffic->wanted);
    heartbeat(fixture, 0);
    heartbeat(fixture, 1);
    assert_int_equal(counts[1], 1);
    assert_int_equal(counts[0], 1);
    traffic_remove(traffic, &taker);
    assert_true(traffic_add(traffic, &taker)); /* with the same bit, but as a new one */
    heartbeat(fixture, 2);
    assert_int_equal(counts[1], 2);
    traffic_remove(traffic, &taker);
    heartbeat(fixture, 3);
    assert_int_equal(counts[0] + counts[1], 3);
    page_assert(&fixture->page, "");
}

static void test_what_happens_all_the_time_is_one_line_per_client_every_ten_seconds(void **state)
{
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    uint64_t number = 0;
    fixture->taker.filter.all = false;
    for (; number < 3; number++)
        heartbeat(fixture, number);
    message_fetch(&request);
    message_fetched(&response, 0, 0);
    exchange(fixture, API_FETCH, 13, &request, &response);
    page_assert(&fixture->page, "");
    fixture->page.steady_us += (uint64_t)FOLD_MS * 1000;
    start(fixture, number, 9999, 3);
    traffic_request(&fixture->traffic, &fixture->connection, &fixture->exchange);
    receive(fixture, NULL);
    page_assert(&fixture->page,
                "03:04:05.678        orders-service     1 empty fetch, 3 heartbeats in 10.0 s\n" LINE(
                    "api key 9999 v3            node 1", "    1.3 KiB       58 B      0.00 ms"));
    heartbeat(fixture, number);
    traffic_remove(&fixture->traffic, &fixture->taker);
    page_assert(&fixture->page, "03:04:05.678        orders-service     1 heartbeat in 0.0 s\n");
}

static void test_heartbeats_and_fetches_with_news_are_shown(void **state)
{
    struct wire request = {.len = 0}, response = {.len = 0};
    struct fixture *fixture = *state;
    fixture->taker.filter.all = false;
    message_fetch(&request);
    message_fetched(&response, 0, 20);
    exchange(fixture, API_FETCH, 13, &request, &response);
    response.len = 0;
    message_fetched(&response, 100, 0);
    exchange(fixture, API_FETCH, 13, &request, &response);
    request.len = response.len = 0;
    wire_string(&request, "group");
    wire_32(&request, 5);
    wire_string(&request, "");
    wire_16(&response, 27);
    exchange(fixture, API_HEARTBEAT, 0, &request, &response);
    assert_int_equal(fixture->page.line_count, 3);
}

static void test_there_are_so_many_takers_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    struct taker takers[TAKERS_MAX];
    for (size_t i = 0; i < TAKERS_MAX; i++)
        takers[i] = (struct taker){.take = count};
    for (size_t i = 0; i + 1 < TAKERS_MAX; i++)
        assert_true(traffic_add(&fixture->traffic, &takers[i]));
    assert_false(traffic_add(&fixture->traffic, &takers[TAKERS_MAX - 1]));
    for (size_t i = 0; i + 1 < TAKERS_MAX; i++)
        traffic_remove(&fixture->traffic, &takers[i]);
}

static void test_a_taker_gets_what_its_filter_lets_pass(void **state)
{
    static const struct part parts[] = {{"a", 0, 3}, {"b", 0, 0}, {"c", 0, 0}, {"d", 0, 0}, {"orders", 0, 0}};
    static const struct {
        struct filter filter;
        bool passes;
    } rows[] = {
        {{.apis = {1 << API_PRODUCE}}, true},
        {{.apis = {1 << API_FETCH}}, false},
        {{.topic = "ord*"}, true},
        {{.topic = "payments"}, false}, /* orders is not kept, but seen */
        {{.client = "*-service"}, true},
        {{.client = "billing"}, false},
        {{.errors = true}, true},
        {{.slow_us = 1234}, true},
        {{.slow_us = 1235}, false},
        {{.topic = "ord*", .client = "billing"}, false},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wire request = {.len = 0}, response = {.len = 0};
        fixture->taker.filter = rows[i].filter;
        message_produce(&request, parts, 5, 1, 1);
        message_produced(&response, parts, 5);
        exchange(fixture, API_PRODUCE, 7, &request, &response);
        assert_int_equal(fixture->page.line_count, rows[i].passes);
        page_assert(&fixture->page, fixture->page.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_produce_shows_topics_records_acks_and_errors_with_their_place,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_produce_without_an_answer_is_said_to_want_none, begin, end),
        cmocka_unit_test_setup_teardown(test_of_long_lists_the_first_are_shown_and_the_rest_is_counted, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            test_metadata_for_all_topics_shows_what_came_and_errors_that_stand_before_their_names, begin,
            end),
        cmocka_unit_test_setup_teardown(test_a_topic_id_is_shown_as_kafka_writes_it_until_its_name_has_passed,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_a_group_is_shown_with_the_error_of_the_whole_answer, begin, end),
        cmocka_unit_test_setup_teardown(test_find_coordinator_shows_keys_of_their_kind_and_errors_by_key,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_config_resources_are_shown_and_their_values_never, begin, end),
        cmocka_unit_test_setup_teardown(
            test_sasl_shows_the_mechanism_and_the_error_but_no_byte_of_the_exchange, begin, end),
        cmocka_unit_test_setup_teardown(test_names_in_an_array_are_topics_and_what_is_foreign_is_escaped,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_what_kbridge_answers_itself_names_kbridge_in_the_place_of_a_node,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_an_api_without_a_table_is_a_number_and_a_bare_token_is_named,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_requests_under_way_at_the_same_time_are_not_mixed_up, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_what_is_not_answered_is_shown_when_the_connection_ends, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_split_at_every_byte_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_too_many_at_the_same_time_are_left_out_and_counted, begin, end),
        cmocka_unit_test_setup_teardown(
            test_takers_come_and_go_and_each_is_told_what_is_its_first_of_a_connection, begin, end),
        cmocka_unit_test_setup_teardown(
            test_what_happens_all_the_time_is_one_line_per_client_every_ten_seconds, begin, end),
        cmocka_unit_test_setup_teardown(test_heartbeats_and_fetches_with_news_are_shown, begin, end),
        cmocka_unit_test_setup_teardown(test_there_are_so_many_takers_and_no_more, begin, end),
        cmocka_unit_test_setup_teardown(test_a_taker_gets_what_its_filter_lets_pass, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
