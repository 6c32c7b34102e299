/* SPDX-License-Identifier: Apache-2.0 */
/* First and last numbers of each length and sign. */
#include "proxy/kafka/digits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_a_number_has_its_digits_and_its_sign(void **state)
{
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = {
        {0, "0"},
        {9, "9"},
        {10, "10"},
        {-1, "-1"},
        {-10, "-10"},
        {29092, "29092"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[DIGITS_ROOM + 1];
        text[digits_write(text, rows[i].number)] = 0;
        assert_string_equal(text, rows[i].text);
    }
}

static void test_a_fixed_count_has_zeros_in_front_and_only_the_last_digits(void **state)
{
    char text[] = "xxxx";
    (void)state;
    digits_write_fixed(text, 3, 7);
    assert_string_equal(text, "007x");
    digits_write_fixed(text, 2, 1234);
    assert_string_equal(text, "347x");
    digits_write_fixed(text, 0, 5);
    assert_string_equal(text, "347x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_has_its_digits_and_its_sign),
        cmocka_unit_test(test_a_fixed_count_has_zeros_in_front_and_only_the_last_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
