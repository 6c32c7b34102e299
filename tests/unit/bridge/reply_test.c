/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of responses: scenes with one or two links, each whole, byte by byte and at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/bridge/talk.h"

#define NODE(id, host, port)                                                                                 \
    GIVENS(given_number(ROLE_NODE_ID, id), given_bytes(ROLE_HOST, bytes_of(host)),                           \
           given_number(ROLE_PORT, port))

/* ---------------------------------------------------------------- scenes */

static void begin_with_one(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    talk_request(talk, 16, 0, 0, NONE_GIVEN);
    talk_up(talk, 0);
    talk_answer(talk, 0, 16, 0, 0, NONE_GIVEN);
    talk->page = (struct page){.len = 0};
}

static void fetch(struct talk *talk, int32_t correlation_id, const char *topic)
{
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of(topic)), given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(talk, API_FETCH, 4, correlation_id, GIVENS(given_array(ROLE_TOPICS, topics, 1)));
}

/* Topic t1 is led by node 1 (link 0), t2 by node 2 (link 1); both links are up. */
static void begin_with_two(struct talk *talk)
{
    talk_learn_brokers(talk, 2);
    talk_learn_leader(talk, "t1", 0, 1);
    talk_learn_leader(talk, "t2", 0, 2);
    talk_connect(talk);
    for (end_id link = 0; link < 2; link++) {
        fetch(talk, 0, link ? "t2" : "t1");
        talk_up(talk, link);
        talk_answer(talk, link, API_FETCH, 4, 0, NONE_GIVEN);
    }
    talk->page = (struct page){.len = 0};
}

static void scene_rewritten(struct talk *talk)
{
    talk->raw = true;
    begin_with_one(talk);
    const struct givens brokers[] = {NODE(0, "kafka", 9092)};
    talk_request(talk, API_METADATA, 0, 1, NONE_GIVEN);
    talk_answer(talk, 0, API_METADATA, 0, 1, GIVENS(given_array(ROLE_BROKERS, brokers, 1)));
    talk_send_hex(talk, CLIENT, "00000008 03e7 0001 00000002");
    talk_send_hex(talk, 0, "00000007 00000002 'xyz'");
}

static void an_answer_is_told_the_address_of_this_client_and_others_pass(void **state)
{
    (void)state;
    talk_every_way("Metadata, and an unknown key", scene_rewritten,
                   "link 0 <- 00 00 00 15 00 03 00 00 00 00 00 01 00 07 'kbridge' 00 00 00 00\n"
                   "client <- 00 00 00 1f 00 00 00 01 00 00 00 01 00 00 00 00 00 09 'localhost' 00 00 'q' a4 "
                   "00 00 00 00\n"
                   "fact: cluster \"\" of 1\n"
                   "link 0 <- 00 00 00 08 03 e7 00 01 00 00 00 02\n"
                   "client <- 00 00 00 07 00 00 00 02 'xyz'\n");
}

static void scene_api_versions(struct talk *talk)
{
    talk->raw = true;
    begin_with_one(talk);
    talk_request(talk, API_API_VERSIONS, 0, 1, NONE_GIVEN);
    talk_send_hex(
        talk, 0,
        "00000028 00000001 0000 00000005  0003 0000 0063  001d 0000 0063  0012 0000 0005  001f 0001 0063"
        "0000 0050 0063");
}

static void versions_are_limited_for_the_keys_that_are_read(void **state)
{
    (void)state;
    talk_every_way(
        "Metadata and ApiVersions, not the ACLs; no version of Produce is left", scene_api_versions,
        "link 0 <- 00 00 00 11 00 12 00 00 00 00 00 01 00 07 'kbridge'\n"
        "client <- 00 00 00 '\"' 00 00 00 01 00 00 00 00 00 04 00 03 00 00 00 0d 00 1d 00 00 00 'c' "
        "00 12 00 00 00 05 00 1f 00 01 00 'c'\n");
}

