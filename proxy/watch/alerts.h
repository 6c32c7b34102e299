/* SPDX-License-Identifier: Apache-2.0 */
/* The warnings and errors of the log that came last, for who looks later.
 * Apart from the log, which prints and forgets: the page shows them, each once with how often it came. */
#ifndef KBRIDGE_WATCH_ALERTS_H
#define KBRIDGE_WATCH_ALERTS_H

#include "proxy/bridge/facts.h"
#include "proxy/watch/line.h"

enum { ALERTS_KEPT = 20 }; /* different ones; the one that was silent longest makes room */

struct alert {
    uint64_t key;
    uint64_t count; /* 0: free */
    uint64_t first_us, last_us;
    enum level level;
    struct line text;
};

/* All zero is empty. */
struct alerts {
    struct alert at[ALERTS_KEPT];
};

/* Alike alerts have one key. */
void alerts_note(struct alerts *alerts, uint64_t key, enum level level, uint64_t now_us,
                 const struct line *text);

#endif
