/* SPDX-License-Identifier: Apache-2.0 */
/* What is escaped, and where commas stand. */
#include "proxy/admin/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_text(struct text *text, const char *expected)
{
    assert_false(text->failed);
    text_add_bytes(text, (struct bytes){(const uint8_t *)"", 1});
    assert_string_equal(text->at, expected);
    text_free(text);
}

static void test_an_object_has_its_commas(void **state)
{
    struct text text = {.at = NULL};
    (void)state;
    json_open(&text, NULL, '{');
    json_number(&text, "a", -1);
    json_open(&text, "b", '[');
    json_string(&text, NULL, "x");
    json_bool(&text, NULL, true);
    json_open(&text, NULL, '{');
    json_close(&text, '}');
    json_close(&text, ']');
    json_open(&text, "c", '[');
    json_close(&text, ']');
    json_close(&text, '}');
    assert_text(&text, "{\"a\":-1,\"b\":[\"x\",true,{}],\"c\":[]}");
}

static void test_foreign_text_is_escaped_and_what_is_no_utf8_is_a_question_mark(void **state)
{
    static const struct {
        const char *given, *json, *label;
    } rows[] = {
        {"plain", "plain", "plain"},
        {"\"\\", "\\\"\\\\", "\\\"\\\\"},
        {"a\nb", "a\\u000ab", "a\\nb"},
        {"</script>", "\\u003c/script>", "</script>"},
        {"\x01\x7f", "\\u0001\\u007f", "\x01\x7f"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"\xf0\x9f\x9a\x80", "\xf0\x9f\x9a\x80", "\xf0\x9f\x9a\x80"},
        {"\xc3", "?", "?"},
        {"\xe2\x82", "??", "??"},
        {"\xc0\xaf", "??", "??"},             /* overlong */
        {"\xe0\x80\xaf", "???", "???"},       /* overlong */
        {"\xed\xa0\x80", "???", "???"},       /* a surrogate */
        {"\xf4\x90\x80\x80", "????", "????"}, /* beyond Unicode */
        {"\xff\xfe", "??", "??"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text text = {.at = NULL};
        text_add_label(&text, bytes_of(rows[i].given));
        assert_text(&text, rows[i].label);
        json_string(&text, NULL, rows[i].given);
        text_add(&text, "!");
        struct text expected = {.at = NULL};
        text_format(&expected, "\"%s\"!", rows[i].json);
        text_add_bytes(&expected, (struct bytes){(const uint8_t *)"", 1});
        assert_text(&text, expected.at);
        text_free(&expected);
    }
}

static void test_a_text_grows_over_many_pieces(void **state)
{
    struct text text = {.at = NULL};
    (void)state;
    for (int i = 0; i < 5000; i++)
        text_format(&text, "%04d ", i);
    assert_int_equal(text.len, 25000);
    assert_memory_equal(text.at + 24995, "4999 ", 5);
    text_free(&text);
    assert_null(text.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_object_has_its_commas),
        cmocka_unit_test(test_foreign_text_is_escaped_and_what_is_no_utf8_is_a_question_mark),
        cmocka_unit_test(test_a_text_grows_over_many_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
