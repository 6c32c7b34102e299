/* SPDX-License-Identifier: Apache-2.0 */
/* When the shared read buffer grows and shrinks. */
#include "proxy/net/read_buffer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void it_grows_up_to_its_bound_while_full_reads_are_taken_whole(void **state)
{
    (void)state;
    struct read_buffer buffer;
    assert_true(read_buffer_open(&buffer));
    for (size_t room = READ_FIRST; room < READ_MOST; room *= 2) {
        assert_int_equal(buffer.room, room);
        read_buffer_done(&buffer, buffer.room, true, 1);
    }
    read_buffer_done(&buffer, buffer.room, true, 1);
    assert_int_equal(buffer.room, READ_MOST);
    read_buffer_close(&buffer);
}

static void it_does_not_grow_for_less(void **state)
{
    (void)state;
    struct read_buffer buffer;
    assert_true(read_buffer_open(&buffer));
    read_buffer_done(&buffer, READ_FIRST - 1, true, 1);
    read_buffer_done(&buffer, READ_FIRST, false, 1);
    assert_int_equal(buffer.room, READ_FIRST);
    assert_int_equal(read_buffer_due_ms(&buffer), UINT64_MAX);
    read_buffer_close(&buffer);
}

static void it_shrinks_when_no_large_read_has_come_for_a_while(void **state)
{
    (void)state;
    struct read_buffer buffer;
    assert_true(read_buffer_open(&buffer));
    read_buffer_done(&buffer, READ_FIRST, true, 1000);
    read_buffer_done(&buffer, READ_FIRST, true, 2000);
    read_buffer_done(&buffer, 100, true, 2500);
    assert_int_equal(read_buffer_due_ms(&buffer), 2000 + READ_SHRINK_MS);
    read_buffer_tick(&buffer, 1999 + READ_SHRINK_MS);
    assert_int_equal(buffer.room, 2 * READ_FIRST);
    read_buffer_tick(&buffer, 2000 + READ_SHRINK_MS);
    assert_int_equal(buffer.room, READ_FIRST);
    assert_int_equal(read_buffer_due_ms(&buffer), UINT64_MAX);
    read_buffer_close(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_up_to_its_bound_while_full_reads_are_taken_whole),
        cmocka_unit_test(it_does_not_grow_for_less),
        cmocka_unit_test(it_shrinks_when_no_large_read_has_come_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
