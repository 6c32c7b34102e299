/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of batches, whole and split at every byte. */
#include "proxy/kafka/batches.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "proxy/kafka/wire.h"

enum { ROOM = 512 };

struct field {
    size_t len;
    uint8_t at[ROOM];
};

/* Magic 2, with `size` bytes of records. */
static void add_batch(struct field *field, int attributes, uint32_t count, size_t size)
{
    uint8_t *head = field->at + field->len;
    memset(head, 0, BATCH_HEAD_SIZE + size);
    wire_put_uint32(head + 8, (uint32_t)(BATCH_HEAD_SIZE - 12 + size));
    head[16] = 2;
    wire_put_int16(head + 21, (int16_t)attributes);
    wire_put_uint32(head + 57, count);
    field->len += BATCH_HEAD_SIZE + size;
}

/* Magic 0 or 1; `size` counts from behind its length. */
static void add_message(struct field *field, int magic, int attributes, size_t size)
{
    uint8_t *head = field->at + field->len;
    memset(head, 0, 12 + size);
    wire_put_uint32(head + 8, (uint32_t)size);
    head[16] = (uint8_t)magic;
    head[17] = (uint8_t)attributes;
    field->len += 12 + size;
}

static struct batches feed(const struct field *field, size_t piece)
{
    struct batches batches = {.got = 0};
    for (size_t at = 0; at < field->len; at += piece) {
        size_t left = field->len - at;
        batches_feed(&batches, (struct bytes){field->at + at, left < piece ? left : piece});
    }
    return batches;
}

static void test_batches_are_counted_with_their_compressions_however_the_bytes_come(void **state)
{
    struct field field = {.len = 0};
    (void)state;
    add_batch(&field, COMPRESSION_ZSTD, 3, 20);
    add_batch(&field, COMPRESSION_NONE | 1 << 4, 4, 0);
    add_message(&field, 1, COMPRESSION_GZIP, 30);
    for (size_t piece = 1; piece <= field.len; piece++) {
        struct batches batches = feed(&field, piece);
        assert_int_equal(batches.record_count, 3 + 4 + 1);
        assert_int_equal(batches.batch_count, 3);
        assert_int_equal(batches.compressions,
                         1 << COMPRESSION_ZSTD | 1 << COMPRESSION_NONE | 1 << COMPRESSION_GZIP);
        assert_true(batches.transactional);
        assert_false(batches.control);
        assert_false(batches.odd);
    }
}

static void test_what_one_batch_is_stays_true_behind_others(void **state)
{
    struct field field = {.len = 0};
    (void)state;
    add_batch(&field, 1 << 4 | 1 << 5, 1, 0);
    add_batch(&field, 0, 1, 0);
    struct batches batches = feed(&field, ROOM);
    assert_true(batches.transactional);
    assert_true(batches.control);
}

static void test_a_compression_that_kafka_does_not_know_yet_is_none_of_those_it_knows(void **state)
{
    struct field field = {.len = 0};
    (void)state;
    add_batch(&field, COMPRESSIONS, 2, 0);
    struct batches batches = feed(&field, ROOM);
    assert_int_equal(batches.compressions, 0);
    assert_int_equal(batches.record_count, 2);
    assert_false(batches.odd);
}

static void test_a_batch_that_is_cut_counts_once_its_head_is_whole(void **state)
{
    struct field field = {.len = 0};
    (void)state;
    add_batch(&field, 1 << 5, 3, 20);
    field.len = BATCH_HEAD_SIZE - 1;
    assert_int_equal(feed(&field, ROOM).record_count, 0);
    field.len = BATCH_HEAD_SIZE;
    assert_int_equal(feed(&field, ROOM).record_count, 3);
    assert_true(feed(&field, ROOM).control);
}

static void test_the_next_field_begins_anew_and_what_was_counted_stays(void **state)
{
    struct field field = {.len = 0};
    (void)state;
    add_batch(&field, 0, 3, 20);
    struct batches batches = feed(&field, 70); /* cut within the records */
    batches_next(&batches);
    batches_feed(&batches, (struct bytes){field.at, field.len});
    assert_int_equal(batches.record_count, 6);
}

static void test_what_is_no_batch_is_read_no_further(void **state)
{
    struct field field = {.len = 0};
    (void)state;
    add_batch(&field, 0, 3, 0);
    add_message(&field, 3, 0, 30); /* a magic that is not known yet */
    add_batch(&field, 0, 3, 0);
    struct batches batches = feed(&field, ROOM);
    assert_true(batches.odd);
    assert_int_equal(batches.record_count, 3);
    field.len = 0;
    add_batch(&field, 0, 3, 0);
    wire_put_uint32(field.at + 8, 10); /* shorter than its head */
    assert_true(feed(&field, ROOM).odd);
    wire_put_uint32(field.at + 8, UINT32_MAX);
    assert_true(feed(&field, ROOM).odd);
}

static void test_compressions_have_the_names_that_kafka_gives_them(void **state)
{
    (void)state;
    assert_string_equal(batches_compression_name(COMPRESSION_GZIP), "gzip");
    assert_string_equal(batches_compression_name(COMPRESSION_ZSTD), "zstd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches_are_counted_with_their_compressions_however_the_bytes_come),
        cmocka_unit_test(test_what_one_batch_is_stays_true_behind_others),
        cmocka_unit_test(test_a_compression_that_kafka_does_not_know_yet_is_none_of_those_it_knows),
        cmocka_unit_test(test_a_batch_that_is_cut_counts_once_its_head_is_whole),
        cmocka_unit_test(test_the_next_field_begins_anew_and_what_was_counted_stays),
        cmocka_unit_test(test_what_is_no_batch_is_read_no_further),
        cmocka_unit_test(test_compressions_have_the_names_that_kafka_gives_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
