/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what is known of the cluster. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "proxy/bridge/coordinators.h"
#include "proxy/bridge/leaders.h"
#include "proxy/bridge/view.h"
#include "tests/memory/model_memory.h"

static struct model_memory memory;
static struct view *view;

static int begin(void **state)
{
    (void)state;
    model_memory_begin(&memory);
    view = view_new(&memory.allocator);
    return view ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    view_free(view);
    return memory.blocks == 0 ? 0 : -1;
}

static struct view_broker broker(int32_t id, const char *host)
{
    struct view_broker made = {.id = id, .advertised = {.port = 9092}};
    strcpy(made.advertised.host, host);
    return made;
}

static struct topic_key named(const char *name)
{
    return (struct topic_key){.name = bytes_of(name)};
}

/* `id` has 16 characters. */
static struct topic_key keyed(const char *name, const char *id)
{
    return (struct topic_key){bytes_of(name), bytes_of(id)};
}

static const char id_a[] = "aaaaaaaaaaaaaaaa";
static const char id_b[] = "bbbbbbbbbbbbbbbb";

static int32_t leader(struct topic_key key, int32_t partition)
{
    return view_leader(view, &key, partition, NULL);
}

static void learn(struct topic_key key, int32_t partition, int32_t node, int32_t epoch)
{
    view_learn_leader(view, &key, partition, node, epoch);
}

/* ---- brokers ---- */

static void test_nothing_is_known_at_first(void **state)
{
    (void)state;
    assert_int_equal(view_kind(view), VIEW_UNKNOWN);
    assert_int_equal(view_broker_count(view), 0);
    assert_null(view_broker_find(view, 0));
    assert_string_equal(view_cluster_id(view), "");
    assert_int_equal(view_controller(view), NODE_UNKNOWN);
    assert_int_equal(leader(named("orders"), 0), NODE_UNKNOWN);
    assert_int_equal(view_coordinator(view, COORDINATOR_GROUP, bytes_of("group")), NODE_UNKNOWN);
    assert_int_equal(view_version_max(view, 3), -1);
    assert_int_equal(view_api_count(view), 0);
}

static void test_brokers_stand_in_order_and_are_found(void **state)
{
    (void)state;
    enum { COUNT = 100 };
    struct view_broker brokers[COUNT];
    for (int32_t i = 0; i < COUNT; i++)
        brokers[i] = broker(i * 37 % COUNT * 3, "kafka");
    assert_true(view_learn_brokers(view, brokers, COUNT));
    assert_int_equal(view_broker_count(view), COUNT);
    for (int32_t i = 0; i < COUNT; i++) {
        assert_int_equal(view_broker_at(view, (size_t)i)->id, i * 3);
        assert_ptr_equal(view_broker_find(view, i * 3), view_broker_at(view, (size_t)i));
        assert_null(view_broker_find(view, i * 3 + 1));
    }
    assert_null(view_broker_find(view, -1));
}

static void test_brokers_are_new_only_where_something_changed(void **state)
{
    (void)state;
    struct view_broker brokers[] = {broker(2, "two"), broker(1, "one")};
    assert_true(view_learn_brokers(view, brokers, 2));
    assert_false(view_learn_brokers(view, brokers, 2));
    struct view_broker turned[] = {broker(1, "one"), broker(2, "two")};
    assert_false(view_learn_brokers(view, turned, 2));
    strcpy(turned[1].advertised.host, "elsewhere");
    assert_true(view_learn_brokers(view, turned, 2));
    assert_string_equal(view_broker_find(view, 2)->advertised.host, "elsewhere");
    turned[0].advertised.port = 9093;
    assert_true(view_learn_brokers(view, turned, 2));
    assert_true(view_learn_brokers(view, turned, 1));
    assert_null(view_broker_find(view, 2));
}

static void test_a_cluster_goes_from_one_to_several_and_never_back(void **state)
{
    (void)state;
    struct view_broker brokers[] = {broker(1, "one"), broker(2, "two")};
    view_learn_brokers(view, brokers, 1);
    assert_int_equal(view_kind(view), VIEW_ONE);
    view_learn_brokers(view, brokers, 2);
    assert_int_equal(view_kind(view), VIEW_SEVERAL);
    view_learn_brokers(view, brokers, 1);
    assert_int_equal(view_kind(view), VIEW_SEVERAL);
}

