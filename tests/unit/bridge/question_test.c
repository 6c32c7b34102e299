/* SPDX-License-Identifier: Apache-2.0 */
/* kbridge's own questions: what is asked, on which link, and what becomes of the request that waits for the answer. */
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

enum { OWN = 0x6b627267 }; /* the correlation id of our questions */

#define ASKED_METADATA(link, version) link " <- Metadata v" version " #1801613927\n"
#define ASKED_COORDINATOR(link, version) link " <- FindCoordinator v" version " #1801613927\n"

/* ---------------------------------------------------------------- scenes */

static void produce(struct talk *talk, int32_t correlation_id, const char *topic)
{
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of(topic)), given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(talk, API_PRODUCE, 3, correlation_id,
                 GIVENS(given_number(ROLE_ACKS, 1), given_array(ROLE_TOPICS, topics, 1)));
}

static void heartbeat(struct talk *talk, int32_t correlation_id, const char *group)
{
    talk_request(talk, 12, 0, correlation_id, GIVENS(given_bytes(ROLE_GROUP_ID, bytes_of(group))));
}

/* A Metadata answer to our question: brokers 1 and 2, and `topic` led by `leader`; "" for no topic. */
static void answer_metadata(struct talk *talk, end_id link, int version, const char *topic, int error,
                            int leader)
{
    const struct givens brokers[] = {NODE(1, "kafka1", 9091), NODE(2, "kafka2", 9092)};
    const struct givens partition[] = {
        GIVENS(given_number(ROLE_PARTITION, 0), given_number(ROLE_LEADER_ID, leader))};
    const struct givens topics[] = {GIVENS(given_number(ROLE_ERROR_CODE, error),
                                           given_bytes(ROLE_TOPIC_NAME, bytes_of(topic)),
                                           given_array(ROLE_PARTITIONS, partition, 1))};
    talk_answer(
        talk, link, API_METADATA, version, OWN,
        GIVENS(given_array(ROLE_BROKERS, brokers, 2), given_array(ROLE_TOPICS, topics, topic[0] ? 1 : 0)));
}

static void answer_coordinator(struct talk *talk, end_id link, int error, int node)
{
    talk_answer(talk, link, API_FIND_COORDINATOR, 1, OWN,
                GIVENS(given_number(ROLE_ERROR_CODE, error), given_number(ROLE_NODE_ID, node),
                       given_bytes(ROLE_HOST, bytes_of(node < 0 ? "" : "kafka2")),
                       given_number(ROLE_PORT, node < 0 ? -1 : 9092)));
}

static void connect_with_two(struct talk *talk)
{
    talk_learn_brokers(talk, 2);
    talk_connect(talk);
}

/* ---------------------------------------------------------------- leaders */

static void scene_unknown_topic(struct talk *talk)
{
    connect_with_two(talk);
    produce(talk, 1, "t");
    talk_up(talk, 0);
    talk_expect_sent(talk, "by name, without creating it", 0,
                     "00000019 0003 0004 6b627267 0007 'kbridge' 00000001 0001 't' 00");
    answer_metadata(talk, 0, 4, "t", 0, 2);
    talk_up(talk, 1);
    produce(talk, 2, "t");
}

static void a_first_request_for_an_unknown_topic_asks_and_then_goes_to_its_leader(void **state)
{
    (void)state;
    talk_every_way("t is led by 2", scene_unknown_topic,
                   "dial link 0: kafka:9092\nclient off\n" ASKED_METADATA(
                       "link 0", "4") "dial link 1: kafka2:9092\nclient off\nclient on\nlink 1 <- Produce v3 "
                                      "#1\nlink 1 <- Produce v3 #2\n");
}

static void scene_idle_link(struct talk *talk)
{
    connect_with_two(talk);
    talk_learn_leader(talk, "t1", 0, 1);
    produce(talk, 1, "t1");
    talk_up(talk, 0);
    talk_answer(talk, 0, API_PRODUCE, 3, 1, NONE_GIVEN);
    talk->page = (struct page){.len = 0};
    produce(talk, 2, "t");
    answer_metadata(talk, 0, 4, "t", 0, 1);
}

