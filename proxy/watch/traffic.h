/* SPDX-License-Identifier: Apache-2.0 */
/* The traffic: keeps what is known of each exchange from its first field to its response, and gives it to the
 * takers then.
 * Apart, because it is the only state of watch/ per connection and per request; nothing of it is there
 * without a taker. A connection is known by a pointer that is only compared (its conversation).
 *
 *     buckets ──► connection ──► connection          exchanges: oldest ──► … ──► newest
 *                     └─ exchanges                    answered mostly at the front, begun at the end */
#ifndef KBRIDGE_WATCH_TRAFFIC_H
#define KBRIDGE_WATCH_TRAFFIC_H

#include "proxy/watch/taker.h"
#include "proxy/watch/topic_names.h"

enum {
    TRAFFIC_BUCKETS = 256,
    TRAFFIC_EXCHANGES_MAX =
        10000, /* gathered at the same time, about 4 KiB each; further ones are not shown */
    TRAFFIC_SPARES_MAX =
        1000, /* kept for the next ones: to get and free each costs more than all else of a line */
};

/* Bits of exchange.watched: there is a taker; there is a meter. */
enum { WATCHED_FOR_TRAFFIC = 1, WATCHED_FOR_METER = 2 };

struct traffic_connection;
struct traffic_exchange;

struct traffic {
    struct taker *takers;   /* the latest first */
    _Atomic uint8_t wanted; /* of the fields: for whom, as bits */
    struct clocks clocks;
    struct topic_names names;
    uint32_t exchange_count, spare_count, excerpt_count;
    struct traffic_exchange *spares; /* linked by `next`; none without a taker */
    uint64_t connection_count;       /* those seen so far */
    uint64_t left_out; /* not shown, for the bound above or for want of memory; told with the next line */
    struct traffic_exchange *last; /* what the last call was about: fields come in rows */
    struct traffic_connection *buckets[TRAFFIC_BUCKETS];
};

void traffic_init(struct traffic *traffic, struct clocks clocks);
void traffic_free(struct traffic *traffic);

/* The taker gets what begins from now on. False: there are TAKERS_MAX. */
bool traffic_add(struct traffic *traffic, struct taker *taker);
/* It gets nothing more; harmless where it was not added. */
void traffic_remove(struct traffic *traffic, struct taker *taker);
bool traffic_has(const struct traffic *traffic, const struct taker *taker);

/* The facts of the same names. */
void traffic_request(struct traffic *traffic, const void *conversation, const struct exchange *exchange);
void traffic_field(struct traffic *traffic, const void *conversation, const struct exchange *exchange,
                   enum direction direction, enum walk_step step, const struct walk_event *event);
void traffic_response(struct traffic *traffic, const void *conversation, const struct who *who,
                      const struct exchange *exchange);

/* The connection is over: what was not answered is shown as such, and forgotten. */
void traffic_end(struct traffic *traffic, const void *conversation, const struct who *who);

#endif
