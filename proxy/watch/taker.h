/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets the traffic lines, and what each gets: plain data, before it is a line of any form.
 * Apart, because there are several (text, JSON, the page's live stream), each with a filter of its own, which come and
 * go while kbridge runs:
 *
 *     facts ──► traffic.c ──► event ──filter──► taker.take: text.c, json.c, …
 *
 * Without a taker nothing is gathered, and the bridge reports no field. */
#ifndef KBRIDGE_WATCH_TAKER_H
#define KBRIDGE_WATCH_TAKER_H

#include "proxy/watch/filter.h"
#include "proxy/watch/fold.h"
#include "proxy/watch/log.h"
#include "proxy/watch/summary.h"

enum { TAKERS_MAX = 32 };

enum outcome {
    OUTCOME_ANSWERED,
    OUTCOME_UNWANTED, /* acks=0: there is no answer */
    OUTCOME_NONE,     /* the connection ended first */
};

/* Borrowed for the call, with all that it points to. */
struct traffic_event {
    uint64_t wall_us;
    uint64_t connection; /* a number of its own, from 1; 0: of several (folded) */
    bool first;          /* the first event of this connection that this taker gets */
    const struct who *who;

    /* Either an exchange … */
    const struct summary *summary;
    uint64_t took_us;
    enum outcome outcome;
    /* … or what was counted instead of shown, in took_us; the other one is NULL. */

    const struct fold *folded;

    uint32_t record_bytes; /* of each key, value and header of records, that this taker shows; 0: none */
    uint64_t left_out;     /* so many exchanges before this one were not shown: too many at the same time */
};

/* Owned by whoever takes; lies still while it is added. */
struct taker {
    struct filter filter; /* may be set anew between any two events */
    void (*take)(void *context, const struct traffic_event *event);
    void *context;
    uint32_t record_bytes; /* 0: it wants no records, and none are kept for it */

    struct taker *next; /* private to traffic.c, as is what follows */
    uint32_t bit;
    struct folds folds;
};

#endif
