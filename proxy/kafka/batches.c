/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the heads of batches; see batches.h. */
#include "proxy/kafka/batches.h"

#include "proxy/kafka/wire.h"

enum {
    LENGTH_AT = 8,
    BODY_AT = 12, /* what the length counts from */
    MAGIC_AT = 16,
    OLD_HEAD_SIZE = 18, /* up to the attributes */
    OLD_ATTRIBUTES_AT = 17,
    ATTRIBUTES_AT = 21,
    COUNT_AT = 57,
    COMPRESSION_BITS = 7,
    TRANSACTIONAL_BIT = 1 << 4,
    CONTROL_BIT = 1 << 5,
};

/* As far as is known of what comes. */
static size_t head_size(const struct batches *batches)
{
    if (batches->got <= MAGIC_AT)
        return MAGIC_AT + 1;
    return batches->head[MAGIC_AT] < 2 ? OLD_HEAD_SIZE : BATCH_HEAD_SIZE;
}

static void add_compression(struct batches *batches, unsigned attributes)
{
    unsigned compression = attributes & COMPRESSION_BITS;
    if (compression < COMPRESSIONS)
        batches->compressions |= (uint8_t)(1U << compression);
}

/* A compressed message of the old format holds others, which cannot be counted from outside: it counts as one. */
static void see_head(struct batches *batches)
{
    const uint8_t *head = batches->head;
    uint32_t size = BODY_AT + wire_uint32(head + LENGTH_AT);
    if (head[MAGIC_AT] > 2 || size < batches->got) {
        batches->odd = true;
        return;
    }
    batches->batch_count++;
    batches->skip = size - batches->got;
    batches->got = 0;
    if (head[MAGIC_AT] < 2) {
        batches->record_count++;
        add_compression(batches, head[OLD_ATTRIBUTES_AT]);
        return;
    }
    unsigned attributes = (uint16_t)wire_int16(head + ATTRIBUTES_AT);
    batches->record_count += wire_uint32(head + COUNT_AT);
    batches->transactional = batches->transactional || attributes & TRANSACTIONAL_BIT;
    batches->control = batches->control || attributes & CONTROL_BIT;
    add_compression(batches, attributes);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

void batches_feed(struct batches *batches, struct bytes piece)
{
    while (piece.len && !batches->odd) {
        size_t size = head_size(batches);
        size_t len = batches->skip ? least(batches->skip, piece.len) : least(size - batches->got, piece.len);
        if (batches->skip) {
            batches->skip -= (uint32_t)len;
        } else {
            memcpy(batches->head + batches->got, piece.at, len);
            batches->got = (uint8_t)(batches->got + len);
            if (batches->got == size && size == head_size(batches))
                see_head(batches);
        }
        piece.at += len;
        piece.len -= len;
    }
}

void batches_next(struct batches *batches)
{
    batches->got = 0;
    batches->skip = 0;
    batches->odd = false;
}

const char *batches_compression_name(enum compression compression)
{
    static const char *const names[] = {"none", "gzip", "snappy", "lz4", "zstd"};
    return names[compression];
}
