/* SPDX-License-Identifier: Apache-2.0 */
/* What a label may have in it, and formats. JSON is tested with watch/json.h. */
#include "proxy/admin/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_text(struct text *text, const char *expected)
{
    assert_false(text->failed);
    assert_int_equal(text->len, strlen(expected));
    assert_memory_equal(text->at, expected, text->len);
    text_free(text);
}

static void test_a_label_is_escaped_and_what_is_no_utf8_is_a_question_mark(void **state)
{
    static const struct {
        const char *given, *label;
    } rows[] = {
        {"plain", "plain"},
        {"\"\\", "\\\"\\\\"},
        {"a\nb", "a\\nb"},
        {"\x01\x7f", "\x01\x7f"},
        {"gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\x80", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x9a\x80"},
        {"\xc3", "?"},
        {"\xed\xa0\x80", "???"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text text = {.at = NULL};
        text_add_label(&text, bytes_of(rows[i].given));
        assert_text(&text, rows[i].label);
    }
}

static void test_a_format_is_added_whole_or_the_text_has_failed(void **state)
{
    struct text text = {.at = NULL};
    (void)state;
    text_format(&text, "%04d %s", 7, "x");
    assert_text(&text, "0007 x");
    text_format(&text, "%1000d", 7);
    assert_true(text.failed);
    assert_int_equal(text.len, 0);
    text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_label_is_escaped_and_what_is_no_utf8_is_a_question_mark),
        cmocka_unit_test(test_a_format_is_added_whole_or_the_text_has_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
