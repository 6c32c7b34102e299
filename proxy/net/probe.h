/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for the broker when there is no client to do so: at start, and again when it cannot be reached.
 * Apart, because a person wants to read once that kbridge waits, and why, and once that the broker is there.
 *
 *     LOOKING ──learned──► FOUND ──a client's dial failed──► LOOKING …        LOOKING tries again every second */
#ifndef KBRIDGE_NET_PROBE_H
#define KBRIDGE_NET_PROBE_H

#include "proxy/bridge/conversation.h"

struct connection;
struct worker;

enum { PROBE_AGAIN_MS = 1000 };

enum probe_state { PROBE_OFF, PROBE_LOOKING, PROBE_FOUND };

struct probe {
    struct worker *worker;
    struct connection *connection; /* NULL: none is asking now */
    uint64_t next_ms;              /* LOOKING, and none is asking: when the next one asks */
    uint32_t missed;               /* dials that have failed since the last answer */
    uint8_t state;                 /* enum probe_state */
    uint64_t answered_ms;          /* when an answer came last; 0: never */
    uint64_t missed_ms;            /* when none came last, and … */
    struct sentence why;           /* … why not; "" after an answer */
};

void probe_start(struct probe *probe, struct worker *worker);
void probe_stop(struct probe *probe);

/* Asks now, where it does not ask already; beside.probed tells of the end. */
void probe_ask(struct probe *probe);

/* A dial has failed: the probe's own, or a client's. */
void probe_missed(struct probe *probe, bool own, enum reason reason, const char *why);

/* The probe's conversation is over. */
void probe_over(struct probe *probe, const struct conversation *conversation);

/* When probe_tick wants to be called; UINT64_MAX: not at all. */
uint64_t probe_due_ms(const struct probe *probe);
void probe_tick(struct probe *probe, uint64_t now_ms);

#endif
