/* SPDX-License-Identifier: Apache-2.0 */
/* Names up to the bound, and other beyond it. */
#include "proxy/watch/labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct name name_of(const char *text)
{
    struct name name = {.len = 0};
    name_append(&name, bytes_of(text));
    return name;
}

static uint16_t index_of(struct labels *labels, const char *text)
{
    struct name name = name_of(text);
    return labels_index(labels, &name);
}

static void test_a_name_has_one_index_for_ever(void **state)
{
    struct labels labels;
    (void)state;
    labels_begin(&labels);
    assert_memory_equal(labels.at[LABEL_OTHER].at, "other", labels.at[LABEL_OTHER].len);
    uint16_t first = index_of(&labels, "billing");
    assert_int_not_equal(first, LABEL_OTHER);
    assert_int_not_equal(index_of(&labels, ""), first);
    assert_int_equal(index_of(&labels, "billing"), first);
    assert_memory_equal(labels.at[first].at, "billing", 7);
}

static void test_what_comes_when_it_is_full_is_other_and_what_was_there_stays(void **state)
{
    struct labels labels;
    char text[24];
    (void)state;
    labels_begin(&labels);
    for (int i = 1; i < LABELS_MAX; i++) {
        snprintf(text, sizeof text, "client-%d", i);
        assert_int_equal(index_of(&labels, text), i);
    }
    assert_int_equal(index_of(&labels, "one more"), LABEL_OTHER);
    assert_int_equal(index_of(&labels, "client-1"), 1);
    assert_int_equal(index_of(&labels, text), LABELS_MAX - 1);
}

static void test_a_name_that_was_cut_is_another_than_the_same_one_whole(void **state)
{
    struct labels labels;
    char text[NAME_KEPT + 2];
    (void)state;
    labels_begin(&labels);
    memset(text, 'a', sizeof text);
    text[NAME_KEPT + 1] = 0;
    uint16_t cut = index_of(&labels, text);
    text[NAME_KEPT] = 0;
    assert_int_not_equal(index_of(&labels, text), cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_has_one_index_for_ever),
        cmocka_unit_test(test_what_comes_when_it_is_full_is_other_and_what_was_there_stays),
        cmocka_unit_test(test_a_name_that_was_cut_is_another_than_the_same_one_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
