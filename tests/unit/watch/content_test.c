/* SPDX-License-Identifier: Apache-2.0 */
/* Text, and what is none. */
#include "proxy/watch/content.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_text_is_told_from_other_bytes_and_cut_between_characters(void **state)
{
    static const struct {
        const char *at;
        size_t len, most;
        bool text, cut;
        size_t shown;
        uint32_t schema;
    } rows[] = {
        {"", 0, 10, true, false, 0, 0},
        {"{\"id\":1}\n", 9, 10, true, false, 9, 0},
        {"ten bytes.", 10, 10, true, false, 10, 0},
        {"ten bytes..", 11, 10, true, true, 10, 0},
        {"gr\xc3\xbcn", 5, 3, true, true, 2, 0}, /* a character does not fit */
        {"gr\xc3\xbcn", 5, 4, true, true, 4, 0},
        {"gr\xc3", 3, 10, false, false, 3, 0},   /* is none, and nothing was cut */
        {"\x1b[31m", 5, 10, false, false, 5, 0}, /* would colour a terminal */
        {"\xc2\x9b", 2, 10, false, false, 2, 0}, /* so would this */
        /* NOLINTNEXTLINE(misc-misleading-bidirectional): it is what would turn text round */
        {"\xe2\x80\xae", 3, 10, false, false, 3, 0},
        {"\x7f", 1, 10, false, false, 1, 0},
        {"\0\0\0\0\x07\x02k", 7, 10, false, false, 2, 7},
        {"\0\0\0\0\x07{}", 7, 10, true, false, 2, 7},
        {"\0\0\0\0\x07", 5, 10, true, false, 0, 7},
        {"\0\0\0\0\0\0\0\x07", 8, 10, false, false, 8, 0}, /* a number */
        {"\0\0\x01\x9a\xbc\0\0\x07", 8, 10, false, false, 8, 0},
        {"\0\0\0\x07", 4, 10, false, false, 4, 0},
        {"\0\0\0\0\0{}", 7, 10, false, false, 7, 0}, /* no schema has the id 0 */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes at = {(const uint8_t *)rows[i].at, rows[i].len};
        struct record_part part = {.size = (uint32_t)at.len, .at = at};
        struct content content = content_of(&part, rows[i].most);
        assert_int_equal(content.text, rows[i].text);
        assert_int_equal(content.cut, rows[i].cut);
        assert_int_equal(content.shown.len, rows[i].shown);
        assert_int_equal(content.has_schema, rows[i].schema != 0);
        assert_int_equal(content.schema, rows[i].schema);
    }
}

static void test_what_was_not_kept_is_cut(void **state)
{
    struct record_part part = {.size = 100, .at = bytes_of("only this")};
    (void)state;
    struct content content = content_of(&part, 1000);
    assert_true(content.cut && content.text);
    assert_int_equal(content.shown.len, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_told_from_other_bytes_and_cut_between_characters),
        cmocka_unit_test(test_what_was_not_kept_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
