/* SPDX-License-Identifier: Apache-2.0 */
/* Links: which address is dialled, how long it is waited for, what their end does to the client. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/bridge/talk.h"

enum { T0 = 1000000 }; /* bridge.now_ms at first */

static void fetch(struct talk *talk, int32_t correlation_id, const char *topic)
{
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of(topic)), given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(talk, API_FETCH, 4, correlation_id, GIVENS(given_array(ROLE_TOPICS, topics, 1)));
}

/* Topic t1 is led by node 1, t2 by node 2. */
static void learn_two(struct talk *talk)
{
    talk_learn_brokers(talk, 2);
    talk_learn_leader(talk, "t1", 0, 1);
    talk_learn_leader(talk, "t2", 0, 2);
}

static void begin_with_two(struct talk *talk)
{
    learn_two(talk);
    talk_connect(talk);
    for (end_id link = 0; link < 2; link++) {
        fetch(talk, 0, link ? "t2" : "t1");
        talk_up(talk, link);
        talk_answer(talk, link, API_FETCH, 4, 0, NONE_GIVEN);
    }
    talk->page = (struct page){.len = 0};
}

static void begin_with_one(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    talk_request(talk, API_METADATA, 1, 0, NONE_GIVEN);
    talk_up(talk, 0);
    talk_answer(talk, 0, API_METADATA, 1, 0, NONE_GIVEN);
    talk->page = (struct page){.len = 0};
}

/* ---------------------------------------------------------------- which address */

static void one_broker_is_dialled_at_the_bootstrap_address_and_several_at_their_own(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    talk_learn_brokers(&talk, 1);
    talk_connect(&talk);
    fetch(&talk, 1, "t1");
    talk_expect(&talk, "one", "dial link 0: kafka:9092\nclient off\n");
    talk_end(&talk);

    talk_begin(&talk);
    learn_two(&talk);
    talk_connect(&talk);
    fetch(&talk, 1, "t2");
    talk_expect(&talk, "two", "dial link 0: kafka2:9092\nclient off\n");
    talk_end(&talk);
}

struct dialled {
    const char *claim, *bootstrap, *advertised, *page;
};

static const struct dialled dialled[] = {
    {"a name", "kafka", "kafka7", "dial link 0: kafka7:9099\nclient off\n"},
    {"a loopback name of another machine", "kafka", "localhost", "dial link 0: kafka:9099\nclient off\n"},
    {"a loopback address", "kafka", "127.0.0.1", "dial link 0: kafka:9099\nclient off\n"},
    {"any loopback address", "kafka", "127.255.0.9", "dial link 0: kafka:9099\nclient off\n"},
    {"the IPv6 loopback address", "kafka", "::1", "dial link 0: kafka:9099\nclient off\n"},
    {"loopback, and kafka is here", "localhost", "127.0.0.1", "dial link 0: 127.0.0.1:9099\nclient off\n"},
    {"a name that only begins so", "kafka", "localhost.example",
     "dial link 0: localhost.example:9099\nclient off\n"},
};

static void an_advertised_loopback_address_is_dialled_at_the_bootstrap_host(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dialled / sizeof dialled[0]; i++) {
        static struct talk talk;
        talk_begin(&talk);
        (void)snprintf(talk.upstream[0].host, HOST_ROOM, "%s", dialled[i].bootstrap);
        struct view_broker brokers[2] = {{.id = 7, .advertised.port = 9099},
                                         {.id = 8, .advertised = {"kafka8", 1}}};
        (void)snprintf(brokers[0].advertised.host, HOST_ROOM, "%s", dialled[i].advertised);
        assert_true(view_learn_brokers(talk.bridge.view, brokers, 2));
        talk_learn_leader(&talk, "t", 0, 7);
        talk_connect(&talk);
        fetch(&talk, 1, "t");
        talk_expect(&talk, dialled[i].claim, dialled[i].page);
        talk_end(&talk);
    }
}

