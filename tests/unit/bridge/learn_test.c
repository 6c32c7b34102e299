/* SPDX-License-Identifier: Apache-2.0 */
/* What the view has after an answer has passed: every version, byte by byte, and what must not be learned. */
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

static const char id_a[] = "aaaaaaaaaaaaaaaa";
static const char id_b[] = "bbbbbbbbbbbbbbbb";

static struct talk talk;

/* A request of the client and its answer pass, byte by byte; brokers 1 and 2 are known. */
static int begin(void **state)
{
    (void)state;
    talk_begin(&talk);
    talk_learn_brokers(&talk, 2);
    talk.cut = TALK_BYTEWISE;
    talk_connect(&talk);
    talk_request(&talk, API_METADATA, 0, 0, NONE_GIVEN);
    talk_up(&talk, 0);
    talk_answer(&talk, 0, API_METADATA, 0, 0, NONE_GIVEN);
    return 0;
}

static int end(void **state)
{
    (void)state;
    talk_end(&talk);
    return 0;
}

static void answer(int key, int version, struct givens request, struct givens response)
{
    talk_request(&talk, key, version, 1, request);
    assert_false(talk.over);
    talk_answer(&talk, 0, key, version, 1, response);
    assert_false(talk.over);
    assert_int_equal(conversation_in_flight(talk.conversation), 0);
}

static int32_t leader(const char *name, const char *id, int32_t partition)
{
    struct topic_key key = {bytes_of(name), bytes_of(id)};
    return view_leader(talk.bridge.view, &key, partition, NULL);
}

static struct givens partition_of(struct given *room, int index, int error, int node, int epoch)
{
    room[0] = given_number(ROLE_PARTITION, index);
    room[1] = given_number(ROLE_ERROR_CODE, error);
    room[2] = given_number(ROLE_LEADER_ID, node);
    room[3] = given_number(ROLE_LEADER_EPOCH, epoch);
    return (struct givens){room, node == INT32_MIN ? 2 : 4};
}

/* ---------------------------------------------------------------- Metadata and DescribeCluster */

static void metadata_tells_brokers_leaders_controller_and_cluster(void **state)
{
    (void)state;
    for (int version = 0; tables_knows(API_METADATA, version); version++) {
        begin(NULL);
        const struct givens brokers[] = {NODE(9, "i", 9), NODE(5, "e", 5)};
        struct given room[3][4];
        const struct givens partitions[] = {partition_of(room[0], 0, 0, 5, 3),
                                            partition_of(room[1], 1, 0, 9, 3),
                                            partition_of(room[2], 2, 5, -1, 3)};
        const struct givens topics[] = {
            GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("t")), given_bytes(ROLE_TOPIC_ID, bytes_of(id_a)),
                   given_array(ROLE_PARTITIONS, partitions, 3)),
            GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("bad")), given_number(ROLE_ERROR_CODE, 29),
                   given_array(ROLE_PARTITIONS, partitions, 1)),
            GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("u")), given_bytes(ROLE_TOPIC_ID, bytes_of(id_b)),
                   given_array(ROLE_PARTITIONS, partitions + 1, 1))};
        answer(API_METADATA, version, NONE_GIVEN,
               GIVENS(given_array(ROLE_BROKERS, brokers, 2), given_array(ROLE_TOPICS, topics, 3),
                      given_number(ROLE_CONTROLLER_ID, 9),
                      given_bytes(ROLE_CLUSTER_ID, bytes_of("cluster"))));
        const struct view *view = talk.bridge.view;
        assert_int_equal(view_broker_count(view), 2);
        assert_string_equal(view_broker_find(view, 5)->advertised.host, "e");
        assert_int_equal(view_broker_find(view, 9)->advertised.port, 9);
        assert_string_equal(view_cluster_id(view), version >= 2 ? "cluster" : "");
        assert_int_equal(view_controller(view), version >= 1 ? 9 : NODE_UNKNOWN);
        assert_int_equal(leader("t", "", 0), 5);
        assert_int_equal(leader("t", "", 1), 9);
        assert_int_equal(leader("t", "", 2), NODE_UNKNOWN);
        assert_int_equal(leader("bad", "", 0), NODE_UNKNOWN);
        assert_int_equal(leader("u", "", 1), 9);
        assert_int_equal(leader("", id_a, 1), version >= 10 ? 9 : NODE_UNKNOWN);
        assert_int_equal(leader("", id_b, 1), version >= 10 ? 9 : NODE_UNKNOWN);
        end(NULL);
    }
}

