/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the log, and what is only counted. */
#include "proxy/watch/log.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/watch/page.h"

enum { SECOND_US = 1000000 };

struct fixture {
    struct page page;
    struct log log;
};

static void begin(struct fixture *fixture, enum level level)
{
    page_begin(&fixture->page);
    log_init(&fixture->log, level, page_sink(&fixture->page), page_clocks(&fixture->page));
}

static void say(struct fixture *fixture, enum level level, uint8_t peer, uint16_t port, const char *text)
{
    struct place place = page_place(peer, port);
    log_say(&fixture->log, level, &(struct who){.place = &place, .client_id = "orders"}, text);
}

static void say_itself(struct fixture *fixture, enum level level, const char *text)
{
    log_say(&fixture->log, level, &(struct who){.place = NULL}, text);
}

static void test_a_line_has_time_level_and_whom_it_is_about(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, LEVEL_DEBUG);
    say_itself(&fixture, LEVEL_ERROR, "no port.");
    say_itself(&fixture, LEVEL_WARN, "no broker.");
    say(&fixture, LEVEL_INFO, 1, 53422, " came");
    struct place place = page_place(2, 1);
    log_say(&fixture.log, LEVEL_DEBUG, &(struct who){.place = &place, .client_id = ""}, " went");
    log_say(&fixture.log, LEVEL_DEBUG, &(struct who){.place = &place, .client_id = "a\nb"}, ": it is odd");
    page_assert(&fixture.page, PAGE_STAMP "error no port.\n" PAGE_STAMP "warn  no broker.\n" PAGE_STAMP
                                          "info  client 172.18.0.1:53422 \"orders\" came\n" PAGE_STAMP
                                          "debug client 172.18.0.2:1 went\n" PAGE_STAMP
                                          "debug client 172.18.0.2:1 \"a\\x0ab\": it is odd\n");
}

static void test_what_is_below_the_level_is_silent(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, LEVEL_WARN);
    say_itself(&fixture, LEVEL_INFO, "a");
    say_itself(&fixture, LEVEL_DEBUG, "b");
    page_assert(&fixture.page, "");
}

static void test_a_mistake_repeated_from_ever_new_ports_is_one_line_and_a_count(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, LEVEL_INFO);
    for (uint16_t i = 0; i < 1000; i++)
        say(&fixture, LEVEL_WARN, 1, (uint16_t)(50000 + i), " went: no");
    page_assert(&fixture.page, PAGE_STAMP "warn  client 172.18.0.1:50000 \"orders\" went: no\n");
    fixture.page.wall_us += SECOND_US;
    say(&fixture, LEVEL_WARN, 1, 1, " went: no");
    page_assert(&fixture.page, "2026-11-24T03:04:06.678Z warn  client 172.18.0.1:50000 \"orders\" went: no "
                               "(… 999 more like this in the last 1 s)\n");
}

static void test_a_mistake_that_goes_on_is_counted_every_ten_seconds(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, LEVEL_INFO);
    for (int i = 0; i < 120; i++) {
        say_itself(&fixture, LEVEL_WARN, "no");
        fixture.page.wall_us += SECOND_US / 10;
    }
    page_assert(&fixture.page,
                PAGE_STAMP "warn  no\n"
                           "2026-11-24T03:04:06.678Z warn  no (… 9 more like this in the last 1 s)\n"
                           "2026-11-24T03:04:16.678Z warn  no (… 100 more like this in the last 10 s)\n");
}

static void test_a_mistake_made_again_after_silence_is_a_line_again(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, LEVEL_INFO);
    say_itself(&fixture, LEVEL_WARN, "no");
    fixture.page.wall_us += SECOND_US;
    say_itself(&fixture, LEVEL_WARN, "no");
    page_assert(&fixture.page, PAGE_STAMP "warn  no\n2026-11-24T03:04:06.678Z warn  no\n");
}

