/* SPDX-License-Identifier: Apache-2.0 */
/* Where commas stand, what is escaped, and that text grows. */
#include "proxy/watch/json.h"

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

static void test_an_object_has_its_commas(void **state)
{
    struct text text = {.at = NULL};
    (void)state;
    json_open(&text, NULL, '{');
    json_number(&text, "a", -1);
    json_open(&text, "b", '[');
    json_plain(&text, NULL, bytes_of("x"));
    json_bool(&text, NULL, true);
    json_bool(&text, NULL, false);
    json_open(&text, NULL, '{');
    json_close(&text, '}');
    json_close(&text, ']');
    json_open(&text, "c", '[');
    json_close(&text, ']');
    json_thousandths(&text, "d", 10000500);
    json_thousandths(&text, "e", 7);
    json_close(&text, '}');
    assert_text(&text, "{\"a\":-1,\"b\":[\"x\",true,false,{}],\"c\":[],\"d\":10000.500,\"e\":0.007}");
}

static void test_a_line_begins_without_a_comma(void **state)
{
    struct text text = {.at = NULL};
    (void)state;
    for (int i = 0; i < 2; i++) {
        json_open(&text, NULL, '{');
        json_close(&text, '}');
        text_add(&text, "\n");
    }
    assert_text(&text, "{}\n{}\n");
}

static void test_foreign_text_stays_json_whatever_bytes_it_has(void **state)
{
    static const struct {
        const char *given, *json;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"\"\\", "\\\"\\\\"},
        {"a\nb", "a\\u000ab"},
        {"</script>", "\\u003c/script>"},
        {"\x01\x1b\x7f", "\\u0001\\u001b\\u007f"},
        {"gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80", "gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"cut \xc3", "cut \xef\xbf\xbd"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text text = {.at = NULL}, expected = {.at = NULL};
        json_string(&text, "k", rows[i].given);
        text_add(&expected, "\"k\":\"");
        text_add(&expected, rows[i].json);
        text_add(&expected, "\"");
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
        text_add(&text, "four ");
    assert_int_equal(text.len, 25000);
    assert_memory_equal(text.at + 24990, "four four ", 10);
    text_free(&text);
    assert_null(text.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_object_has_its_commas),
        cmocka_unit_test(test_a_line_begins_without_a_comma),
        cmocka_unit_test(test_foreign_text_stays_json_whatever_bytes_it_has),
        cmocka_unit_test(test_a_text_grows_over_many_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