static void the_same_again_is_no_news(void **state)
{
    (void)state;
    const struct givens brokers[] = {NODE(9, "i", 9), NODE(5, "e", 5)};
    struct givens response = GIVENS(given_array(ROLE_BROKERS, brokers, 2));
    answer(API_METADATA, 1, NONE_GIVEN, response);
    assert_non_null(strstr(talk.page.text, "fact: cluster \"\" of 2\n"));
    talk.page = (struct page){.len = 0};
    answer(API_METADATA, 1, NONE_GIVEN, response);
    talk_expect(&talk, "no fact", "link 0 <- Metadata v1 #1\nclient <- #1, 62 bytes\n");
}

static void describe_cluster_tells_brokers_but_controllers_are_none(void **state)
{
    (void)state;
    const struct givens brokers[] = {NODE(9, "i", 9)};
    answer(API_DESCRIBE_CLUSTER, 1, GIVENS(given_number(ROLE_ENDPOINT_TYPE, 2)),
           GIVENS(given_number(ROLE_ENDPOINT_TYPE, 2), given_array(ROLE_BROKERS, brokers, 1),
                  given_number(ROLE_CONTROLLER_ID, 9)));
    assert_int_equal(view_broker_count(talk.bridge.view), 2);
    assert_int_equal(view_controller(talk.bridge.view), NODE_UNKNOWN);
    answer(API_DESCRIBE_CLUSTER, 1, NONE_GIVEN,
           GIVENS(given_array(ROLE_BROKERS, brokers, 1), given_number(ROLE_CONTROLLER_ID, 9),
                  given_bytes(ROLE_CLUSTER_ID, bytes_of("c"))));
    assert_int_equal(view_broker_count(talk.bridge.view), 1);
    assert_int_equal(view_controller(talk.bridge.view), 9);
    assert_string_equal(view_cluster_id(talk.bridge.view), "c");
}

static void a_broker_without_an_address_is_none(void **state)
{
    (void)state;
    const struct givens brokers[] = {NODE(-1, "a", 1), NODE(5, "", 5), NODE(6, "f", 0), NODE(7, "g", 65536),
                                     NODE(8, "h", 65535)};
    answer(API_METADATA, 1, NONE_GIVEN, GIVENS(given_array(ROLE_BROKERS, brokers, 5)));
    assert_int_equal(view_broker_count(talk.bridge.view), 1);
    assert_string_equal(view_broker_find(talk.bridge.view, 8)->advertised.host, "h");
}

static void a_cluster_of_one_that_grows_is_noticed(void **state)
{
    (void)state;
    static struct talk one;
    talk_begin(&one);
    talk_learn_brokers(&one, 1);
    talk_connect(&one);
    const struct givens brokers[] = {NODE(1, "a", 1), NODE(2, "b", 2)};
    talk_request(&one, API_METADATA, 9, 1, NONE_GIVEN);
    talk_up(&one, 0);
    talk_answer(&one, 0, API_METADATA, 9, 1, GIVENS(given_array(ROLE_BROKERS, brokers, 2)));
    assert_int_equal(view_kind(one.bridge.view), VIEW_SEVERAL);
    one.page = (struct page){.len = 0};
    talk_request(&one, API_METADATA, 9, 2, NONE_GIVEN);
    talk_expect(
        &one, "who was served as if there were one has to come again",
        "close SEVERAL_BROKERS: it has 2 brokers now, and this connection was served as if it had one\n");
    talk_end(&one);
}

/* ---------------------------------------------------------------- coordinators and versions */

/* An answer does not say whether its key is a group or a transaction: a transaction "x" is no group. */
static void find_coordinator_of_a_client_tells_nothing(void **state)
{
    (void)state;
    for (int version = 0; tables_knows(API_FIND_COORDINATOR, version); version++) {
        const struct givens coordinators[] = {
            GIVENS(given_bytes(ROLE_COORDINATOR_KEY, bytes_of("x")), given_number(ROLE_NODE_ID, 2),
                   given_bytes(ROLE_HOST, bytes_of("b")), given_number(ROLE_PORT, 2))};
        answer(API_FIND_COORDINATOR, version,
               GIVENS(given_bytes(ROLE_COORDINATOR_KEY, bytes_of("x")), given_number(ROLE_KEY_TYPE, 1)),
               GIVENS(given_array(ROLE_COORDINATORS, coordinators, 1), given_number(ROLE_NODE_ID, 2),
                      given_bytes(ROLE_HOST, bytes_of("b")), given_number(ROLE_PORT, 2)));
        assert_int_equal(view_coordinator(talk.bridge.view, COORDINATOR_GROUP, bytes_of("x")), NODE_UNKNOWN);
    }
}

