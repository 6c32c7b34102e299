/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/late.c: an answer that is there, and waits behind another node's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proxy/bridge/late.h"
#include "tests/unit/bridge/talk.h"

#define WAITED                                                                                               \
    "say: the answer to Fetch by node 2 at kafka2:9092 has waited for 1 s behind that to Fetch by node 1 "   \
    "at "                                                                                                    \
    "kafka1:9091; so far 1 have. To avoid that, " EXACT_REMEDY "\n"

static void fetch(struct talk *talk, int32_t correlation_id, const char *topic)
{
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of(topic)), given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(talk, API_FETCH, 4, correlation_id, GIVENS(given_array(ROLE_TOPICS, topics, 1)));
}

/* Node 1 has been asked, then node 2, whose link is not read. */
static void begin(struct talk *talk)
{
    talk_begin(talk);
    talk->says = true;
    talk_learn_brokers(talk, 2);
    talk_learn_leader(talk, "t1", 0, 1);
    talk_learn_leader(talk, "t2", 0, 2);
    talk_connect(talk);
    fetch(talk, 1, "t1");
    talk_up(talk, 0);
    fetch(talk, 2, "t2");
    talk_up(talk, 1);
    talk->page = (struct page){.len = 0};
}

/* Ticks as net does. */
static void let_pass(struct talk *talk, uint64_t ms)
{
    uint64_t until = talk->bridge.now_ms + ms;
    for (uint64_t due; (due = conversation_due_ms(talk->conversation)) <= until;)
        talk_tick(talk, due);
    talk->bridge.now_ms = until;
}

static void an_answer_that_waits_for_more_than_a_second_is_counted_and_told(void **state)
{
    (void)state;
    static struct talk talk;
    begin(&talk);
    talk.has_input = true;
    let_pass(&talk, LATE_STEP_MS + LATE_MS - 1);
    talk_expect(&talk, "not yet", "");
    let_pass(&talk, 1);
    talk_expect(&talk, "now", WAITED);
    assert_int_equal(talk.bridge.notes.late_answers, 1);
    assert_int_equal(conversation_due_ms(talk.conversation), UINT64_MAX);
    talk_end(&talk);
}

static void one_that_has_not_come_does_not_wait(void **state)
{
    (void)state;
    static struct talk talk;
    begin(&talk);
    let_pass(&talk, 60000);
    talk.has_input = true;
    let_pass(&talk, LATE_MS - 1);
    talk_expect(&talk, "the broker was slow, not kbridge", "");
    assert_int_equal(talk.bridge.notes.late_answers, 0);
    talk_end(&talk);
}

static void one_whose_turn_comes_is_not_late(void **state)
{
    (void)state;
    static struct talk talk;
    begin(&talk);
    talk.has_input = true;
    let_pass(&talk, LATE_MS);
    talk_answer(&talk, 0, API_FETCH, 4, 1, NONE_GIVEN);
    assert_int_equal(conversation_due_ms(talk.conversation), UINT64_MAX);
    talk_answer(&talk, 1, API_FETCH, 4, 2, NONE_GIVEN);
    assert_null(strstr(talk.page.text, "say"));
    assert_int_equal(talk.bridge.notes.late_answers, 0);
    talk_end(&talk);
}

static void a_connection_is_told_of_once_and_counted_each_time(void **state)
{
    (void)state;
    static struct talk talk;
    begin(&talk);
    talk.has_input = true;
    let_pass(&talk, 2ULL * LATE_MS);
    talk_answer(&talk, 0, API_FETCH, 4, 1, NONE_GIVEN);
    talk_answer(&talk, 1, API_FETCH, 4, 2, NONE_GIVEN);
    talk.page = (struct page){.len = 0};
    fetch(&talk, 3, "t1");
    fetch(&talk, 4, "t2");
    let_pass(&talk, 2ULL * LATE_MS);
    assert_null(strstr(talk.page.text, "say"));
    assert_int_equal(talk.bridge.notes.late_answers, 2);
    talk_end(&talk);
}

static void where_nobody_listens_it_is_counted_all_the_same(void **state)
{
    (void)state;
    static struct talk talk;
    begin(&talk);
    talk.bridge.facts.say = NULL;
    talk.has_input = true;
    let_pass(&talk, 2ULL * LATE_MS);
    assert_int_equal(talk.bridge.notes.late_answers, 1);
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_that_waits_for_more_than_a_second_is_counted_and_told),
        cmocka_unit_test(one_that_has_not_come_does_not_wait),
        cmocka_unit_test(one_whose_turn_comes_is_not_late),
        cmocka_unit_test(where_nobody_listens_it_is_counted_all_the_same),
        cmocka_unit_test(a_connection_is_told_of_once_and_counted_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
