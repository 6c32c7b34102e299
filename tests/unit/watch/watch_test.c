/* SPDX-License-Identifier: Apache-2.0 */
/* Facts in, lines out, with a conversation that is nothing but its accessors. */
#include "proxy/watch/watch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/watch/messages.h"
#include "tests/unit/watch/page.h"
#include "tests/unit/watch/talker.h"

/* ---- the fixture ---- */

struct fixture {
    struct page log, traffic;
    struct watch watch;
    struct facts facts;
    struct exchange exchange;
    struct conversation conversation;
};

static void begin(struct fixture *fixture, bool traffic)
{
    *fixture = (struct fixture){
        .conversation = {.place = page_place(1, 53422),
                         .client_id = "rdkafka",
                         .software = "librdkafka 2.0.2"},
        .exchange = {.api_key = 0, .api_version = 7, .node = 1, .request_size = 99, .response_size = 1},
    };
    fixture->conversation.told = (struct told){.rule = TOLD_GATEWAY, .host = "localhost", .port = 29092};
    fixture->conversation.sentence = "";
    page_begin(&fixture->log);
    page_begin(&fixture->traffic);
    const struct watch_settings settings = {
        .level = LEVEL_INFO,
        .traffic = traffic,
        .traffic_filter = {.all = true},
        .log_sink = page_sink(&fixture->log),
        .traffic_sink = page_sink(&fixture->traffic),
        .clocks = page_clocks(&fixture->log),
    };
    watch_init(&fixture->watch, &settings);
    watch_facts(&fixture->watch, &fixture->facts);
}

/* ---- the log ---- */

static void test_a_client_has_one_line_when_it_comes_and_one_when_it_goes(void **state)
{
    static struct fixture fixture;
    (void)state;
    begin(&fixture, false);
    fixture.facts.client(fixture.facts.context, &fixture.conversation);
    fixture.conversation.from = 1024;
    fixture.conversation.to = 2048;
    watch_client_gone(&fixture.watch, &fixture.conversation);
    page_assert(&fixture.log,
                PAGE_STAMP "info  client 172.18.0.1:53422 \"rdkafka\" (librdkafka 2.0.2) is told "
                           "localhost:29092: it comes through a published port\n" PAGE_STAMP
                           "info  client 172.18.0.1:53422 \"rdkafka\" went: the client closed the "
                           "connection; 1.0 KiB from it, 2.0 KiB to it\n");
    watch_free(&fixture.watch);
}

static void test_a_guess_is_explained_once(void **state)
{
    static struct fixture fixture;
    (void)state;
    begin(&fixture, false);
    fixture.conversation.told.guessed = true;
    fixture.conversation.software = "";
    fixture.facts.client(fixture.facts.context, &fixture.conversation);
    fixture.facts.client(fixture.facts.context, &fixture.conversation);
    assert_non_null(
        strstr(fixture.log.text, PAGE_STAMP "info  localhost is right for clients on the host; "));
    assert_ptr_equal(strstr(strstr(fixture.log.text, "is right") + 1, "is right"), NULL);
    watch_free(&fixture.watch);
}

static void test_a_client_of_a_forward_is_told_no_address_and_no_doubt(void **state)
{
    static struct fixture fixture;
    const struct address target = {.host = "registry", .port = 8081};
    (void)state;
    begin(&fixture, true);
    fixture.conversation.target = &target;
    fixture.conversation.client_id = fixture.conversation.software = "";
    fixture.conversation.told.doubtful = true;
    fixture.facts.client(fixture.facts.context, &fixture.conversation);
    fixture.conversation.reason = REASON_TARGET_CLOSED;
    fixture.conversation.sentence = "registry:8081";
    fixture.conversation.from = 1024;
    watch_client_gone(&fixture.watch, &fixture.conversation);
    page_assert(&fixture.log,
                PAGE_STAMP "info  client 172.18.0.1:53422 is forwarded to registry:8081\n" PAGE_STAMP
                           "info  client 172.18.0.1:53422 went: the target of the forward closed the "
                           "connection: registry:8081; 1.0 KiB from it, 0 B to it\n");
    watch_free(&fixture.watch);
}