struct redirected {
    const char *claim, *advertised;
    int32_t port;
    const char *page;
};

static const struct redirected redirected[] = {
    {"a rule for it", "localhost", 9093, "dial link 0: kafka2:9092\nclient off\n"},
    {"names have no case", "LocalHost", 9093, "dial link 0: kafka2:9092\nclient off\n"},
    {"another port", "localhost", 9094, "dial link 0: kafka:9094\nclient off\n"},
    {"another name", "localhosu", 9093, "dial link 0: localhosu:9093\nclient off\n"},
    {"a name that begins so", "localhost.", 9093, "dial link 0: localhost.:9093\nclient off\n"},
    {"the first rule wins", "k", 1, "dial link 0: first:1\nclient off\n"},
};

static void a_rule_says_where_a_broker_is_dialled(void **state)
{
    (void)state;
    static const struct redirect redirects[] = {
        {{"localhost", 9093}, {"kafka2", 9092}}, {{"k", 1}, {"first", 1}}, {{"k", 1}, {"second", 2}}};
    for (size_t i = 0; i < sizeof redirected / sizeof redirected[0]; i++) {
        static struct talk talk;
        talk_begin(&talk);
        talk.bridge.redirects = redirects;
        talk.bridge.redirect_count = 3;
        struct view_broker brokers[2] = {{.id = 7, .advertised.port = redirected[i].port},
                                         {.id = 8, .advertised = {"kafka8", 1}}};
        (void)snprintf(brokers[0].advertised.host, HOST_ROOM, "%s", redirected[i].advertised);
        assert_true(view_learn_brokers(talk.bridge.view, brokers, 2));
        talk_learn_leader(&talk, "t", 0, 7);
        talk_connect(&talk);
        fetch(&talk, 1, "t");
        talk_expect(&talk, redirected[i].claim, redirected[i].page);
        talk_end(&talk);
    }
}

static void a_second_request_for_a_node_uses_its_link(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    begin_with_two(&talk);
    fetch(&talk, 1, "t2");
    fetch(&talk, 2, "t2");
    talk_expect(&talk, "no dial", "link 1 <- Fetch v4 #1\nlink 1 <- Fetch v4 #2\n");
    talk_request(&talk, API_METADATA, 1, 3, NONE_GIVEN);
    talk_expect(&talk, "any node is the last one", "link 1 <- Metadata v1 #3\n");
    talk_end(&talk);
}

/* ---------------------------------------------------------------- waiting for a broker */

static void a_link_that_cannot_be_reached_is_dialled_again_after_100_ms_doubling_to_1_s(void **state)
{
    (void)state;
    static const uint64_t delays[] = {100, 200, 400, 800, 1000, 1000, 1000};
    static struct talk talk;
    talk_begin(&talk);
    talk_connect(&talk);
    assert_int_equal(conversation_due_ms(talk.conversation), UINT64_MAX);
    fetch(&talk, 1, "t");
    uint64_t now_ms = T0;
    for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        talk.page = (struct page){.len = 0};
        talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "192.0.2.1:9092: connection refused");
        assert_int_equal(conversation_due_ms(talk.conversation), now_ms + delays[i]);
        talk_tick(&talk, now_ms + delays[i] - 1);
        talk_expect(&talk, "not before", "");
        now_ms += delays[i];
        talk_tick(&talk, now_ms);
        talk_expect(&talk, "then", "dial link 0: kafka:9092\n");
        assert_int_equal(conversation_due_ms(talk.conversation), UINT64_MAX);
    }
    talk_up(&talk, 0);
    talk_expect(&talk, "held and then asked where the topic is", "link 0 <- Metadata v4 #1801613927\n");
    talk_end(&talk);
}

