/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences with foreign text in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "config/problem.h"

static void test_foreign_text_is_made_safe_to_print(void **state)
{
    (void)state;
    assert_string_equal(quote("").text, "\"\"");
    assert_string_equal(quote("a b~").text, "\"a b~\"");
    assert_string_equal(quote("\x1b[2J\n\x7f").text, "\"\\x1b[2J\\x0a\\x7f\"");
    assert_string_equal(quote("\xc3\xa4").text, "\"\\xc3\\xa4\"");
}

static void test_foreign_text_is_cut_with_a_mark(void **state)
{
    char text[2 * QUOTE_ROOM];
    (void)state;
    for (size_t len = 0; len < sizeof text; len++) {
        memset(text, 'a', len);
        text[len] = 0;
        struct quote quoted = quote(text);
        size_t quoted_len = strlen(quoted.text);
        assert_true(quoted_len < sizeof quoted.text);
        assert_true(quoted_len == len + 2 || strcmp(quoted.text + quoted_len - strlen("…\""), "…\"") == 0);
    }
}

static void test_a_sentence_is_cut_never_overrun_and_may_hold_itself(void **state)
{
    struct problem problem = {"inner"};
    (void)state;
    assert_false(problem_say(&problem, "outer: %s.", problem.text));
    assert_string_equal(problem.text, "outer: inner.");
    for (int i = 0; i < 12; i++)
        problem_say(&problem, "%s%s", problem.text, problem.text);
    assert_int_equal(strlen(problem.text), PROBLEM_ROOM - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign_text_is_made_safe_to_print),
        cmocka_unit_test(test_foreign_text_is_cut_with_a_mark),
        cmocka_unit_test(test_a_sentence_is_cut_never_overrun_and_may_hold_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
