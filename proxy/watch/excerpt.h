/* SPDX-License-Identifier: Apache-2.0 */
/* The beginnings of an exchange's fields of records, kept for who asked to see records.
 * Apart from the summary, because this is content, which nobody sees unless --records is given, and is large: only then is an
 * excerpt taken, with the first byte of records, and what all of them may take is bounded.
 *
 *     fields of records as they pass ──► [ orders-0 … | orders-1 … | … ]  the first EXCERPT_ROOM bytes of them all */
#ifndef KBRIDGE_WATCH_EXCERPT_H
#define KBRIDGE_WATCH_EXCERPT_H

#include "proxy/kafka/keys.h"
#include "proxy/watch/records.h"
#include "proxy/watch/summary.h"

enum {
    EXCERPT_ROOM = 64 << 10, /* of a batch that is larger the records are shown that begin in it */
    EXCERPT_FIELDS = 8,      /* partitions */
    EXCERPTS_MAX = 256,      /* at the same time, 16 MiB; further exchanges are shown without their records */
    EXCERPT_UNPACKED = 256 << 10, /* what is unpacked of a batch: a bomb costs no more */
    RECORDS_SHOWN = 10,           /* of an exchange */
};

struct excerpt_field {
    struct named topic;
    int32_t partition;
    uint32_t begin, len; /* in room */
};

struct excerpt {
    uint32_t count; /* of fields, EXCERPT_FIELDS at most */
    uint32_t len;
    struct excerpt_field fields[EXCERPT_FIELDS];
    uint8_t room[EXCERPT_ROOM];
};

struct excerpt *excerpt_new(void); /* empty; NULL: out of memory */
void excerpt_free(struct excerpt *excerpt);

/* The field of `topic` and `partition` begins; its bytes come in pieces. */
void excerpt_begin(struct excerpt *excerpt, const struct named *topic, int32_t partition);
void excerpt_add(struct excerpt *excerpt, struct bytes piece);

/* What a client sends has no offsets yet: it is counted from 0. */
static inline bool excerpt_tells_offset(const struct summary *summary, const struct record *record)
{
    return record->offset != OFFSET_UNKNOWN && summary->exchange.api_key != API_PRODUCE;
}

/* One record of the excerpt, borrowed for the call. */
typedef void excerpt_fn(void *context, const struct excerpt_field *field, const struct record *record);

/* Calls `show` for RECORDS_SHOWN records at most. Returns false where something could not be read. */
bool excerpt_show(const struct excerpt *excerpt, excerpt_fn *show, void *context);

#endif
