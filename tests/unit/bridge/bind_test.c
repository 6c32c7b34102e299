/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/bind.c: connections of the exact modes. Brokers 1 and 2 have the ports 29094 and 29095. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/bridge/talk.h"

enum { LIST_GROUPS = 16, PORT_OF_1 = 29094, PORT_OF_2 = 29095, CORRELATION_OF_OURS = 1801613927 };

#define NODE(id, port)                                                                                       \
    GIVENS(given_number(ROLE_NODE_ID, id), given_bytes(ROLE_HOST, bytes_of("k")),                            \
           given_number(ROLE_PORT, port))

/* ---------------------------------------------------------------- scenes */

static void come_to(struct talk *talk, uint16_t port)
{
    talk->surroundings.exact = (struct exact){EXACT_PORTS, 29093, 29192};
    talk->place.port = port;
    talk_connect(talk);
}

static void come_with_two(struct talk *talk, uint16_t port)
{
    talk_learn_brokers(talk, 2);
    talk_learn_leader(talk, "t1", 0, 1);
    come_to(talk, port);
}

static void fetch(struct talk *talk, int32_t correlation_id)
{
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("t1")), given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(talk, API_FETCH, 11, correlation_id,
                 GIVENS(given_number(ROLE_SESSION_ID, 7), given_number(ROLE_SESSION_EPOCH, 3),
                        given_array(ROLE_TOPICS, topics, 1), given_bytes(ROLE_RACK_ID, bytes_of("rack-a"))));
}

static void authenticate(struct talk *talk, int32_t correlation_id)
{
    talk_request(talk, API_SASL_HANDSHAKE, 1, correlation_id,
                 GIVENS(given_bytes(ROLE_MECHANISM, bytes_of("SCRAM-SHA-256"))));
}

static void answer_metadata(struct talk *talk, end_id link, int32_t correlation_id, uint32_t count)
{
    const struct givens brokers[] = {NODE(1, 9091), NODE(2, 9092), NODE(102, 9093)};
    talk_answer(talk, link, API_METADATA, 1, correlation_id,
                GIVENS(given_array(ROLE_BROKERS, brokers, count)));
}

/* ---------------------------------------------------------------- a node's own address */

static void scene_of_node(struct talk *talk)
{
    come_with_two(talk, PORT_OF_2);
    talk_request(talk, API_API_VERSIONS, 3, 1, NONE_GIVEN);
    talk_up(talk, 0);
    authenticate(talk, 2);
    fetch(talk, 3);
    struct bytes sent = buffer_bytes(&talk->links[0].sent);
    assert_memory_equal(sent.at + sent.len - 8, "\0\6rack-a", 8);
    talk_request(talk, LIST_GROUPS, 0, 4, NONE_GIVEN);
    talk_request(talk, API_DESCRIBE_LOG_DIRS, 1, 5, NONE_GIVEN);
}

static void a_nodes_port_leads_there_whatever_is_asked(void **state)
{
    (void)state;
    talk_every_way("SASL, sessions, racks, groups: as without kbridge", scene_of_node,
                   "dial link 0: kafka2:9092\nclient off\nlink 0 <- ApiVersions v3 #1\nclient on\n"
                   "link 0 <- SaslHandshake v1 #2\nlink 0 <- Fetch v11 #3\nlink 0 <- ListGroups v0 #4\n"
                   "link 0 <- DescribeLogDirs v1 #5\n");
}

static void scene_offers(struct talk *talk)
{
    const struct givens keys[] = {GIVENS(given_number(ROLE_API_KEY, API_DESCRIBE_LOG_DIRS),
                                         given_number(ROLE_MIN_VERSION, 1),
                                         given_number(ROLE_MAX_VERSION, 4))};
    come_with_two(talk, PORT_OF_1);
    talk_request(talk, API_API_VERSIONS, 0, 1, NONE_GIVEN);
    talk_up(talk, 0);
    talk_answer(talk, 0, API_API_VERSIONS, 0, 1, GIVENS(given_array(ROLE_API_KEYS, keys, 1)));
    struct bytes sent = buffer_bytes(&talk->client.sent);
    assert_memory_equal(sent.at + sent.len - 10, "\0\0\0\1\0\43\0\1\0\4", 10);
}

static void every_api_is_offered_there(void **state)
{
    (void)state;
    talk_every_way("DescribeLogDirs", scene_offers,
                   "dial link 0: kafka1:9091\nclient off\nlink 0 <- ApiVersions v0 #1\nclient on\n"
                   "client <- #1, 20 bytes\n");
}

static void scene_names_another(struct talk *talk)
{
    come_with_two(talk, PORT_OF_2);
    talk_request(talk, API_API_VERSIONS, 5, 1,
                 GIVENS(given_bytes(ROLE_CLUSTER_ID, bytes_of("c")), given_number(ROLE_NODE_ID, 1)));
}