static void test_several_bootstrap_addresses_mean_several_brokers(void **state)
{
    (void)state;
    struct view_broker one = broker(1, "one");
    view_learn_several(view);
    assert_int_equal(view_kind(view), VIEW_SEVERAL);
    view_learn_brokers(view, &one, 1);
    assert_int_equal(view_kind(view), VIEW_SEVERAL);
}

static void test_an_answer_without_brokers_changes_nothing(void **state)
{
    (void)state;
    struct view_broker one = broker(1, "one");
    assert_false(view_learn_brokers(view, NULL, 0));
    assert_int_equal(view_kind(view), VIEW_UNKNOWN);
    view_learn_brokers(view, &one, 1);
    assert_false(view_learn_brokers(view, NULL, 0));
    assert_int_equal(view_broker_count(view), 1);
}

static void test_of_two_brokers_with_one_id_one_stays(void **state)
{
    (void)state;
    struct view_broker brokers[] = {broker(1, "one"), broker(1, "uno"), broker(1, "eins")};
    assert_true(view_learn_brokers(view, brokers, 3));
    assert_int_equal(view_broker_count(view), 1);
    assert_int_equal(view_kind(view), VIEW_ONE);
}

static void test_brokers_stay_as_they_were_where_memory_is_out(void **state)
{
    (void)state;
    struct view_broker brokers[] = {broker(1, "one"), broker(2, "two")};
    view_learn_brokers(view, brokers, 1);
    memory.fail_at = memory.calls + 1;
    assert_false(view_learn_brokers(view, brokers, 2));
    assert_int_equal(memory.failed, 1);
    assert_int_equal(view_broker_count(view), 1);
    assert_int_equal(view_kind(view), VIEW_ONE);
}

/* ---- the cluster ---- */

static void test_the_cluster_id_is_kept_and_cut(void **state)
{
    (void)state;
    assert_true(view_learn_cluster_id(view, bytes_of("4L6g3nShT-eMCtK--X86sw")));
    assert_false(view_learn_cluster_id(view, bytes_of("4L6g3nShT-eMCtK--X86sw")));
    assert_false(view_learn_cluster_id(view, (struct bytes){NULL, 0}));
    assert_string_equal(view_cluster_id(view), "4L6g3nShT-eMCtK--X86sw");
    char longest[100];
    memset(longest, 'x', sizeof longest);
    assert_true(view_learn_cluster_id(view, (struct bytes){(uint8_t *)longest, sizeof longest}));
    assert_int_equal(strlen(view_cluster_id(view)), 63);
    assert_false(view_learn_cluster_id(view, (struct bytes){(uint8_t *)longest, sizeof longest}));
}

static void test_the_controller_is_learned_and_forgotten(void **state)
{
    (void)state;
    view_learn_controller(view, 3);
    view_learn_controller(view, -1);
    assert_int_equal(view_controller(view), 3);
    view_forget_controller(view);
    assert_int_equal(view_controller(view), NODE_UNKNOWN);
}

/* ---- leaders ---- */

static void test_a_leader_is_found_by_name_and_by_id(void **state)
{
    (void)state;
    learn(keyed("orders", id_a), 3, 7, 11);
    assert_int_equal(leader(keyed("orders", id_a), 3), 7);
    assert_int_equal(leader(named("orders"), 3), 7);
    assert_int_equal(leader(keyed("", id_a), 3), 7);
    assert_int_equal(leader(named("orders"), 2), NODE_UNKNOWN);
    assert_int_equal(leader(named("orders"), 4), NODE_UNKNOWN);
    assert_int_equal(leader(named("orders"), -1), NODE_UNKNOWN);
    assert_int_equal(leader(named("order"), 3), NODE_UNKNOWN);
    assert_int_equal(leader(keyed("", id_b), 3), NODE_UNKNOWN);
    assert_int_equal(leader(keyed("orders", id_b), 3), NODE_UNKNOWN);
    int32_t epoch = 0;
    struct topic_key key = named("orders");
    view_leader(view, &key, 3, &epoch);
    assert_int_equal(epoch, 11);
    view_leader(view, &key, 4, &epoch);
    assert_int_equal(epoch, -1);
}

