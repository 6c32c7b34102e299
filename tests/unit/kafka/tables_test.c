/* SPDX-License-Identifier: Apache-2.0 */
/* What everything that reads or writes a message by the tables relies on.
 * That the rows are those of Kafka's specs is checked by the generator itself (tests/tables_fresh_test.py). */
#include "proxy/kafka/tables.h"
#include "proxy/kafka/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { API_KEYS = 95 };

typedef void (*message_check)(const struct message *message);
typedef void (*struct_check)(const struct field *first, size_t count, int version);

static const struct message *message_at(int place)
{
    if (place < 2)
        return place ? &tables_request_header : &tables_response_header;
    return tables_message(place % 2 ? REQUEST : RESPONSE, place / 2 - 1);
}

enum { MESSAGES = 2 + 2 * API_KEYS };

static void for_each_message(message_check check)
{
    for (int place = 0; place < MESSAGES; place++)
        check(message_at(place));
}

static void for_each_struct_in(const struct field *first, size_t count, int version, struct_check check)
{
    check(first, count, version);
    for (size_t i = 0; i < count; i++) {
        if (first[i].kind == KIND_STRUCT && version_in(version, first[i].first, first[i].last))
            for_each_struct_in(&tables_fields[first[i].children], first[i].count, version, check);
    }
}

/* Every struct of every version of every message. */
static void for_each_struct(struct_check check)
{
    for (int place = 0; place < MESSAGES; place++) {
        const struct message *message = message_at(place);
        for (int version = 0; version <= message->last; version++)
            for_each_struct_in(&tables_fields[message->fields], message->count, version, check);
    }
}

/* The row of a path like "Topics.Name" in a version; NULL where it has none. */
static const struct field *find_field(const struct message *message, int version, const char *path)
{
    const struct field *first = &tables_fields[message->fields];
    size_t count = message->count;
    for (;;) {
        size_t len = strcspn(path, ".");
        const struct field *found = NULL;
        for (size_t i = 0; i < count; i++) {
            bool named = strncmp(first[i].name, path, len) == 0 && first[i].name[len] == 0;
            if (named && version_in(version, first[i].first, first[i].last))
                found = &first[i];
        }
        if (!found || path[len] == 0)
            return found;
        path += len + 1;
        first = &tables_fields[found->children];
        count = found->count;
    }
}

/* ---------------------------------------------------------------- keys and names */

static void every_key_up_to_the_last_has_both_messages_under_its_own_key(void **state)
{
    (void)state;
    assert_int_equal(tables_api_key_last, API_KEYS - 1);
    for (int key = 0; key <= tables_api_key_last; key++) {
        const struct message *request = tables_message(REQUEST, key);
        const struct message *response = tables_message(RESPONSE, key);
        assert_int_equal(request->api_key, key);
        assert_int_equal(response->api_key, key);
        size_t len = strlen(tables_api_name(key));
        assert_memory_equal(request->name, tables_api_name(key), len);
        assert_string_equal(request->name + len, "Request");
        assert_memory_equal(response->name, tables_api_name(key), len);
        assert_string_equal(response->name + len, "Response");
    }
}

static void a_request_and_its_response_are_known_in_the_same_versions_from_0_on(void **state)
{
    (void)state;
    for (int key = 0; key <= tables_api_key_last; key++) {
        const struct message *request = tables_message(REQUEST, key);
        assert_int_equal(request->first, 0);
        assert_int_equal(tables_message(RESPONSE, key)->first, 0);
        assert_int_equal(tables_message(RESPONSE, key)->last, request->last);
    }
}

static void a_key_outside_the_tables_is_unknown(void **state)
{
    (void)state;
    static const int keys[] = {-1, API_KEYS, 32767, -32768};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_null(tables_message(REQUEST, keys[i]));
        assert_null(tables_message(RESPONSE, keys[i]));
        assert_null(tables_api_name(keys[i]));
        assert_false(tables_knows(keys[i], 0));
    }
}

static void a_version_is_known_from_the_first_to_the_last(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int key, last;
    } rows[] = {
        {"Produce", 0, 13},         {"Fetch", 1, 18},           {"Metadata", 3, 13},
        {"LeaderAndIsr", 4, 7},     {"FindCoordinator", 10, 6}, {"ApiVersions", 18, 5},
        {"DescribeCluster", 60, 2}, {"ShareFetch", 78, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(tables_api_name(rows[i].key), rows[i].name);
        assert_false(tables_knows(rows[i].key, -1));
        assert_true(tables_knows(rows[i].key, 0));
        assert_true(tables_knows(rows[i].key, rows[i].last));
        assert_false(tables_knows(rows[i].key, rows[i].last + 1));
    }
}

