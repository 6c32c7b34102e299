/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted of the traffic of a worker: requests, errors, latencies, bytes, by API, client and topic.
 * Apart from the traffic lines, because counting keeps a few numbers where a line keeps a whole summary; nothing of it
 * is there unless the admin listener is on.
 *
 *     facts ──► meter ─┬─ api[key]      requests by version, bytes, latency      bounded by the tables
 *                      ├─ errors[]      by API and code                          bounded: ERRORS_MAX
 *                      ├─ clients[]     by client id                             bounded: labels.h
 *                      └─ topics[]      record bytes by topic                    bounded: labels.h
 *     and per connection a struct metered: when each request under way began, and its own counts */
#ifndef KBRIDGE_WATCH_METER_H
#define KBRIDGE_WATCH_METER_H

#include "proxy/bridge/conversation.h"
#include "proxy/watch/labels.h"
#include "proxy/watch/sink.h"
#include "proxy/watch/topic_names.h"

/* Upper bounds in µs; what takes longer is in the last bucket. From the fastest answer over loopback to the longest that clients
 * wait (request.timeout.ms of most of them is 30 s). */
/* clang-format off */
#define LATENCY_BOUNDS(X)                                                                                    \
    X(250) X(500) X(1000) X(2500) X(5000) X(10000) X(25000) X(50000) X(100000) X(250000) X(500000)           \
    X(1000000) X(2500000) X(5000000) X(10000000) X(30000000)
/* clang-format on */
#define LATENCY_ONE(us) LATENCY_OF_##us,
enum { LATENCY_BOUNDS(LATENCY_ONE) LATENCY_BOUND_COUNT };
#undef LATENCY_ONE

extern const uint64_t latency_bounds_us[LATENCY_BOUND_COUNT];

enum {
    METER_VERSIONS = 32,   /* and one for those beyond */
    METER_ERRORS_MAX = 512 /* pairs of API and code; the rest is counted with ERROR_OTHER */
};
enum { ERROR_OTHER = INT16_MAX };

struct meter_api {
    uint64_t requests[METER_VERSIONS + 1];
    uint64_t bytes_in, bytes_out; /* of answered exchanges */
    uint64_t latency[LATENCY_BOUND_COUNT + 1];
    uint64_t latency_sum_us;
};

struct meter_error {
    uint16_t api; /* index of meter.apis */
    int16_t code;
    uint64_t count;
};

struct meter_client {
    uint64_t requests, errors, bytes_in, bytes_out;
};

struct meter_topic {
    uint64_t produced_bytes, fetched_bytes; /* of records, as they are on the wire */
};

/* All zero is off. */
struct meter {
    struct clocks clocks;
    uint16_t api_count;     /* the keys of the tables, and one for all others, the last */
    struct meter_api *apis; /* owned */
    uint16_t error_count;
    struct meter_error errors[METER_ERRORS_MAX];
    uint64_t told[TOLD_RULE_COUNT];           /* clients, by the rule of the address that they are told */
    uint64_t ended_bytes_in, ended_bytes_out; /* of clients that are gone */
    struct labels client_names, topic_names;
    struct meter_client clients[LABELS_MAX];
    struct meter_topic topics[LABELS_MAX];
    struct topic_names ids;
};

/* Of one connection; begins with its first fact. */
struct metered {
    uint64_t requests, errors;
    uint64_t bytes_out; /* that had gone to the client when its last answer was through */
    uint16_t client;    /* its label */
    bool named;         /* the client has said who it is */
    struct metered_topic {
        struct named named;
        int32_t label; /* -1: not looked for yet */
    } topic[2];        /* where the walk is, by direction */
    uint32_t room;     /* of `began`, a power of 2 */
    struct metered_start {
        uint64_t number, at_us; /* at_us 0: free */
    } * began;                  /* requests under way, by number modulo room; owned */
};

bool meter_begin(struct meter *meter, struct clocks clocks); /* false: out of memory */
void meter_end(struct meter *meter);

/* Adds all counts of `from`; the names that both have are one. */
void meter_add(struct meter *meter, const struct meter *from);

/* The roles that meter_field looks at. */
#define METER_ROLES                                                                                          \
    (ROLE_SET(ROLE_TOPICS) | ROLE_SET(ROLE_TOPIC_NAME) | ROLE_SET(ROLE_TOPIC_ID) | ROLE_SET(ROLE_RECORDS) |  \
     ROLE_SET(ROLE_ERROR_CODE))

/* The facts of the same names. */
void meter_came(struct meter *meter, const struct conversation *conversation);
void meter_request(struct meter *meter, const struct conversation *conversation,
                   const struct exchange *exchange);
void meter_field(struct meter *meter, const struct conversation *conversation,
                 const struct exchange *exchange, enum direction direction, enum walk_step step,
                 const struct walk_event *event);
void meter_response(struct meter *meter, const struct conversation *conversation,
                    const struct exchange *exchange);
void meter_gone(struct meter *meter, const struct conversation *conversation);

/* "Metadata", "other" for the last; NULL: the tables have no name for it. */
const char *meter_api_name(const struct meter *meter, uint16_t api);

#endif
