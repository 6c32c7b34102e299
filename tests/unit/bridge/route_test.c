/* SPDX-License-Identifier: Apache-2.0 */
/* Where requests belong: each is made by the writer, walked, and looked up in a view of three brokers. */
#include "proxy/bridge/route.h"

#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

#include "tests/unit/kafka/memory.h"
#include "tests/unit/kafka/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GIVENS(...)                                                                                          \
    ((struct givens){(const struct given[]){__VA_ARGS__},                                                    \
                     sizeof((const struct given[]){__VA_ARGS__}) / sizeof(struct given)})
#define NONE_GIVEN ((struct givens){NULL, 0})

static const char id_a[] = "aaaaaaaaaaaaaaaa";

static struct memory memory;
static struct view *view;

/* Topic "t" (or id_a) partition 0 is led by 1, partition 5 by 2; group "g" is coordinated by 3, transaction "x" by 1, a
 * transaction "g" by 2; the controller is 2. */
static int begin(void **state)
{
    (void)state;
    memory_begin(&memory, MEMORY_PLENTY);
    view = view_new(&memory.allocator);
    struct view_broker brokers[] = {{1, {"a", 1}}, {2, {"b", 2}}, {3, {"c", 3}}};
    view_learn_brokers(view, brokers, 3);
    struct topic_key topic = {bytes_of("t"), bytes_of(id_a)};
    view_learn_leader(view, &topic, 0, 1, 0);
    view_learn_leader(view, &topic, 5, 2, 0);
    view_learn_coordinator(view, COORDINATOR_GROUP, bytes_of("g"), 3);
    view_learn_coordinator(view, COORDINATOR_TRANSACTION, bytes_of("x"), 1);
    view_learn_coordinator(view, COORDINATOR_TRANSACTION, bytes_of("g"), 2);
    view_learn_controller(view, 2);
    return 0;
}

static int end(void **state)
{
    (void)state;
    view_free(view);
    return memory.live;
}

/* Walks the body, until the route is known, in pieces by `cut`. */
static void walk_body(struct route *route, int key, int version, struct bytes body, size_t cut)
{
    struct walk walk;
    struct walk_event event;
    enum walk_step step = WALK_MORE;
    walk_begin(&walk, tables_message(REQUEST, key), version, (uint32_t)body.len);
    walk.roles = route_roles(route_by_of(key));
    for (size_t done = 0; step == WALK_MORE && !route->known;) {
        struct span piece = pages_copy((struct bytes){body.at + done, pages_next(done, body.len, cut)});
        struct span input = piece;
        while (!route->known && (step = walk_next(&walk, &input, &event)) > WALK_BAD)
            assert_true(route_see(route, step, &event));
        assert_int_not_equal(step, WALK_BAD);
        done += piece.len;
        free(piece.at);
    }
}

static void expect_node_of_body(const char *claim, int key, int version, struct bytes body, int32_t node)
{
    for (size_t cut = 0; cut <= body.len; cut++) {
        struct route route = {.name = {.allocator = &memory.allocator}};
        route_begin(&route, route_by_of(key));
        route.has_epoch = route_names_epoch(key, version);
        walk_body(&route, key, version, body, cut);
        int32_t found = route_node(&route, view);
        if (found != node)
            fail_msg("%s, key %d v%d, cut %zu: node %d, not %d", claim, key, version, cut, found, node);
        route_free(&route);
    }
}

static void expect_node(const char *claim, int key, int version, struct givens givens, int32_t node)
{
    struct buffer frame = {.allocator = &memory.allocator};
    const char *bad = write_request(&frame, key, version, 1, givens);
    if (bad)
        fail_msg("%s: %s", claim, bad);
    size_t head = 4 + 8 + 9 + (tables_header_version(REQUEST, key, version) == 2);
    expect_node_of_body(claim, key, version, (struct bytes){frame.at + head, frame.len - head}, node);
    buffer_free(&frame);
}

static struct given topic_of(struct givens *room, struct given *values, struct givens *partition,
                             struct given *index, enum role role, struct bytes name, int32_t number)
{
    *index = given_number(ROLE_PARTITION, number);
    *partition = (struct givens){index, 1};
    values[0] = given_bytes(role, name);
    values[1] = given_array(ROLE_PARTITIONS, partition, 1);
    values[2] = given_array(ROLE_PARTITION, partition, 1);
    *room = (struct givens){values, 3};
    return given_array(ROLE_TOPICS, room, 1);
}