static void a_link_with_nothing_pending_is_asked(void **state)
{
    (void)state;
    talk_every_way("t is led by 1", scene_idle_link,
                   ASKED_METADATA("link 0", "4") "client off\nclient on\nlink 0 <- Produce v3 #2\n");
}

static void scene_busy_link(struct talk *talk)
{
    connect_with_two(talk);
    talk_learn_leader(talk, "t1", 0, 1);
    produce(talk, 1, "t1");
    talk_up(talk, 0);
    talk->page = (struct page){.len = 0};
    produce(talk, 2, "t");
    talk_expect(talk, "behind a pending answer nothing is asked", "dial link 1: kafka:9092\nclient off\n");
    talk_up(talk, 1);
    answer_metadata(talk, 1, 4, "t", 0, 1);
    talk_expect(talk, "it goes on", ASKED_METADATA("link 1", "4") "client on\nlink 0 <- Produce v3 #2\n");
    produce(talk, 3, "u");
}

static void behind_a_pending_answer_another_link_is_asked_and_kept_for_questions(void **state)
{
    (void)state;
    talk_every_way("t, then u", scene_busy_link, ASKED_METADATA("link 1", "4") "client off\n");
}

static void scene_nobody_knows(struct talk *talk)
{
    connect_with_two(talk);
    produce(talk, 1, "t");
    talk_up(talk, 0);
    answer_metadata(talk, 0, 4, "t", 3, -1);
    talk_answer(talk, 0, API_PRODUCE, 3, 1, NONE_GIVEN);
    talk->page = (struct page){.len = 0};
    produce(talk, 2, "t");
}

static void what_nobody_knows_goes_to_any_broker_and_is_asked_again_by_the_next(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    connect_with_two(&talk);
    produce(&talk, 1, "t");
    talk_up(&talk, 0);
    answer_metadata(&talk, 0, 4, "t", 3, -1);
    talk_expect(&talk, "any broker",
                "dial link 0: kafka:9092\nclient off\n" ASKED_METADATA(
                    "link 0", "4") "client on\nlink 0 <- Produce v3 #1\n");
    talk_end(&talk);
    talk_every_way("again", scene_nobody_knows, ASKED_METADATA("link 0", "4") "client off\n");
}

static void scene_by_id(struct talk *talk)
{
    connect_with_two(talk);
    view_learn_versions(talk->bridge.view, API_METADATA, 0, 12);
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topics[] = {GIVENS(given_bytes(ROLE_TOPIC_ID, bytes_of("0123456789abcdef")),
                                           given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(talk, API_FETCH, 13, 1, GIVENS(given_array(ROLE_TOPICS, topics, 1)));
    talk_up(talk, 0);
    talk_expect_sent(talk, "with a null name", 0,
                     "00000028 0003 000c 6b627267 0007 'kbridge' 00 02 '0123456789abcdef' 00 00 00 00 00");
    const struct givens brokers[] = {NODE(1, "kafka1", 9091), NODE(2, "kafka2", 9092)};
    const struct givens led[] = {GIVENS(given_number(ROLE_PARTITION, 0), given_number(ROLE_LEADER_ID, 2))};
    const struct givens found[] = {GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("t")),
                                          given_bytes(ROLE_TOPIC_ID, bytes_of("0123456789abcdef")),
                                          given_array(ROLE_PARTITIONS, led, 1))};
    talk_answer(talk, 0, API_METADATA, 12, OWN,
                GIVENS(given_array(ROLE_BROKERS, brokers, 2), given_array(ROLE_TOPICS, found, 1)));
    talk_up(talk, 1);
}

static void a_topic_id_is_asked_for_without_a_name(void **state)
{
    (void)state;
    talk_every_way(
        "Fetch v13", scene_by_id,
        "dial link 0: kafka:9092\nclient off\n" ASKED_METADATA(
            "link 0", "12") "dial link 1: kafka2:9092\nclient off\nclient on\nlink 1 <- Fetch v13 #1\n");
}

/* ---------------------------------------------------------------- coordinators */

static void scene_group(struct talk *talk)
{
    connect_with_two(talk);
    heartbeat(talk, 1, "g");
    talk_up(talk, 0);
    talk_expect_sent(talk, "type group", 0, "00000015 000a 0001 6b627267 0007 'kbridge' 0001 'g' 00");
    answer_coordinator(talk, 0, 0, 2);
    talk_up(talk, 1);
    heartbeat(talk, 2, "g");
}

