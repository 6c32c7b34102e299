/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter is made of, and what it lets pass. */
#include "proxy/watch/filter.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "proxy/kafka/keys.h"

static void test_a_pattern_fits_as_file_names_do(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } rows[] = {
        {"", "anything", true},
        {"orders", "orders", true},
        {"orders", "orders2", false},
        {"orders", "order", false},
        {"orders*", "orders", true},
        {"orders*", "orders-eu", true},
        {"*", "", true},
        {"?", "", false},
        {"?", "a", true},
        {"*-eu", "orders-eu", true},
        {"*-eu", "orders-us", false},
        {"a*b*c", "a-b-b-c", true},
        {"a*b*c", "a-b-b-d", false},
        {"*a*a*a*b", "aaaaaa", false},
        {"Orders", "orders", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t *text = (const uint8_t *)rows[i].text;
        if (filter_fits(rows[i].pattern, text, strlen(rows[i].text)) != rows[i].fits)
            fail_msg("%s and %s", rows[i].pattern, rows[i].text);
    }
}

static void test_apis_are_named_in_any_case_and_empty_text_is_every_one(void **state)
{
    struct filter filter = {.slow_us = 0};
    struct sentence why = {.len = 0};
    (void)state;
    assert_true(filter_set_only(&filter, "produce,ShareAcknowledge", &why));
    assert_true(filter_has_api(&filter, API_PRODUCE));
    assert_true(filter_has_api(&filter, API_SHARE_ACKNOWLEDGE));
    assert_false(filter_has_api(&filter, API_FETCH));
    assert_false(filter_has_api(&filter, 9999));
    assert_true(filter_set_only(&filter, "", &why));
    assert_true(filter_has_api(&filter, API_FETCH));
    assert_true(filter_has_api(&filter, 9999));
}

static void test_what_is_no_filter_is_refused_with_a_sentence_and_changes_nothing(void **state)
{
    struct filter filter = {.topic = "orders"};
    struct sentence why = {.len = 0};
    char text[PATTERN_ROOM + 1];
    (void)state;
    filter_set_only(&filter, "fetch", &why);
    assert_false(filter_set_only(&filter, "produce,fetsch", &why));
    assert_string_equal(why.text, "\"fetsch\" is no API of Kafka; expected names such as produce,fetch");
    assert_true(filter_has_api(&filter, API_FETCH));
    assert_false(filter_has_api(&filter, API_PRODUCE));
    memset(text, 'a', PATTERN_ROOM);
    text[PATTERN_ROOM] = 0;
    assert_false(filter_set_topic(&filter, text, &why));
    assert_string_equal(filter.topic, "orders");
    assert_true(filter_set_topic(&filter, text + 1, &why));
    assert_true(filter_set_client(&filter, "app-*", &why));
    assert_string_equal(filter.client, "app-*");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pattern_fits_as_file_names_do),
        cmocka_unit_test(test_apis_are_named_in_any_case_and_empty_text_is_every_one),
        cmocka_unit_test(test_what_is_no_filter_is_refused_with_a_sentence_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