static void clients_are_held_for_upstream_wait_and_not_longer(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    talk_connect(&talk);
    talk_request(&talk, API_METADATA, 1, 1, NONE_GIVEN);
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "x");
    talk_tick(&talk, T0 + 29999);
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "x");
    talk_expect(&talk, "1 ms before", "dial link 0: kafka:9092\nclient off\ndial link 0: kafka:9092\n");
    talk_tick(&talk, T0 + 31000);
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "192.0.2.1:9092: connection refused");
    talk_expect(
        &talk, "then",
        "dial link 0: kafka:9092\n"
        "close BROKER_UNREACHABLE: 192.0.2.1:9092: connection refused; tried for 30 s (upstream.wait)\n");
    talk_end(&talk);
}

static void the_wait_begins_anew_once_the_link_was_up(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    begin_with_two(&talk);
    talk_broken(&talk, 1, "connection reset by peer");
    talk_expect(&talk, "forgotten", "drop link 1\n");
    fetch(&talk, 1, "t2");
    talk_failed(&talk, 1, REASON_BROKER_UNREACHABLE, "192.0.2.2:9092: connection refused");
    talk_expect(&talk, "a dead broker of a living cluster ends the client at once",
                "dial link 1: kafka2:9092\nclient off\n"
                "close BROKER_UNREACHABLE: node 2, which advertises kafka2:9092, was dialled at "
                "192.0.2.2:9092: connection refused\n");
    struct topic_key topic = {.name = bytes_of("t2")};
    assert_int_equal(view_leader(talk.bridge.view, &topic, 0, NULL), NODE_UNKNOWN); /* the next one asks */
    talk_end(&talk);
}

static void a_loop_is_never_tried_again(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    talk_connect(&talk);
    talk_request(&talk, API_METADATA, 1, 1, NONE_GIVEN);
    talk_failed(&talk, 0, REASON_LOOP, "kafka:9092 is where kbridge listens");
    talk_expect(&talk, "at once",
                "dial link 0: kafka:9092\nclient off\nclose LOOP: kafka:9092 is where kbridge listens\n");
    talk_end(&talk);
}

static void two_bootstrap_addresses_take_turns(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    talk.bridge.upstream_count = 2;
    talk_connect(&talk);
    talk_request(&talk, API_METADATA, 1, 1, NONE_GIVEN);
    for (uint64_t i = 0; i < 3; i++) {
        talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "x");
        talk_tick(&talk, T0 + 1000 * (i + 1));
    }
    talk_expect(&talk, "kafka, other, kafka, other",
                "dial link 0: kafka:9092\nclient off\ndial link 0: other:9093\ndial link 0: kafka:9092\ndial "
                "link 0: other:9093\n");
    talk_end(&talk);
}

static void what_comes_too_late_is_harmless(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    begin_with_one(&talk);
    talk_up(&talk, 0);
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "x");
    talk_tick(&talk, T0 + 100000);
    talk_expect(&talk, "up twice, failed while up, tick for nothing", "");
    talk_end(&talk);
}

/* ---------------------------------------------------------------- the end of a link */

static void scene_closed_with_pending(struct talk *talk)
{
    begin_with_two(talk);
    fetch(talk, 1, "t1");
    fetch(talk, 2, "t2");
    fetch(talk, 3, "t1");
    talk->page = (struct page){.len = 0};
    talk_broken(talk, 1, "connection reset by peer");
    talk_expect(talk, "the answer ahead is waited for", "");
    talk_answer(talk, 0, API_FETCH, 4, 1, NONE_GIVEN);
}

static void answers_ahead_of_a_dead_link_are_delivered_then_it_ends_with_the_reason(void **state)
{
    (void)state;
    talk_every_way(
        "1 is answered, 2 is lost", scene_closed_with_pending,
        "client <- #1, 16 bytes\n"
        "close BROKER_LOST: node 2 at kafka2:9092: connection reset by peer, with 1 request not answered\n");
}

static void scene_closed_when_due(struct talk *talk)
{
    begin_with_one(talk);
    talk_request(talk, API_METADATA, 1, 1, NONE_GIVEN);
    talk_request(talk, API_METADATA, 1, 2, NONE_GIVEN);
    talk_eof(talk, 0);
}

