/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a line, each compared as text. */
#include "proxy/watch/line.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_sizes_are_short_and_have_a_unit(void **state)
{
    static const struct {
        uint64_t size;
        const char *text;
    } rows[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {1280, "1.2 KiB"},
        {1048575, "1.0 MiB"},
        {1048576, "1.0 MiB"},
        {3565158, "3.4 MiB"},
        {UINT64_C(5) << 30, "5.0 GiB"},
        {UINT64_C(5000) << 40, "5000.0 TiB"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct line line = {.len = 0};
        line_add_size(&line, rows[i].size);
        assert_string_equal(line.text, rows[i].text);
    }
}

static void test_times_are_utc_with_milliseconds(void **state)
{
    struct line line = {.len = 0};
    (void)state;
    line_add_time(&line, UINT64_C(1795489445678999));
    line_add(&line, " ");
    line_add_time(&line, 0);
    assert_string_equal(line.text, "2026-11-24T03:04:05.678Z 1970-01-01T00:00:00.000Z");
}

static void test_addresses_of_ipv6_have_brackets(void **state)
{
    struct line line = {.len = 0};
    struct ip four = {{127, 0, 0, 1}, 4}, six = {{[15] = 1}, 16};
    (void)state;
    line_add_ip(&line, &four, 53422);
    line_add(&line, " ");
    line_add_ip(&line, &six, 1);
    line_add(&line, " ");
    line_add_address(&line, "kafka", 9092);
    assert_string_equal(line.text, "127.0.0.1:53422 [::1]:1 kafka:9092");
}

static void test_foreign_text_cannot_break_a_line_or_a_terminal(void **state)
{
    struct line line = {.len = 0};
    (void)state;
    line_add_foreign(&line, bytes_of("a\n\x1b[2J\x7f\xff~"), 100);
    line_add(&line, "|");
    line_add_foreign(&line, bytes_of("12345"), 4);
    line_add(&line, "|");
    line_add_foreign(&line, bytes_of("1234"), 4);
    assert_string_equal(line.text, "a\\x0a\\x1b[2J\\x7f\\xff~|1234…|1234");
}

static void test_padding_reaches_its_column_and_is_one_space_at_least(void **state)
{
    struct line line = {.len = 0};
    (void)state;
    line_add(&line, "ab");
    line_pad(&line, 5);
    line_add(&line, "c");
    line_pad(&line, 5);
    line_add(&line, "d");
    assert_string_equal(line.text, "ab   c d");
}

static void test_a_line_of_any_length_ends_with_one_break_and_a_cut_one_says_so(void **state)
{
    (void)state;
    for (size_t len = 0; len < LINE_ROOM + 10; len++) {
        struct line line = {.len = 0};
        for (size_t i = 0; i < len; i++)
            line_add(&line, "x");
        line_end(&line);
        assert_int_equal(line.len, strlen(line.text));
        assert_true(line.len < LINE_ROOM);
        bool cut = strcmp(line.text + line.len - 2, "x\n") != 0 && len > 0;
        assert_true(cut ? strcmp(line.text + line.len - strlen("…\n"), "…\n") == 0 : line.len == len + 1);
    }
}

static void test_a_full_line_can_still_be_padded(void **state)
{
    struct line line = {.len = 0};
    (void)state;
    line_pad(&line, (size_t)LINE_ROOM * 2);
    assert_true(line.cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_are_short_and_have_a_unit),
        cmocka_unit_test(test_times_are_utc_with_milliseconds),
        cmocka_unit_test(test_addresses_of_ipv6_have_brackets),
        cmocka_unit_test(test_foreign_text_cannot_break_a_line_or_a_terminal),
        cmocka_unit_test(test_padding_reaches_its_column_and_is_one_space_at_least),
        cmocka_unit_test(test_a_line_of_any_length_ends_with_one_break_and_a_cut_one_says_so),
        cmocka_unit_test(test_a_full_line_can_still_be_padded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