static void expect_leader(const char *claim, int key, int version, enum role role, const char *name,
                          int32_t partition, int32_t node)
{
    struct givens room, partitions;
    struct given values[3], index;
    struct given topics = topic_of(&room, values, &partitions, &index, role, bytes_of(name), partition);
    expect_node(claim, key, version, GIVENS(topics, given_bytes(ROLE_GROUP_ID, bytes_of("g"))), node);
}

/* True where the tables have a leader epoch in this request. */
static bool has_epoch(struct bytes body, int key, int version)
{
    struct walk walk;
    struct walk_event event;
    struct span input = pages_copy(body);
    uint8_t *at = input.at;
    enum walk_step step;
    bool has = false;
    walk_begin(&walk, tables_message(REQUEST, key), version, (uint32_t)body.len);
    while ((step = walk_next(&walk, &input, &event)) > WALK_BAD)
        has = has || event.field->role == ROLE_LEADER_EPOCH;
    assert_int_equal(step, WALK_DONE);
    free(at);
    return has;
}

static void expect_epoch(const char *claim, int key, int version, int32_t epoch, int32_t node)
{
    const struct givens partition[] = {
        GIVENS(given_number(ROLE_PARTITION, 5), given_number(ROLE_LEADER_EPOCH, epoch))};
    const struct givens topics[] = {GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("t")),
                                           given_bytes(ROLE_TOPIC_ID, bytes_of(id_a)),
                                           given_array(ROLE_PARTITIONS, partition, 1))};
    struct buffer frame = {.allocator = &memory.allocator};
    assert_null(write_request(&frame, key, version, 1, GIVENS(given_array(ROLE_TOPICS, topics, 1))));
    size_t head = 4 + 8 + 9 + (tables_header_version(REQUEST, key, version) == 2);
    struct bytes body = {frame.at + head, frame.len - head};
    assert_int_equal(has_epoch(body, key, version), route_names_epoch(key, version));
    expect_node_of_body(claim, key, version, body, node);
    buffer_free(&frame);
}

static void a_client_that_knows_a_later_leader_makes_kbridge_ask(void **state)
{
    (void)state;
    static const int keys[] = {1, 2, 21, 23};
    struct topic_key topic = {bytes_of("t"), bytes_of(id_a)};
    view_learn_leader(view, &topic, 5, 2, 7);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct message *message = tables_message(REQUEST, keys[i]);
        for (int version = message->first; version <= message->last; version++) {
            bool named = route_names_epoch(keys[i], version);
            expect_epoch("the view's epoch", keys[i], version, 7, 2);
            expect_epoch("an earlier one: the broker says that it is fenced", keys[i], version, 6, 2);
            expect_epoch("none", keys[i], version, -1, 2);
            expect_epoch("a later one", keys[i], version, 8, named ? NODE_UNKNOWN : 2);
        }
    }
    view_forget_leader(view, &topic, 5);
    view_learn_leader(view, &topic, 5, 2, -1);
    expect_epoch("the view knows of none", 1, 12, 8, 2);
}

static void the_leader_of_the_first_partition_serves(void **state)
{
    (void)state;
    static const int keys[] = {0, 1, 2, 21, 23, 61};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        int last = keys[i] < 2 ? 12 : tables_message(REQUEST, keys[i])->last;
        for (int version = tables_message(REQUEST, keys[i])->first; version <= last; version++) {
            expect_leader("partition 0", keys[i], version, ROLE_TOPIC_NAME, "t", 0, 1);
            expect_leader("partition 5", keys[i], version, ROLE_TOPIC_NAME, "t", 5, 2);
            expect_leader("an unknown partition", keys[i], version, ROLE_TOPIC_NAME, "t", 1, NODE_UNKNOWN);
            expect_leader("an unknown topic", keys[i], version, ROLE_TOPIC_NAME, "u", 0, NODE_UNKNOWN);
        }
    }
}

