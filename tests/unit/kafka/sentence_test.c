/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proxy/kafka/sentence.h"

static void test_parts_follow_each_other(void **state)
{
    (void)state;
    struct sentence sentence = {.len = 0};
    assert_string_equal(sentence.text, "");
    sentence_add(&sentence, "node ");
    sentence_add_number(&sentence, 3);
    sentence_add(&sentence, " at ");
    sentence_add_bytes(&sentence, bytes_of("kafka"), 10);
    assert_string_equal(sentence.text, "node 3 at kafka");
    assert_int_equal(sentence.len, strlen(sentence.text));
}

static void test_numbers_of_all_sizes(void **state)
{
    (void)state;
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = {
        {0, "0"},
        {9, "9"},
        {10, "10"},
        {-1, "-1"},
        {INT32_MIN, "-2147483648"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sentence sentence = {.len = 0};
        sentence_add_number(&sentence, rows[i].number);
        assert_string_equal(sentence.text, rows[i].text);
    }
}

static void test_times_are_told_in_seconds_where_they_are_whole(void **state)
{
    (void)state;
    struct sentence sentence = {.len = 0};
    sentence_add_ms(&sentence, 30000);
    sentence_add(&sentence, ", ");
    sentence_add_ms(&sentence, 1500);
    assert_string_equal(sentence.text, "30 s, 1500 ms");
}

static void test_foreign_bytes_cannot_forge_a_log_line(void **state)
{
    (void)state;
    struct sentence sentence = {.len = 0};
    sentence_add_bytes(&sentence, (struct bytes){(const uint8_t *)"a\n\x1b[\x7f\xff\0~ ", 9}, 100);
    assert_string_equal(sentence.text, "a\\x0a\\x1b[\\x7f\\xff\\x00~ ");
}

static void test_long_bytes_are_cut_and_say_so(void **state)
{
    (void)state;
    struct sentence sentence = {.len = 0};
    sentence_add_bytes(&sentence, bytes_of("abcdef"), 6);
    sentence_add_bytes(&sentence, bytes_of("abcdef"), 5);
    assert_string_equal(sentence.text, "abcdefabcde…");
}

static void test_too_long_a_sentence_is_cut_and_never_overrun(void **state)
{
    (void)state;
    struct sentence sentence = {.len = 0};
    for (int i = 0; i < SENTENCE_ROOM; i++) {
        sentence_add(&sentence, "abc");
        sentence_add_number(&sentence, -12);
        sentence_add_bytes(&sentence, bytes_of("\n"), 1);
        assert_int_equal(strlen(sentence.text), sentence.len);
    }
    assert_int_equal(sentence.len, SENTENCE_ROOM - 1);
    assert_memory_equal(sentence.text, "abc-12\\x0aabc-12", 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_follow_each_other),
        cmocka_unit_test(test_numbers_of_all_sizes),
        cmocka_unit_test(test_times_are_told_in_seconds_where_they_are_whole),
        cmocka_unit_test(test_foreign_bytes_cannot_forge_a_log_line),
        cmocka_unit_test(test_long_bytes_are_cut_and_say_so),
        cmocka_unit_test(test_too_long_a_sentence_is_cut_and_never_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