static void a_client_that_names_another_node_is_told_so_by_the_broker(void **state)
{
    (void)state;
    talk_every_way("node 1 at the port of 2", scene_names_another, "dial link 0: kafka2:9092\nclient off\n");
}

static void scene_of_the_only_one(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    come_to(talk, PORT_OF_1);
    fetch(talk, 1);
    talk_up(talk, 0);
    const struct view_broker two[] = {{1, {"kafka1", 9091}}, {2, {"kafka2", 9092}}};
    view_learn_brokers(talk->bridge.view, two, 2);
    fetch(talk, 2);
}

static void the_only_broker_is_dialled_at_the_bootstrap_address_and_stays_there(void **state)
{
    (void)state;
    talk_every_way("a second one comes", scene_of_the_only_one,
                   "dial link 0: kafka:9092\nclient off\nclient on\nlink 0 <- Fetch v11 #1\n"
                   "link 0 <- Fetch v11 #2\n");
}

static void scene_of_nobody(struct talk *talk)
{
    come_with_two(talk, PORT_OF_2 + 1);
    fetch(talk, 1);
    talk_up(talk, 0);
    answer_metadata(talk, 0, CORRELATION_OF_OURS, 2);
}

static void a_port_of_no_node_is_asked_for_once_and_then_refused(void **state)
{
    (void)state;
    talk_every_way(
        "3 of 2", scene_of_nobody,
        "dial link 0: kafka:9092\nclient off\nlink 0 <- Metadata v1 #1801613927\nfact: cluster \"\" of 2\n"
        "close ROUTE_UNKNOWN: it came to 127.0.0.1:29096, which means the node whose id is 3 modulo "
        "100 (listen.per-broker), and the cluster has none\n");
}

static void scene_of_a_new_one(struct talk *talk)
{
    talk_learn_brokers(talk, 2);
    come_to(talk, PORT_OF_2 + 1);
    fetch(talk, 1);
    talk_up(talk, 0);
    const struct givens brokers[] = {NODE(1, 9091), NODE(3, 9093)};
    talk_answer(talk, 0, API_METADATA, 1, CORRELATION_OF_OURS, GIVENS(given_array(ROLE_BROKERS, brokers, 2)));
}

static void a_node_that_is_new_is_found_by_asking(void **state)
{
    (void)state;
    talk_every_way(
        "3", scene_of_a_new_one,
        "dial link 0: kafka:9092\nclient off\nlink 0 <- Metadata v1 #1801613927\nfact: cluster \"\" of 2\n"
        "dial link 1: k:9093\nclient off\n");
}

static void scene_of_two(struct talk *talk)
{
    const struct view_broker brokers[] = {{1, {"a", 1}}, {2, {"b", 2}}, {102, {"c", 3}}};
    view_learn_brokers(talk->bridge.view, brokers, 3);
    come_to(talk, PORT_OF_2);
    fetch(talk, 1);
}

static void a_port_that_two_nodes_share_serves_neither(void **state)
{
    (void)state;
    talk_every_way(
        "2 and 102", scene_of_two,
        "close ROUTE_UNKNOWN: it came to 127.0.0.1:29095, which means the node whose id is 2 modulo "
        "100, and the cluster has several: give listen.per-broker a range that has more ports\n");
}

static void scene_dead(struct talk *talk)
{
    come_with_two(talk, PORT_OF_2);
    fetch(talk, 1);
    talk_failed(talk, 0, REASON_BROKER_UNREACHABLE, "kafka2:9092: connection refused");
}

static void a_dead_node_closes_its_connections_at_once(void **state)
{
    (void)state;
    talk_every_way("2", scene_dead,
                   "dial link 0: kafka2:9092\nclient off\nclose BROKER_UNREACHABLE: node 2, which advertises "
                   "kafka2:9092, was dialled at kafka2:9092: connection refused\n");
}

/* ---------------------------------------------------------------- before the cluster is known */

static void scene_early(struct talk *talk)
{
    come_to(talk, PORT_OF_2);
    fetch(talk, 1);
    talk_up(talk, 0);
    answer_metadata(talk, 0, CORRELATION_OF_OURS, 2);
}

static void what_comes_before_the_cluster_is_known_waits_for_it(void **state)
{
    (void)state;
    talk_every_way(
        "a request", scene_early,
        "dial link 0: kafka:9092\nclient off\nlink 0 <- Metadata v1 #1801613927\nfact: cluster \"\" of 2\n"
        "dial link 1: k:9092\nclient off\n");
}

static void scene_early_sasl(struct talk *talk)
{
    come_to(talk, PORT_OF_2);
    authenticate(talk, 1);
    talk_up(talk, 0);
    talk_answer(talk, 0, API_SASL_HANDSHAKE, 1, 1, NONE_GIVEN);
    fetch(talk, 2);
    answer_metadata(talk, 0, CORRELATION_OF_OURS, 2);
}