static void api_versions_tells_what_brokers_offer_but_not_with_an_error(void **state)
{
    (void)state;
    const struct givens keys[] = {GIVENS(given_number(ROLE_API_KEY, 3), given_number(ROLE_MIN_VERSION, 1),
                                         given_number(ROLE_MAX_VERSION, 99))};
    for (int version = 0; tables_knows(API_API_VERSIONS, version); version++) {
        answer(API_API_VERSIONS, version, NONE_GIVEN,
               GIVENS(given_array(ROLE_API_KEYS, keys, 1), given_number(ROLE_ERROR_CODE, 42)));
        assert_int_equal(view_version_max(talk.bridge.view, 3), -1);
    }
    for (int version = 0; tables_knows(API_API_VERSIONS, version); version++) {
        answer(API_API_VERSIONS, version, NONE_GIVEN, GIVENS(given_array(ROLE_API_KEYS, keys, 1)));
        assert_int_equal(view_version_max(talk.bridge.view, 3), 99);
        assert_int_equal(view_version_min(talk.bridge.view, 3), 1);
    }
}

/* ---------------------------------------------------------------- corrections */

/* Topic "t", partition 0, is led by `before`; an answer of node 1 has this error and this hint. Who leads then? */
static int32_t leader_after(int key, int version, int error, int hint)
{
    begin(NULL);
    struct topic_key topic = {bytes_of("t"), bytes_of(id_a)};
    view_learn_leader(talk.bridge.view, &topic, 0, 1, 0);
    struct given room[4], index = given_number(ROLE_PARTITION, 0);
    struct given name = given_bytes(ROLE_TOPIC_NAME, bytes_of("t")),
                 id = given_bytes(ROLE_TOPIC_ID, bytes_of(id_a));
    const struct givens asked[] = {{&index, 1}}, answered[] = {partition_of(room, 0, error, hint, 7)};
    const struct givens topics[] = {GIVENS(name, id, given_array(ROLE_PARTITIONS, asked, 1))};
    const struct givens responses[] = {GIVENS(name, id, given_array(ROLE_PARTITIONS, answered, 1))};
    talk_request(&talk, key, version, 1,
                 GIVENS(given_number(ROLE_ACKS, 1), given_array(ROLE_TOPICS, topics, 1)));
    talk_up(&talk, 1);
    talk_answer(&talk, 1, key, version, 1, GIVENS(given_array(ROLE_TOPICS, responses, 1)));
    assert_false(talk.over);
    assert_int_equal(conversation_in_flight(talk.conversation), 0);
    int32_t node = view_leader(talk.bridge.view, &topic, 0, NULL);
    end(NULL);
    return node;
}

enum {
    NO_HINT = INT32_MIN,
    NOT_LEADER = 6,
    FENCED = 74,
    UNKNOWN_EPOCH = 75,
    UNKNOWN_ID = 100,
    TOO_LARGE = 10
};

static void an_error_that_says_so_drops_the_leader(void **state)
{
    (void)state;
    static const int rows[][2] = {
        {API_PRODUCE, 3}, {API_PRODUCE, 9}, {API_FETCH, 4}, {API_FETCH, 12}, {2, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(leader_after(rows[i][0], rows[i][1], 0, NO_HINT), 1);
        assert_int_equal(leader_after(rows[i][0], rows[i][1], TOO_LARGE, NO_HINT), 1);
        assert_int_equal(leader_after(rows[i][0], rows[i][1], NOT_LEADER, NO_HINT), NODE_UNKNOWN);
        assert_int_equal(leader_after(rows[i][0], rows[i][1], FENCED, NO_HINT), NODE_UNKNOWN);
        assert_int_equal(leader_after(rows[i][0], rows[i][1], UNKNOWN_EPOCH, NO_HINT), NODE_UNKNOWN);
    }
    assert_int_equal(leader_after(API_FETCH, 13, UNKNOWN_ID, NO_HINT), NODE_UNKNOWN);
}

static void a_hint_beside_the_error_is_learned(void **state)
{
    (void)state;
    static const int rows[][2] = {{API_PRODUCE, 10}, {API_PRODUCE, 13}, {API_FETCH, 12}, {API_FETCH, 16}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(leader_after(rows[i][0], rows[i][1], NOT_LEADER, 2), 2);
        assert_int_equal(leader_after(rows[i][0], rows[i][1], NOT_LEADER, -1), NODE_UNKNOWN);
        assert_int_equal(leader_after(rows[i][0], rows[i][1], 0, -1), 1);
    }
}

/* There CurrentLeader is no tagged field: without an error it is 0, which is no node that leads. */
static void the_leader_0_of_a_share_answer_is_no_hint(void **state)
{
    (void)state;
    for (int version = 0; tables_knows(API_SHARE_FETCH, version); version++) {
        assert_int_equal(leader_after(API_SHARE_FETCH, version, 0, 0), 1);
        assert_int_equal(leader_after(API_SHARE_ACKNOWLEDGE, version, 0, 0), 1);
        assert_int_equal(leader_after(API_SHARE_ACKNOWLEDGE, version, NOT_LEADER, 0), NODE_UNKNOWN);
    }
}

static void the_first_of_two_errors_of_a_share_partition_counts(void **state)
{
    (void)state;
    begin(NULL);
    struct topic_key topic = {.id = bytes_of(id_a)};
    view_learn_leader(talk.bridge.view, &topic, 0, 1, 0);
    struct given index = given_number(ROLE_PARTITION, 0);
    const struct givens asked[] = {{&index, 1}};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_ID, bytes_of(id_a)), given_array(ROLE_PARTITIONS, asked, 1))};
    talk_request(&talk, API_SHARE_FETCH, 1, 1, GIVENS(given_array(ROLE_TOPICS, topics, 1)));
    talk_up(&talk, 1);
    talk_send_hex(
        &talk, 1,
        "0000003d 00000001 00 00000000 0000 00 00000000 02 'aaaaaaaaaaaaaaaa' 02 00000000 0006 00 0000 00"
        "00000000 00000000 00 01 01 00 00 01 00");
    assert_false(talk.over);
    assert_int_equal(view_leader(talk.bridge.view, &topic, 0, NULL), NODE_UNKNOWN);
    end(NULL);
}

