/* SPDX-License-Identifier: Apache-2.0 */
/* First and last characters of each length, and what is none. */
#include "proxy/watch/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_a_character_has_its_length_and_what_is_none_has_none(void **state)
{
    static const struct {
        const char *text;
        size_t size;
    } rows[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},     /* goes on with nothing */
        {"\xc0\xaf", 0}, /* overlong */
        {"\xc1\xbf", 0}, /* overlong */
        {"\xc2\x80", 2},
        {"\xc3", 0}, /* cut */
        {"\xc3(", 0},
        {"\xdf\xbf", 2},
        {"\xe0\x9f\xbf", 0}, /* overlong */
        {"\xe0\xa0\x80", 3},
        {"\xe2\x82", 0}, /* cut */
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0}, /* a surrogate */
        {"\xef\xbf\xbf", 3},
        {"\xf0\x8f\xbf\xbf", 0}, /* overlong */
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0}, /* beyond Unicode */
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(utf8_size(bytes_of(rows[i].text)), rows[i].size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_character_has_its_length_and_what_is_none_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