static void test_what_differs_in_level_peer_client_or_text_is_not_alike(void **state)
{
    struct fixture fixture;
    struct place place = page_place(1, 1);
    (void)state;
    begin(&fixture, LEVEL_INFO);
    say(&fixture, LEVEL_WARN, 1, 1, " a");
    say(&fixture, LEVEL_WARN, 1, 1, " b");
    say(&fixture, LEVEL_WARN, 2, 1, " a");
    say(&fixture, LEVEL_ERROR, 1, 1, " a");
    say_itself(&fixture, LEVEL_WARN, " a");
    log_say(&fixture.log, LEVEL_WARN, &(struct who){.place = &place, .client_id = "payments"}, " a");
    assert_int_equal(fixture.page.line_count, 6);
}

static void test_information_is_hidden_only_when_it_comes_in_floods(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, LEVEL_INFO);
    for (int i = 0; i < LOG_ALIKE + 5; i++)
        say(&fixture, LEVEL_INFO, 1, (uint16_t)i, " came");
    assert_int_equal(fixture.page.line_count, LOG_ALIKE);
    fixture.page.len = 0;
    log_flush(&fixture.log);
    page_assert(&fixture.page, PAGE_STAMP "info  client 172.18.0.1:19 \"orders\" came "
                                          "(… 5 more like this in the last 1 s)\n");
}

static void test_more_sentences_than_are_kept_make_room_for_each_other(void **state)
{
    struct fixture fixture;
    char text[] = "a";
    (void)state;
    begin(&fixture, LEVEL_INFO);
    say_itself(&fixture, LEVEL_WARN, "first");
    say_itself(&fixture, LEVEL_WARN, "first");
    page_assert(&fixture.page, PAGE_STAMP "warn  first\n");
    for (int i = 0; i < LOG_REPEATS; i++, text[0]++) {
        fixture.page.wall_us++;
        say_itself(&fixture, LEVEL_WARN, text);
    }
    assert_int_equal(fixture.page.line_count, LOG_REPEATS + 1);
    assert_non_null(strstr(fixture.page.text, "warn  first (… 1 more like this in the last 1 s)\n"));
}

static void test_a_clock_that_is_set_back_hides_nothing_for_ever(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, LEVEL_INFO);
    say_itself(&fixture, LEVEL_WARN, "no");
    fixture.page.wall_us -= (uint64_t)3600 * SECOND_US;
    say_itself(&fixture, LEVEL_WARN, "no");
    page_assert(&fixture.page, PAGE_STAMP "warn  no\n2026-11-24T02:04:05.678Z warn  no\n");
}

static void test_flushing_twice_tells_once(void **state)
{
    struct fixture fixture;
    (void)state;
    begin(&fixture, LEVEL_INFO);
    say_itself(&fixture, LEVEL_WARN, "no");
    say_itself(&fixture, LEVEL_WARN, "no");
    log_flush(&fixture.log);
    log_flush(&fixture.log);
    page_assert(&fixture.page,
                PAGE_STAMP "warn  no\n" PAGE_STAMP "warn  no (… 1 more like this in the last 1 s)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_has_time_level_and_whom_it_is_about),
        cmocka_unit_test(test_what_is_below_the_level_is_silent),
        cmocka_unit_test(test_a_mistake_repeated_from_ever_new_ports_is_one_line_and_a_count),
        cmocka_unit_test(test_a_mistake_that_goes_on_is_counted_every_ten_seconds),
        cmocka_unit_test(test_a_mistake_made_again_after_silence_is_a_line_again),
        cmocka_unit_test(test_what_differs_in_level_peer_client_or_text_is_not_alike),
        cmocka_unit_test(test_information_is_hidden_only_when_it_comes_in_floods),
        cmocka_unit_test(test_more_sentences_than_are_kept_make_room_for_each_other),
        cmocka_unit_test(test_a_clock_that_is_set_back_hides_nothing_for_ever),
        cmocka_unit_test(test_flushing_twice_tells_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