static void test_a_port_check_is_not_worth_a_line(void **state)
{
    static struct fixture fixture;
    (void)state;
    begin(&fixture, true);
    fixture.conversation.client_id = "";
    watch_client_gone(&fixture.watch, &fixture.conversation);
    page_assert(&fixture.log, "");
    page_assert(&fixture.traffic, "");
    watch_free(&fixture.watch);
}

static void test_a_doubtful_address_is_warned_of_once(void **state)
{
    static struct fixture fixture;
    (void)state;
    begin(&fixture, false);
    fixture.conversation.told =
        (struct told){.rule = TOLD_OTHER, .doubtful = true, .host = "172.18.0.5", .port = 29092};
    fixture.facts.client(fixture.facts.context, &fixture.conversation);
    fixture.conversation.place.peer.at[3] = 2;
    fixture.facts.client(fixture.facts.context, &fixture.conversation);
    assert_int_equal(fixture.log.line_count, 3);
    const char *warning = strstr(fixture.log.text, " warn  ");
    assert_non_null(warning);
    assert_null(strstr(warning + 1, " warn  "));
    assert_non_null(strstr(warning, "--advertise 172.16.0.0/12=HOST:PORT\n"));
    watch_free(&fixture.watch);
}

static void test_a_sentence_says_whose_conversation_it_is_about(void **state)
{
    static struct fixture fixture;
    static struct conversation own; /* kbridge asks the cluster: there is no client */
    struct sentence sentence = {.len = 0};
    (void)state;
    begin(&fixture, false);
    own.client_id = "";
    sentence_add(&sentence, "node 2 at kafka:9092 cannot be dialled: connection refused");
    fixture.facts.say(fixture.facts.context, &fixture.conversation, LEVEL_WARN, &sentence);
    fixture.facts.say(fixture.facts.context, NULL, LEVEL_WARN, &sentence);
    fixture.facts.say(fixture.facts.context, &own, LEVEL_ERROR, &sentence);
    page_assert(&fixture.log, PAGE_STAMP
                "warn  client 172.18.0.1:53422 \"rdkafka\": node 2 at kafka:9092 cannot be dialled: "
                "connection refused\n" PAGE_STAMP
                "warn  node 2 at kafka:9092 cannot be dialled: connection refused\n" PAGE_STAMP
                "error node 2 at kafka:9092 cannot be dialled: connection refused\n");
    watch_free(&fixture.watch);
}

static void test_kbridge_says_where_it_listens_and_what_is_formatted(void **state)
{
    static struct fixture fixture;
    struct address address = {.host = "::1", .port = 29092}, target = {.host = "fd00::2", .port = 8081};
    (void)state;
    begin(&fixture, false);
    watch_listening(&fixture.watch, &address, NULL);
    watch_listening(&fixture.watch, &address, &target);
    watch_say(&fixture.watch, LEVEL_WARN, "%d of %s", 1, "two");
    page_assert(&fixture.log, PAGE_STAMP "info  listening on [::1]:29092\n" PAGE_STAMP
                                         "info  listening on [::1]:29092 for [fd00::2]:8081\n" PAGE_STAMP
                                         "warn  1 of two\n");
    watch_free(&fixture.watch);
}

static void test_what_was_held_back_is_said_at_the_end(void **state)
{
    static struct fixture fixture;
    (void)state;
    begin(&fixture, false);
    for (int i = 0; i < 4; i++)
        watch_say(&fixture.watch, LEVEL_WARN, "no");
    watch_free(&fixture.watch);
    page_assert(&fixture.log,
                PAGE_STAMP "warn  no\n" PAGE_STAMP "warn  no (… 3 more like this in the last 1 s)\n");
}

/* ---- the traffic lines ---- */

static void see(void *context, enum walk_step step, const struct walk_event *event)
{
    struct fixture *fixture = context;
    fixture->facts.field(fixture->facts.context, &fixture->conversation, &fixture->exchange, REQUEST, step,
                         event);
}

