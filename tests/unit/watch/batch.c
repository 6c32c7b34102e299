/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes put together; see batch.h. */
#include "tests/unit/watch/batch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

void batch_put(struct batch *batch, const void *bytes, size_t len)
{
    assert_true(len <= BATCH_ROOM - batch->len);
    if (len)
        memcpy(batch->at + batch->len, bytes, len);
    batch->len += len;
}

void batch_put_number(struct batch *batch, size_t size, uint64_t number)
{
    for (size_t i = size; i-- > 0;) {
        uint8_t byte = (uint8_t)(number >> (8 * i));
        batch_put(batch, &byte, 1);
    }
}

void batch_put_varint(struct batch *batch, int64_t number)
{
    uint64_t rest = (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
    for (; rest > 0x7f; rest >>= 7)
        batch_put_number(batch, 1, (rest & 0x7f) | 0x80);
    batch_put_number(batch, 1, rest);
}

static void put_part(struct batch *batch, const char *part)
{
    batch_put_varint(batch, part ? (int64_t)strlen(part) : -1);
    batch_put(batch, part, part ? strlen(part) : 0);
}

void batch_put_record(struct batch *records, int offset, const char *key, const char *value,
                      const char *header)
{
    struct batch record = {.len = 0};
    batch_put_number(&record, 1, 0);
    batch_put_varint(&record, (int64_t)5 * offset);
    batch_put_varint(&record, offset);
    put_part(&record, key);
    put_part(&record, value);
    batch_put_varint(&record, header ? 1 : 0);
    if (header) {
        put_part(&record, header);
        put_part(&record, "of it");
    }
    batch_put_varint(records, (int64_t)record.len);
    batch_put(records, record.at, record.len);
}

void batch_wrap(struct batch *field, const struct batch *records, uint32_t count, int attributes)
{
    struct batch packed = {.len = 0};
    batch_compress(&packed, (enum compression)(attributes & 7), (struct bytes){records->at, records->len},
                   true);
    batch_put_number(field, 8, 40);
    batch_put_number(field, 4, BATCH_HEAD_SIZE - 12 + packed.len);
    batch_put_number(field, 4, 0);
    batch_put_number(field, 1, 2);
    batch_put_number(field, 4, 0);
    batch_put_number(field, 2, (uint64_t)attributes);
    batch_put_number(field, 4, count - 1);
    batch_put_number(field, 8, 1000);
    batch_put_number(field, 8, 1000);
    batch_put_number(field, 8, 7);
    batch_put_number(field, 2, 0);
    batch_put_number(field, 4, 0);
    batch_put_number(field, 4, count);
    batch_put(field, packed.at, packed.len);
}

void batch_put_message(struct batch *field, int magic, int attributes, int64_t offset, const char *key,
                       struct bytes value)
{
    struct batch message = {.len = 0};
    batch_put_number(&message, 4, 0);
    batch_put_number(&message, 1, (uint64_t)magic);
    batch_put_number(&message, 1, (uint64_t)attributes);
    if (magic)
        batch_put_number(&message, 8, 1000);
    batch_put_number(&message, 4, key ? strlen(key) : UINT32_MAX);
    batch_put(&message, key, key ? strlen(key) : 0);
    batch_put_number(&message, 4, value.len);
    batch_put(&message, value.at, value.len);
    batch_put_number(field, 8, (uint64_t)offset);
    batch_put_number(field, 4, message.len);
    batch_put(field, message.at, message.len);
}

/* ---- compression ---- */

static void put_gzip(struct batch *to, struct bytes plain)
{
    enum { GZIP = 31, MEMORY = 8 };
    z_stream stream = {
        .next_in = (Bytef *)(uintptr_t)plain.at,
        .avail_in = (uInt)plain.len,
        .next_out = to->at + to->len,
        .avail_out = (uInt)(BATCH_ROOM - to->len),
    };
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    to->len += stream.total_out;
    deflateEnd(&stream);
}

/* Literals only: copies have a test of their own. */
static void put_snappy(struct batch *to, struct bytes plain)
{
    enum { MOST = 60 };
    for (size_t rest = plain.len; rest > 0x7f; rest >>= 7)
        batch_put_number(to, 1, 0x80); /* the length, which nobody relies on */
    batch_put_number(to, 1, 1);
    while (plain.len) {
        size_t len = plain.len < MOST ? plain.len : MOST;
        batch_put_number(to, 1, (len - 1) << 2);
        batch_put(to, plain.at, len);
        plain.at += len;
        plain.len -= len;
    }
}

static void put_java_snappy(struct batch *to, struct bytes plain)
{
    while (plain.len) {
        struct batch piece = {.len = 0};
        size_t len = plain.len < 100 ? plain.len : 100;
        put_snappy(&piece, (struct bytes){plain.at, len});
        batch_put_number(to, 4, piece.len);
        batch_put(to, piece.at, piece.len);
        plain.at += len;
        plain.len -= len;
    }
}

void batch_compress(struct batch *to, enum compression compression, struct bytes plain, bool java)
{
    size_t room = BATCH_ROOM - to->len;
    switch (compression) {
    case COMPRESSION_GZIP:
        put_gzip(to, plain);
        return;
    case COMPRESSION_SNAPPY:
        if (java)
            batch_put(to, "\x82SNAPPY\0\0\0\0\1\0\0\0\1", 16);
        if (java)
            put_java_snappy(to, plain);
        else
            put_snappy(to, plain);
        return;
    case COMPRESSION_LZ4:
        to->len += LZ4F_compressFrame(to->at + to->len, room, plain.at, plain.len, NULL);
        return;
    case COMPRESSION_ZSTD:
        to->len += ZSTD_compress(to->at + to->len, room, plain.at, plain.len, 3);
        return;
    default:
        batch_put(to, plain.at, plain.len);
    }
}