static void scene_facts(struct talk *talk)
{
    begin_with_one(talk);
    static const _Atomic uint8_t wants_fields = 1;
    talk->tells_facts = true;
    talk->bridge.facts.wants_fields = &wants_fields;
    talk_request(talk, 12, 0, 1, NONE_GIVEN);
    talk_answer(talk, 0, 12, 0, 1, GIVENS(given_number(ROLE_ERROR_CODE, 27)));
}

static void fields_of_answers_are_told_before_the_response(void **state)
{
    (void)state;
    talk_every_way("Heartbeat v0", scene_facts,
                   "fact: request 1 RequestApiKey 12\nfact: request 1 RequestApiVersion 0\nfact: request 1 "
                   "CorrelationId 1\n"
                   "fact: request 1 key 12 v0 #1 node 1, 29 and 0 bytes\n"
                   "fact: request 1 GenerationId 0\nlink 0 <- Heartbeat v0 #1\n"
                   "fact: response 1 ErrorCode 27\nclient <- #1, 10 bytes\n"
                   "fact: response 1 key 12 v0 #1 node 1, 29 and 10 bytes\n");
}

static uint64_t only_partitions(uint8_t watched)
{
    assert_int_equal(watched, 1);
    return ROLE_SET(ROLE_PARTITION);
}

static void scene_few_facts(struct talk *talk)
{
    talk->bridge.facts.roles = only_partitions;
    scene_facts(talk);
}

static void fields_of_answers_that_nobody_wants_are_not_told(void **state)
{
    (void)state;
    talk_every_way("Heartbeat v0", scene_few_facts,
                   "fact: request 1 key 12 v0 #1 node 1, 29 and 0 bytes\n"
                   "link 0 <- Heartbeat v0 #1\nclient <- #1, 10 bytes\n"
                   "fact: response 1 key 12 v0 #1 node 1, 29 and 10 bytes\n");
}

/* ---------------------------------------------------------------- order */

static void scene_order(struct talk *talk)
{
    begin_with_two(talk);
    fetch(talk, 1, "t1");
    fetch(talk, 2, "t2");
    fetch(talk, 3, "t1");
    talk_answer(talk, 1, API_FETCH, 4, 2, NONE_GIVEN);
    talk_expect(talk, "the second is held back",
                "link 0 <- Fetch v4 #1\nlink 1 off\nlink 1 <- Fetch v4 #2\nlink 0 <- Fetch v4 #3\n");
    talk_answer(talk, 0, API_FETCH, 4, 1, NONE_GIVEN);
    talk_answer(talk, 0, API_FETCH, 4, 3, NONE_GIVEN);
}

static void answers_of_two_links_come_in_the_clients_order(void **state)
{
    (void)state;
    talk_every_way("1, 2, 1", scene_order,
                   "client <- #1, 16 bytes\nlink 0 off\nlink 1 on\nclient <- #2, 16 bytes\nlink 0 on\nclient "
                   "<- #3, 16 bytes\n");
}

static void scene_order_in_one_input(struct talk *talk)
{
    begin_with_two(talk);
    fetch(talk, 1, "t1");
    fetch(talk, 2, "t2");
    fetch(talk, 3, "t1");
    struct buffer both = {.allocator = &talk->own.allocator};
    assert_null(write_response(&both, API_FETCH, 4, 1, NONE_GIVEN));
    assert_null(write_response(&both, API_FETCH, 4, 3, NONE_GIVEN));
    talk_send(talk, 0, buffer_bytes(&both));
    buffer_free(&both);
    talk_answer(talk, 1, API_FETCH, 4, 2, NONE_GIVEN);
}

