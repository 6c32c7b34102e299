/* SPDX-License-Identifier: Apache-2.0 */
/* Commas between the items of a list. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_items_stand_between_commas_with_or_without_blanks(void **state)
{
    static const struct {
        const char *claim, *name, *text, *expected;
    } rows[] = {
        {"one item", "upstream", "a", "a:9092"},
        {"several", "upstream", "a,b:1,[::1]", "a:9092,b:1,[::1]:9092"},
        {"blanks", "listen", " a , b:1 ", "a:29092,b:1"},
        {"rules", "advertise", "any=a, gateway=b:1", "any=a,gateway=b:1"},
        {"nothing", "upstream", "", "\"\" has an empty item; expected HOST or HOST:PORT, or a list of them"},
        {"blanks only", "upstream", "  ",
         "\"  \" has an empty item; expected HOST or HOST:PORT, or a list of them"},
        {"a hole", "upstream", "a,,b",
         "\"a,,b\" has an empty item; expected HOST or HOST:PORT, or a list of them"},
        {"a comma at the end", "advertise", "a,",
         "\"a,\" has an empty item; expected FROM=ADDRESS, or a list of them"},
        {"a comma behind blanks", "upstream", "a, ,b",
         "\"a, ,b\" has an empty item; expected HOST or HOST:PORT, or a list of them"},
        {"the second is wrong", "upstream", "a,b:0",
         "\"b:0\" has no port from 1 to 65535; expected HOST:PORT, for example kafka:9092"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        outcome_expect(rows[i].claim, outcome_of_value(rows[i].name, rows[i].text), rows[i].expected);
}

static void test_a_list_may_be_long_but_not_an_item(void **state)
{
    char text[4000] = "a";
    (void)state;
    for (size_t len = 1; len < 1999; len += 2)
        strcpy(text + len, ",a");
    struct outcome outcome = outcome_of_value("upstream", text);
    assert_memory_equal(outcome.text, "a:9092,a:9092,", 14);

    memcpy(text + 1999, ",b", 3);
    outcome = outcome_of_value("upstream", text);
    assert_string_equal(outcome.text, "\"b\" cannot be kept: there are 1000 items already");

    memset(text, 'a', 600);
    text[600] = 0;
    outcome = outcome_of_value("upstream", text);
    assert_non_null(strstr(outcome.text, "has too long an item"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_stand_between_commas_with_or_without_blanks),
        cmocka_unit_test(test_a_list_may_be_long_but_not_an_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
