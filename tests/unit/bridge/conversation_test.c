/* SPDX-License-Identifier: Apache-2.0 */
/* Birth, death and what is known of a conversation; and several clients that share one view. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/bridge/talk.h"

static struct talk talk;

static int begin(void **state)
{
    (void)state;
    talk_begin(&talk);
    talk_learn_brokers(&talk, 1);
    talk_connect(&talk);
    return 0;
}

static int end(void **state)
{
    (void)state;
    talk_end(&talk);
    return 0;
}

static void a_new_one_has_no_order_and_nothing_to_wait_for(void **state)
{
    (void)state;
    talk_expect(&talk, "nothing is dialled before it is needed", "");
    assert_int_equal(conversation_due_ms(talk.conversation), UINT64_MAX);
    assert_int_equal(conversation_in_flight(talk.conversation), 0);
    assert_string_equal(conversation_sentence(talk.conversation), "");
    assert_string_equal(conversation_client_id(talk.conversation), "");
    assert_string_equal(conversation_software(talk.conversation), "");
    assert_ptr_equal(conversation_net(talk.conversation), &talk);
    assert_int_equal(conversation_place(talk.conversation)->port, 29092);
}

static void what_the_client_is_told_is_decided_at_birth(void **state)
{
    (void)state;
    assert_int_equal(conversation_told(talk.conversation)->rule, TOLD_LOOPBACK);
    assert_string_equal(conversation_told(talk.conversation)->host, "localhost");
    assert_int_equal(conversation_told(talk.conversation)->port, 29092);
}

static void bytes_are_counted_both_ways(void **state)
{
    (void)state;
    talk_request(&talk, API_METADATA, 1, 1, NONE_GIVEN);                            /* 25 bytes */
    assert_int_equal(conversation_bytes_from_client(talk.conversation), 4 + 8 + 9); /* its body waits */
    talk_up(&talk, 0);
    assert_int_equal(conversation_bytes_from_client(talk.conversation), 25);
    assert_int_equal(conversation_bytes_to_client(talk.conversation), 0);
    talk_answer(&talk, 0, API_METADATA, 1, 1, NONE_GIVEN);
    assert_int_equal(conversation_bytes_to_client(talk.conversation), 20);
    talk_send_hex(&talk, CLIENT, "00000008 0012 0063 00000002");
    assert_int_equal(conversation_bytes_from_client(talk.conversation), 37);
    assert_int_equal(conversation_bytes_to_client(talk.conversation), 40);
}

static void an_end_from_outside_has_its_reason_and_comes_once(void **state)
{
    (void)state;
    conversation_end(talk.conversation, REASON_STOPPING, "by a signal");
    conversation_end(talk.conversation, REASON_LIMIT, "too late");
    talk_expect(&talk, "stopping", "close STOPPING: by a signal\n");
    assert_int_equal(conversation_reason(talk.conversation), REASON_STOPPING);
    assert_string_equal(conversation_sentence(talk.conversation), "by a signal");
}

static void an_idle_client_that_is_drained_ends_at_once(void **state)
{
    (void)state;
    conversation_drain(talk.conversation);
    talk_expect(&talk, "nothing is awaited", "close STOPPING: it was told to\n");
}

static void ask_and_be_asked_to_drain(void)
{
    talk_request(&talk, API_LIST_OFFSETS, 1, 1, NONE_GIVEN);
    talk_up(&talk, 0);
    talk.page = (struct page){.len = 0};
    conversation_drain(talk.conversation);
    talk_expect(&talk, "one answer is awaited", "");
}

static void what_is_under_way_is_answered_before_the_end_of_a_drain(void **state)
{
    (void)state;
    ask_and_be_asked_to_drain();
    talk_answer(&talk, 0, API_LIST_OFFSETS, 1, 1, NONE_GIVEN);
    talk_expect(&talk, "the answer, and the end", "client <- #1, 12 bytes\nclose STOPPING: it was told to\n");
}

static void no_request_begins_while_it_drains(void **state)
{
    (void)state;
    ask_and_be_asked_to_drain();
    talk_request(&talk, API_LIST_OFFSETS, 1, 2, NONE_GIVEN);
    talk_expect(&talk, "it stays where it is", "");
    talk_answer(&talk, 0, API_LIST_OFFSETS, 1, 1, NONE_GIVEN);
    talk_expect(&talk, "only the first is answered",
                "client <- #1, 12 bytes\nclose STOPPING: it was told to\n");
}