static void an_answer_that_is_not_due_is_left_unused_and_given_again(void **state)
{
    (void)state;
    talk_every_way("1 and 3 in one input", scene_order_in_one_input,
                   "link 0 <- Fetch v4 #1\nlink 1 off\nlink 1 <- Fetch v4 #2\nlink 0 <- Fetch v4 #3\n"
                   "client <- #1, 16 bytes\nlink 0 off\nlink 1 on\nclient <- #2, 16 bytes\nlink 0 on\nclient "
                   "<- #3, 16 bytes\n");
}

static void scene_own_between(struct talk *talk)
{
    begin_with_two(talk);
    fetch(talk, 1, "t1");
    talk_send_hex(talk, CLIENT, "00000008 0012 0063 00000002");
    fetch(talk, 3, "t2");
    talk_answer(talk, 1, API_FETCH, 4, 3, NONE_GIVEN);
    talk_answer(talk, 0, API_FETCH, 4, 1, NONE_GIVEN);
}

static void an_answer_of_our_own_keeps_its_place_between_two_links(void **state)
{
    (void)state;
    talk_every_way("1, ours, 2", scene_own_between,
                   "link 0 <- Fetch v4 #1\nlink 1 off\nlink 1 <- Fetch v4 #3\n"
                   "client <- #1, 16 bytes\nclient <- #2, 20 bytes\nlink 1 on\nclient <- #3, 16 bytes\n");
}

/* ---------------------------------------------------------------- what is no answer */

struct refused {
    const char *claim, *hex, *page;
};

static const struct refused refused_answers[] = {
    {"another correlation id", "00000008 00000002 00000000",
     "close RESPONSE_UNEXPECTED: the broker at kafka:9092: it answered correlation id 2 where 1 was due\n"},
    {"a length without a correlation id", "00000003 000000",
     "close RESPONSE_MALFORMED: the broker at kafka:9092: a response of 3 bytes is impossible\n"},
    {"a negative length", "ffffffff 00000001",
     "close RESPONSE_MALFORMED: the broker at kafka:9092: a response of -1 bytes is impossible\n"},
    {"what the tables cannot read", "00000010 00000001 00000001 00000001 0010 'ka'",
     "close RESPONSE_MALFORMED: the broker at kafka:9092: the Metadata v0 response of 20 bytes cannot be "
     "read: at Host, a length "
     "goes beyond its end\n"},
    {"a TLS alert", "15 0301 0002 02 46",
     "close BROKER_FOREIGN: the broker at kafka:9092: it speaks TLS, and kbridge needs a plaintext Kafka "
     "listener there\n"},
    {"HTTP", "'HTTP/1.1 400 Bad Request'",
     "close BROKER_FOREIGN: the broker at kafka:9092: it speaks HTTP, and kbridge needs a plaintext Kafka "
     "listener there\n"},
};

static const struct refused *refused;

static void scene_refused(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    talk_request(talk, API_METADATA, 0, 1, NONE_GIVEN);
    talk_up(talk, 0);
    talk->page = (struct page){.len = 0};
    talk_send_hex(talk, 0, refused->hex);
}

static void what_is_no_answer_ends_it_with_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused_answers / sizeof refused_answers[0]; i++) {
        refused = &refused_answers[i];
        talk_every_way(refused->claim, scene_refused, refused->page);
    }
}

static void scene_later_length(struct talk *talk)
{
    begin_with_one(talk);
    talk_request(talk, API_FETCH, 4, 1, NONE_GIVEN);
    talk_send_hex(talk, 0, "15030100 00000001");
    assert_false(talk->over);
}

/* Only the first answer can be something else: later, these are lengths. */
static void a_later_length_is_never_taken_for_another_protocol(void **state)
{
    (void)state;
    talk_every_way("352 MB", scene_later_length, "link 0 <- Fetch v4 #1\n");
}

static void scene_unasked(struct talk *talk)
{
    begin_with_one(talk);
    talk_send_hex(talk, 0, "00");
}

static void bytes_that_nobody_asked_for_end_it(void **state)
{
    (void)state;
    talk_every_way(
        "one byte", scene_unasked,
        "close RESPONSE_UNEXPECTED: the broker at kafka:9092: it sent \"\\x00\" and nothing was asked\n");
}

