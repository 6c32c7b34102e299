/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes put together; see batch.h. */
#include "tests/unit/watch/batch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

void batch_put_number(struct wire *batch, size_t size, uint64_t number)
{
    for (size_t i = size; i-- > 0;) {
        uint8_t byte = (uint8_t)(number >> (8 * i));
        wire_add(batch, &byte, 1);
    }
}

void batch_put_varint(struct wire *batch, int64_t number)
{
    uint64_t rest = (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
    for (; rest > 0x7f; rest >>= 7)
        batch_put_number(batch, 1, (rest & 0x7f) | 0x80);
    batch_put_number(batch, 1, rest);
}

static void put_part(struct wire *batch, const char *part)
{
    batch_put_varint(batch, part ? (int64_t)strlen(part) : -1);
    wire_add(batch, part, part ? strlen(part) : 0);
}

void batch_put_record(struct wire *records, int offset, const char *key, const char *value,
                      const char *header)
{
    struct wire record = {.len = 0};
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
    wire_add(records, record.at, record.len);
}

void batch_wrap(struct wire *field, const struct wire *records, uint32_t count, int attributes)
{
    struct wire packed = {.len = 0};
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
    wire_add(field, packed.at, packed.len);
}

void batch_put_message(struct wire *field, int magic, int attributes, int64_t offset, const char *key,
                       struct bytes value)
{
    struct wire message = {.len = 0};
    batch_put_number(&message, 4, 0);
    batch_put_number(&message, 1, (uint64_t)magic);
    batch_put_number(&message, 1, (uint64_t)attributes);
    if (magic)
        batch_put_number(&message, 8, 1000);
    batch_put_number(&message, 4, key ? strlen(key) : UINT32_MAX);
    wire_add(&message, key, key ? strlen(key) : 0);
    batch_put_number(&message, 4, value.len);
    wire_add(&message, value.at, value.len);
    batch_put_number(field, 8, (uint64_t)offset);
    batch_put_number(field, 4, message.len);
    wire_add(field, message.at, message.len);
}

/* ---- compression ---- */

static void put_gzip(struct wire *to, struct bytes plain)
{
    enum { GZIP = 31, MEMORY = 8 };
    z_stream stream = {
        .next_in = (Bytef *)(uintptr_t)plain.at,
        .avail_in = (uInt)plain.len,
        .next_out = to->at + to->len,
        .avail_out = (uInt)(WIRE_ROOM - to->len),
    };
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    to->len += stream.total_out;
    deflateEnd(&stream);
}

/* Literals only: copies have a test of their own. */
static void put_snappy(struct wire *to, struct bytes plain)
{
    enum { MOST = 60 };
    for (size_t rest = plain.len; rest > 0x7f; rest >>= 7)
        batch_put_number(to, 1, 0x80); /* the length, which nobody relies on */
    batch_put_number(to, 1, 1);
    while (plain.len) {
        size_t len = plain.len < MOST ? plain.len : MOST;
        batch_put_number(to, 1, (len - 1) << 2);
        wire_add(to, plain.at, len);
        plain.at += len;
        plain.len -= len;
    }
}

static void put_java_snappy(struct wire *to, struct bytes plain)
{
    while (plain.len) {
        struct wire piece = {.len = 0};
        size_t len = plain.len < 100 ? plain.len : 100;
        put_snappy(&piece, (struct bytes){plain.at, len});
        batch_put_number(to, 4, piece.len);
        wire_add(to, piece.at, piece.len);
        plain.at += len;
        plain.len -= len;
    }
}

void batch_compress(struct wire *to, enum compression compression, struct bytes plain, bool java)
{
    size_t room = WIRE_ROOM - to->len;
    switch (compression) {
    case COMPRESSION_GZIP:
        put_gzip(to, plain);
        return;
    case COMPRESSION_SNAPPY:
        if (java)
            wire_add(to, "\x82SNAPPY\0\0\0\0\1\0\0\0\1", 16);
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
        wire_add(to, plain.at, plain.len);
    }
}