static void test_without_traffic_nothing_is_asked_of_the_bridge(void **state)
{
    static struct fixture fixture;
    (void)state;
    begin(&fixture, false);
    assert_false(*fixture.facts.wants_fields);
    fixture.facts.request(fixture.facts.context, &fixture.conversation, &fixture.exchange);
    fixture.facts.response(fixture.facts.context, &fixture.conversation, &fixture.exchange);
    assert_int_equal(fixture.watch.traffic.exchange_count, 0);
    page_assert(&fixture.traffic, "");
    watch_free(&fixture.watch);
}

static void test_with_traffic_each_exchange_is_a_line_and_what_is_left_comes_before_the_client_goes(
    void **state)
{
    static struct fixture fixture;
    static const struct part parts[] = {{"orders", 3, 0}};
    struct wire request = {.len = 0};
    (void)state;
    begin(&fixture, true);
    assert_true(*fixture.facts.wants_fields);
    fixture.exchange.watched = true;
    message_produce(&request, parts, 1, 1, 10);
    for (fixture.exchange.number = 0; fixture.exchange.number < 2; fixture.exchange.number++) {
        wire_walk(&request, REQUEST, 0, 7, WIRE_ROOM, see, &fixture);
        fixture.facts.request(fixture.facts.context, &fixture.conversation, &fixture.exchange);
        fixture.log.steady_us += 1000;
        if (fixture.exchange.number == 0)
            fixture.facts.response(fixture.facts.context, &fixture.conversation, &fixture.exchange);
    }
    fixture.conversation.from = 1;
    watch_client_gone(&fixture.watch, &fixture.conversation);
    page_assert(
        &fixture.traffic,
        "2026-11-24 UTC      client             request                    to             in        out      "
        "   "
        "took  about\n"
        "03:04:05.678  #1    rdkafka            from 172.18.0.1:53422, librdkafka 2.0.2\n"
        "03:04:05.678  #1    rdkafka            Produce v7                 node 1       99 B        1 B      "
        "1.00 ms  orders[3], 10 B of records, acks=1\n"
        "03:04:05.678  #1    rdkafka            Produce v7                 node 1       99 B        1 B      "
        "1.00 ms  orders[3], 10 B of records, acks=1, no answer\n");
    assert_int_equal(fixture.log.line_count, 1);
    watch_free(&fixture.watch);
}

static void test_traffic_lines_are_switched_on_and_off_while_it_runs_and_the_log_says_so(void **state)
{
    static struct fixture fixture;
    (void)state;
    begin(&fixture, false);
    watch_toggle_traffic(&fixture.watch);
    assert_true(*fixture.facts.wants_fields);
    page_assert(&fixture.log, PAGE_STAMP "info  traffic lines are on\n");
    fixture.exchange.watched = true;
    fixture.facts.request(fixture.facts.context, &fixture.conversation, &fixture.exchange);
    fixture.facts.response(fixture.facts.context, &fixture.conversation, &fixture.exchange);
    assert_int_equal(fixture.traffic.line_count, 3); /* the day, the client, the request */
    watch_toggle_traffic(&fixture.watch);
    assert_false(*fixture.facts.wants_fields);
    page_assert(&fixture.log, PAGE_STAMP "info  traffic lines are off\n");
    watch_free(&fixture.watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_has_one_line_when_it_comes_and_one_when_it_goes),
        cmocka_unit_test(test_a_guess_is_explained_once),
        cmocka_unit_test(test_a_client_of_a_forward_is_told_no_address_and_no_doubt),
        cmocka_unit_test(test_a_port_check_is_not_worth_a_line),
        cmocka_unit_test(test_a_doubtful_address_is_warned_of_once),
        cmocka_unit_test(test_a_sentence_says_whose_conversation_it_is_about),
        cmocka_unit_test(test_kbridge_says_where_it_listens_and_what_is_formatted),
        cmocka_unit_test(test_what_was_held_back_is_said_at_the_end),
        cmocka_unit_test(test_without_traffic_nothing_is_asked_of_the_bridge),
        cmocka_unit_test(test_traffic_lines_are_switched_on_and_off_while_it_runs_and_the_log_says_so),
        cmocka_unit_test(
            test_with_traffic_each_exchange_is_a_line_and_what_is_left_comes_before_the_client_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
