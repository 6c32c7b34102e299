/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/relay.c: scenes of clients that do not speak Kafka, and their pages. */
#include "proxy/bridge/relay.h"

#include "tests/unit/bridge/talk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct address registry = {.host = "registry", .port = 8081};

static void skip_page(struct talk *talk)
{
    talk->page = (struct page){.len = 0};
}

static void begin(struct talk *talk)
{
    talk_begin(talk);
    talk->tells_facts = true;
    talk_connect(talk);
    conversation_forward(talk->conversation, &registry);
}

static void begin_up(struct talk *talk)
{
    begin(talk);
    talk_up(talk, 0);
    skip_page(talk);
}

static void the_target_is_dialled_before_the_client_says_anything(void **state)
{
    static struct talk talk;
    (void)state;
    begin(&talk);
    assert_ptr_equal(conversation_target(talk.conversation), &registry);
    talk_expect(&talk, "the client is not read yet", "client off\ndial link 0: registry:8081\n");
    talk_up(&talk, 0);
    talk_expect(&talk, "now it is", "client on\n");
    talk_end(&talk);
}

/* No frame of Kafka's: 7fffffff would be too long, 00000000 too short, and "GET " HTTP. */
static void all_bytes_pass_in_both_directions(void **state)
{
    static struct talk talk;
    (void)state;
    begin_up(&talk);
    talk_send_hex(&talk, CLIENT, "47455420 7fffffff 00000000");
    talk_send_hex(&talk, 0, "ffffffff 15 16030100");
    talk_send_hex(&talk, CLIENT, "16");
    talk_expect(&talk, "the client is told of once", "fact: client \"\" \"\"\n");
    talk_expect_sent(&talk, "to the target", 0, "47455420 7fffffff 00000000 16");
    talk_expect_sent(&talk, "and back", CLIENT, "ffffffff 15 16030100");
    assert_int_equal(conversation_bytes_from_client(talk.conversation), 13);
    assert_int_equal(conversation_bytes_to_client(talk.conversation), 9);
    assert_int_equal(conversation_due_ms(talk.conversation), UINT64_MAX);
    talk_end(&talk);
}

static void a_target_that_speaks_first_is_heard(void **state)
{
    static struct talk talk;
    (void)state;
    begin_up(&talk);
    talk_send_hex(&talk, 0, "01");
    talk_expect_sent(&talk, "to the client", CLIENT, "01");
    talk_expect(&talk, "which came", "fact: client \"\" \"\"\n");
    talk_end(&talk);
}

static void the_client_may_close_its_half_first(void **state)
{
    static struct talk talk;
    (void)state;
    begin_up(&talk);
    talk_eof(&talk, CLIENT);
    talk_expect(&talk, "the target sees it", "shut link 0\n");
    talk_send_hex(&talk, 0, "aa");
    talk_expect_sent(&talk, "and may still answer", CLIENT, "aa");
    skip_page(&talk);
    talk_eof(&talk, 0);
    talk_expect(&talk, "both are over", "close CLIENT_CLOSED: \n");
    talk_end(&talk);
}

static void the_target_may_close_its_half_first(void **state)
{
    static struct talk talk;
    (void)state;
    begin_up(&talk);
    talk_eof(&talk, 0);
    talk_expect(&talk, "the client sees it", "shut client\n");
    talk_send_hex(&talk, CLIENT, "aa");
    talk_expect_sent(&talk, "and may still send", 0, "aa");
    skip_page(&talk);
    talk_eof(&talk, CLIENT);
    talk_expect(&talk, "both are over", "close TARGET_CLOSED: registry:8081\n");
    talk_end(&talk);
}

static void an_end_that_breaks_takes_the_other_with_it(void **state)
{
    static struct talk talk;
    (void)state;
    begin_up(&talk);
    talk_broken(&talk, 0, "connection reset by peer");
    talk_expect(&talk, "the target", "close TARGET_LOST: registry:8081: connection reset by peer\n");
    talk_end(&talk);
    begin_up(&talk);
    talk_broken(&talk, CLIENT, "connection reset by peer");
    talk_expect(&talk, "the client", "close CLIENT_LOST: connection reset by peer\n");
    talk_end(&talk);
}

static void a_target_with_an_ipv6_address_is_named_in_brackets(void **state)
{
    static const struct address target = {.host = "fd00::2", .port = 8081};
    static struct talk talk;
    (void)state;
    talk_begin(&talk);
    talk_connect(&talk);
    conversation_forward(talk.conversation, &target);
    talk_up(&talk, 0);
    skip_page(&talk);
    talk_broken(&talk, 0, "broken pipe");
    talk_expect(&talk, "as people write it", "close TARGET_LOST: [fd00::2]:8081: broken pipe\n");
    talk_end(&talk);
}

