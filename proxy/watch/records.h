/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a field of records, one after the other: keys, values and headers where they lie.
 * Apart from kafka/batches.h, which reads the heads of all batches as they pass: this reads what was kept of a field's
 * beginning, and only when somebody asked for it. Whatever the bytes are, it ends, and reads none behind them.
 *
 *     batch of magic 2:   head:61 | record | record …                      (compressed: all records together)
 *     message, magic 0-1: offset:8 size:4 crc:4 magic:1 attributes:1 [timestamp:8] key value    (compressed: value is such messages)
 *     record:             size attributes timestamp offset key value headers                    (varints) */
#ifndef KBRIDGE_WATCH_RECORDS_H
#define KBRIDGE_WATCH_RECORDS_H

#include "proxy/watch/unpack.h"

/* `at` has what is there of its `size` bytes. */
struct record_part {
    bool null;
    uint32_t size;
    struct bytes at;
};

enum { HEADERS_KEPT = 8, OFFSET_UNKNOWN = -1 };

struct record {
    int64_t
        offset; /* OFFSET_UNKNOWN within a compressed message of magic 1 and below, and in requests it counts from 0 */
    int64_t timestamp; /* ms since 1970; -1: none */
    struct record_part key, value;
    uint32_t header_count;
    struct header {
        struct record_part key, value;
    } headers[HEADERS_KEPT];
    bool transactional;
    bool control; /* written by a broker: */
    bool commit;  /* the end of a transaction, which was not aborted */
};

/* A place in the bytes; reading behind them makes it `short_of`, and gives zeros. */
struct place_in {
    struct bytes rest;
    bool short_of;
};

struct records {
    struct place_in outer, inner; /* batches or messages; what a batch or a compressed message holds */
    bool in_batch, in_message;
    uint32_t left; /* of the batch */
    unsigned attributes;
    int64_t base_offset, base_timestamp;
    uint8_t *room; /* for what is unpacked */
    size_t room_size;
    bool unread; /* a batch could not be unpacked, or is of a kind that is not known */
};

/* `room` is borrowed until the last record was read. */
void records_begin(struct records *records, struct bytes field, uint8_t *room, size_t room_size);

/* False: there are no more, or no more are there. */
bool records_next(struct records *records, struct record *record);

#endif