static void an_error_code_has_the_name_that_kafka_gives_it(void **state)
{
    (void)state;
    assert_string_equal(tables_error_name(-1), "UNKNOWN_SERVER_ERROR");
    assert_string_equal(tables_error_name(0), "NONE");
    assert_string_equal(tables_error_name(6), "NOT_LEADER_OR_FOLLOWER");
    assert_string_equal(tables_error_name(35), "UNSUPPORTED_VERSION");
    assert_string_equal(tables_error_name(70), "FETCH_SESSION_ID_NOT_FOUND");
    assert_string_equal(tables_error_name(129), "REBOOTSTRAP_REQUIRED");
    for (int code = TABLES_ERROR_FIRST; code <= tables_error_last; code++)
        if (!tables_error_name(code))
            fail_msg("error %d has no name", code);
}

static void a_code_that_is_no_error_has_no_name(void **state)
{
    (void)state;
    assert_null(tables_error_name(-2));
    assert_null(tables_error_name(tables_error_last + 1));
    assert_null(tables_error_name(32767));
}

static void header_versions_follow_flexibility_with_kafkas_two_exceptions(void **state)
{
    (void)state;
    static const struct {
        const char *because;
        int key, version, request, response;
    } rows[] = {
        {"Metadata is flexible from version 9 on", 3, 8, 1, 0},
        {"Metadata is flexible from version 9 on", 3, 9, 2, 1},
        {"SaslHandshake never is", 17, 1, 1, 0},
        {"ShareFetch always is", 78, 0, 2, 1},
        {"the response of ApiVersions must be readable by all (KIP-511)", 18, 2, 1, 0},
        {"the response of ApiVersions must be readable by all (KIP-511)", 18, 5, 2, 0},
        {"ControlledShutdown 0 is older than client ids", 7, 0, 0, 0},
        {"ControlledShutdown 1 is not", 7, 1, 1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].because);
        assert_int_equal(tables_header_version(REQUEST, rows[i].key, rows[i].version), rows[i].request);
        assert_int_equal(tables_header_version(RESPONSE, rows[i].key, rows[i].version), rows[i].response);
    }
}

/* ---------------------------------------------------------------- rows */

static void check_field_ranges(const struct field *first, size_t count, int version)
{
    (void)version;
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &first[i];
        assert_true(field->first <= field->last);
        assert_true(field->role < ROLE_COUNT);
        assert_true(field->kind <= KIND_STRUCT);
        assert_int_equal(field->kind == KIND_STRUCT, field->count > 0);
        if (field->null_first > field->null_last)
            continue;
        assert_true(field->null_first >= field->first);
        assert_true(field->null_last <= field->last);
    }
}

static void every_row_has_a_range_of_versions_that_holds_its_nullable_ones(void **state)
{
    (void)state;
    for_each_struct(check_field_ranges);
}

static void check_tagged_are_last_and_in_order(const struct field *first, size_t count, int version)
{
    int tag = TAG_NONE;
    for (size_t i = 0; i < count; i++) {
        if (!version_in(version, first[i].first, first[i].last))
            continue;
        assert_true(first[i].tag == TAG_NONE ? tag == TAG_NONE : first[i].tag > tag);
        tag = first[i].tag;
    }
}

static void tagged_fields_follow_all_others_in_the_order_of_their_tags(void **state)
{
    (void)state;
    for_each_struct(check_tagged_are_last_and_in_order);
}

static void check_port_follows_host(const struct field *first, size_t count, int version)
{
    enum role before = ROLE_NONE;
    for (size_t i = 0; i < count; i++) {
        if (!version_in(version, first[i].first, first[i].last))
            continue;
        assert_int_equal(first[i].role == ROLE_PORT, before == ROLE_HOST);
        before = (enum role)first[i].role;
    }
    assert_int_not_equal(before, ROLE_HOST);
}

static void a_port_stands_right_behind_each_host_and_nowhere_else(void **state)
{
    (void)state;
    for_each_struct(check_port_follows_host);
}

