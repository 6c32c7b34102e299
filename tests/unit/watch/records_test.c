/* SPDX-License-Identifier: Apache-2.0 */
/* Records of each kind of batch and each compression, whole, cut at every byte, and with every byte changed. */
#include "proxy/watch/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/watch/batch.h"

enum { UNPACKED = 4096, TRANSACTIONAL = 1 << 4, CONTROL = 1 << 5 };

/* All records of the bytes, which lie in a block of their own, so that reading behind them is found. */
static size_t count_records(const uint8_t *at, size_t len)
{
    uint8_t *field = malloc(len ? len : 1), *room = malloc(UNPACKED);
    struct records records;
    struct record record;
    size_t count = 0, seen = 0;
    assert_non_null(field);
    assert_non_null(room);
    memcpy(field, at, len);
    records_begin(&records, (struct bytes){field, len}, room, UNPACKED);
    while (count < 100000 && records_next(&records, &record)) {
        count++;
        for (size_t i = 0; i < record.key.at.len; i++)
            seen += record.key.at.at[i];
        for (size_t i = 0; i < record.value.at.len; i++)
            seen += record.value.at.at[i];
        for (size_t i = 0; i < record.header_count && i < HEADERS_KEPT; i++)
            seen += record.headers[i].key.at.len + record.headers[i].value.at.len;
    }
    assert_true(count < 100000 && seen < SIZE_MAX);
    free(field);
    free(room);
    return count;
}

static void assert_part(const struct record_part *part, const char *text)
{
    assert_int_equal(part->null, !text);
    assert_int_equal(part->size, text ? strlen(text) : 0);
    assert_int_equal(part->at.len, part->size);
    if (text)
        assert_memory_equal(part->at.at, text, part->size);
}

static void make_batch(struct wire *field, int attributes)
{
    struct wire records = {.len = 0};
    char large[400];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    batch_put_record(&records, 0, "k1", "{\"id\":1}", "trace");
    batch_put_record(&records, 1, NULL, NULL, NULL);
    batch_put_record(&records, 2, "", large, NULL);
    batch_wrap(field, &records, 3, attributes);
}

static void test_a_batch_of_each_compression_gives_what_was_put_into_it(void **state)
{
    (void)state;
    for (int compression = 0; compression < COMPRESSIONS; compression++) {
        struct wire field = {.len = 0};
        uint8_t room[UNPACKED];
        struct records records;
        struct record record;
        make_batch(&field, compression | TRANSACTIONAL);
        records_begin(&records, (struct bytes){field.at, field.len}, room, sizeof room);
        assert_true(records_next(&records, &record));
        assert_int_equal(record.offset, 40);
        assert_int_equal(record.timestamp, 1000);
        assert_true(record.transactional && !record.control);
        assert_part(&record.key, "k1");
        assert_part(&record.value, "{\"id\":1}");
        assert_int_equal(record.header_count, 1);
        assert_part(&record.headers[0].key, "trace");
        assert_part(&record.headers[0].value, "of it");
        assert_true(records_next(&records, &record));
        assert_int_equal(record.offset, 41);
        assert_int_equal(record.timestamp, 1005);
        assert_part(&record.key, NULL);
        assert_part(&record.value, NULL);
        assert_true(records_next(&records, &record));
        assert_part(&record.key, "");
        assert_int_equal(record.value.size, 399);
        assert_false(records_next(&records, &record));
        assert_false(records.unread);
    }
}

static void test_old_messages_give_theirs_compressed_or_not(void **state)
{
    (void)state;
    for (int magic = 0; magic <= 1; magic++) {
        for (int compression = 0; compression <= COMPRESSION_LZ4; compression++) {
            struct wire inner = {.len = 0}, packed = {.len = 0}, field = {.len = 0};
            uint8_t room[UNPACKED];
            struct records records;
            struct record record;
            batch_put_message(&inner, magic, 0, 0, "a", bytes_of("one"));
            batch_put_message(&inner, magic, 0, 1, NULL, bytes_of("two"));
            batch_compress(&packed, (enum compression)compression, (struct bytes){inner.at, inner.len},
                           false);
            if (compression)
                batch_put_message(&field, magic, compression, 8, NULL, (struct bytes){packed.at, packed.len});
            else
                wire_add(&field, inner.at, inner.len);
            batch_put_message(&field, magic, 0, 9, "c", bytes_of("three"));
            records_begin(&records, (struct bytes){field.at, field.len}, room, sizeof room);
            assert_true(records_next(&records, &record));
            assert_part(&record.key, "a");
            assert_part(&record.value, "one");
            assert_int_equal(record.offset, compression ? OFFSET_UNKNOWN : 0);
            assert_int_equal(record.timestamp, magic ? 1000 : -1);
            assert_true(records_next(&records, &record));
            assert_part(&record.key, NULL);
            assert_part(&record.value, "two");
            assert_true(records_next(&records, &record));
            assert_part(&record.value, "three");
            assert_int_equal(record.offset, 9);
            assert_false(records_next(&records, &record));
        }
    }
}