static void a_request_that_no_broker_has_seen_is_not_waited_for(void **state)
{
    (void)state;
    talk_request(&talk, API_LIST_OFFSETS, 1, 1, NONE_GIVEN);
    talk.page = (struct page){.len = 0};
    conversation_drain(talk.conversation);
    talk_expect(&talk, "its link was not up", "close STOPPING: it was told to\n");
}

/* Produce v3 of 33 bytes, of which the last one comes when it drains already. */
static void a_request_that_is_half_passed_is_passed_whole_while_it_drains(void **state)
{
    (void)state;
    talk_send_hex(&talk, CLIENT,
                  "0000001d 0000 0003 00000001 ffff ffff 0001 00007530 00000001 0001 61 000000");
    talk_up(&talk, 0);
    talk.page = (struct page){.len = 0};
    conversation_drain(talk.conversation);
    talk_expect(&talk, "the broker has its beginning", "");
    talk_send_hex(&talk, CLIENT, "00");
    talk_expect(&talk, "and its end", "link 0 <- Produce v3 #1\n");
    talk_answer(&talk, 0, API_PRODUCE, 3, 1, NONE_GIVEN);
    talk_expect(&talk, "and it is answered", "client <- #1, 16 bytes\nclose STOPPING: it was told to\n");
}

static void after_the_end_everything_is_taken_and_nothing_ordered(void **state)
{
    (void)state;
    conversation_end(talk.conversation, REASON_STOPPING, "by a signal");
    talk.page = (struct page){.len = 0};
    uint8_t bytes[5] = {0, 0, 0, 1, 0};
    assert_int_equal(conversation_input(talk.conversation, CLIENT, (struct span){bytes, 5}), 5);
    conversation_eof(talk.conversation, CLIENT);
    conversation_broken(talk.conversation, CLIENT, "too late");
    conversation_tick(talk.conversation);
    talk_expect(&talk, "silence", "");
}

static void a_sentence_that_finds_no_memory_leaves_the_reason(void **state)
{
    (void)state;
    talk.memory.left = 0;
    conversation_end(talk.conversation, REASON_STOPPING, "by a signal");
    assert_int_equal(conversation_reason(talk.conversation), REASON_STOPPING);
    assert_string_equal(conversation_sentence(talk.conversation), "");
}

static void an_eof_while_the_request_waits_lets_it_through(void **state)
{
    (void)state;
    talk_request(&talk, 16, 0, 1, NONE_GIVEN); /* ListGroups v0 has no body: all of it is used */
    talk_eof(&talk, CLIENT);
    talk_expect(&talk, "it waits", "dial link 0: kafka:9092\nclient off\n");
    talk_up(&talk, 0);
    talk_answer(&talk, 0, 16, 0, 1, NONE_GIVEN);
    talk_expect(&talk, "answered, then over",
                "link 0 <- ListGroups v0 #1\nclient on\nclient <- #1, 14 bytes\nclose CLIENT_CLOSED: \n");
}

/* Nothing decides in a Produce request without topics before its end: all of it is used while it waits. */
static void an_eof_while_acks_0_waits_lets_it_through_and_is_the_end(void **state)
{
    (void)state;
    static struct talk several;
    talk_begin(&several);
    talk_learn_brokers(&several, 2);
    talk_connect(&several);
    talk_request(&several, API_PRODUCE, 3, 1, NONE_GIVEN);
    talk_eof(&several, CLIENT);
    talk_expect(&several, "it waits", "dial link 0: kafka:9092\nclient off\n");
    talk_up(&several, 0);
    talk_expect(&several, "nothing is pending", "link 0 <- Produce v3 #1\nclose CLIENT_CLOSED: \n");
    talk_end(&several);
}

static void half_a_request_and_eof_is_the_end(void **state)
{
    (void)state;
    talk_send_hex(&talk, CLIENT, "0000 00");
    talk_eof(&talk, CLIENT);
    talk_expect(&talk, "three bytes", "close CLIENT_CLOSED: \n");
}

