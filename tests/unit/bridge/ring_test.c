/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the queue: order, growing at every place of its beginning, tickets, memory. */
#include "proxy/bridge/ring.h"

#include "tests/unit/kafka/memory.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct memory memory;

static int begin(void **state)
{
    (void)state;
    memory_begin(&memory, MEMORY_PLENTY);
    return 0;
}

static void push(struct ring *ring, int item)
{
    int *place = ring_push(ring, &memory.allocator);
    assert_non_null(place);
    *place = item;
}

static int pop(struct ring *ring)
{
    int item = *(const int *)ring_first(ring);
    ring_pop(ring);
    return item;
}

static void an_empty_ring_has_no_first_and_no_memory(void **state)
{
    (void)state;
    struct ring ring = {.item_size = sizeof(int)};
    assert_null(ring_first(&ring));
    ring_free(&ring, &memory.allocator);
    memory_end(&memory);
}

static void items_leave_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    struct ring ring = {.item_size = sizeof(int)};
    for (int i = 0; i < 1000; i++)
        push(&ring, i);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(pop(&ring), i);
    assert_null(ring_first(&ring));
    ring_free(&ring, &memory.allocator);
    memory_end(&memory);
}

/* The oldest item may lie anywhere when the ring grows. */
static void it_grows_wherever_it_begins(void **state)
{
    (void)state;
    for (int before = 0; before < 20; before++) {
        struct ring ring = {.item_size = sizeof(int)};
        for (int i = 0; i < before; i++) {
            push(&ring, -1);
            pop(&ring);
        }
        for (int i = 0; i < 9; i++)
            push(&ring, i);
        assert_int_equal(ring.ticket, before);
        for (int i = 0; i < 9; i++)
            assert_int_equal(*(int *)ring_at(&ring, (uint32_t)(before + i)), i);
        for (int i = 0; i < 9; i++)
            assert_int_equal(pop(&ring), i);
        ring_free(&ring, &memory.allocator);
    }
    memory_end(&memory);
}

static void tickets_pass_the_end_of_their_numbers(void **state)
{
    (void)state;
    struct ring ring = {.item_size = sizeof(int), .ticket = UINT32_MAX - 2};
    for (int i = 0; i < 6; i++)
        push(&ring, i);
    assert_int_equal(*(int *)ring_at(&ring, UINT32_MAX), 2);
    assert_int_equal(*(int *)ring_at(&ring, 0), 3);
    for (int i = 0; i < 6; i++)
        assert_int_equal(pop(&ring), i);
    assert_int_equal(ring.ticket, 3);
    ring_free(&ring, &memory.allocator);
    memory_end(&memory);
}

static void as_many_at_a_time_as_before_cost_no_allocation(void **state)
{
    (void)state;
    for (int depth = 1; depth < 20; depth++) {
        struct ring ring = {.item_size = sizeof(int)};
        int left = 0;
        for (int time = 0; time < 10; time++) {
            for (int i = 0; i < depth; i++)
                push(&ring, i);
            for (int i = 0; i < depth; i++)
                assert_int_equal(pop(&ring), i);
            if (time > 0)
                assert_int_equal(memory.left, left);
            left = memory.left;
        }
        ring_free(&ring, &memory.allocator);
    }
    memory_end(&memory);
}

/* Four places are kept in any case; only what is empty can be given back. */
static void it_is_spacious_when_it_has_grown_and_is_empty(void **state)
{
    (void)state;
    struct ring ring = {.item_size = sizeof(int)};
    for (int i = 0; i < 4; i++)
        push(&ring, i);
    for (int i = 0; i < 4; i++)
        pop(&ring);
    assert_false(ring_is_spacious(&ring));
    for (int i = 0; i < 5; i++)
        push(&ring, i);
    assert_false(ring_is_spacious(&ring));
    for (int i = 0; i < 5; i++)
        pop(&ring);
    assert_true(ring_is_spacious(&ring));
    ring_free(&ring, &memory.allocator);
    memory_end(&memory);
    push(&ring, 7);
    assert_int_equal(pop(&ring), 7);
    ring_free(&ring, &memory.allocator);
    memory_end(&memory);
}

static void out_of_memory_leaves_it_as_it_was(void **state)
{
    (void)state;
    struct ring ring = {.item_size = sizeof(int)};
    memory.left = 0;
    assert_null(ring_push(&ring, &memory.allocator));
    memory.left = 1;
    for (int i = 0; i < 4; i++)
        push(&ring, i);
    assert_null(ring_push(&ring, &memory.allocator));
    assert_int_equal(ring.count, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pop(&ring), i);
    ring_free(&ring, &memory.allocator);
    memory_end(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_ring_has_no_first_and_no_memory, begin),
        cmocka_unit_test_setup(items_leave_in_the_order_in_which_they_came, begin),
        cmocka_unit_test_setup(it_grows_wherever_it_begins, begin),
        cmocka_unit_test_setup(tickets_pass_the_end_of_their_numbers, begin),
        cmocka_unit_test_setup(as_many_at_a_time_as_before_cost_no_allocation, begin),
        cmocka_unit_test_setup(it_is_spacious_when_it_has_grown_and_is_empty, begin),
        cmocka_unit_test_setup(out_of_memory_leaves_it_as_it_was, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