static void test_the_end_of_a_transaction_is_told_from_its_abortion(void **state)
{
    (void)state;
    for (int commit = 0; commit <= 1; commit++) {
        struct wire records = {.len = 0}, field = {.len = 0};
        uint8_t room[1];
        struct records reading;
        struct record record;
        batch_put_number(&records, 1, 28); /* the record's size: 14 */
        batch_put_number(&records, 3, 0);
        batch_put_varint(&records, 4);
        batch_put_number(&records, 4, (uint64_t)commit);
        batch_put_varint(&records, 6);
        batch_put_number(&records, 6, 0);
        batch_put_varint(&records, 0);
        batch_wrap(&field, &records, 1, TRANSACTIONAL | CONTROL);
        records_begin(&reading, (struct bytes){field.at, field.len}, room, sizeof room);
        assert_true(records_next(&reading, &record));
        assert_true(record.control);
        assert_int_equal(record.commit, commit);
    }
}

/* Each byte in turn is each of these. */
static void count_with_changes(struct wire *field)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    for (size_t i = 0; i < field->len * sizeof values; i++) {
        uint8_t *byte = &field->at[i / sizeof values], was = *byte;
        *byte = values[i % sizeof values];
        count_records(field->at, field->len);
        *byte = was;
    }
}

static void test_whatever_is_cut_off_or_changed_nothing_is_read_behind_the_end(void **state)
{
    (void)state;
    for (int compression = 0; compression < COMPRESSIONS; compression++) {
        struct wire field = {.len = 0};
        make_batch(&field, compression);
        batch_put_message(&field, 1, 0, 9, "c", bytes_of("three"));
        for (size_t len = 0; len <= field.len; len++)
            assert_true(count_records(field.at, len) <= 4);
        count_with_changes(&field);
    }
}

static void test_a_cut_value_says_how_large_it_was_and_has_what_is_there(void **state)
{
    struct wire field = {.len = 0};
    uint8_t room[1];
    struct records records;
    struct record record;
    (void)state;
    make_batch(&field, COMPRESSION_NONE);
    records_begin(&records, (struct bytes){field.at, field.len - 100}, room, sizeof room);
    for (int i = 0; i < 3; i++)
        assert_true(records_next(&records, &record));
    assert_int_equal(record.value.size, 399);
    assert_in_range(record.value.at.len, 298, 302);
    assert_false(records_next(&records, &record));
}

static void test_a_bomb_costs_no_more_than_the_room_for_it(void **state)
{
    static const size_t sizes[COMPRESSIONS] = {[COMPRESSION_GZIP] = 1 << 20,
                                               [COMPRESSION_SNAPPY] = 5000,
                                               [COMPRESSION_LZ4] = 7000,
                                               [COMPRESSION_ZSTD] = 1 << 20};
    static uint8_t zeros[1 << 20];
    (void)state;
    for (int compression = COMPRESSION_GZIP; compression < COMPRESSIONS; compression++) {
        struct wire packed = {.len = 0};
        uint8_t room[100];
        batch_compress(&packed, (enum compression)compression, (struct bytes){zeros, sizes[compression]},
                       true);
        assert_true(packed.len <= WIRE_ROOM);
        struct bytes bomb = {packed.at, packed.len};
        assert_int_equal(unpack((enum compression)compression, bomb, room, sizeof room), sizeof room);
    }
}

static void test_copies_of_snappy_reach_back_and_may_overlap(void **state)
{
    static const uint8_t packed[] = {12, 2 << 2, 'a',   'b', 'c', 1 | 0 << 2, 3, 2 | 4 << 2,
                                     1,  0,      3 | 0, 1,   0,   0,          0};
    uint8_t text[20];
    (void)state;
    assert_int_equal(unpack(COMPRESSION_SNAPPY, (struct bytes){packed, sizeof packed}, text, sizeof text),
                     13);
    assert_memory_equal(text, "abcabcaaaaaaa", 13);
    for (size_t len = 0; len < sizeof packed; len++)
        assert_true(unpack(COMPRESSION_SNAPPY, (struct bytes){packed, len}, text, sizeof text) <= 13);
    static const uint8_t too_far[] = {12, 0, 'a', 1, 2};
    assert_int_equal(unpack(COMPRESSION_SNAPPY, (struct bytes){too_far, sizeof too_far}, text, sizeof text),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_batch_of_each_compression_gives_what_was_put_into_it),
        cmocka_unit_test(test_old_messages_give_theirs_compressed_or_not),
        cmocka_unit_test(test_the_end_of_a_transaction_is_told_from_its_abortion),
        cmocka_unit_test(test_whatever_is_cut_off_or_changed_nothing_is_read_behind_the_end),
        cmocka_unit_test(test_a_cut_value_says_how_large_it_was_and_has_what_is_there),
        cmocka_unit_test(test_a_bomb_costs_no_more_than_the_room_for_it),
        cmocka_unit_test(test_copies_of_snappy_reach_back_and_may_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
