/* SPDX-License-Identifier: Apache-2.0 */
/* Names that counters are kept by, a bounded set: what comes when it is full is counted as "other".
 * Apart, because names come from clients, and nobody may make kbridge keep as many of them as he likes. */
#ifndef KBRIDGE_WATCH_LABELS_H
#define KBRIDGE_WATCH_LABELS_H

#include "proxy/watch/summary.h"

enum {
    LABEL_OTHER = 0,
    LABELS_MAX = 200, /* with LABEL_OTHER: as many series as a dashboard can show */
    LABEL_SLOTS = 512,
};

struct labels {
    uint16_t count; /* with LABEL_OTHER */
    struct name at[LABELS_MAX];
    uint16_t slots[LABEL_SLOTS]; /* by hash; 0: free */
};

void labels_begin(struct labels *labels);

/* The index of a name, which is kept if it is new and there is room; else LABEL_OTHER. */
uint16_t labels_index(struct labels *labels, const struct name *name);

#endif
