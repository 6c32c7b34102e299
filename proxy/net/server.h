/* SPDX-License-Identifier: Apache-2.0 */
/* The proxy as a whole: sockets, signals, and the loop that runs until it is told to stop.
 * Apart, because it is all that main.c sees of net/: settings in, exit code out. */
#ifndef KBRIDGE_NET_SERVER_H
#define KBRIDGE_NET_SERVER_H

#include "proxy/bridge/conversation.h"

/* --forward: what is not Kafka. */
struct forward {
    struct address listen; /* host "": wherever `listen` of the settings is served; else as there */
    struct address to;
};

struct worker;

/* What else is served on the loops of the workers (proxy/admin); net knows nothing of it. All may be NULL. */
struct beside {
    void *context;
    /* For each worker in turn, before it runs. False: it could not, and facts.say has told why. */
    bool (*open)(void *context, struct worker *worker);
    /* The worker stops, perhaps again: its handles are to be closed now. In its thread. */
    void (*close)(void *context, struct worker *worker);
    /* The worker's probe has an answer, or a reason why it has none (yet). In its thread. */
    void (*probed)(void *context, struct worker *worker);
};

/* All pointers are borrowed and outlive server_run. The names are those of the settings. */
struct server_settings {
    /* --listen. Host: a name (all its addresses are served), an IP address, or "*": every interface, IPv4 and
     * IPv6. 0.0.0.0 and :: mean one family each. Port 0: the kernel picks a free one. */
    const struct address *listen;
    const struct address *upstream;   /* bootstrap addresses */
    const struct redirect *redirects; /* --upstream.dial */
    const struct advertise *rules;
    const struct forward *forwards;
    uint16_t listen_count, upstream_count, redirect_count, rule_count, forward_count;
    struct exact exact; /* --listen.per-broker */

    struct limits limits;     /* limits.frame, limits.in_flight, upstream.wait */
    uint32_t worker_count;    /* workers: from 1 */
    uint32_t connections_max; /* limits.connections: clients at the same time; more are refused */
    uint64_t held_bytes_max;  /* limits.held: bytes waiting in all connections; then reads are small */
    uint32_t dial_timeout_ms; /* timeouts.dial: for one broker, its name and all its addresses */

    uint32_t drain_ms; /* timeouts.drain: for requests under way when it stops; 0: nobody is waited for */

    struct facts facts; /* what net itself has to say goes to facts.say, without a conversation */

    struct beside beside;

    /* All get facts.context, and may be NULL. These and facts are called by several workers at the same time. */
    /* Each address, with its real port; `target` of a forward, or NULL. */
    void (*listening)(void *context, const struct address *address, const struct address *target);
    /* A client's conversation is over; reason, sentence and byte counts are final. It is freed next. */
    void (*gone)(void *context, const struct conversation *conversation);
    /* Bytes of a client of Kafka, as they came in (REQUEST) or go out. NULL: nobody records, which costs nothing. */
    void (*heard)(void *context, const struct conversation *conversation, enum direction direction,
                  struct bytes bytes);
    /* SIGUSR1 came. NULL: it is ignored. */
    void (*toggle)(void *context);
    /* SIGHUP came: the settings as they are now, which outlive server_run too, or NULL: nothing changes, and why was told.
     * What has to be as it was is copied from those before: sockets, brokers, workers, facts. NULL: it is ignored. */
    const struct server_settings *(*reload)(void *context);
    void *reload_context;
};

/* Listens, looks for the broker, serves until SIGTERM or SIGINT. The exit code: 0 it was stopped, 1 it could not
 * start (facts.say has told why). */
int server_run(const struct server_settings *settings);

#endif