static void who_authenticates_before_the_cluster_is_known_helps_to_find_it_and_comes_again(void **state)
{
    (void)state;
    talk_every_way(
        "only on an authenticated link can be asked", scene_early_sasl,
        "dial link 0: kafka:9092\nclient off\nclient on\nlink 0 <- SaslHandshake v1 #1\n"
        "client <- #1, 14 bytes\nlink 0 <- Metadata v1 #1801613927\nclient off\nfact: cluster \"\" of 2\n"
        "close SEVERAL_BROKERS: it came to 127.0.0.1:29095 before kbridge knew the cluster; when it "
        "comes again it gets node 2\n");
}

/* ---------------------------------------------------------------- the shared address */

static void scene_shared(struct talk *talk)
{
    come_with_two(talk, 29092);
    authenticate(talk, 1);
    talk_up(talk, 0);
    fetch(talk, 2);
    talk_request(talk, LIST_GROUPS, 0, 3, NONE_GIVEN);
    talk_request(talk, API_METADATA, 1, 4, NONE_GIVEN);
    for (int32_t id = 1; id <= 3; id++)
        talk_answer(talk, 0,
                    id == 1   ? API_SASL_HANDSHAKE
                    : id == 2 ? API_FETCH
                              : LIST_GROUPS,
                    id == 1   ? 1
                    : id == 2 ? 11
                              : 0,
                    id, NONE_GIVEN);
    talk->page = (struct page){.len = 0};
    talk->raw = true;
    answer_metadata(talk, 0, 4, 2);
}

static void at_the_shared_address_one_bootstrap_broker_serves_and_tells_of_all(void **state)
{
    (void)state;
    talk_every_way(
        "each at its port of the same host", scene_shared,
        "client <- 00 00 00 ':' 00 00 00 04 00 00 00 02 00 00 00 01 00 09 'localhost' 00 00 'q' a6 ff ff "
        "00 00 00 02 00 09 'localhost' 00 00 'q' a7 ff ff ff ff ff ff 00 00 00 00\n"
        "fact: cluster \"\" of 2\n");
}

/* ---------------------------------------------------------------- loopback */

static int32_t asked[8];
static size_t asked_count;

static bool listen_for(void *net, int32_t number)
{
    asked[asked_count++ % 8] = number;
    return net == NULL || number == 1;
}

static bool has(struct bytes bytes, const char *text)
{
    for (size_t at = 0; at + strlen(text) <= bytes.len; at++)
        if (memcmp(bytes.at + at, text, strlen(text)) == 0)
            return true;
    return false;
}

static void connect_loopback(struct talk *talk)
{
    talk->surroundings.exact = (struct exact){.mode = EXACT_LOOPBACK};
    talk->bridge.listen = listen_for;
    asked_count = 0;
    talk_connect(talk);
    talk_request(talk, API_METADATA, 1, 1, NONE_GIVEN);
    talk_up(talk, 0);
    answer_metadata(talk, 0, 1, 2);
}

static void an_address_is_listened_on_before_it_is_told(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    connect_loopback(&talk);
    assert_true(asked_count >= 4);
    for (int32_t number = 1; number <= 2; number++) {
        char host[32];
        (void)snprintf(host, sizeof host, "127.0.1.%d", number);
        assert_true(has(buffer_bytes(&talk.client.sent), host));
    }
    talk_end(&talk);
}

static void an_address_that_cannot_be_listened_on_is_not_told(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    talk.bridge.net = &talk;
    connect_loopback(&talk);
    talk_expect(&talk, "the client is closed",
                "dial link 0: kafka:9092\nclient off\nclient on\nlink 0 <- Metadata v1 #1\n"
                "close LIMIT: a node is to be told as 127.0.1.2:29092, where kbridge cannot listen: give "
                "listen.per-broker a range of ports\n");
    assert_int_equal(talk.client.sent.len, 0);
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nodes_port_leads_there_whatever_is_asked),
        cmocka_unit_test(every_api_is_offered_there),
        cmocka_unit_test(a_client_that_names_another_node_is_told_so_by_the_broker),
        cmocka_unit_test(the_only_broker_is_dialled_at_the_bootstrap_address_and_stays_there),
        cmocka_unit_test(a_port_of_no_node_is_asked_for_once_and_then_refused),
        cmocka_unit_test(a_node_that_is_new_is_found_by_asking),
        cmocka_unit_test(a_port_that_two_nodes_share_serves_neither),
        cmocka_unit_test(a_dead_node_closes_its_connections_at_once),
        cmocka_unit_test(what_comes_before_the_cluster_is_known_waits_for_it),
        cmocka_unit_test(who_authenticates_before_the_cluster_is_known_helps_to_find_it_and_comes_again),
        cmocka_unit_test(at_the_shared_address_one_bootstrap_broker_serves_and_tells_of_all),
        cmocka_unit_test(an_address_is_listened_on_before_it_is_told),
        cmocka_unit_test(an_address_that_cannot_be_listened_on_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
