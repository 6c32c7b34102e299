/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/map.c. */
#include "proxy/bridge/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/kafka/memory.h"

static bool is_same(const void *item, const void *key)
{
    return item == key;
}

static void items_of_one_hash_are_told_apart_by_their_key(void **state)
{
    struct memory memory;
    struct map map = {.slots = NULL};
    int items[3];
    (void)state;
    memory_begin(&memory, MEMORY_PLENTY);
    assert_null(map_find(&map, 5, is_same, &items[0]));
    for (int i = 0; i < 2; i++)
        assert_true(map_put(&map, &memory.allocator, 5, &items[i]));
    assert_ptr_equal(map_find(&map, 5, is_same, &items[0]), &items[0]);
    assert_ptr_equal(map_find(&map, 5, is_same, &items[1]), &items[1]);
    assert_null(map_find(&map, 5, is_same, &items[2]));
    map_free(&map, &memory.allocator);
    memory_end(&memory);
}

/* Every hash falls on the same place at first, so that taking one out has to move those behind it. */
static void what_stands_behind_a_removed_item_is_still_found(void **state)
{
    enum { COUNT = 100 };
    struct memory memory;
    struct map map = {.slots = NULL};
    int items[COUNT];
    (void)state;
    memory_begin(&memory, MEMORY_PLENTY);
    for (int i = 0; i < COUNT; i++)
        assert_true(map_put(&map, &memory.allocator, (uint64_t)(i % 7), &items[i]));
    for (int gone = 0; gone < COUNT; gone++) {
        map_remove(&map, (uint64_t)(gone % 7), &items[gone]);
        for (int i = 0; i < COUNT; i++)
            assert_ptr_equal(map_find(&map, (uint64_t)(i % 7), is_same, &items[i]),
                             i > gone ? &items[i] : NULL);
    }
    assert_int_equal(map.count, 0);
    map_free(&map, &memory.allocator);
    memory_end(&memory);
}

static void without_memory_an_item_is_not_added_and_the_others_stay(void **state)
{
    struct memory memory;
    struct map map = {.slots = NULL};
    int items[64];
    int kept = 0;
    (void)state;
    memory_begin(&memory, 1);
    while (map_put(&map, &memory.allocator, (uint64_t)kept, &items[kept]))
        kept++;
    assert_int_equal(map.count, kept);
    for (int i = 0; i < kept; i++)
        assert_ptr_equal(map_find(&map, (uint64_t)i, is_same, &items[i]), &items[i]);
    map_free(&map, &memory.allocator);
    memory_end(&memory);
}

static void a_hash_goes_on_where_it_stopped(void **state)
{
    (void)state;
    uint64_t whole = map_hash(MAP_HASH_FIRST, bytes_of("orders"));
    assert_true(whole == map_hash(map_hash(MAP_HASH_FIRST, bytes_of("ord")), bytes_of("ers")));
    assert_true(whole != map_hash(MAP_HASH_FIRST, bytes_of("orderz")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_of_one_hash_are_told_apart_by_their_key),
        cmocka_unit_test(what_stands_behind_a_removed_item_is_still_found),
        cmocka_unit_test(without_memory_an_item_is_not_added_and_the_others_stay),
        cmocka_unit_test(a_hash_goes_on_where_it_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
