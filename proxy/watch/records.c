/* SPDX-License-Identifier: Apache-2.0 */
/* Batches, messages and what is in them; see records.h. */
#include "proxy/watch/records.h"

#include "proxy/kafka/wire.h"

enum { TIMESTAMP_NONE = -1, TRANSACTIONAL_BIT = 1 << 4, CONTROL_BIT = 1 << 5, COMPRESSION_BITS = 7 };

/* ---- one cursor, whose first failure stays ---- */

static struct bytes take(struct place_in *place, size_t len)
{
    struct bytes taken = {place->rest.at, len};
    if (place->short_of || len > place->rest.len) {
        place->short_of = true;
        return (struct bytes){.len = 0};
    }
    place->rest.at += len;
    place->rest.len -= len;
    return taken;
}

static uint64_t take_number(struct place_in *place, size_t size)
{
    struct bytes taken = take(place, size);
    uint64_t number = 0;
    for (size_t i = 0; i < taken.len; i++)
        number = number << 8 | taken.at[i];
    return number;
}

/* Zigzag, up to 64 bits. */
static int64_t take_varint(struct place_in *place)
{
    enum { MOST_BITS = 63 };
    uint64_t number = 0;
    for (unsigned shift = 0; shift <= MOST_BITS; shift += 7) {
        uint64_t byte = take_number(place, 1);
        number |= (byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
    }
    place->short_of = true;
    return 0;
}

/* Below 0: null. What is not there of it is left out, and nothing can be read behind it. */
static struct record_part take_part(struct place_in *place, int64_t size)
{
    struct record_part part = {.null = size < 0};
    if (part.null || place->short_of || size > UINT32_MAX)
        return part;
    part.size = (uint32_t)size;
    bool cut = part.size > place->rest.len;
    part.at = take(place, cut ? place->rest.len : part.size);
    place->short_of = place->short_of || cut;
    return part;
}

/* ---- records of a batch ---- */

static void read_headers(struct place_in *place, struct record *record)
{
    int64_t count = take_varint(place);
    for (int64_t i = 0; i < count && !place->short_of; i++) {
        struct header header;
        header.key = take_part(place, take_varint(place));
        header.value = take_part(place, take_varint(place));
        if (i < HEADERS_KEPT)
            record->headers[i] = header;
        record->header_count++;
    }
}

static bool is_commit(const struct record_part *key)
{
    enum { KEY_SIZE = 4, COMMIT = 1 };
    return key->at.len >= KEY_SIZE && wire_int16(key->at.at + 2) == COMMIT;
}

static bool next_in_batch(struct records *records, struct record *record)
{
    struct place_in *place = &records->inner;
    *record = (struct record){
        .transactional = records->attributes & TRANSACTIONAL_BIT,
        .control = records->attributes & CONTROL_BIT,
    };
    if (!records->left)
        return false;
    records->left--;
    take_varint(place);    /* its size: it says itself where it ends */
    take_number(place, 1); /* attributes, of which there are none */
    record->timestamp = (int64_t)((uint64_t)records->base_timestamp + (uint64_t)take_varint(place));
    record->offset = (int64_t)((uint64_t)records->base_offset + (uint64_t)take_varint(place));
    int64_t key_size = take_varint(place);
    if (place->short_of)
        return false;
    record->key = take_part(place, key_size);
    if (!place->short_of)
        record->value = take_part(place, take_varint(place));
    if (!place->short_of)
        read_headers(place, record);
    record->commit = record->control && is_commit(&record->key);
    return true;
}

/* ---- batches and messages ---- */

static struct place_in unpacked(struct records *records, struct bytes packed)
{
    unsigned compression = records->attributes & COMPRESSION_BITS;
    if (compression == COMPRESSION_NONE)
        return (struct place_in){.rest = packed};
    size_t len =
        compression < COMPRESSIONS ? unpack(compression, packed, records->room, records->room_size) : 0;
    records->unread = records->unread || !len;
    return (struct place_in){.rest = {records->room, len}};
}

static void open_batch(struct records *records, struct place_in *batch)
{
    take_number(batch, 4); /* crc */
    records->attributes = (unsigned)take_number(batch, 2);
    take_number(batch, 4); /* the last offset's distance */
    records->base_timestamp = (int64_t)take_number(batch, 8);
    take(batch, 8 + 8 + 2 + 4); /* the last timestamp, producer, its epoch and sequence */
    records->left = (uint32_t)take_number(batch, 4);
    records->in_batch = !batch->short_of;
    if (records->in_batch)
        records->inner = unpacked(records, batch->rest);
}

/* True: it is a record itself; false: it holds others, which come next, or is cut. */
static bool open_message(struct records *records, struct place_in *message, unsigned magic, int64_t offset,
                         struct record *record)
{
    unsigned attributes = (unsigned)take_number(message, 1);
    *record =
        (struct record){.offset = records->in_message ? OFFSET_UNKNOWN : offset, .timestamp = TIMESTAMP_NONE};
    if (magic)
        record->timestamp = (int64_t)take_number(message, 8);
    record->key = take_part(message, (int32_t)(uint32_t)take_number(message, 4));
    if (message->short_of)
        return record->key.size > 0;
    record->value = take_part(message, (int32_t)(uint32_t)take_number(message, 4));
    if (!(attributes & COMPRESSION_BITS) || records->in_message)
        return true;
    records->attributes = attributes;
    records->in_message = true;
    records->inner = unpacked(records, record->value.at);
    return false;
}

/* The next batch or message, of which only the beginning may be there. True: it is a record by itself. */
static bool open_next(struct records *records, struct place_in *from, struct record *record)
{
    enum { MAGIC_BEHIND = 4, MAGIC_NOW = 2 };
    int64_t offset = (int64_t)take_number(from, 8);
    size_t size = (size_t)take_number(from, 4);
    bool cut = size > from->rest.len;
    struct place_in whole = {.rest = take(from, cut ? from->rest.len : size), .short_of = from->short_of};
    unsigned magic = whole.rest.len > MAGIC_BEHIND ? whole.rest.at[MAGIC_BEHIND] : MAGIC_NOW + 1;
    take_number(&whole, MAGIC_BEHIND + 1); /* crc or leader epoch, and the magic */
    if (whole.short_of)
        return false;
    if (magic > MAGIC_NOW || (magic == MAGIC_NOW && records->in_message)) {
        records->unread = from->short_of = true;
        return false;
    }
    if (magic < MAGIC_NOW)
        return open_message(records, &whole, magic, offset, record);
    records->base_offset = offset;
    open_batch(records, &whole);
    return false;
}

void records_begin(struct records *records, struct bytes field, uint8_t *room, size_t room_size)
{
    *records = (struct records){.outer = {.rest = field}, .room = room, .room_size = room_size};
}

bool records_next(struct records *records, struct record *record)
{
    for (;;) {
        if (records->in_batch && next_in_batch(records, record))
            return true;
        records->in_batch = false;
        records->in_message = records->in_message && records->inner.rest.len && !records->inner.short_of;
        struct place_in *from = records->in_message ? &records->inner : &records->outer;
        if (!from->rest.len || from->short_of)
            return false;
        if (open_next(records, from, record))
            return true;
    }
}
