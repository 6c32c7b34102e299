/* SPDX-License-Identifier: Apache-2.0 */
/* What happens all the time and says nothing: a consumer's empty fetches and good heartbeats, as one line per client.
 * Apart, because each taker has its own; there is no timer: a fold whose time is over is given with the next event. */
#ifndef KBRIDGE_WATCH_FOLD_H
#define KBRIDGE_WATCH_FOLD_H

#include "proxy/watch/log.h"
#include "proxy/watch/summary.h"

enum {
    FOLDS_MAX = 32 /* clients at the same time; the oldest makes room */,
    FOLD_MS = 10000,
    FOLD_TEXT_ROOM = 64
};

struct fold {
    bool used;
    uint32_t empty_fetches, heartbeats;
    uint64_t began_us; /* by the steady clock */
    struct place place;
    char client_id[FOLD_TEXT_ROOM], software[FOLD_TEXT_ROOM];
};

struct folds {
    uint64_t due_us; /* no fold's time is over before; 0: there is none */
    struct fold at[FOLDS_MAX];
};

/* True for an answered exchange that is to be folded. */
bool fold_is_for(const struct summary *summary);

/* A fold that must be given before the next folds_add: its time is over, or, with `full`, the oldest where there is no
 * room. NULL: none. The caller sets `used` to false. */
struct fold *folds_due(struct folds *folds, uint64_t now_us, bool full);

void folds_add(struct folds *folds, const struct summary *summary, const struct who *who, uint64_t now_us);

#endif
