/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of several partitions, more of them than are kept, and longer ones. */
#include "proxy/watch/excerpt.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/watch/batch.h"

struct seen {
    uint32_t count;
    int32_t partitions[RECORDS_SHOWN];
    bool cut;
};

static void see(void *context, const struct excerpt_field *field, const struct record *record)
{
    struct seen *seen = context;
    assert_true(seen->count < RECORDS_SHOWN);
    seen->partitions[seen->count++] = field->partition;
    seen->cut = record->value.at.len < record->value.size;
}

static struct excerpt *make_excerpt(void)
{
    struct excerpt *excerpt = excerpt_new();
    assert_non_null(excerpt);
    return excerpt;
}

/* A batch with `count` records, in pieces of 7 bytes. */
static void add_field(struct excerpt *excerpt, int32_t partition, uint32_t count, int attributes)
{
    static const struct named topic = {.name = {.len = 1, .at = "t"}};
    struct wire records = {.len = 0}, field = {.len = 0};
    for (uint32_t i = 0; i < count; i++)
        batch_put_record(&records, (int)i, "key", "value", NULL);
    batch_wrap(&field, &records, count, attributes);
    excerpt_begin(excerpt, &topic, partition);
    for (size_t at = 0; at < field.len; at += 7)
        excerpt_add(excerpt, (struct bytes){field.at + at, field.len - at < 7 ? field.len - at : 7});
}

static void test_records_of_each_partition_are_shown_up_to_the_bound(void **state)
{
    struct excerpt *excerpt = make_excerpt();
    struct seen seen = {.count = 0};
    (void)state;
    add_field(excerpt, 3, 2, COMPRESSION_GZIP);
    add_field(excerpt, 5, RECORDS_SHOWN, COMPRESSION_NONE);
    assert_true(excerpt_show(excerpt, see, &seen));
    assert_int_equal(seen.count, RECORDS_SHOWN);
    assert_int_equal(seen.partitions[1], 3);
    assert_int_equal(seen.partitions[2], 5);
    excerpt_free(excerpt);
}

static void test_partitions_beyond_those_kept_are_not_mixed_into_the_last(void **state)
{
    struct excerpt *excerpt = make_excerpt();
    struct seen seen = {.count = 0};
    (void)state;
    for (int32_t i = 0; i < EXCERPT_FIELDS + 2; i++)
        add_field(excerpt, i, 1, COMPRESSION_NONE);
    assert_true(excerpt_show(excerpt, see, &seen));
    assert_int_equal(seen.count, EXCERPT_FIELDS);
    assert_int_equal(seen.partitions[EXCERPT_FIELDS - 1], EXCERPT_FIELDS - 1);
    excerpt_free(excerpt);
}

static void test_of_a_field_that_is_too_long_the_beginning_is_kept(void **state)
{
    static char value[EXCERPT_ROOM / 8];
    static const struct named topic = {.has_id = false};
    struct excerpt *excerpt = make_excerpt();
    struct wire records = {.len = 0};
    struct seen seen = {.count = 0};
    (void)state;
    memset(value, 'v', 4000);
    batch_put_record(&records, 0, "key", value, NULL);
    excerpt_begin(excerpt, &topic, 0);
    for (int i = 0; i < 20; i++) {
        struct wire field = {.len = 0};
        batch_wrap(&field, &records, 1, COMPRESSION_NONE);
        excerpt_add(excerpt, (struct bytes){field.at, field.len});
    }
    assert_int_equal(excerpt->len, EXCERPT_ROOM);
    excerpt->fields[0].len -= 60000; /* into the second record */
    assert_true(excerpt_show(excerpt, see, &seen));
    assert_int_equal(seen.count, 2);
    assert_true(seen.cut);
    excerpt_free(excerpt);
}

static void test_what_cannot_be_unpacked_is_said(void **state)
{
    struct excerpt *excerpt = make_excerpt();
    struct seen seen = {.count = 0};
    (void)state;
    add_field(excerpt, 0, 1, COMPRESSION_ZSTD);
    memset(excerpt->room + BATCH_HEAD_SIZE, 0, 8);
    assert_false(excerpt_show(excerpt, see, &seen));
    assert_int_equal(seen.count, 0);
    excerpt_free(excerpt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_of_each_partition_are_shown_up_to_the_bound),
        cmocka_unit_test(test_partitions_beyond_those_kept_are_not_mixed_into_the_last),
        cmocka_unit_test(test_of_a_field_that_is_too_long_the_beginning_is_kept),
        cmocka_unit_test(test_what_cannot_be_unpacked_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
