/* SPDX-License-Identifier: Apache-2.0 */
/* What conversations share is given back at the end, and answers one after the other take no memory of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/bridge/talk.h"

static struct talk talk;

/* A client of two brokers, whose view knows all that it asks for. */
static int begin(void **state)
{
    (void)state;
    talk_begin(&talk);
    talk_learn_brokers(&talk, 2);
    talk_learn_leader(&talk, "topic", 0, 1);
    view_learn_coordinator(talk.bridge.view, COORDINATOR_GROUP, bytes_of("group"), 2);
    talk_connect(&talk);
    return 0;
}

static int end(void **state)
{
    (void)state;
    talk_end(&talk);
    return 0;
}

/* An answer without an error passes without being walked. */
enum { NO_ERROR = 0, OFFSET_OUT_OF_RANGE = 1 };

static void ask(int key, int version, end_id link, bool dials, int error)
{
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topic[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("topic")), given_array(ROLE_PARTITIONS, partition, 1))};
    struct givens named = GIVENS(given_array(ROLE_TOPICS, topic, 1),
                                 given_bytes(ROLE_GROUP_ID, bytes_of("group")), given_number(ROLE_ACKS, 1));
    const struct givens partition_of_answer[] = {
        GIVENS(given_number(ROLE_PARTITION, 0), given_number(ROLE_ERROR_CODE, error))};
    const struct givens topic_of_answer[] = {GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("topic")),
                                                    given_array(ROLE_PARTITIONS, partition_of_answer, 1))};
    talk_request(&talk, key, version, 1, named);
    if (dials)
        talk_up(&talk, link);
    talk_answer(&talk, link, key, version, 1,
                GIVENS(given_array(ROLE_TOPICS, topic_of_answer, 1), given_number(ROLE_ERROR_CODE, error)));
    if (talk.over)
        fail_msg("key %d: %s", key, talk.page.text);
    assert_int_equal(conversation_in_flight(talk.conversation), 0);
}

static void ask_all(bool dials, int error)
{
    ask(API_PRODUCE, 9, 0, dials, error);
    ask(API_FETCH, 12, 0, false, error);
    ask(API_LIST_OFFSETS, 6, 0, false, error);
    ask(8, 8, 1, dials, error);  /* OffsetCommit */
    ask(12, 4, 1, false, error); /* Heartbeat */
}

static void requests_that_are_routed_and_their_answers_take_no_memory(void **state)
{
    (void)state;
    ask_all(true, OFFSET_OUT_OF_RANGE);
    talk.memory.left = 0;
    ask_all(false, OFFSET_OUT_OF_RANGE);
    ask_all(false, NO_ERROR);
}

static void what_is_kept_for_the_next_answer_is_given_back_at_the_end(void **state)
{
    (void)state;
    ask(API_PRODUCE, 9, 0, true, OFFSET_OUT_OF_RANGE);
    assert_non_null(talk.bridge.spare);
    assert_non_null(talk.bridge.spare_name.at);
    talk_end(&talk);
    bridge_close(&talk.bridge); /* and twice is harmless */
    begin(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_that_are_routed_and_their_answers_take_no_memory, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_is_kept_for_the_next_answer_is_given_back_at_the_end, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
