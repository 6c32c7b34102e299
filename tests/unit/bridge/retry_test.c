/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/retry.c. */
#include "proxy/bridge/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_delay_doubles_from_100_ms_to_a_second(void **state)
{
    static const uint64_t delays_ms[] = {100, 200, 400, 800, 1000, 1000};
    struct retry retry = {.at_ms = 0};
    (void)state;
    for (size_t i = 0; i < sizeof delays_ms / sizeof *delays_ms; i++) {
        assert_true(retry_failed(&retry, 5000 + i, 60000));
        assert_int_equal(retry.at_ms, 5000 + i + delays_ms[i]);
    }
}

static void it_ends_when_the_time_is_over_that_began_with_the_first_failure(void **state)
{
    struct retry retry = {.at_ms = 0};
    (void)state;
    assert_true(retry_failed(&retry, 5000, 3000));
    assert_true(retry_failed(&retry, 7999, 3000));
    assert_false(retry_failed(&retry, 8000, 3000));
    retry = (struct retry){.at_ms = 0};
    assert_true(retry_failed(&retry, 8000, 3000));
}

static void without_time_to_wait_the_first_failure_is_the_last(void **state)
{
    struct retry retry = {.at_ms = 0};
    (void)state;
    assert_false(retry_failed(&retry, 5000, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_delay_doubles_from_100_ms_to_a_second),
        cmocka_unit_test(it_ends_when_the_time_is_over_that_began_with_the_first_failure),
        cmocka_unit_test(without_time_to_wait_the_first_failure_is_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