static void test_an_id_of_zeros_is_none(void **state)
{
    (void)state;
    static const uint8_t zeros[16];
    struct topic_key key = {bytes_of("orders"), {zeros, 16}};
    learn(key, 0, 1, 5);
    assert_int_equal(leader(named("orders"), 0), 1);
    struct topic_key nobody = {{NULL, 0}, {zeros, 16}};
    learn(nobody, 0, 2, 5);
    assert_int_equal(leader(nobody, 0), NODE_UNKNOWN);
}

static void test_a_lower_epoch_never_overwrites_a_higher_one(void **state)
{
    (void)state;
    learn(keyed("orders", id_a), 0, 1, 5);
    learn(keyed("orders", id_a), 0, 2, 4);
    assert_int_equal(leader(named("orders"), 0), 1);
    learn(keyed("", id_a), 0, 2, 4);
    assert_int_equal(leader(named("orders"), 0), 1);
    learn(keyed("orders", id_a), 0, 2, 5);
    assert_int_equal(leader(named("orders"), 0), 2);
    learn(keyed("orders", id_a), 0, 3, -1);
    assert_int_equal(leader(named("orders"), 0), 3);
    learn(keyed("orders", id_a), 0, 4, 0);
    assert_int_equal(leader(named("orders"), 0), 4);
}

static void test_without_an_id_the_newest_answer_counts(void **state)
{
    (void)state;
    learn(named("orders"), 0, 1, 5);
    learn(named("orders"), 0, 2, 0);
    assert_int_equal(leader(named("orders"), 0), 2);
}

static void test_a_leader_below_zero_is_not_kept(void **state)
{
    (void)state;
    learn(named("orders"), 0, 1, 5);
    learn(named("orders"), 0, -1, 6);
    assert_int_equal(leader(named("orders"), 0), 1);
    learn(named("orders"), -1, 1, 6);
    learn(named(""), 0, 1, 6);
    assert_int_equal(leader(named(""), 0), NODE_UNKNOWN);
}

static void test_a_forgotten_epoch_does_not_stand_in_the_way(void **state)
{
    (void)state;
    learn(keyed("orders", id_a), 0, 1, 5);
    struct topic_key key = named("orders");
    view_forget_leader(view, &key, 0);
    assert_int_equal(leader(key, 0), NODE_UNKNOWN);
    learn(keyed("orders", id_a), 0, 2, 4);
    assert_int_equal(leader(key, 0), 2);
}

static void test_exactly_one_partition_is_forgotten(void **state)
{
    (void)state;
    struct topic_key key = keyed("orders", id_a);
    for (int32_t partition = 0; partition < 3; partition++)
        learn(key, partition, partition, 0);
    view_forget_leader(view, &key, 1);
    view_forget_leader(view, &key, 99);
    assert_int_equal(leader(key, 0), 0);
    assert_int_equal(leader(key, 1), NODE_UNKNOWN);
    assert_int_equal(leader(key, 2), 2);
}

static void test_a_name_with_another_id_is_another_topic(void **state)
{
    (void)state;
    learn(keyed("orders", id_a), 0, 1, 9);
    learn(keyed("orders", id_a), 1, 1, 9);
    learn(keyed("orders", id_b), 0, 2, 0);
    assert_int_equal(leader(named("orders"), 0), 2);
    assert_int_equal(leader(named("orders"), 1), NODE_UNKNOWN);
    assert_int_equal(leader(keyed("", id_a), 0), NODE_UNKNOWN);
    assert_int_equal(leader(keyed("", id_b), 0), 2);
}

static void test_an_id_joins_a_topic_known_by_name(void **state)
{
    (void)state;
    learn(named("orders"), 0, 1, 9);
    learn(named("orders"), 1, 2, 9);
    learn(keyed("orders", id_a), 0, 3, 9);
    assert_int_equal(leader(keyed("", id_a), 0), 3);
    assert_int_equal(leader(keyed("", id_a), 1), 2);
    assert_int_equal(leader(named("orders"), 0), 3);
}

static void test_a_name_joins_a_topic_known_by_id(void **state)
{
    (void)state;
    learn(keyed("", id_a), 0, 1, 9);
    learn(keyed("orders", id_a), 0, 2, 9);
    assert_int_equal(leader(keyed("", id_a), 0), 2);
    assert_int_equal(leader(named("orders"), 0), 2);
}