static void a_link_that_closes_when_its_answer_is_due_ends_the_client_at_once(void **state)
{
    (void)state;
    talk_every_way("two pending", scene_closed_when_due,
                   "link 0 <- Metadata v1 #1\nlink 0 <- Metadata v1 #2\n"
                   "close BROKER_CLOSED: the broker at kafka:9092: it closed the connection, with 2 requests "
                   "not answered\n");
}

static void scene_two_deaths(struct talk *talk)
{
    begin_with_two(talk);
    fetch(talk, 1, "t1");
    fetch(talk, 2, "t2");
    talk->page = (struct page){.len = 0};
    talk_broken(talk, 1, "the first reason");
    talk_broken(talk, 0, "the second reason");
}

static void of_two_dead_links_the_first_reason_stays(void **state)
{
    (void)state;
    talk_every_way(
        "2, then 1", scene_two_deaths,
        "close BROKER_LOST: node 2 at kafka2:9092: the first reason, with 1 request not answered\n");
}

static void scene_doomed_client(struct talk *talk)
{
    begin_with_two(talk);
    fetch(talk, 1, "t1");
    fetch(talk, 2, "t2");
    talk_eof(talk, 1);
    talk->page = (struct page){.len = 0};
    fetch(talk, 3, "t1");
    talk_expect(talk, "requests of a doomed client stay where they are", "");
    talk_answer(talk, 0, API_FETCH, 4, 1, NONE_GIVEN);
}

static void a_doomed_client_sends_no_further_requests(void **state)
{
    (void)state;
    talk_every_way("a request behind a lost one", scene_doomed_client,
                   "client <- #1, 16 bytes\n"
                   "close BROKER_CLOSED: node 2 at kafka2:9092: it closed the connection, with 1 request not "
                   "answered\n");
}

static void scene_one_of_two(struct talk *talk)
{
    begin_with_two(talk);
    talk_eof(talk, 1);
    talk_request(talk, API_METADATA, 1, 1, NONE_GIVEN);
    fetch(talk, 2, "t2");
    talk_up(talk, 1);
}

static void one_of_two_links_with_nothing_pending_is_forgotten_and_dialled_again(void **state)
{
    (void)state;
    talk_every_way("link 1", scene_one_of_two,
                   "drop link 1\nlink 0 <- Metadata v1 #1\ndial link 1: kafka2:9092\nclient off\nlink 1 off\n"
                   "client on\nlink 1 <- Fetch v4 #2\n");
}

static void scene_unanswered_rest(struct talk *talk)
{
    begin_with_two(talk);
    const struct givens partition[] = {
        GIVENS(given_number(ROLE_PARTITION, 0), given_bytes(ROLE_RECORDS, bytes_of("records")))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("t2")), given_array(ROLE_PARTITIONS, partition, 1))};
    struct buffer frame = {.allocator = &talk->own.allocator};
    assert_null(write_request(&frame, API_PRODUCE, 3, 1, GIVENS(given_array(ROLE_TOPICS, topics, 1))));
    talk_send(talk, CLIENT, (struct bytes){frame.at, frame.len - 1});
    buffer_free(&frame);
    talk_broken(talk, 1, "connection reset by peer");
}

/* With acks=0 nothing is pending, yet the records are lost: the client has to see that. */
static void a_link_that_ends_within_a_request_ends_the_client(void **state)
{
    (void)state;
    talk_every_way("acks=0, all but one byte", scene_unanswered_rest,
                   "close BROKER_LOST: node 2 at kafka2:9092: connection reset by peer\n");
}

/* ---------------------------------------------------------------- half-close */

static void scene_client_half(struct talk *talk)
{
    begin_with_one(talk);
    talk_request(talk, API_METADATA, 1, 1, NONE_GIVEN);
    talk_request(talk, API_METADATA, 1, 2, NONE_GIVEN);
    talk_eof(talk, CLIENT);
    talk_answer(talk, 0, API_METADATA, 1, 1, NONE_GIVEN);
    talk_answer(talk, 0, API_METADATA, 1, 2, NONE_GIVEN);
}