static void scene_banner(struct talk *talk)
{
    talk_learn_brokers(talk, 2);
    talk_connect(talk);
    fetch(talk, 1, "t1");
    talk_up(talk, 0);
    talk->page = (struct page){.len = 0};
    talk_send_hex(talk, 0, "'SSH-2.0-OpenSSH_9.2'");
}

static void a_banner_is_named(void **state)
{
    (void)state;
    talk_every_way("SSH", scene_banner,
                   "close BROKER_FOREIGN: the broker at kafka:9092: it speaks SSH, and kbridge needs a "
                   "plaintext Kafka listener "
                   "there\n");
}

static void scene_wrong_token_length(struct talk *talk)
{
    begin_with_one(talk);
    talk_request(talk, API_SASL_HANDSHAKE, 0, 1, NONE_GIVEN);
    talk_answer(talk, 0, API_SASL_HANDSHAKE, 0, 1, NONE_GIVEN);
    talk_send_hex(talk, CLIENT, "00000000");
    talk->page = (struct page){.len = 0};
    talk_send_hex(talk, 0, "80000000");
}

static void a_token_of_a_negative_length_is_refused(void **state)
{
    (void)state;
    talk_every_way("a token", scene_wrong_token_length,
                   "close RESPONSE_MALFORMED: the broker at kafka:9092: a response of -2147483648 bytes is "
                   "impossible\n");
}

/* ---------------------------------------------------------------- memory */

static void play_answers(struct talk *talk)
{
    const struct givens brokers[] = {NODE(1, "kafka", 9092)};
    talk_answer(talk, 0, API_METADATA, 0, 1, GIVENS(given_array(ROLE_BROKERS, brokers, 1)));
    if (!talk->over)
        talk_answer(talk, 0, API_API_VERSIONS, 0, 2, NONE_GIVEN);
}

static void out_of_memory_at_any_allocation_of_an_answer_ends_it_and_nothing_leaks(void **state)
{
    (void)state;
    static struct talk talk;
    bool over = true;
    int failed = 0;
    for (; over; failed++) {
        talk_begin(&talk);
        talk.cut = TALK_BYTEWISE;
        talk_learn_brokers(&talk, 1);
        talk_connect(&talk);
        talk_request(&talk, API_METADATA, 0, 1, NONE_GIVEN);
        talk_up(&talk, 0);
        talk_request(&talk, API_API_VERSIONS, 0, 2, NONE_GIVEN);
        talk.memory.left = failed;
        play_answers(&talk);
        over = talk.over;
        bool told = strstr(talk.page.text, "close OUT_OF_MEMORY");
        assert_int_equal(over, told);
        talk_end(&talk);
    }
    assert_in_range(failed, 5, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_told_the_address_of_this_client_and_others_pass),
        cmocka_unit_test(versions_are_limited_for_the_keys_that_are_read),
        cmocka_unit_test(fields_of_answers_are_told_before_the_response),
        cmocka_unit_test(fields_of_answers_that_nobody_wants_are_not_told),
        cmocka_unit_test(answers_of_two_links_come_in_the_clients_order),
        cmocka_unit_test(an_answer_that_is_not_due_is_left_unused_and_given_again),
        cmocka_unit_test(an_answer_of_our_own_keeps_its_place_between_two_links),
        cmocka_unit_test(what_is_no_answer_ends_it_with_a_sentence),
        cmocka_unit_test(a_later_length_is_never_taken_for_another_protocol),
        cmocka_unit_test(bytes_that_nobody_asked_for_end_it),
        cmocka_unit_test(a_banner_is_named),
        cmocka_unit_test(a_token_of_a_negative_length_is_refused),
        cmocka_unit_test(out_of_memory_at_any_allocation_of_an_answer_ends_it_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
