/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/place.c: where requests go when several brokers share the port. Fetch sessions, racks, what makes
 * sense at no single node, a client that names its node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/bridge/talk.h"

/* ---------------------------------------------------------------- scenes */

static void begin_with_two(struct talk *talk)
{
    talk_learn_brokers(talk, 2);
    talk_learn_leader(talk, "t1", 0, 1);
    talk_learn_leader(talk, "t2", 0, 2);
    talk_connect(talk);
}

static void fetch(struct talk *talk, int32_t correlation_id, const char *topic, int session, int epoch)
{
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of(topic)), given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(talk, API_FETCH, 11, correlation_id,
                 GIVENS(given_number(ROLE_SESSION_ID, session), given_number(ROLE_SESSION_EPOCH, epoch),
                        given_array(ROLE_TOPICS, topics, topic[0] ? 1 : 0),
                        given_bytes(ROLE_RACK_ID, bytes_of("rack-a"))));
}

static void answer_fetch(struct talk *talk, end_id link, int32_t correlation_id, int session)
{
    talk_answer(talk, link, API_FETCH, 11, correlation_id, GIVENS(given_number(ROLE_SESSION_ID, session)));
}

/* Session 11 lives in node 1 (link 0), 22 in node 2 (link 1). */
static void begin_with_sessions(struct talk *talk)
{
    begin_with_two(talk);
    for (end_id link = 0; link < 2; link++) {
        fetch(talk, 0, link ? "t2" : "t1", 0, 0);
        talk_up(talk, link);
        answer_fetch(talk, link, 0, link ? 22 : 11);
    }
    talk->page = (struct page){.len = 0};
}

/* ---------------------------------------------------------------- sessions */

static void scene_sessions(struct talk *talk)
{
    begin_with_sessions(talk);
    fetch(talk, 1, "", 11, 1);
    answer_fetch(talk, 0, 1, 11);
    fetch(talk, 2, "t1", 22, 5);
    answer_fetch(talk, 1, 2, 22);
    fetch(talk, 3, "t1", 22, -1);
    answer_fetch(talk, 1, 3, 0);
    fetch(talk, 4, "t1", 22, 0);
}

static void a_fetch_of_a_session_goes_to_its_node_whatever_it_names(void **state)
{
    (void)state;
    talk_every_way(
        "nothing named, another's topic, the end, a new one by its topic", scene_sessions,
        "link 0 <- Fetch v11 #1\nclient <- #1, 22 bytes\nlink 1 <- Fetch v11 #2\nclient <- #2, 22 bytes\n"
        "link 1 <- Fetch v11 #3\nclient <- #3, 22 bytes\nlink 0 <- Fetch v11 #4\n");
}

static void scene_unknown_session(struct talk *talk)
{
    begin_with_sessions(talk);
    talk->tells_facts = true;
    fetch(talk, 1, "t1", 33, 1);
    talk->tells_facts = false;
    struct bytes sent = buffer_bytes(&talk->client.sent);
    struct span error = pages_bytes("00000012 00000001 00000000 0046 00000000 00000000");
    assert_memory_equal(sent.at + sent.len - error.len, error.at, error.len);
    free(error.at);
    fetch(talk, 2, "t1", 0, 0);
}

static void an_unknown_session_is_answered_so_and_nobody_is_asked(void **state)
{
    (void)state;
    talk_every_way("FETCH_SESSION_ID_NOT_FOUND", scene_unknown_session,
                   "fact: request 2 key 1 v11 #1 node -4, 98 and 0 bytes\n"
                   "client <- #1, 22 bytes\n"
                   "fact: response 2 key 1 v11 #1 node -4, 98 and 22 bytes\n"
                   "link 0 <- Fetch v11 #2\n");
}

static void scene_lost_session(struct talk *talk)
{
    begin_with_sessions(talk);
    talk_eof(talk, 1);
    fetch(talk, 1, "", 22, 7);
}

static void a_session_goes_with_its_link(void **state)
{
    (void)state;
    talk_every_way("the broker closes", scene_lost_session, "drop link 1\nclient <- #1, 22 bytes\n");
}

