/* SPDX-License-Identifier: Apache-2.0 */
/* gzip, lz4 and zstd through their libraries; see unpack.h. snappy is read here: its library is in C++, whose runtime would
 * be a fifth of the image, for a format of four kinds of elements:
 *
 *     length:varint | literal: size, bytes | copy: size, so far back in what has come out | …
 *
 * Java and librdkafka wrap it: 82 "SNAPPY" 00 version:4 compatible:4 | size:4 snappy | size:4 snappy … */
#include "proxy/watch/unpack.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "proxy/kafka/wire.h"

static size_t unpack_gzip(struct bytes packed, uint8_t *to, size_t room)
{
    enum { WINDOW_BITS = 15, GZIP_OR_ZLIB = 32 };
    z_stream stream = {
        .next_in = (Bytef *)(uintptr_t)packed.at,
        .avail_in = (uInt)packed.len,
        .next_out = to,
        .avail_out = (uInt)room,
    };
    if (inflateInit2(&stream, WINDOW_BITS + GZIP_OR_ZLIB) != Z_OK)
        return 0;
    inflate(&stream, Z_SYNC_FLUSH);
    size_t len = room - stream.avail_out;
    inflateEnd(&stream);
    return len;
}

static size_t unpack_lz4(struct bytes packed, uint8_t *to, size_t room)
{
    LZ4F_dctx *context;
    size_t len = 0, step = 1;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
        return 0;
    while (packed.len && len < room && step) {
        size_t out = room - len, in = packed.len;
        step = LZ4F_decompress(context, to + len, &out, packed.at, &in, NULL);
        if (LZ4F_isError(step) || (!in && !out))
            break;
        len += out;
        packed.at += in;
        packed.len -= in;
    }
    LZ4F_freeDecompressionContext(context);
    return len;
}

static size_t unpack_zstd(struct bytes packed, uint8_t *to, size_t room)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {packed.at, packed.len, 0};
    ZSTD_outBuffer out = {to, room, 0};
    size_t step = 1, before = 0;
    if (!stream)
        return 0;
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, UNPACK_WINDOW_BITS);
    do {
        before = in.pos + out.pos;
        step = ZSTD_decompressStream(stream, &out, &in);
    } while (step && !ZSTD_isError(step) && out.pos < room && in.pos + out.pos > before);
    ZSTD_freeDStream(stream);
    return out.pos;
}

/* ---- snappy ---- */

/* What is read, and what has come out of it. */
struct snappy {
    struct bytes from;
    uint8_t *to;
    size_t len, room;
};

/* Little-endian, `count` bytes. False: they are not there. */
static bool take_number(struct snappy *snappy, size_t count, size_t *number)
{
    if (snappy->from.len < count)
        return false;
    *number = 0;
    for (size_t i = 0; i < count; i++)
        *number |= (size_t)snappy->from.at[i] << (8 * i);
    snappy->from.at += count;
    snappy->from.len -= count;
    return true;
}

static bool add_literal(struct snappy *snappy, size_t tag)
{
    enum { IN_TAG = 60 };
    size_t size = tag >> 2;
    if (size >= IN_TAG && !take_number(snappy, size - IN_TAG + 1, &size))
        return false;
    size++;
    size_t len = size < snappy->from.len ? size : snappy->from.len;
    if (len > snappy->room - snappy->len)
        len = snappy->room - snappy->len;
    if (len)
        memcpy(snappy->to + snappy->len, snappy->from.at, len);
    snappy->len += len;
    snappy->from.at += len;
    snappy->from.len -= len;
    return len == size;
}

/* Byte by byte, since a copy may go on into what it writes. */
static bool add_copy(struct snappy *snappy, size_t tag)
{
    size_t kind = tag & 3, size = (tag >> 2) + 1, back = 0;
    if (!take_number(snappy, kind == 3 ? 4 : kind, &back))
        return false;
    if (kind == 1) {
        size = (tag >> 2 & 7) + 4;
        back |= tag >> 5 << 8;
    }
    if (!back || back > snappy->len)
        return false;
    for (size_t i = 0; i < size && snappy->len < snappy->room; i++, snappy->len++)
        snappy->to[snappy->len] = snappy->to[snappy->len - back];
    return true;
}

static size_t unpack_raw(struct bytes packed, uint8_t *to, size_t room)
{
    struct snappy snappy = {.from = packed, .to = to, .room = room};
    size_t tag, length_bytes = 0;
    do
        if (++length_bytes > WIRE_VARINT_MAX || !take_number(&snappy, 1, &tag))
            return 0;
    while (tag & 0x80);
    while (snappy.len < room && take_number(&snappy, 1, &tag))
        if (!(tag & 3 ? add_copy(&snappy, tag) : add_literal(&snappy, tag)))
            break;
    return snappy.len;
}

static size_t unpack_snappy(struct bytes packed, uint8_t *to, size_t room)
{
    static const uint8_t wrapped[] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    enum { HEAD = sizeof wrapped + 8, SIZE = 4 };
    size_t len = 0;
    if (packed.len < HEAD || memcmp(packed.at, wrapped, sizeof wrapped) != 0)
        return unpack_raw(packed, to, room);
    packed = (struct bytes){packed.at + HEAD, packed.len - HEAD};
    while (packed.len > SIZE && len < room) {
        size_t size = wire_uint32(packed.at), rest = packed.len - SIZE;
        size_t there = size < rest ? size : rest;
        len += unpack_raw((struct bytes){packed.at + SIZE, there}, to + len, room - len);
        packed = (struct bytes){packed.at + SIZE + there, rest - there};
    }
    return len;
}

size_t unpack(enum compression compression, struct bytes packed, uint8_t *to, size_t room)
{
    typedef size_t unpack_fn(struct bytes packed, uint8_t * to, size_t room);
    static unpack_fn *const ways[COMPRESSIONS] = {
        [COMPRESSION_GZIP] = unpack_gzip,
        [COMPRESSION_SNAPPY] = unpack_snappy,
        [COMPRESSION_LZ4] = unpack_lz4,
        [COMPRESSION_ZSTD] = unpack_zstd,
    };
    unpack_fn *way = compression < COMPRESSIONS ? ways[compression] : NULL;
    return way && packed.len ? way(packed, to, room) : 0;
}
