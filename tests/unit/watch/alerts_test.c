/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings and errors that are kept for who looks later. */
#include "proxy/watch/alerts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "proxy/watch/log.h"
#include "tests/unit/watch/page.h"

static void note(struct alerts *alerts, uint64_t key, uint64_t now_us)
{
    struct line line = {.len = 0};
    line_add_format(&line, "number %d", (int)key);
    alerts_note(alerts, key, LEVEL_WARN, now_us, &line);
}

static const struct alert *find(const struct alerts *alerts, uint64_t key)
{
    for (size_t i = 0; i < ALERTS_KEPT; i++)
        if (alerts->at[i].count && alerts->at[i].key == key)
            return &alerts->at[i];
    return NULL;
}

static void test_alike_ones_are_one_with_a_count(void **state)
{
    struct alerts alerts = {0};
    (void)state;
    note(&alerts, 7, 100);
    note(&alerts, 8, 150);
    note(&alerts, 7, 200);
    assert_int_equal(find(&alerts, 7)->count, 2);
    assert_int_equal(find(&alerts, 7)->first_us, 100);
    assert_int_equal(find(&alerts, 7)->last_us, 200);
    assert_string_equal(find(&alerts, 8)->text.text, "number 8");
}

static void test_the_one_that_was_silent_longest_makes_room(void **state)
{
    struct alerts alerts = {0};
    (void)state;
    for (uint64_t key = 0; key < ALERTS_KEPT; key++)
        note(&alerts, key, 100 + key);
    note(&alerts, 0, 200);
    note(&alerts, 77, 201);
    assert_null(find(&alerts, 1));
    assert_int_equal(find(&alerts, 0)->count, 2);
    assert_int_equal(find(&alerts, 77)->count, 1);
}

static void test_the_log_gives_warnings_and_errors_also_those_that_it_does_not_print_again(void **state)
{
    static struct log log;
    struct page page;
    struct alerts alerts = {0};
    struct place place = page_place(1, 5342);
    struct who who = {.place = &place, .client_id = "app"};
    (void)state;
    page_begin(&page);
    log_init(&log, LEVEL_INFO, page_sink(&page), page_clocks(&page));
    log.alerts = &alerts;
    log_say(&log, LEVEL_INFO, &who, " came");
    assert_int_equal(alerts.at[0].count, 0);
    log_say(&log, LEVEL_WARN, &who, " went");
    log_say(&log, LEVEL_WARN, &who, " went");
    assert_int_equal(alerts.at[0].count, 2);
    assert_string_equal(alerts.at[0].text.text, "client 172.18.0.1:5342 \"app\" went");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alike_ones_are_one_with_a_count),
        cmocka_unit_test(test_the_one_that_was_silent_longest_makes_room),
        cmocka_unit_test(test_the_log_gives_warnings_and_errors_also_those_that_it_does_not_print_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
