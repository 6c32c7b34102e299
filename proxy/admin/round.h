/* SPDX-License-Identifier: Apache-2.0 */
/* A look at all workers: each adds what it has in its own thread, so that nobody has to lock anything to count.
 * Apart, because threads meet nowhere else in the admin listener.
 *
 *     round_begin ──uv_async──► worker 1: its meter, its connections ──add──► sum ──the last one──► done, in the first worker
 *                 ──(at once)─► worker 0  … */
#ifndef KBRIDGE_ADMIN_ROUND_H
#define KBRIDGE_ADMIN_ROUND_H

#include "proxy/admin/census.h"
#include "proxy/admin/text.h"
#include "proxy/watch/meter.h"

/* What all workers have together. */
struct sum {
    struct census census;
    struct meter meter;
    struct text connections; /* elements of a JSON array */
    uint32_t connection_count;
};

/* What a worker adds to the connections; see state.h. */
typedef void round_show_fn(struct sum *sum, const struct worker *worker);

struct round_post {
    struct round *round;
    struct worker *worker;
    struct meter meter; /* its own: bridge.counts */
    uv_async_t call;    /* not of the first */
};

struct round {
    struct round_post *posts; /* owned; those of the workers that are open */
    uint32_t post_count;
    uv_mutex_t lock; /* of what follows, while a round runs */
    struct sum sum;
    uint32_t awaited; /* workers that have not added theirs */
    uint64_t number;  /* of the last round that was begun */
    bool runs;
    uv_async_t told;
    round_show_fn *show;
    void (*done)(void *context); /* in the thread of the first worker, with `sum` */
    void *context;
};

/* show, done and context are set. False: out of memory. */
bool round_new(struct round *round, uint32_t worker_count, struct clocks clocks);
void round_free(struct round *round);

/* For each worker before it runs, and when it stops. */
void round_open(struct round *round, struct worker *worker);
void round_close(struct round *round, const struct worker *worker);

/* Only while none runs, and in the thread of the first worker. `done` may be called before this returns. */
void round_begin(struct round *round);

#endif