/* A view is shared: what one client's answer tells is known to the next. */
static void what_one_client_learns_the_next_one_knows(void **state)
{
    (void)state;
    static struct talk first, second;
    talk_begin(&first);
    talk_begin(&second);
    struct view *own = second.bridge.view;
    second.bridge.view = first.bridge.view;
    talk_learn_brokers(&first, 2);
    talk_connect(&first);
    talk_connect(&second);
    const struct givens partition[] = {
        GIVENS(given_number(ROLE_PARTITION, 0), given_number(ROLE_LEADER_ID, 2))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("t")), given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(&first, API_METADATA, 1, 1, NONE_GIVEN);
    talk_up(&first, 0);
    talk_answer(&first, 0, API_METADATA, 1, 1, GIVENS(given_array(ROLE_TOPICS, topics, 1)));
    talk_request(&second, API_FETCH, 4, 1, GIVENS(given_array(ROLE_TOPICS, topics, 1)));
    talk_expect(&second, "no question", "dial link 0: kafka2:9092\nclient off\n");
    second.bridge.view = own;
    talk_end(&second);
    talk_end(&first);
}

/* Requests that are answered by a broker, by kbridge itself, and by nobody. */
static void scene_unwatched(struct talk *unwatched)
{
    unwatched->bridge.facts = (struct facts){.say = NULL};
    talk_learn_brokers(unwatched, 1);
    talk_connect(unwatched);
    talk_request(unwatched, API_METADATA, 1, 1, NONE_GIVEN);
    talk_up(unwatched, 0);
    talk_answer(unwatched, 0, API_METADATA, 1, 1, NONE_GIVEN);
    talk_send_hex(unwatched, CLIENT, "0000000a 0012 0063 00000002 ffff"); /* ApiVersions v99 */
    talk_request(unwatched, API_PRODUCE, 3, 3, GIVENS(given_number(ROLE_ACKS, 0)));
    talk_request(unwatched, API_METADATA, 1, 4, NONE_GIVEN);
    talk_answer(unwatched, 0, API_METADATA, 1, 4, NONE_GIVEN);
}

static void a_conversation_that_nobody_watches_goes_on_as_any_other(void **state)
{
    (void)state;
    talk_every_way(
        "no facts", scene_unwatched,
        "dial link 0: kafka:9092\nclient off\nclient on\nlink 0 <- Metadata v1 #1\nclient <- #1, 20 bytes\n"
        "client <- #2, 20 bytes\nlink 0 <- Produce v3 #3\nlink 0 <- Metadata v1 #4\nclient <- #4, 20 "
        "bytes\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conversation_that_nobody_watches_goes_on_as_any_other),
        cmocka_unit_test_setup_teardown(a_new_one_has_no_order_and_nothing_to_wait_for, begin, end),
        cmocka_unit_test_setup_teardown(what_the_client_is_told_is_decided_at_birth, begin, end),
        cmocka_unit_test_setup_teardown(bytes_are_counted_both_ways, begin, end),
        cmocka_unit_test_setup_teardown(an_end_from_outside_has_its_reason_and_comes_once, begin, end),
        cmocka_unit_test_setup_teardown(an_idle_client_that_is_drained_ends_at_once, begin, end),
        cmocka_unit_test_setup_teardown(what_is_under_way_is_answered_before_the_end_of_a_drain, begin, end),
        cmocka_unit_test_setup_teardown(no_request_begins_while_it_drains, begin, end),
        cmocka_unit_test_setup_teardown(a_request_that_no_broker_has_seen_is_not_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(a_request_that_is_half_passed_is_passed_whole_while_it_drains, begin,
                                        end),
        cmocka_unit_test_setup_teardown(after_the_end_everything_is_taken_and_nothing_ordered, begin, end),
        cmocka_unit_test_setup_teardown(a_sentence_that_finds_no_memory_leaves_the_reason, begin, end),
        cmocka_unit_test_setup_teardown(an_eof_while_the_request_waits_lets_it_through, begin, end),
        cmocka_unit_test_setup_teardown(an_eof_while_acks_0_waits_lets_it_through_and_is_the_end, begin, end),
        cmocka_unit_test_setup_teardown(half_a_request_and_eof_is_the_end, begin, end),
        cmocka_unit_test(what_one_client_learns_the_next_one_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