static void a_group_is_asked_for_and_goes_to_its_coordinator(void **state)
{
    (void)state;
    talk_every_way("g is coordinated by 2", scene_group,
                   "dial link 0: kafka:9092\nclient off\n" ASKED_COORDINATOR(
                       "link 0", "1") "dial link 1: kafka2:9092\nclient off\nclient on\nlink 1 <- Heartbeat "
                                      "v0 #1\nlink 1 <- Heartbeat v0 #2\n");
}

static void scene_group_not_available(struct talk *talk)
{
    connect_with_two(talk);
    heartbeat(talk, 1, "g");
    talk_up(talk, 0);
    answer_coordinator(talk, 0, 15, -1);
}

static void a_group_without_a_coordinator_goes_to_any_broker(void **state)
{
    (void)state;
    talk_every_way("COORDINATOR_NOT_AVAILABLE", scene_group_not_available,
                   "dial link 0: kafka:9092\nclient off\n" ASKED_COORDINATOR(
                       "link 0", "1") "client on\nlink 0 <- Heartbeat v0 #1\n");
}

static void scene_transaction(struct talk *talk)
{
    connect_with_two(talk);
    view_learn_coordinator(talk->bridge.view, COORDINATOR_GROUP, bytes_of("x"), 1);
    talk_request(talk, 26, 0, 1, GIVENS(given_bytes(ROLE_TRANSACTIONAL_ID, bytes_of("x"))));
    talk_up(talk, 0);
    talk_expect_sent(talk, "type transaction", 0, "00000015 000a 0001 6b627267 0007 'kbridge' 0001 'x' 01");
    answer_coordinator(talk, 0, 0, 2);
    talk_up(talk, 1);
}

static void a_transaction_is_asked_for_apart_from_the_group_of_its_name(void **state)
{
    (void)state;
    talk_every_way(
        "EndTxn", scene_transaction,
        "dial link 0: kafka:9092\nclient off\n" ASKED_COORDINATOR(
            "link 0", "1") "dial link 1: kafka2:9092\nclient off\nclient on\nlink 1 <- EndTxn v0 #1\n");
}

static void scene_group_first(struct talk *talk)
{
    talk_connect(talk);
    heartbeat(talk, 1, "g");
    talk_up(talk, 0);
    answer_metadata(talk, 0, 1, "", 0, 0);
    answer_coordinator(talk, 0, 0, 2);
    talk_up(talk, 1);
}

static void before_the_cluster_is_known_it_is_asked_for_first(void **state)
{
    (void)state;
    talk_every_way(
        "several brokers", scene_group_first,
        "dial link 0: kafka:9092\nclient off\n" ASKED_METADATA(
            "link 0",
            "1") "fact: cluster \"\" of 2\n" ASKED_COORDINATOR("link 0",
                                                               "1") "client off\ndial link 1: "
                                                                    "kafka2:9092\nclient off\nclient "
                                                                    "on\nlink 1 <- Heartbeat v0 #1\n");
}

static void scene_one_after_all(struct talk *talk)
{
    talk_connect(talk);
    heartbeat(talk, 1, "g");
    talk_up(talk, 0);
    const struct givens brokers[] = {NODE(1, "kafka1", 9091)};
    talk_answer(talk, 0, API_METADATA, 1, OWN, GIVENS(given_array(ROLE_BROKERS, brokers, 1)));
}

static void one_broker_is_asked_once_and_then_serves_everything(void **state)
{
    (void)state;
    talk_every_way("one broker", scene_one_after_all,
                   "dial link 0: kafka:9092\nclient off\n" ASKED_METADATA(
                       "link 0", "1") "fact: cluster \"\" of 1\nclient on\nlink 0 <- Heartbeat v0 #1\n");
}

/* ---------------------------------------------------------------- when it goes wrong */

static void scene_lost(struct talk *talk)
{
    connect_with_two(talk);
    heartbeat(talk, 1, "g");
    talk_up(talk, 0);
    talk_eof(talk, 0);
}