static size_t depth_of(const struct field *first, size_t count)
{
    size_t deepest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t depth = first[i].count ? depth_of(&tables_fields[first[i].children], first[i].count) : 0;
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

static void check_depth(const struct message *message)
{
    assert_in_range(depth_of(&tables_fields[message->fields], message->count), 1, WALK_DEPTH - 1);
}

static void no_message_is_nested_deeper_than_the_walker_can_go(void **state)
{
    (void)state;
    for_each_message(check_depth);
}

static void a_field_is_nullable_tagged_or_gone_by_version(void **state)
{
    (void)state;
    const struct message *metadata = tables_message(RESPONSE, 3);
    assert_int_equal(find_field(metadata, 11, "Topics.Name")->null_first, 12);
    assert_null(find_field(metadata, 9, "Topics.TopicId"));
    assert_int_equal(find_field(metadata, 10, "Topics.TopicId")->kind, KIND_UUID);
    const struct message *fetch = tables_message(RESPONSE, 1);
    assert_null(find_field(fetch, 15, "NodeEndpoints"));
    assert_int_equal(find_field(fetch, 16, "NodeEndpoints")->tag, 0);
    assert_int_equal(find_field(tables_message(RESPONSE, 78), 1, "NodeEndpoints")->tag, TAG_NONE);
}

static void versions_that_the_newest_kafka_dropped_are_there(void **state)
{
    (void)state;
    assert_non_null(find_field(tables_message(REQUEST, 0), 0, "TopicData.PartitionData.Records"));
    assert_null(find_field(tables_message(REQUEST, 0), 2, "TransactionalId"));
    assert_non_null(find_field(&tables_request_header, 0, "CorrelationId"));
    assert_null(find_field(&tables_request_header, 0, "ClientId"));
}

static void api_versions_5_names_the_node_that_is_meant(void **state)
{
    (void)state;
    const struct message *request = tables_message(REQUEST, 18);
    assert_null(find_field(request, 4, "NodeId"));
    assert_int_equal(find_field(request, 5, "NodeId")->role, ROLE_NODE_ID);
    assert_int_equal(find_field(request, 5, "NodeId")->preset, -1);
    assert_int_equal(find_field(request, 5, "ClusterId")->role, ROLE_CLUSTER_ID);
    assert_int_equal(find_field(request, 5, "ClusterId")->null_first, 5);
}

static void the_client_id_is_never_compact(void **state)
{
    (void)state;
    assert_true(find_field(&tables_request_header, 2, "ClientId")->never_compact);
    assert_false(find_field(tables_message(REQUEST, 11), 9, "GroupId")->never_compact);
}

/* ---------------------------------------------------------------- roles */

static bool roles_met[ROLE_COUNT];

static void note_roles(const struct field *first, size_t count, int version)
{
    (void)version;
    for (size_t i = 0; i < count; i++)
        roles_met[first[i].role] = true;
}

static void every_role_is_that_of_some_field(void **state)
{
    (void)state;
    static const char *const names[] = {
#define NAME(name, text) #name,
        ROLES(NAME)
#undef NAME
    };
    for_each_struct(note_roles);
    for (int role = 0; role < ROLE_COUNT; role++) {
        if (!roles_met[role])
            fail_msg("no field has the role %s", names[role]);
    }
}

static void what_is_no_address_of_a_broker_has_no_role_of_one(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum direction direction;
        int key, version;
    } rows[] = {
        {"Nodes.Listeners.Host", RESPONSE, 55, 2},
        {"Nodes.NodeId", RESPONSE, 55, 2},
        {"Groups.Members.ClientHost", RESPONSE, 15, 6},
        {"Groups.Members.ClientHost", RESPONSE, 69, 1},
        {"Resources.Acls.Host", RESPONSE, 29, 3},
        {"Creations.Host", REQUEST, 30, 3},
        {"UserEndpoint.Host", REQUEST, 88, 0},
        {"Groups.Members.UserEndpoint.Host", RESPONSE, 89, 0},
        {"Listeners.Host", REQUEST, 80, 1},
        {"CurrentLeader.Host", RESPONSE, 82, 0},
        {"NodeEndpoints.Host", RESPONSE, 52, 2},
        {"NodeEndpoints.Host", RESPONSE, 53, 1},
        {"NodeEndpoints.Host", RESPONSE, 54, 1},
        {"NodeEndpoints.Host", RESPONSE, 59, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s of key %d\n", rows[i].path, rows[i].key);
        const struct message *message = tables_message(rows[i].direction, rows[i].key);
        assert_int_equal(find_field(message, rows[i].version, rows[i].path)->role, ROLE_NONE);
    }
}

static void what_decides_the_route_of_a_request_has_its_role(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum role role;
        int key, version;
    } rows[] = {
        {"TopicData", ROLE_TOPICS, 0, 13},
        {"TopicData.TopicId", ROLE_TOPIC_ID, 0, 13},
        {"TopicData.Name", ROLE_TOPIC_NAME, 0, 12},
        {"TopicData.PartitionData", ROLE_PARTITIONS, 0, 0},
        {"TopicData.PartitionData.Index", ROLE_PARTITION, 0, 0},
        {"Acks", ROLE_ACKS, 0, 0},
        {"SessionId", ROLE_SESSION_ID, 1, 7},
        {"Topics.Partitions.CurrentLeaderEpoch", ROLE_LEADER_EPOCH, 1, 9},
        {"ForgottenTopicsData.Topic", ROLE_NONE, 1, 7},
        {"GroupId", ROLE_GROUP_ID, 8, 2},
        {"Groups.GroupId", ROLE_GROUP_ID, 9, 8},
        {"Key", ROLE_COORDINATOR_KEY, 10, 0},
        {"CoordinatorKeys", ROLE_COORDINATOR_KEY, 10, 4},
        {"Groups", ROLE_GROUP_ID, 15, 0},
        {"GroupsNames", ROLE_GROUP_ID, 42, 0},
        {"GroupIds", ROLE_GROUP_ID, 69, 0},
        {"V3AndBelowTransactionalId", ROLE_TRANSACTIONAL_ID, 24, 3},
        {"Transactions.TransactionalId", ROLE_TRANSACTIONAL_ID, 24, 4},
        {"Markers.Topics.PartitionIndexes", ROLE_PARTITION, 27, 1},
        {"TransactionalIds", ROLE_TRANSACTIONAL_ID, 65, 0},
        {"Resources.ResourceType", ROLE_RESOURCE_TYPE, 32, 1},
        {"Resources", ROLE_RESOURCES, 44, 0},
        {"ShareSessionEpoch", ROLE_SESSION_EPOCH, 78, 1},
        {"ShareSessionEpoch", ROLE_SESSION_EPOCH, 79, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s of key %d\n", rows[i].path, rows[i].key);
        const struct field *field =
            find_field(tables_message(REQUEST, rows[i].key), rows[i].version, rows[i].path);
        assert_int_equal(field->role, rows[i].role);
    }
}

static void what_is_learned_from_a_response_has_its_role(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum role role;
        int key, version;
    } rows[] = {
        {"Responses.PartitionResponses.CurrentLeader.LeaderId", ROLE_LEADER_ID, 0, 10},
        {"Responses.Partitions.CurrentLeader.LeaderEpoch", ROLE_LEADER_EPOCH, 1, 12},
        {"Responses.Partitions.CurrentLeader.LeaderId", ROLE_LEADER_ID, 78, 1},
        {"Responses.Partitions.CurrentLeader.LeaderId", ROLE_LEADER_ID, 79, 1},
        {"Topics.Partitions.LeaderEpoch", ROLE_LEADER_EPOCH, 3, 7},
        {"Topics.Partitions.LeaderEpoch", ROLE_NONE, 2, 4}, /* of the record, not the current one */
        {"Topics.Partitions.LeaderId", ROLE_NONE, 55, 2},   /* of the controllers */
        {"ErrorCode", ROLE_ERROR_CODE, 3, 13},
        {"Topics.Partitions.ErrorCode", ROLE_ERROR_CODE, 3, 0},
        {"Brokers.BrokerId", ROLE_NODE_ID, 60, 0},
        {"EndpointType", ROLE_ENDPOINT_TYPE, 60, 1},
        {"NodeId", ROLE_NODE_ID, 10, 3},
        {"Coordinators.NodeId", ROLE_NODE_ID, 10, 4},
        {"Coordinators.Key", ROLE_COORDINATOR_KEY, 10, 4},
        {"ApiKeys.ApiKey", ROLE_API_KEY, 18, 0},
        {"SupportedFeatures.MaxVersion", ROLE_NONE, 18, 3},
        {"Mechanisms", ROLE_NONE, 17, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s of key %d\n", rows[i].path, rows[i].key);
        const struct field *field =
            find_field(tables_message(RESPONSE, rows[i].key), rows[i].version, rows[i].path);
        assert_int_equal(field->role, rows[i].role);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_up_to_the_last_has_both_messages_under_its_own_key),
        cmocka_unit_test(a_request_and_its_response_are_known_in_the_same_versions_from_0_on),
        cmocka_unit_test(a_key_outside_the_tables_is_unknown),
        cmocka_unit_test(a_version_is_known_from_the_first_to_the_last),
        cmocka_unit_test(an_error_code_has_the_name_that_kafka_gives_it),
        cmocka_unit_test(a_code_that_is_no_error_has_no_name),
        cmocka_unit_test(header_versions_follow_flexibility_with_kafkas_two_exceptions),
        cmocka_unit_test(every_row_has_a_range_of_versions_that_holds_its_nullable_ones),
        cmocka_unit_test(tagged_fields_follow_all_others_in_the_order_of_their_tags),
        cmocka_unit_test(a_port_stands_right_behind_each_host_and_nowhere_else),
        cmocka_unit_test(no_message_is_nested_deeper_than_the_walker_can_go),
        cmocka_unit_test(a_field_is_nullable_tagged_or_gone_by_version),
        cmocka_unit_test(versions_that_the_newest_kafka_dropped_are_there),
        cmocka_unit_test(api_versions_5_names_the_node_that_is_meant),
        cmocka_unit_test(the_client_id_is_never_compact),
        cmocka_unit_test(every_role_is_that_of_some_field),
        cmocka_unit_test(what_is_no_address_of_a_broker_has_no_role_of_one),
        cmocka_unit_test(what_decides_the_route_of_a_request_has_its_role),
        cmocka_unit_test(what_is_learned_from_a_response_has_its_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