static void a_client_is_held_until_the_target_is_there(void **state)
{
    static struct talk talk;
    (void)state;
    begin(&talk);
    skip_page(&talk);
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "registry:8081: connection refused");
    talk_expect(&talk, "it is said once",
                "fact: warn: waits for the target of its forward, at most 30 s (upstream.wait): "
                "registry:8081: connection refused\n");
    assert_int_equal(conversation_due_ms(talk.conversation), 1000100);
    talk_tick(&talk, 1000099);
    talk_expect(&talk, "not yet", "");
    talk_tick(&talk, 1000100);
    talk_expect(&talk, "again", "dial link 0: registry:8081\n");
    assert_int_equal(conversation_due_ms(talk.conversation), UINT64_MAX);
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "registry:8081: connection refused");
    talk_tick(&talk, 1000300);
    talk_expect(&talk, "and again", "dial link 0: registry:8081\n");
    talk_up(&talk, 0);
    talk_expect(&talk, "there it is", "fact: info: registry:8081 is there\nclient on\n");
    talk_end(&talk);
}

static void a_client_is_not_held_for_ever(void **state)
{
    static struct talk talk;
    (void)state;
    begin(&talk);
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "registry: name does not resolve");
    talk_tick(&talk, 1029999);
    skip_page(&talk);
    talk.bridge.now_ms = 1030000;
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "registry:8081: connection refused");
    talk_expect(
        &talk, "the time is over",
        "close TARGET_UNREACHABLE: registry:8081: connection refused; tried for 30 s (upstream.wait)\n");
    talk_end(&talk);
}

static void a_loop_is_not_tried_again(void **state)
{
    static struct talk talk;
    (void)state;
    begin(&talk);
    skip_page(&talk);
    talk_failed(&talk, 0, REASON_LOOP, "registry:8081 is kbridge");
    talk_expect(&talk, "at once", "close TARGET_LOOP: registry:8081 is kbridge\n");
    talk_end(&talk);
}

static void what_happens_after_the_end_is_ignored(void **state)
{
    static struct talk talk;
    (void)state;
    begin(&talk);
    skip_page(&talk);
    conversation_end(talk.conversation, REASON_STOPPING, "it was told to");
    talk_up(&talk, 0);
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "no");
    talk_broken(&talk, 0, "no");
    conversation_eof(talk.conversation, CLIENT);
    talk_expect(&talk, "one end", "close STOPPING: it was told to\n");
    talk_end(&talk);
}

static void a_target_that_is_quiet_is_drained_at_once(void **state)
{
    static struct talk talk;
    (void)state;
    begin_up(&talk);
    talk.bridge.now_ms = RELAY_QUIET_MS;
    conversation_drain(talk.conversation);
    talk_expect(&talk, "nobody has asked for anything", "close STOPPING: it was told to\n");
    talk_end(&talk);
}

static void a_target_that_was_asked_has_its_say_before_it_is_drained(void **state)
{
    static struct talk talk;
    (void)state;
    begin_up(&talk);
    talk_send_hex(&talk, CLIENT, "47");
    skip_page(&talk);
    conversation_drain(talk.conversation);
    assert_int_equal(conversation_due_ms(talk.conversation), UINT64_MAX);
    talk.bridge.now_ms = 10000;
    talk_send_hex(&talk, 0, "48");
    assert_int_equal(conversation_due_ms(talk.conversation), 10000 + RELAY_QUIET_MS);
    talk_tick(&talk, 10000 + RELAY_QUIET_MS - 1);
    talk_expect(&talk, "it may go on speaking", "");
    talk_tick(&talk, 10000 + RELAY_QUIET_MS);
    talk_expect(&talk, "it has spoken", "close STOPPING: it was told to\n");
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_target_is_dialled_before_the_client_says_anything),
        cmocka_unit_test(all_bytes_pass_in_both_directions),
        cmocka_unit_test(a_target_that_speaks_first_is_heard),
        cmocka_unit_test(the_client_may_close_its_half_first),
        cmocka_unit_test(the_target_may_close_its_half_first),
        cmocka_unit_test(an_end_that_breaks_takes_the_other_with_it),
        cmocka_unit_test(a_target_with_an_ipv6_address_is_named_in_brackets),
        cmocka_unit_test(a_client_is_held_until_the_target_is_there),
        cmocka_unit_test(a_client_is_not_held_for_ever),
        cmocka_unit_test(a_loop_is_not_tried_again),
        cmocka_unit_test(what_happens_after_the_end_is_ignored),
        cmocka_unit_test(a_target_that_is_quiet_is_drained_at_once),
        cmocka_unit_test(a_target_that_was_asked_has_its_say_before_it_is_drained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