static void test_two_half_known_topics_become_one(void **state)
{
    (void)state;
    learn(named("orders"), 0, 1, 9);
    learn(keyed("", id_a), 0, 2, 9);
    learn(keyed("orders", id_a), 0, 3, 9);
    assert_int_equal(leader(named("orders"), 0), 3);
    assert_int_equal(leader(keyed("", id_a), 0), 3);
}

static void test_a_topic_is_forgotten_by_name_and_by_id(void **state)
{
    (void)state;
    struct topic_key name = named("orders");
    struct topic_key id = keyed("", id_a);
    learn(keyed("orders", id_a), 0, 1, 0);
    view_forget_topic(view, &name);
    assert_int_equal(leader(id, 0), NODE_UNKNOWN);
    learn(keyed("orders", id_a), 0, 1, 0);
    view_forget_topic(view, &id);
    view_forget_topic(view, &id);
    assert_int_equal(leader(name, 0), NODE_UNKNOWN);
}

static void learn_many(int32_t topics, int32_t partitions)
{
    for (int32_t topic = 0; topic < topics; topic++) {
        char name[48], id[17];
        snprintf(name, sizeof name, "department.application.topic-%05d", (int)topic);
        snprintf(id, sizeof id, "%016d", (int)topic + 1);
        for (int32_t partition = 0; partition < partitions; partition++)
            learn(keyed(name, id), partition, (topic + partition) % 9, partition);
    }
}

static void test_100000_partitions_take_at_most_4_mib(void **state)
{
    (void)state;
    size_t before = memory.bytes;
    learn_many(1000, 100);
    assert_true(memory.bytes - before <= 4 << 20);
    assert_int_equal(leader(named("department.application.topic-00999"), 99), (999 + 99) % 9);
    assert_int_equal(leader(keyed("", "0000000000001000"), 99), (999 + 99) % 9);
    assert_int_equal(leader(named("department.application.topic-00000"), 0), 0);
}

static void test_100000_partitions_in_10000_topics_do_too(void **state)
{
    (void)state;
    size_t before = memory.bytes;
    learn_many(10000, 10);
    assert_true(memory.bytes - before <= 4 << 20);
    assert_int_equal(leader(named("department.application.topic-09999"), 9), (9999 + 9) % 9);
}

static void test_a_mad_partition_number_costs_nothing(void **state)
{
    (void)state;
    size_t before = memory.bytes;
    learn(named("orders"), INT32_MAX, 1, 0);
    learn(named("orders"), LEADERS_BYTES_MAX / 16, 1, 0);
    assert_int_equal(memory.bytes, before);
    assert_int_equal(leader(named("orders"), INT32_MAX), NODE_UNKNOWN);
}

static void test_memory_for_leaders_is_bounded(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        char name[20];
        snprintf(name, sizeof name, "topic-%d", i);
        learn(named(name), LEADERS_BYTES_MAX / 16 - 1, 1, 0);
        assert_true(memory.bytes < LEADERS_BYTES_MAX + LEADERS_BYTES_MAX / 2 + (1 << 16));
        assert_int_equal(leader(named(name), LEADERS_BYTES_MAX / 16 - 1), 1);
    }
}

/* ---- coordinators ---- */

static int32_t coordinator(enum coordinator_type type, const char *key)
{
    return view_coordinator(view, type, bytes_of(key));
}

static void test_a_group_and_a_transaction_of_one_name_are_two(void **state)
{
    (void)state;
    view_learn_coordinator(view, COORDINATOR_GROUP, bytes_of("orders"), 1);
    view_learn_coordinator(view, COORDINATOR_TRANSACTION, bytes_of("orders"), 2);
    view_learn_coordinator(view, COORDINATOR_SHARE, bytes_of("orders"), -1);
    assert_int_equal(coordinator(COORDINATOR_GROUP, "orders"), 1);
    assert_int_equal(coordinator(COORDINATOR_TRANSACTION, "orders"), 2);
    assert_int_equal(coordinator(COORDINATOR_SHARE, "orders"), NODE_UNKNOWN);
    view_forget_coordinator(view, COORDINATOR_GROUP, bytes_of("orders"));
    view_forget_coordinator(view, COORDINATOR_GROUP, bytes_of("orders"));
    assert_int_equal(coordinator(COORDINATOR_GROUP, "orders"), NODE_UNKNOWN);
    assert_int_equal(coordinator(COORDINATOR_TRANSACTION, "orders"), 2);
}

