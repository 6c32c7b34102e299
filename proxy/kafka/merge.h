/* SPDX-License-Identifier: Apache-2.0 */
/* One response made of those of several brokers: ListGroups and ListTransactions, which each broker answers for itself, and
 * SASL, where a client proves itself to several.
 * Apart, because it is the only place where one message is made of several.
 *
 *     first:   [length, header, throttle, error] [count] [elements]              [the rest]
 *     others:                                            [elements] [elements] …
 *     made:    of the first                      anew    of all                  of the first
 *
 * Where one has an error, that one is the whole answer: a list with a hole would be a wrong one. Of answers without an array the
 * whole answer is the one with the shortest session lifetime. */
#ifndef KBRIDGE_KAFKA_MERGE_H
#define KBRIDGE_KAFKA_MERGE_H

#include "proxy/kafka/buffer.h"

/* All parts together; a cluster with 100,000 groups sends about 10 MiB. */
enum { MERGE_MAX = 64 << 20 };

struct merge {
    struct buffer answer;   /* the first frame, or the one with an error */
    struct buffer elements; /* of all frames so far */
    size_t begin, end;      /* of the array in `answer`, its count included */
    uint32_t count;
    int64_t lifetime_ms; /* of `answer`; INT64_MAX: its session does not end */
    int16_t api_key;
    int8_t version;
    bool flexible;
    bool failed; /* `answer` has an error */
};

void merge_begin(struct merge *merge, const struct allocator *allocator, int api_key, int version);

/* Adds a whole response frame, with its length prefix. NULL, or what is wrong as half a sentence. */
const char *merge_add(struct merge *merge, struct span frame);

/* Makes merge->answer whole. At least one frame was added. NULL, or what is wrong. */
const char *merge_end(struct merge *merge);

void merge_free(struct merge *merge);

#endif