static void a_link_that_ends_with_our_question_ends_the_client(void **state)
{
    (void)state;
    talk_every_way("closed", scene_lost,
                   "dial link 0: kafka:9092\nclient off\n" ASKED_COORDINATOR(
                       "link 0", "1") "close BROKER_CLOSED: the broker at kafka:9092: it closed the "
                                      "connection, with 1 request not answered\n");
}

static void scene_garbled(struct talk *talk)
{
    connect_with_two(talk);
    heartbeat(talk, 1, "g");
    talk_up(talk, 0);
    talk_send_hex(talk, 0, "00000008 6b627267 ffffffff");
}

static void an_answer_that_cannot_be_read_tells_nothing(void **state)
{
    (void)state;
    talk_every_way("then any broker serves", scene_garbled,
                   "dial link 0: kafka:9092\nclient off\n" ASKED_COORDINATOR(
                       "link 0", "1") "client on\nlink 0 <- Heartbeat v0 #1\n");
}

/* ---------------------------------------------------------------- kbridge itself */

static void begin_probe(struct talk *talk)
{
    talk_connect_probe(talk);
    conversation_ask_cluster(talk->conversation);
}

static void scene_probe(struct talk *talk)
{
    begin_probe(talk);
    talk_up(talk, 0);
    talk_send_hex(talk, 0, "00000016 6b627267 0000 00000002 0003 0000 0007 000a 0000 0003");
    const struct givens brokers[] = {NODE(1, "kafka1", 9091), NODE(2, "kafka2", 9092)};
    talk_answer(talk, 0, API_METADATA, 7, OWN,
                GIVENS(given_array(ROLE_BROKERS, brokers, 2), given_bytes(ROLE_CLUSTER_ID, bytes_of("abc")),
                       given_number(ROLE_CONTROLLER_ID, 2)));
    assert_int_equal(view_kind(talk->bridge.view), VIEW_SEVERAL);
    assert_int_equal(view_controller(talk->bridge.view), 2);
    assert_int_equal(view_api_count(talk->bridge.view), 2);
    assert_int_equal(conversation_bytes_to_client(talk->conversation), 0);
}

static void the_cluster_is_asked_for_its_versions_and_brokers_and_nothing_is_left(void **state)
{
    (void)state;
    talk_every_way("conversation_ask_cluster", scene_probe,
                   "dial link 0: kafka:9092\nlink 0 <- ApiVersions v0 #1801613927\n" ASKED_METADATA(
                       "link 0", "7") "fact: cluster \"abc\" of 2\nclose CLIENT_CLOSED: \n");
}

static void scene_probe_refused(struct talk *talk)
{
    begin_probe(talk);
    talk_up(talk, 0);
    talk_eof(talk, 0);
}

static void a_cluster_that_closes_is_told_with_the_reason(void **state)
{
    (void)state;
    talk_every_way(
        "closed", scene_probe_refused,
        "dial link 0: kafka:9092\nlink 0 <- ApiVersions v0 #1801613927\n"
        "close BROKER_CLOSED: the broker at kafka:9092: it closed the connection, with 1 request "
        "not answered; so end ZooKeeper, a listener for TLS, and a forwarded port behind which nobody "
        "listens: what must be there is a plaintext listener of a Kafka broker\n");
}

static void scene_probe_of_sasl(struct talk *talk)
{
    begin_probe(talk);
    talk_up(talk, 0);
    talk_send_hex(talk, 0, "00000016 6b627267 0000 00000002 0003 0000 0007 000a 0000 0003");
    talk_eof(talk, 0);
}

static void a_broker_that_closes_behind_its_versions_wants_to_know_who_asks(void **state)
{
    (void)state;
    talk_every_way(
        "a listener for SASL", scene_probe_of_sasl,
        "dial link 0: kafka:9092\nlink 0 <- ApiVersions v0 #1801613927\n" ASKED_METADATA(
            "link 0", "7") "close BROKER_SASL: the broker at kafka:9092: it closed the connection, with 1 "
                           "request not answered\n");
}

static void scene_probe_reset(struct talk *talk)
{
    begin_probe(talk);
    talk_up(talk, 0);
    talk_send_hex(talk, 0, "00000016 6b627267 0000 00000002 0003 0000 0007 000a 0000 0003");
    talk_broken(talk, 0, "connection reset by peer");
}

