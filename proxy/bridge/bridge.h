/* SPDX-License-Identifier: Apache-2.0 */
/* What all conversations of a worker share: settings, what is known of the cluster, who is told of what.
 * Apart from conversation.h, because net makes one of it, and each conversation only looks at it. */
#ifndef KBRIDGE_BRIDGE_BRIDGE_H
#define KBRIDGE_BRIDGE_BRIDGE_H

#include "proxy/bridge/facts.h"
#include "proxy/bridge/told.h"
#include "proxy/bridge/view.h"

/* Bounds of one conversation, with the names of their settings. */
struct limits {
    uint32_t frame;     /* limits.frame: bytes of a request, without its length prefix */
    uint32_t in_flight; /* limits.in_flight: requests of one client not yet answered */
    uint32_t
        header_ms; /* timeouts.header: how long a request may stand still before it says where it belongs */
    uint32_t wait_ms; /* upstream.wait: how long clients are held while no broker can be reached */
};

/* upstream.dial: a broker that advertises one address is dialled at another. */
struct redirect {
    struct address advertised, dialled;
};

/* What was told to people, and is not told again; and what is counted. */
struct notes {
    uint64_t questions;    /* that kbridge asked the cluster itself */
    uint64_t corrections;  /* entries of the view that a broker's answer has shown to be wrong */
    uint64_t late_answers; /* those that have waited for another node's (late.h) */
    int32_t alike[2];      /* the node ids that were told to be alike; both 0: none were */
    bool not_offered;      /* that APIs are not offered */
};

struct learner; /* learn.h */

/* What all conversations of a worker share; all pointers outlive them. */
struct bridge {
    const struct allocator *allocator;
    const struct surroundings *surroundings;
    const struct address *upstream; /* the bootstrap addresses … */
    const struct redirect *redirects;
    uint16_t upstream_count, redirect_count;
    struct limits limits;
    struct view *view;
    struct learner *spare;    /* of the answer that was learned from last, for the next one; NULL: none */
    struct buffer spare_name; /* likewise */
    struct facts facts;
    /* EXACT_LOOPBACK: a node with this number is there. True: its address is listened on. NULL: all are already. */
    bool (*listen)(void *net, int32_t number);
    void *net; /* for listen */
    struct notes notes;
    void *counts;    /* of who counts what this worker's conversations do; NULL: nobody does */
    uint64_t now_ms; /* set by net before each call of a conversation; any steady origin */
};

/* Gives back the view, and what was kept for conversations to come. Harmless where there is neither. */
void bridge_close(struct bridge *bridge);

#endif