static void test_the_newest_coordinator_counts(void **state)
{
    (void)state;
    view_learn_coordinator(view, COORDINATOR_GROUP, bytes_of("orders"), 1);
    view_learn_coordinator(view, COORDINATOR_GROUP, bytes_of("orders"), 2);
    view_learn_coordinator(view, COORDINATOR_GROUP, bytes_of("orders"), -1);
    assert_int_equal(coordinator(COORDINATOR_GROUP, "orders"), 2);
}

static void test_an_empty_key_is_a_key(void **state)
{
    (void)state;
    view_learn_coordinator(view, COORDINATOR_GROUP, (struct bytes){NULL, 0}, 4);
    assert_int_equal(view_coordinator(view, COORDINATOR_GROUP, (struct bytes){NULL, 0}), 4);
}

static void learn_group(int number)
{
    char name[20];
    snprintf(name, sizeof name, "group-%d", number);
    view_learn_coordinator(view, COORDINATOR_GROUP, bytes_of(name), number % 7);
}

static int32_t coordinator_of_group(int number)
{
    char name[20];
    snprintf(name, sizeof name, "group-%d", number);
    return coordinator(COORDINATOR_GROUP, name);
}

static void test_the_least_recently_used_goes_first(void **state)
{
    (void)state;
    for (int i = 0; i < COORDINATORS_MAX; i++)
        learn_group(i);
    assert_int_equal(coordinator_of_group(0), 0); /* used */
    learn_group(COORDINATORS_MAX);
    assert_int_equal(coordinator_of_group(0), 0);
    assert_int_equal(coordinator_of_group(1), NODE_UNKNOWN);
    assert_int_equal(coordinator_of_group(2), 2);
    assert_int_equal(coordinator_of_group(COORDINATORS_MAX), COORDINATORS_MAX % 7);
    for (int i = 0; i < 3 * COORDINATORS_MAX; i++)
        learn_group(i);
    assert_true(memory.blocks <= COORDINATORS_MAX + 3);
}

static void test_long_group_names_do_not_fill_memory(void **state)
{
    (void)state;
    static uint8_t name[32767];
    for (int i = 0; i < 1000; i++) {
        name[i % 4] = (uint8_t)i;
        name[4] = (uint8_t)(i >> 8);
        view_learn_coordinator(view, COORDINATOR_GROUP, (struct bytes){name, sizeof name}, 1);
        assert_int_equal(view_coordinator(view, COORDINATOR_GROUP, (struct bytes){name, sizeof name}), 1);
    }
    assert_true(memory.bytes <= COORDINATORS_BYTES_MAX + (1 << 16));
}

/* ---- versions ---- */

static void test_the_narrowest_versions_count(void **state)
{
    (void)state;
    view_learn_versions(view, 3, 0, 12);
    view_learn_versions(view, 3, 1, 13);
    view_learn_versions(view, 3, 0, 11);
    view_learn_versions(view, 0, 3, 9);
    assert_int_equal(view_version_min(view, 3), 1);
    assert_int_equal(view_version_max(view, 3), 11);
    assert_int_equal(view_version_max(view, 0), 9);
    assert_int_equal(view_version_max(view, 1), -1);
    assert_int_equal(view_version_min(view, 1), -1);
    assert_int_equal(view_api_count(view), 2);
}

static void test_keys_out_of_range_are_passed_over(void **state)
{
    (void)state;
    view_learn_versions(view, -1, 0, 1);
    view_learn_versions(view, 256, 0, 1);
    view_learn_versions(view, INT16_MAX, 0, 1);
    view_learn_versions(view, 5, 3, 2);
    view_learn_versions(view, 255, 0, 1);
    assert_int_equal(view_api_count(view), 1);
    assert_int_equal(view_version_max(view, -1), -1);
    assert_int_equal(view_version_max(view, 256), -1);
    assert_int_equal(view_version_max(view, 255), 1);
}