static void a_link_that_breaks_behind_the_versions_is_not_taken_for_sasl(void **state)
{
    (void)state;
    talk_every_way(
        "a broker that dies", scene_probe_reset,
        "dial link 0: kafka:9092\nlink 0 <- ApiVersions v0 #1801613927\n" ASKED_METADATA(
            "link 0", "7") "close BROKER_LOST: the broker at kafka:9092: connection reset by peer, with 1 "
                           "request not answered\n");
}

static void scene_probe_controller(struct talk *talk)
{
    begin_probe(talk);
    talk_up(talk, 0);
    talk_send_hex(talk, 0, "00000016 6b627267 0000 00000002 0001 0004 0011 0012 0000 0004");
}

static void a_controller_of_kraft_is_told_from_a_broker(void **state)
{
    (void)state;
    talk_every_way(
        "Fetch and ApiVersions only", scene_probe_controller,
        "dial link 0: kafka:9092\nlink 0 <- ApiVersions v0 #1801613927\n"
        "close BROKER_FOREIGN: the broker at kafka:9092: it does not offer Metadata, so it is a KRaft "
        "controller; what must be there is a plaintext listener of a broker\n");
}

static void a_cluster_that_cannot_be_reached_is_tried_as_for_a_client(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    begin_probe(&talk);
    talk_failed(&talk, 0, REASON_BROKER_UNREACHABLE, "x");
    talk_tick(&talk, conversation_due_ms(talk.conversation));
    talk_expect(&talk, "twice", "dial link 0: kafka:9092\ndial link 0: kafka:9092\n");
    talk_end(&talk);
}

static void out_of_memory_at_any_allocation_of_a_question_ends_it_and_nothing_leaks(void **state)
{
    (void)state;
    static struct talk talk;
    bool over = true;
    int failed = 1;
    for (; over; failed++) {
        talk_begin(&talk);
        connect_with_two(&talk);
        talk.memory.left = failed;
        heartbeat(&talk, 1, "g");
        if (!talk.over)
            talk_up(&talk, 0);
        if (!talk.over)
            answer_coordinator(&talk, 0, 0, 2);
        if (!talk.over)
            talk_up(&talk, 1);
        over = talk.over;
        if (over)
            assert_non_null(strstr(talk.page.text, "close OUT_OF_MEMORY: \n"));
        talk_end(&talk);
    }
    assert_in_range(failed, 6, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_request_for_an_unknown_topic_asks_and_then_goes_to_its_leader),
        cmocka_unit_test(a_link_with_nothing_pending_is_asked),
        cmocka_unit_test(behind_a_pending_answer_another_link_is_asked_and_kept_for_questions),
        cmocka_unit_test(what_nobody_knows_goes_to_any_broker_and_is_asked_again_by_the_next),
        cmocka_unit_test(a_topic_id_is_asked_for_without_a_name),
        cmocka_unit_test(a_group_is_asked_for_and_goes_to_its_coordinator),
        cmocka_unit_test(a_group_without_a_coordinator_goes_to_any_broker),
        cmocka_unit_test(a_transaction_is_asked_for_apart_from_the_group_of_its_name),
        cmocka_unit_test(before_the_cluster_is_known_it_is_asked_for_first),
        cmocka_unit_test(one_broker_is_asked_once_and_then_serves_everything),
        cmocka_unit_test(a_link_that_ends_with_our_question_ends_the_client),
        cmocka_unit_test(an_answer_that_cannot_be_read_tells_nothing),
        cmocka_unit_test(the_cluster_is_asked_for_its_versions_and_brokers_and_nothing_is_left),
        cmocka_unit_test(a_cluster_that_closes_is_told_with_the_reason),
        cmocka_unit_test(a_broker_that_closes_behind_its_versions_wants_to_know_who_asks),
        cmocka_unit_test(a_link_that_breaks_behind_the_versions_is_not_taken_for_sasl),
        cmocka_unit_test(a_controller_of_kraft_is_told_from_a_broker),
        cmocka_unit_test(a_cluster_that_cannot_be_reached_is_tried_as_for_a_client),
        cmocka_unit_test(out_of_memory_at_any_allocation_of_a_question_ends_it_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