static void scene_session_in_order(struct talk *talk)
{
    begin_with_sessions(talk);
    fetch(talk, 1, "t1", 0, 0);
    fetch(talk, 2, "", 33, 1);
    answer_fetch(talk, 0, 1, 11);
}

static void our_answer_keeps_the_clients_order(void **state)
{
    (void)state;
    talk_every_way("behind a pending one", scene_session_in_order,
                   "link 0 <- Fetch v11 #1\nclient <- #1, 22 bytes\nclient <- #2, 22 bytes\n");
}

/* ---------------------------------------------------------------- share sessions */

static void share(struct talk *talk, int key, int32_t correlation_id, uint8_t topic, int epoch)
{
    const uint8_t id[16] = {topic};
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topics[] = {GIVENS(given_bytes(ROLE_TOPIC_ID, (struct bytes){id, sizeof id}),
                                           given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(
        talk, key, 1, correlation_id,
        GIVENS(given_number(ROLE_SESSION_EPOCH, epoch), given_array(ROLE_TOPICS, topics, topic ? 1 : 0)));
}

static void answer_share(struct talk *talk, end_id link, int key, int32_t correlation_id)
{
    talk_answer(talk, link, key, 1, correlation_id, NONE_GIVEN);
}

/* Topic 1 is led by node 1 (link 0), topic 2 by node 2 (link 1); the client has a share session at node 1. */
static void begin_with_share_session(struct talk *talk)
{
    talk_learn_brokers(talk, 2);
    for (uint8_t topic = 1; topic <= 2; topic++) {
        const uint8_t id[16] = {topic};
        const struct topic_key key = {.id = {id, sizeof id}};
        view_learn_leader(talk->bridge.view, &key, 0, topic, 1);
    }
    talk_connect(talk);
    share(talk, API_SHARE_FETCH, 0, 1, 0);
    talk_up(talk, 0);
    answer_share(talk, 0, API_SHARE_FETCH, 0);
    talk->page = (struct page){.len = 0};
}

static void scene_share_goes_on(struct talk *talk)
{
    begin_with_share_session(talk);
    share(talk, API_SHARE_FETCH, 1, 0, 1);
    answer_share(talk, 0, API_SHARE_FETCH, 1);
    share(talk, API_SHARE_ACKNOWLEDGE, 2, 2, 2);
    answer_share(talk, 0, API_SHARE_ACKNOWLEDGE, 2);
    share(talk, API_SHARE_FETCH, 3, 2, 0);
    talk_up(talk, 1);
    answer_share(talk, 1, API_SHARE_FETCH, 3);
    share(talk, API_SHARE_FETCH, 4, 1, 3);
    answer_share(talk, 0, API_SHARE_FETCH, 4);
    share(talk, API_SHARE_FETCH, 5, 2, -1);
}

static void a_share_session_goes_on_where_it_lives(void **state)
{
    (void)state;
    talk_every_way("nothing named, another's topic, a second one, each of the two", scene_share_goes_on,
                   "link 0 <- ShareFetch v1 #1\nclient <- #1, 23 bytes\n"
                   "link 0 <- ShareAcknowledge v1 #2\nclient <- #2, 19 bytes\n"
                   "dial link 1: kafka2:9092\nclient off\nclient on\n"
                   "link 1 <- ShareFetch v1 #3\nclient <- #3, 23 bytes\n"
                   "link 0 <- ShareFetch v1 #4\nclient <- #4, 23 bytes\n"
                   "link 1 <- ShareFetch v1 #5\n");
}

static void scene_share_lost(struct talk *talk)
{
    begin_with_share_session(talk);
    talk_learn_leader(talk, "t2", 0, 2);
    fetch(talk, 1, "t2", 0, 0);
    talk_up(talk, 1);
    answer_fetch(talk, 1, 1, 0);
    talk->page = (struct page){.len = 0};
    talk_eof(talk, 0);
    share(talk, API_SHARE_FETCH, 2, 1, 1);
    talk_up(talk, 0);
}

static void a_share_session_goes_with_its_link(void **state)
{
    (void)state;
    talk_every_way(
        "the leader says that there is none", scene_share_lost,
        "drop link 0\ndial link 0: kafka1:9091\nclient off\nclient on\nlink 0 <- ShareFetch v1 #2\n");
}

/* ---------------------------------------------------------------- telemetry */

static void ask_telemetry(struct talk *talk, int key, int32_t correlation_id)
{
    talk_request(talk, key, 0, correlation_id, NONE_GIVEN);
}

static void scene_telemetry(struct talk *talk)
{
    begin_with_two(talk);
    fetch(talk, 1, "t1", 0, 0);
    talk_up(talk, 0);
    answer_fetch(talk, 0, 1, 0);
    ask_telemetry(talk, 71, 2);
    talk_answer(talk, 0, 71, 0, 2, NONE_GIVEN);
    fetch(talk, 3, "t2", 0, 0);
    talk_up(talk, 1);
    answer_fetch(talk, 1, 3, 0);
    talk->page = (struct page){.len = 0};
    ask_telemetry(talk, 72, 4);
}

static void telemetry_stays_at_the_node_where_it_began(void **state)
{
    (void)state;
    talk_every_way("another node was used meanwhile", scene_telemetry, "link 0 <- PushTelemetry v0 #4\n");
}

static void scene_lost_telemetry(struct talk *talk)
{
    scene_telemetry(talk);
    talk_answer(talk, 0, 72, 0, 4, NONE_GIVEN);
    talk_eof(talk, 0);
    talk->page = (struct page){.len = 0};
    ask_telemetry(talk, 72, 5);
}

static void telemetry_whose_link_is_gone_begins_anew_where_the_client_is(void **state)
{
    (void)state;
    talk_every_way("the broker closes", scene_lost_telemetry, "link 1 <- PushTelemetry v0 #5\n");
}

/* ---------------------------------------------------------------- racks */

static void scene_rack(struct talk *talk)
{
    begin_with_two(talk);
    fetch(talk, 1, "t1", 0, 0);
    talk_up(talk, 0);
    struct bytes sent = buffer_bytes(&talk->links[0].sent);
    assert_memory_equal(sent.at + sent.len - 8, "\0\6------", 8);
}

static void a_rack_is_blanked_so_that_the_leader_serves(void **state)
{
    (void)state;
    talk_every_way("several brokers", scene_rack,
                   "dial link 0: kafka1:9091\nclient off\nclient on\nlink 0 <- Fetch v11 #1\n");
}

static void scene_rack_of_one(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    fetch(talk, 1, "t1", 0, 0);
    talk_up(talk, 0);
    struct bytes sent = buffer_bytes(&talk->links[0].sent);
    assert_memory_equal(sent.at + sent.len - 8, "\0\6rack-a", 8);
}

static void with_one_broker_a_rack_passes(void **state)
{
    (void)state;
    talk_every_way("one broker", scene_rack_of_one,
                   "dial link 0: kafka:9092\nclient off\nclient on\nlink 0 <- Fetch v11 #1\n");
}

/* ---------------------------------------------------------------- no single node */

static void scene_lost(struct talk *talk)
{
    begin_with_two(talk);
    talk_request(talk, API_DESCRIBE_LOG_DIRS, 1, 1, GIVENS(given_null(ROLE_TOPICS)));
}

static void what_names_no_broker_and_means_one_is_refused_with_a_sentence(void **state)
{
    (void)state;
    talk_every_way(
        "DescribeLogDirs", scene_lost,
        "close ROUTE_UNKNOWN: DescribeLogDirs v1 does not say which broker it means, and the cluster "
        "has several: " EXACT_REMEDY "\n");
}

static void scene_not_offered(struct talk *talk)
{
    const struct givens keys[] = {
        GIVENS(given_number(ROLE_API_KEY, API_DESCRIBE_LOG_DIRS), given_number(ROLE_MAX_VERSION, 1)),
        GIVENS(given_number(ROLE_API_KEY, API_FETCH), given_number(ROLE_MAX_VERSION, 4))};
    talk->says = true;
    begin_with_two(talk);
    talk_request(talk, API_API_VERSIONS, 0, 1, NONE_GIVEN);
    talk_up(talk, 0);
    talk->page = (struct page){.len = 0};
    talk_answer(talk, 0, API_API_VERSIONS, 0, 1, GIVENS(given_array(ROLE_API_KEYS, keys, 2)));
    talk_request(talk, API_API_VERSIONS, 0, 2, NONE_GIVEN);
    talk_answer(talk, 0, API_API_VERSIONS, 0, 2, GIVENS(given_array(ROLE_API_KEYS, keys, 2)));
}

static void what_names_no_broker_is_not_offered_and_that_is_told_once(void **state)
{
    (void)state;
    talk_every_way("DescribeLogDirs", scene_not_offered,
                   "say: DescribeLogDirs and AlterReplicaLogDirs are not offered while several brokers share "
                   "the port, since they do "
                   "not say which one they mean; " EXACT_REMEDY "\n"
                   "client <- #1, 20 bytes\nlink 0 <- ApiVersions v0 #2\nclient <- #2, 20 bytes\n");
}

/* ---------------------------------------------------------------- a client that names its node */

static void name_node(struct talk *talk, int32_t correlation_id, int node)
{
    talk_request(talk, API_API_VERSIONS, 5, correlation_id,
                 GIVENS(given_bytes(ROLE_CLUSTER_ID, bytes_of("c")), given_number(ROLE_NODE_ID, node)));
}

static void scene_bound(struct talk *talk)
{
    begin_with_two(talk);
    name_node(talk, 1, 2);
    talk_up(talk, 0);
    fetch(talk, 2, "t1", 0, 0);
    talk_request(talk, 16, 0, 3, NONE_GIVEN);
    talk_request(talk, API_SASL_HANDSHAKE, 1, 4, NONE_GIVEN);
}

static void a_client_that_names_its_node_gets_that_node_and_no_other(void **state)
{
    (void)state;
    talk_every_way("node 2, whoever leads t1, and every API", scene_bound,
                   "dial link 0: kafka2:9092\nclient off\nlink 0 <- ApiVersions v5 #1\nclient on\n"
                   "link 0 <- Fetch v11 #2\nlink 0 <- ListGroups v0 #3\nlink 0 <- SaslHandshake v1 #4\n");
}

static void scene_names_the_only_one(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    name_node(talk, 1, 1);
    talk_up(talk, 0);
}

static void the_only_broker_is_dialled_at_the_bootstrap_address_though_it_is_named(void **state)
{
    (void)state;
    talk_every_way("its advertised address may be out of reach", scene_names_the_only_one,
                   "dial link 0: kafka:9092\nclient off\nlink 0 <- ApiVersions v5 #1\nclient on\n");
}

static void scene_names_nobody(struct talk *talk)
{
    begin_with_two(talk);
    name_node(talk, 1, -1);
    talk_up(talk, 0);
    fetch(talk, 2, "t2", 0, 0);
}

static void a_client_that_names_no_node_is_routed_by_what_it_asks(void **state)
{
    (void)state;
    talk_every_way("node -1", scene_names_nobody,
                   "dial link 0: kafka:9092\nclient off\nlink 0 <- ApiVersions v5 #1\nclient on\n"
                   "dial link 1: kafka2:9092\nclient off\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fetch_of_a_session_goes_to_its_node_whatever_it_names),
        cmocka_unit_test(an_unknown_session_is_answered_so_and_nobody_is_asked),
        cmocka_unit_test(a_session_goes_with_its_link),
        cmocka_unit_test(a_share_session_goes_on_where_it_lives),
        cmocka_unit_test(a_share_session_goes_with_its_link),
        cmocka_unit_test(telemetry_stays_at_the_node_where_it_began),
        cmocka_unit_test(telemetry_whose_link_is_gone_begins_anew_where_the_client_is),
        cmocka_unit_test(what_names_no_broker_is_not_offered_and_that_is_told_once),
        cmocka_unit_test(our_answer_keeps_the_clients_order),
        cmocka_unit_test(a_rack_is_blanked_so_that_the_leader_serves),
        cmocka_unit_test(with_one_broker_a_rack_passes),
        cmocka_unit_test(what_names_no_broker_and_means_one_is_refused_with_a_sentence),
        cmocka_unit_test(a_client_that_names_its_node_gets_that_node_and_no_other),
        cmocka_unit_test(the_only_broker_is_dialled_at_the_bootstrap_address_though_it_is_named),
        cmocka_unit_test(a_client_that_names_no_node_is_routed_by_what_it_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