static void a_client_that_will_send_no_more_gets_its_answers(void **state)
{
    (void)state;
    talk_every_way("two pending", scene_client_half,
                   "link 0 <- Metadata v1 #1\nlink 0 <- Metadata v1 #2\nshut link 0\nclient <- #1, 20 "
                   "bytes\nclient <- #2, 20 bytes\n"
                   "close CLIENT_CLOSED: \n");
}

static void scene_both_half(struct talk *talk)
{
    begin_with_one(talk);
    talk_request(talk, API_METADATA, 1, 1, NONE_GIVEN);
    talk_eof(talk, CLIENT);
    talk_answer(talk, 0, API_METADATA, 1, 1, NONE_GIVEN);
}

static void a_client_that_has_its_answers_and_will_send_no_more_is_through(void **state)
{
    (void)state;
    talk_every_way("one pending", scene_both_half,
                   "link 0 <- Metadata v1 #1\nshut link 0\nclient <- #1, 20 bytes\nclose CLIENT_CLOSED: \n");
}

static void scene_idle_eof(struct talk *talk)
{
    begin_with_one(talk);
    talk_eof(talk, CLIENT);
}

static void a_client_that_closes_with_nothing_pending_is_through(void **state)
{
    (void)state;
    talk_every_way("idle", scene_idle_eof, "close CLIENT_CLOSED: \n");
}

static void scene_broker_half(struct talk *talk)
{
    begin_with_one(talk);
    talk_eof(talk, 0);
    talk_expect(talk, "the broker closes an idle connection", "shut client\n");
    talk_request(talk, API_METADATA, 1, 1, NONE_GIVEN);
    talk_expect(talk, "what the client still sends arrives", "link 0 <- Metadata v1 #1\n");
    talk_broken(talk, 0, "connection reset by peer");
}

static void the_brokers_half_close_passes_to_the_client_which_may_still_send(void **state)
{
    (void)state;
    talk_every_way("reset", scene_broker_half,
                   "close BROKER_LOST: the broker at kafka:9092: connection reset by peer, with 1 request "
                   "not answered\n");
}

static void scene_broker_then_client(struct talk *talk)
{
    begin_with_one(talk);
    talk_eof(talk, 0);
    talk_eof(talk, CLIENT);
}

static void when_both_have_closed_the_reason_is_the_first(void **state)
{
    (void)state;
    talk_every_way("broker, then client", scene_broker_then_client,
                   "shut client\nclose BROKER_CLOSED: the broker at kafka:9092: it closed the connection\n");
}

static void a_client_whose_connection_breaks_ends_all(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    begin_with_one(&talk);
    talk_broken(&talk, CLIENT, "connection reset by peer");
    talk_expect(&talk, "lost", "close CLIENT_LOST: connection reset by peer\n");
    talk_broken(&talk, 0, "too late");
    conversation_eof(talk.conversation, 0);
    conversation_end(talk.conversation, REASON_STOPPING, "too late");
    talk_up(&talk, 0);
    talk_expect(&talk, "closing twice is harmless", "");
    talk_end(&talk);
}

/* ---------------------------------------------------------------- how many */

/* A net that carries out nothing: there are more links than a talk has. */
static void skip_dial(void *net, end_id link, const struct address *address)
{
    (void)net, (void)link, (void)address;
}

static void skip_bytes(void *net, end_id to, struct bytes bytes)
{
    (void)net, (void)to, (void)bytes;
}

static void skip_read(void *net, end_id from, bool on)
{
    (void)net, (void)from, (void)on;
}

static void count_close(void *net)
{
    ++*(int *)net;
}