/* ---- out of memory ---- */

/* Everything that allocates, twice over; with the n-th allocation failing the view must stay whole. */
static void exercise(void)
{
    struct view_broker brokers[] = {broker(2, "two"), broker(1, "one")};
    view_learn_brokers(view, brokers, 2);
    for (int i = 0; i < 40; i++) {
        char name[20], id[17];
        snprintf(name, sizeof name, "topic-%d", i);
        snprintf(id, sizeof id, "%016d", i + 1);
        learn(named(name), i, 1, 1);
        learn(keyed("", id), 0, 2, 1);
        learn(keyed(name, id), i, 3, 2);
        assert_true(leader(named(name), i) == 3 || memory.failed);
        learn_group(i);
        assert_true(coordinator_of_group(i) == i % 7 || memory.failed);
    }
    for (int i = 0; i < 40; i += 3) {
        char name[20];
        snprintf(name, sizeof name, "topic-%d", i);
        struct topic_key key = named(name);
        view_forget_topic(view, &key);
        assert_int_equal(leader(key, i), NODE_UNKNOWN);
    }
}

static void test_any_allocation_may_fail(void **state)
{
    (void)state;
    size_t fail_at = 1;
    for (bool failed = true; failed; fail_at++) {
        struct model_memory *each = &memory;
        view_free(view);
        assert_int_equal(each->blocks, 0);
        model_memory_begin(each);
        each->fail_at = fail_at;
        view = view_new(&each->allocator);
        if (view) {
            exercise();
            each->fail_at = 0;
            exercise();
        }
        failed = each->failed > 0;
    }
    assert_true(fail_at > 100);
}

#define VIEW_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(test_nothing_is_known_at_first),
        VIEW_TEST(test_brokers_stand_in_order_and_are_found),
        VIEW_TEST(test_brokers_are_new_only_where_something_changed),
        VIEW_TEST(test_a_cluster_goes_from_one_to_several_and_never_back),
        VIEW_TEST(test_several_bootstrap_addresses_mean_several_brokers),
        VIEW_TEST(test_an_answer_without_brokers_changes_nothing),
        VIEW_TEST(test_of_two_brokers_with_one_id_one_stays),
        VIEW_TEST(test_brokers_stay_as_they_were_where_memory_is_out),
        VIEW_TEST(test_the_cluster_id_is_kept_and_cut),
        VIEW_TEST(test_the_controller_is_learned_and_forgotten),
        VIEW_TEST(test_a_leader_is_found_by_name_and_by_id),
        VIEW_TEST(test_an_id_of_zeros_is_none),
        VIEW_TEST(test_a_lower_epoch_never_overwrites_a_higher_one),
        VIEW_TEST(test_without_an_id_the_newest_answer_counts),
        VIEW_TEST(test_a_leader_below_zero_is_not_kept),
        VIEW_TEST(test_a_forgotten_epoch_does_not_stand_in_the_way),
        VIEW_TEST(test_exactly_one_partition_is_forgotten),
        VIEW_TEST(test_a_name_with_another_id_is_another_topic),
        VIEW_TEST(test_an_id_joins_a_topic_known_by_name),
        VIEW_TEST(test_a_name_joins_a_topic_known_by_id),
        VIEW_TEST(test_two_half_known_topics_become_one),
        VIEW_TEST(test_a_topic_is_forgotten_by_name_and_by_id),
        VIEW_TEST(test_100000_partitions_take_at_most_4_mib),
        VIEW_TEST(test_100000_partitions_in_10000_topics_do_too),
        VIEW_TEST(test_a_mad_partition_number_costs_nothing),
        VIEW_TEST(test_memory_for_leaders_is_bounded),
        VIEW_TEST(test_a_group_and_a_transaction_of_one_name_are_two),
        VIEW_TEST(test_the_newest_coordinator_counts),
        VIEW_TEST(test_an_empty_key_is_a_key),
        VIEW_TEST(test_the_least_recently_used_goes_first),
        VIEW_TEST(test_long_group_names_do_not_fill_memory),
        VIEW_TEST(test_the_narrowest_versions_count),
        VIEW_TEST(test_keys_out_of_range_are_passed_over),
        VIEW_TEST(test_any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