static void topics_are_found_by_id(void **state)
{
    (void)state;
    static const int rows[][2] = {{0, 13}, {1, 13}, {1, 18}, {78, 1}, {79, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect_leader("partition 5", rows[i][0], rows[i][1], ROLE_TOPIC_ID, id_a, 5, 2);
        expect_leader("another id", rows[i][0], rows[i][1], ROLE_TOPIC_ID, "bbbbbbbbbbbbbbbb", 5,
                      NODE_UNKNOWN);
    }
}

static void the_coordinator_of_the_first_group_serves(void **state)
{
    (void)state;
    static const int keys[] = {8, 9, 11, 12, 13, 14, 15, 28, 42, 47, 68, 69, 76, 77, 88, 89, 90, 91, 92};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct message *message = tables_message(REQUEST, keys[i]);
        for (int version = message->first; version <= message->last; version++) {
            const struct givens known[] = {GIVENS(given_bytes(ROLE_GROUP_ID, bytes_of("g"))),
                                           GIVENS(given_bytes(ROLE_GROUP_ID, bytes_of("unknown")))};
            const struct givens unknown[] = {known[1], known[0]};
            bool listed = keys[i] == 15 || keys[i] == 42 || keys[i] == 69 || keys[i] == 77 || keys[i] == 89;
            expect_node("the first is known", keys[i], version,
                        GIVENS(listed ? given_array(ROLE_GROUP_ID, known, 2)
                                      : given_bytes(ROLE_GROUP_ID, bytes_of("g")),
                               given_array(ROLE_GROUPS, known, 2),
                               given_bytes(ROLE_TRANSACTIONAL_ID, bytes_of("x"))),
                        3);
            expect_node("the first is not known", keys[i], version,
                        GIVENS(listed ? given_array(ROLE_GROUP_ID, unknown, 2)
                                      : given_bytes(ROLE_GROUP_ID, bytes_of("unknown")),
                               given_array(ROLE_GROUPS, unknown, 2)),
                        NODE_UNKNOWN);
        }
    }
}

static void the_coordinator_of_the_transaction_serves(void **state)
{
    (void)state;
    static const int keys[] = {22, 24, 25, 26, 65};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct message *message = tables_message(REQUEST, keys[i]);
        for (int version = message->first; version <= message->last; version++) {
            struct given name = given_bytes(ROLE_TRANSACTIONAL_ID, bytes_of("g"));
            struct givens element = {&name, 1};
            bool listed = keys[i] == 65;
            expect_node("and not the one of the group of this name", keys[i], version,
                        GIVENS(listed ? given_array(ROLE_TRANSACTIONAL_ID, &element, 1) : name,
                               given_bytes(ROLE_GROUP_ID, bytes_of("x")), (struct given){.role = ROLE_NONE}),
                        keys[i] == 24 && version >= 4 ? NODE_BOOTSTRAP : 2);
        }
    }
    struct span listed =
        pages_bytes("03 02 'x' 0000000000000001 0001 00 01 00 02 'g' 0000000000000001 0001 00 01 00 00");
    expect_node_of_body("AddPartitionsToTxn v4: x, then g", 24, 4, (struct bytes){listed.at, listed.len}, 1);
    free(listed.at);
    expect_node("no transaction", 22, 0, GIVENS(given_null(ROLE_TRANSACTIONAL_ID)), NODE_BOOTSTRAP);
    expect_node("no transaction", 22, 4, GIVENS(given_null(ROLE_TRANSACTIONAL_ID)), NODE_BOOTSTRAP);
}