/* ---------------------------------------------------------------- corrections */

/* The link that the heartbeat goes to is the second: the first one serves what any broker may answer. */
static void only_a_coordinator_that_says_it_is_none_is_forgotten(void **state)
{
    (void)state;
    enum { HEARTBEAT = 12, NOT_AVAILABLE = 15, UNKNOWN_MEMBER = 25 };
    static const struct {
        int error;
        int32_t coordinator;
    } rows[] = {
        {ERROR_NONE, 2}, {NOT_AVAILABLE, 2}, {UNKNOWN_MEMBER, 2}, {ERROR_NOT_COORDINATOR, NODE_UNKNOWN}};
    view_learn_coordinator(talk.bridge.view, COORDINATOR_GROUP, bytes_of("g"), 2);
    view_learn_coordinator(talk.bridge.view, COORDINATOR_GROUP, bytes_of("other"), 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        talk_request(&talk, HEARTBEAT, 0, 1, GIVENS(given_bytes(ROLE_GROUP_ID, bytes_of("g"))));
        if (i == 0)
            talk_up(&talk, 1);
        talk_answer(&talk, 1, HEARTBEAT, 0, 1, GIVENS(given_number(ROLE_ERROR_CODE, rows[i].error)));
        assert_int_equal(view_coordinator(talk.bridge.view, COORDINATOR_GROUP, bytes_of("g")),
                         rows[i].coordinator);
    }
    assert_int_equal(view_coordinator(talk.bridge.view, COORDINATOR_GROUP, bytes_of("other")), 2);
}

static void a_controller_that_says_it_is_none_is_forgotten(void **state)
{
    (void)state;
    enum { CREATE_TOPICS = 19 };
    view_learn_controller(talk.bridge.view, 2);
    for (int error = ERROR_NONE; error <= ERROR_NOT_CONTROLLER; error += ERROR_NOT_CONTROLLER) {
        const struct givens topics[] = {
            GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("t")), given_number(ROLE_ERROR_CODE, error))};
        talk_request(&talk, CREATE_TOPICS, 2, 1, NONE_GIVEN);
        if (error == ERROR_NONE)
            talk_up(&talk, 1);
        talk_answer(&talk, 1, CREATE_TOPICS, 2, 1, GIVENS(given_array(ROLE_TOPICS, topics, 1)));
        assert_int_equal(view_controller(talk.bridge.view), error ? NODE_UNKNOWN : 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_tells_brokers_leaders_controller_and_cluster),
        cmocka_unit_test_setup_teardown(the_same_again_is_no_news, begin, end),
        cmocka_unit_test_setup_teardown(describe_cluster_tells_brokers_but_controllers_are_none, begin, end),
        cmocka_unit_test_setup_teardown(a_broker_without_an_address_is_none, begin, end),
        cmocka_unit_test(a_cluster_of_one_that_grows_is_noticed),
        cmocka_unit_test_setup_teardown(only_a_coordinator_that_says_it_is_none_is_forgotten, begin, end),
        cmocka_unit_test_setup_teardown(a_controller_that_says_it_is_none_is_forgotten, begin, end),
        cmocka_unit_test_setup_teardown(find_coordinator_of_a_client_tells_nothing, begin, end),
        cmocka_unit_test_setup_teardown(api_versions_tells_what_brokers_offer_but_not_with_an_error, begin,
                                        end),
        cmocka_unit_test(an_error_that_says_so_drops_the_leader),
        cmocka_unit_test(a_hint_beside_the_error_is_learned),
        cmocka_unit_test(the_leader_0_of_a_share_answer_is_no_hint),
        cmocka_unit_test(the_first_of_two_errors_of_a_share_partition_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
