/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/gather.c: one request to every broker, one answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/bridge/talk.h"

enum { LIST_GROUPS = 16, VERSION = 3 };

static void answer_groups(struct talk *talk, end_id link, int32_t correlation_id, int error,
                          const char *group)
{
    const struct givens groups[] = {GIVENS(given_bytes(ROLE_GROUP_ID, bytes_of(group)))};
    talk_answer(
        talk, link, LIST_GROUPS, VERSION, correlation_id,
        GIVENS(given_number(ROLE_ERROR_CODE, error), given_array(ROLE_GROUPS, groups, error ? 0 : 1)));
}

/* Two brokers, both links up, and the request on its way to both. */
static void ask(struct talk *talk)
{
    talk_learn_brokers(talk, 2);
    talk_connect(talk);
    talk_request(talk, LIST_GROUPS, VERSION, 1, NONE_GIVEN);
    talk_up(talk, 0);
    talk_up(talk, 1);
}

#define ASKED                                                                                                \
    "dial link 0: kafka1:9091\ndial link 1: kafka2:9092\nclient off\nclient off\n"                           \
    "link 0 <- ListGroups v3 #1\nlink 1 <- ListGroups v3 #1\nclient on\n"

static void scene_both_answer(struct talk *talk)
{
    ask(talk);
    answer_groups(talk, 1, 1, 0, "b");
    answer_groups(talk, 0, 1, 0, "a");
    talk_expect_sent(talk, "both groups, in the order in which they came", CLIENT,
                     "00000015 00000001 00 00000000 0000 03 02'b'01 00 02'a'01 00 00");
}

static void every_broker_is_asked_and_the_client_gets_one_answer(void **state)
{
    (void)state;
    talk_every_way("two brokers", scene_both_answer, ASKED "client <- #1, 25 bytes\n");
}

static void scene_in_turn(struct talk *talk)
{
    ask(talk);
    talk_request(talk, API_METADATA, 1, 2, NONE_GIVEN);
    talk_request(talk, LIST_GROUPS, VERSION, 3, NONE_GIVEN);
    answer_groups(talk, 1, 1, 0, "b");
    answer_groups(talk, 0, 1, 0, "a");
}

static void one_broker_that_is_not_there_ends_the_client(void **state)
{
    struct talk talk;
    (void)state;
    talk_begin(&talk);
    talk_learn_brokers(&talk, 2);
    talk_connect(&talk);
    talk_request(&talk, LIST_GROUPS, VERSION, 1, NONE_GIVEN);
    talk_up(&talk, 0);
    talk.page = (struct page){.len = 0};
    talk_failed(&talk, 1, REASON_BROKER_UNREACHABLE, "kafka2:9092: connection refused");
    talk_expect(&talk, "a list without its groups would be a wrong one",
                "close BROKER_UNREACHABLE: node 2, which advertises kafka2:9092, was dialled at kafka2:9092: "
                "connection refused\n");
    talk_end(&talk);
}

static void a_part_that_is_no_such_answer_ends_the_client(void **state)
{
    struct talk talk;
    (void)state;
    talk_begin(&talk);
    ask(&talk);
    talk.page = (struct page){.len = 0};
    talk_send_hex(&talk, 0, "00000006 00000001 00 00");
    talk_expect(&talk, "two bytes are no list",
                "close RESPONSE_MALFORMED: node 1 at kafka1:9091: its answer to a question to all brokers "
                "cannot be read: "
                "it ends inside a field\n");
    talk_end(&talk);
}

static void a_second_one_waits_for_the_first(void **state)
{
    struct talk talk;
    (void)state;
    talk_begin(&talk);
    scene_in_turn(&talk);
    assert_non_null(strstr(talk.page.text, "client <- #1"));
    assert_null(strstr(talk.page.text, "ListGroups v3 #3\nclient <- #1"));
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_broker_is_asked_and_the_client_gets_one_answer),
        cmocka_unit_test(one_broker_that_is_not_there_ends_the_client),
        cmocka_unit_test(a_part_that_is_no_such_answer_ends_the_client),
        cmocka_unit_test(a_second_one_waits_for_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
