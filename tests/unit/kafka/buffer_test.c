/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of owned bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proxy/kafka/buffer.h"
#include "tests/memory/model_memory.h"

static void test_what_is_appended_is_there_in_order(void **state)
{
    (void)state;
    struct model_memory memory;
    model_memory_begin(&memory);
    struct buffer buffer = {.allocator = &memory.allocator};
    uint8_t expected[5000];
    for (size_t i = 0; i < sizeof expected; i++)
        expected[i] = (uint8_t)(i * 7);
    for (size_t at = 0, len = 0; at < sizeof expected; at += len, len = (len + 13) % 700) {
        if (len > sizeof expected - at)
            len = sizeof expected - at;
        assert_true(buffer_append(&buffer, (struct bytes){expected + at, len}));
    }
    assert_true(bytes_equal(buffer_bytes(&buffer), (struct bytes){expected, sizeof expected}));
    buffer_free(&buffer);
    assert_int_equal(memory.blocks, 0);
}

static void test_nothing_appended_allocates_nothing(void **state)
{
    (void)state;
    struct model_memory memory;
    model_memory_begin(&memory);
    struct buffer buffer = {.allocator = &memory.allocator};
    assert_true(buffer_append(&buffer, (struct bytes){NULL, 0}));
    assert_true(buffer_reserve(&buffer, 0));
    assert_int_equal(memory.calls, 0);
    buffer_free(&buffer);
}

static void test_out_of_memory_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    struct model_memory memory;
    model_memory_begin(&memory);
    memory.fail_at = 2;
    struct buffer buffer = {.allocator = &memory.allocator};
    assert_true(buffer_append(&buffer, bytes_of("kept")));
    size_t room = buffer.room;
    uint8_t much[4096] = {0};
    assert_false(buffer_append(&buffer, (struct bytes){much, sizeof much}));
    assert_int_equal(buffer.room, room);
    assert_true(bytes_equal(buffer_bytes(&buffer), bytes_of("kept")));
    assert_true(buffer_append(&buffer, (struct bytes){much, sizeof much}));
    buffer_free(&buffer);
    assert_int_equal(memory.blocks, 0);
}

static void test_a_size_beyond_all_memory_is_out_of_memory(void **state)
{
    (void)state;
    struct model_memory memory;
    model_memory_begin(&memory);
    struct buffer buffer = {.allocator = &memory.allocator};
    assert_true(buffer_append(&buffer, bytes_of("x")));
    assert_false(buffer_reserve(&buffer, SIZE_MAX));
    assert_false(buffer_reserve(&buffer, SIZE_MAX - 1));
    assert_int_equal(buffer.len, 1);
    buffer_free(&buffer);
}

static void test_freed_twice_and_used_again(void **state)
{
    (void)state;
    struct model_memory memory;
    model_memory_begin(&memory);
    struct buffer buffer = {.allocator = &memory.allocator};
    assert_true(buffer_append(&buffer, bytes_of("first")));
    buffer_free(&buffer);
    buffer_free(&buffer);
    assert_int_equal(buffer.len, 0);
    assert_true(buffer_append(&buffer, bytes_of("second")));
    assert_true(bytes_equal(buffer_bytes(&buffer), bytes_of("second")));
    buffer_free(&buffer);
    assert_int_equal(memory.blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_appended_is_there_in_order),
        cmocka_unit_test(test_nothing_appended_allocates_nothing),
        cmocka_unit_test(test_out_of_memory_leaves_the_buffer_as_it_was),
        cmocka_unit_test(test_a_size_beyond_all_memory_is_out_of_memory),
        cmocka_unit_test(test_freed_twice_and_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
