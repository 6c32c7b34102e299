/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the list of reasons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/bridge/reason.h"

static void test_every_reason_has_a_side_a_counter_and_half_a_sentence(void **state)
{
    (void)state;
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        const struct reason_row *row = reason_row((enum reason)reason);
        assert_in_range(row->side, SIDE_CLIENT, SIDE_BRIDGE);
        assert_int_equal(strspn(row->counter, "abcdefghijklmnopqrstuvwxyz_"), strlen(row->counter));
        assert_true(strlen(row->counter) > 0);
        assert_true(strlen(row->text) > 10);
        assert_true(row->text[strlen(row->text) - 1] != '.');
    }
}

static void test_no_two_reasons_share_a_counter(void **state)
{
    (void)state;
    for (int a = 0; a < REASON_COUNT; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(reason_row((enum reason)a)->counter, reason_row((enum reason)b)->counter);
}

static void test_a_reason_finds_its_own_row(void **state)
{
    (void)state;
    assert_string_equal(reason_row(REASON_CLIENT_CLOSED)->counter, "client_closed");
    assert_string_equal(reason_row(REASON_BROKER_LOST)->text, "the connection to the broker broke");
    assert_int_equal(reason_row(REASON_STOPPING)->side, SIDE_BRIDGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_reason_has_a_side_a_counter_and_half_a_sentence),
        cmocka_unit_test(test_no_two_reasons_share_a_counter),
        cmocka_unit_test(test_a_reason_finds_its_own_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