static void a_client_has_links_to_256_nodes_and_not_to_one_more(void **state)
{
    (void)state;
    static const struct orders orders = {
        .dial = skip_dial, .pass = skip_bytes, .write = skip_bytes, .read = skip_read, .close = count_close};
    static struct view_broker brokers[LINKS_MAX + 1];
    static struct talk talk;
    int closed = 0;
    talk_begin(&talk);
    talk.bridge.limits.in_flight = LINKS_MAX + 1;
    for (int32_t id = 0; id <= LINKS_MAX; id++)
        brokers[id] = (struct view_broker){.id = id, .advertised = {"kafka", 9092}};
    assert_true(view_learn_brokers(talk.bridge.view, brokers, LINKS_MAX + 1));
    talk.conversation = conversation_new(&talk.bridge, &orders, &closed, &talk.place);
    for (int32_t id = 0; id <= LINKS_MAX; id++) {
        assert_int_equal(closed, 0);
        char name[16];
        (void)snprintf(name, sizeof name, "t%d", (int)id);
        talk_learn_leader(&talk, name, 0, id);
        struct buffer frame = {.allocator = &talk.own.allocator};
        const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
        const struct givens topics[] = {
            GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of(name)), given_array(ROLE_PARTITIONS, partition, 1))};
        assert_null(write_request(&frame, API_FETCH, 4, 1, GIVENS(given_array(ROLE_TOPICS, topics, 1))));
        size_t used = conversation_input(talk.conversation, CLIENT, (struct span){frame.at, frame.len});
        if (id < LINKS_MAX) {
            conversation_link_up(talk.conversation, (end_id)id);
            conversation_input(talk.conversation, CLIENT, (struct span){frame.at + used, frame.len - used});
        }
        buffer_free(&frame);
    }
    assert_int_equal(closed, 1);
    assert_int_equal(conversation_reason(talk.conversation), REASON_LIMIT);
    assert_string_equal(conversation_sentence(talk.conversation), "one client uses more than 256 brokers");
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_broker_is_dialled_at_the_bootstrap_address_and_several_at_their_own),
        cmocka_unit_test(an_advertised_loopback_address_is_dialled_at_the_bootstrap_host),
        cmocka_unit_test(a_rule_says_where_a_broker_is_dialled),
        cmocka_unit_test(a_second_request_for_a_node_uses_its_link),
        cmocka_unit_test(a_link_that_cannot_be_reached_is_dialled_again_after_100_ms_doubling_to_1_s),
        cmocka_unit_test(clients_are_held_for_upstream_wait_and_not_longer),
        cmocka_unit_test(the_wait_begins_anew_once_the_link_was_up),
        cmocka_unit_test(a_loop_is_never_tried_again),
        cmocka_unit_test(two_bootstrap_addresses_take_turns),
        cmocka_unit_test(what_comes_too_late_is_harmless),
        cmocka_unit_test(answers_ahead_of_a_dead_link_are_delivered_then_it_ends_with_the_reason),
        cmocka_unit_test(a_link_that_closes_when_its_answer_is_due_ends_the_client_at_once),
        cmocka_unit_test(of_two_dead_links_the_first_reason_stays),
        cmocka_unit_test(a_doomed_client_sends_no_further_requests),
        cmocka_unit_test(one_of_two_links_with_nothing_pending_is_forgotten_and_dialled_again),
        cmocka_unit_test(a_link_that_ends_within_a_request_ends_the_client),
        cmocka_unit_test(a_client_that_will_send_no_more_gets_its_answers),
        cmocka_unit_test(a_client_that_has_its_answers_and_will_send_no_more_is_through),
        cmocka_unit_test(a_client_that_closes_with_nothing_pending_is_through),
        cmocka_unit_test(the_brokers_half_close_passes_to_the_client_which_may_still_send),
        cmocka_unit_test(when_both_have_closed_the_reason_is_the_first),
        cmocka_unit_test(a_client_whose_connection_breaks_ends_all),
        cmocka_unit_test(a_client_has_links_to_256_nodes_and_not_to_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