static void expect_resource(const char *claim, int type, struct given name, int32_t node)
{
    static const int rows[][2] = {{32, 0}, {32, 4}, {33, 0}, {33, 2}, {44, 0}, {44, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct givens resource[] = {GIVENS(given_number(ROLE_RESOURCE_TYPE, type), name)};
        expect_node(claim, rows[i][0], rows[i][1], GIVENS(given_array(ROLE_RESOURCES, resource, 1)), node);
    }
}

static void the_broker_that_a_config_resource_names_serves(void **state)
{
    (void)state;
    expect_resource("a broker", 4, given_bytes(ROLE_RESOURCE_NAME, bytes_of("3")), 3);
    expect_resource("its loggers", 8, given_bytes(ROLE_RESOURCE_NAME, bytes_of("2")), 2);
    expect_resource("a broker that is not known yet", 4, given_bytes(ROLE_RESOURCE_NAME, bytes_of("12")),
                    NODE_UNKNOWN);
    expect_resource("the largest id", 4, given_bytes(ROLE_RESOURCE_NAME, bytes_of("2147483647")),
                    NODE_UNKNOWN);
    expect_resource("one above it", 4, given_bytes(ROLE_RESOURCE_NAME, bytes_of("2147483648")),
                    NODE_BOOTSTRAP);
    expect_resource("no number", 4, given_bytes(ROLE_RESOURCE_NAME, bytes_of("1a")), NODE_BOOTSTRAP);
    expect_resource("a negative number", 4, given_bytes(ROLE_RESOURCE_NAME, bytes_of("-1")), NODE_BOOTSTRAP);
    expect_resource("all brokers", 4, given_bytes(ROLE_RESOURCE_NAME, bytes_of("")), NODE_BOOTSTRAP);
    expect_resource("a topic named like a broker", 2, given_bytes(ROLE_RESOURCE_NAME, bytes_of("3")),
                    NODE_BOOTSTRAP);
}

static void a_request_that_names_nothing_goes_anywhere(void **state)
{
    (void)state;
    expect_node("Fetch without topics", API_FETCH, 12, NONE_GIVEN, NODE_BOOTSTRAP);
    expect_node("Produce without topics", API_PRODUCE, 3, NONE_GIVEN, NODE_BOOTSTRAP);
    expect_node("DescribeGroups without groups", 15, 5, NONE_GIVEN, NODE_BOOTSTRAP);
    expect_node("DescribeConfigs without resources", 32, 4, NONE_GIVEN, NODE_BOOTSTRAP);
}

static void what_any_broker_may_answer_goes_anywhere_and_the_rest_to_the_controller(void **state)
{
    (void)state;
    static const int any[] = {3, 10, 16, 17, 18, 29, 36, 48, 50, 55, 60, 71, 74, 75};
    static const int controller[] = {19, 20, 30, 31, 37, 43, 45, 46, 49, 51, 57};
    for (size_t i = 0; i < sizeof any / sizeof any[0]; i++)
        expect_node("any", any[i], tables_message(REQUEST, any[i])->first, NONE_GIVEN, NODE_BOOTSTRAP);
    for (size_t i = 0; i < sizeof controller / sizeof controller[0]; i++)
        expect_node("controller", controller[i], tables_message(REQUEST, controller[i])->first, NONE_GIVEN,
                    2);
    assert_int_equal(route_by_of(-1), ROUTE_ANY);
    assert_int_equal(route_by_of(tables_api_key_last + 1), ROUTE_ANY);
    assert_int_equal(route_by_of(999), ROUTE_ANY);
}

/* One list more, so that a change of route.c is seen here: who may answer each key of Kafka 4.4. */
static const struct {
    enum route_by by;
    int8_t keys[40]; /* ends with -1 */
} all_keys[] = {
    {ROUTE_LEADER, {0, 1, 2, 21, 23, 27, 61, 78, 79, -1}},
    {ROUTE_GROUP, {8, 9, 11, 12, 13, 14, 15, 28, 42, 47, 68, 69, 76, 77, 88, 89, 90, 91, 92, 93, -1}},
    {ROUTE_TRANSACTION, {22, 24, 25, 26, 65, -1}},
    {ROUTE_CONTROLLER, {19, 20, 30, 31, 37, 43, 45, 46, 49, 51, 57, -1}},
    {ROUTE_RESOURCE, {32, 33, 44, -1}},
    {ROUTE_EACH, {16, 66, -1}},
    {ROUTE_CONNECTION, {17, 18, 36, -1}},
    {ROUTE_TELEMETRY, {71, 72, -1}},
    {ROUTE_ANY, {3, 10, 29, 38, 39, 40, 41, 48, 50, 55, 60, 64, 74, 75, 80, 81, 94, -1}},
    {ROUTE_ANY, {34, 35, -1}}, /* one exact broker, and they do not say which: not offered */
    {ROUTE_ANY, {4,  5,  6,  7,  52, 53, 54, 56, 58, 59, 62, 63, 67, /* between brokers and controllers */
                 70, 73, 82, 83, 84, 85, 86, 87, -1}},
};

static void expect_route(int key, enum route_by by)
{
    if (route_by_of(key) != by)
        fail_msg("key %d is routed by %d, and belongs to %d", key, route_by_of(key), by);
    assert_int_equal(route_is_lost(key), key == 34 || key == 35);
}

static void every_key_has_its_route(void **state)
{
    (void)state;
    int rows_of[128] = {0};
    for (size_t row = 0; row < sizeof all_keys / sizeof all_keys[0]; row++) {
        for (const int8_t *key = all_keys[row].keys; *key >= 0; key++) {
            rows_of[*key]++;
            expect_route(*key, all_keys[row].by);
        }
    }
    for (int key = 0; key <= tables_api_key_last; key++)
        if (rows_of[key] != 1)
            fail_msg("key %d stands in %d rows", key, rows_of[key]);
}

/* What decides has to be in the tables of each version that kbridge reads, or a request would never find its way. */
static bool names(const struct field *fields, uint16_t count, int version, enum role role)
{
    for (uint16_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        bool here = version >= field->first && version <= field->last;
        if (here &&
            (field->role == role || names(&tables_fields[field->children], field->count, version, role)))
            return true;
    }
    return false;
}

static void every_version_names_what_decides(void **state)
{
    (void)state;
    static const enum role deciding[] = {
        [ROUTE_LEADER] = ROLE_PARTITION,
        [ROUTE_GROUP] = ROLE_GROUP_ID,
        [ROUTE_TRANSACTION] = ROLE_TRANSACTIONAL_ID,
        [ROUTE_RESOURCE] = ROLE_RESOURCE_NAME,
    };
    for (int key = 0; key <= tables_api_key_last; key++) {
        const struct message *message = tables_message(REQUEST, key);
        enum route_by by = route_by_of(key);
        enum role role = by < sizeof deciding / sizeof deciding[0] ? deciding[by] : ROLE_NONE;
        for (int version = message ? message->first : 0; role && message && version <= message->last;
             version++)
            if (!names(&tables_fields[message->fields], message->count, version, role))
                fail_msg("key %d v%d does not name what it is routed by", key, version);
    }
}

static struct route route_by_name(enum route_by by, const char *name)
{
    struct route route = {.by = (uint8_t)by, .known = true, .name = {.allocator = &memory.allocator}};
    assert_true(buffer_append(&route.name, bytes_of(name)));
    return route;
}

static void what_leads_to_a_node_that_cannot_be_reached_is_forgotten_and_nothing_else(void **state)
{
    (void)state;
    struct topic_key topic = {.name = bytes_of("t")};
    static const struct {
        enum route_by by;
        const char *name;
    } rows[] = {{ROUTE_LEADER, "t"}, {ROUTE_GROUP, "g"}, {ROUTE_TRANSACTION, "x"}, {ROUTE_CONTROLLER, "any"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct route route = route_by_name(rows[i].by, rows[i].name);
        int32_t before = route_node(&route, view);
        route.known = false;
        route_forget(&route, view);
        route.known = true;
        assert_int_equal(route_node(&route, view), before);
        route_forget(&route, view);
        assert_int_equal(route_node(&route, view), NODE_UNKNOWN);
        route_free(&route);
    }
    assert_int_equal(view_leader(view, &topic, 5, NULL), 2);
    assert_int_equal(view_coordinator(view, COORDINATOR_TRANSACTION, bytes_of("g")), 2);
}

static void one_broker_serves_everything(void **state)
{
    (void)state;
    struct view *all = view;
    view = view_new(&memory.allocator);
    struct view_broker broker = {7, {"a", 1}};
    view_learn_brokers(view, &broker, 1);
    expect_leader("an unknown topic", 0, 3, ROLE_TOPIC_NAME, "u", 0, NODE_BOOTSTRAP);
    expect_node("an unknown group", 11, 0, GIVENS(given_bytes(ROLE_GROUP_ID, bytes_of("g"))), NODE_BOOTSTRAP);
    expect_node("an unknown controller", 19, 2, NONE_GIVEN, NODE_BOOTSTRAP);
    view_free(view);
    view = all;
}

/* Only keys whose content is read are limited in ApiVersions. */
static void what_is_read_is_known(void **state)
{
    (void)state;
    static const int read[] = {0, 1, 2, 3, 8, 10, 11, 16, 17, 18, 22, 32, 60, 78, 79, 93};
    static const int unread[] = {-1, 19, 29, 55, 71, 74, 94, 1000};
    for (size_t i = 0; i < sizeof read / sizeof read[0]; i++)
        assert_true(route_reads(read[i]));
    for (size_t i = 0; i < sizeof unread / sizeof unread[0]; i++)
        assert_false(route_reads(unread[i]));
    for (int key = -1; key <= 200; key++)
        assert_int_equal(route_learns(key), key == API_METADATA || key == API_FIND_COORDINATOR ||
                                                key == API_API_VERSIONS || key == API_DESCRIBE_CLUSTER);
}

static void out_of_memory_is_said(void **state)
{
    (void)state;
    struct route route = {.name = {.allocator = &memory.allocator}};
    struct walk_event event = {.piece = bytes_of("g")};
    for (int row = tables_message(REQUEST, 12)->fields; !event.field; row++)
        if (tables_fields[row].role == ROLE_GROUP_ID)
            event.field = &tables_fields[row];
    route_begin(&route, ROUTE_GROUP);
    memory.left = 0;
    assert_true(route_see(&route, WALK_BEGIN, &event));
    assert_false(route_see(&route, WALK_PIECE, &event));
    memory.left = MEMORY_PLENTY;
    route_free(&route);
}

static void a_session_is_followed_from_its_second_request_to_its_last(void **state)
{
    (void)state;
    enum { FETCH_WITH_SESSIONS = 11, HEAD_V1 = 4 + 8 + 9 };
    static const struct {
        int32_t session, epoch;
        enum route_by by;
    } rows[] = {{0, -1, ROUTE_LEADER},
                {0, 0, ROUTE_LEADER},
                {7, 0, ROUTE_LEADER},
                {7, 1, ROUTE_SESSION},
                {7, -1, ROUTE_SESSION}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer frame = {.allocator = &memory.allocator};
        const struct givens givens = GIVENS(given_number(ROLE_SESSION_ID, rows[i].session),
                                            given_number(ROLE_SESSION_EPOCH, rows[i].epoch));
        assert_null(write_request(&frame, API_FETCH, FETCH_WITH_SESSIONS, 1, givens));
        struct route route = {.name = {.allocator = &memory.allocator}};
        route_begin(&route, ROUTE_LEADER);
        walk_body(&route, API_FETCH, FETCH_WITH_SESSIONS,
                  (struct bytes){frame.at + HEAD_V1, frame.len - HEAD_V1}, 0);
        assert_int_equal(route.by, rows[i].by);
        route_free(&route);
        buffer_free(&frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_leader_of_the_first_partition_serves, begin, end),
        cmocka_unit_test_setup_teardown(a_client_that_knows_a_later_leader_makes_kbridge_ask, begin, end),
        cmocka_unit_test_setup_teardown(a_session_is_followed_from_its_second_request_to_its_last, begin,
                                        end),
        cmocka_unit_test_setup_teardown(topics_are_found_by_id, begin, end),
        cmocka_unit_test_setup_teardown(the_coordinator_of_the_first_group_serves, begin, end),
        cmocka_unit_test_setup_teardown(the_coordinator_of_the_transaction_serves, begin, end),
        cmocka_unit_test_setup_teardown(the_broker_that_a_config_resource_names_serves, begin, end),
        cmocka_unit_test_setup_teardown(a_request_that_names_nothing_goes_anywhere, begin, end),
        cmocka_unit_test_setup_teardown(
            what_any_broker_may_answer_goes_anywhere_and_the_rest_to_the_controller, begin, end),
        cmocka_unit_test_setup_teardown(
            what_leads_to_a_node_that_cannot_be_reached_is_forgotten_and_nothing_else, begin, end),
        cmocka_unit_test(every_key_has_its_route),
        cmocka_unit_test(every_version_names_what_decides),
        cmocka_unit_test_setup_teardown(one_broker_serves_everything, begin, end),
        cmocka_unit_test_setup_teardown(what_is_read_is_known, begin, end),
        cmocka_unit_test_setup_teardown(out_of_memory_is_said, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
