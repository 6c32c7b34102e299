/* SPDX-License-Identifier: Apache-2.0 */
/* One worker: one event loop in one thread, and everything that hangs off it.
 * Apart, because there is no other state: two workers share nothing but the settings and the totals.
 *
 *     worker ─┬─ listeners ──accept──► connection ─┬─ client ─ end
 *             ├─ probe ──(no client)──► connection ├─ link 0 ─ end ─ dial
 *             ├─ outbox, read buffer               └─ conversation (bridge/)
 *             └─ one timer, which runs only while somebody is waiting for a time */
#ifndef KBRIDGE_NET_WORKER_H
#define KBRIDGE_NET_WORKER_H

#include <uv.h>

#include "proxy/net/listener.h"
#include "proxy/net/names.h"
#include "proxy/net/outbox.h"
#include "proxy/net/probe.h"
#include "proxy/net/read_buffer.h"
#include "proxy/net/server.h"
#include "proxy/net/surroundings.h"
#include "proxy/net/totals.h"

enum { WAKE_STEP_MS = 20 }; /* many connections, each waiting for its own time, do not keep the timer busy */

struct worker {
    uv_loop_t loop;
    uv_timer_t timer;
    const struct server_settings *settings;
    struct totals *totals;
    struct bridge bridge;
    struct surroundings_store surroundings;
    struct names names;
    struct listeners listeners;
    struct probe probe;
    struct outbox outbox;
    struct read_buffer read_buffer;
    struct connection *connections; /* newest first */
    uint32_t question_count;        /* names being resolved, also those that nobody waits for any more */
    _Atomic uint32_t awaited;       /* other workers that it outlives, and that run still */
    uint64_t wake_ms;               /* when the timer fires; UINT64_MAX: it is off */
    uint64_t woke_ms;               /* when it last fired */
    uint64_t cut_ms; /* stopping: when clients are no longer waited for; UINT64_MAX: nobody is */
    bool stopping;
};

/* Opens the loop and takes memory. `totals` is shared. False: it could not, and facts.say has told why; do not close it. */
bool worker_open(struct worker *worker, const struct server_settings *settings, struct totals *totals);

/* Listens on everything in the settings, or where `first`, a worker that has started and does not run yet, listens; and
 * starts to look for the broker. False: see above; stop it. */
bool worker_start(struct worker *worker, const struct worker *first);

/* Goes on with these settings (server.h, reload). What a client was told when it came stays. */
void worker_adopt(struct worker *worker, const struct server_settings *settings);

/* Runs until it was stopped and its last connection is gone. */
void worker_run(struct worker *worker);

/* No more accepting; every conversation ends with REASON_STOPPING as soon as nothing is under way in it, or after
 * drain_ms. Again: closes at once, whatever still waits. */
void worker_stop(struct worker *worker);

/* A connection, or a worker that it outlives, is gone: was it the last one of a stopped worker? */
void worker_rest(struct worker *worker);

/* After worker_run. False: a handle was leaked, which facts.say has told. */
bool worker_close(struct worker *worker);

/* The timer fires at `due_ms`, or WAKE_STEP_MS after it last did; UINT64_MAX asks for nothing. It may fire earlier
 * than anybody needs: nobody takes back what he asked for. */
void worker_wake_at(struct worker *worker, uint64_t due_ms);

uint64_t worker_now_ms(const struct worker *worker);

void worker_say(const struct worker *worker, enum level level, const struct sentence *sentence);

static inline struct worker *worker_of_loop(const uv_loop_t *loop)
{
    return loop->data;
}

#endif
