/* SPDX-License-Identifier: Apache-2.0 */
/* /metrics: all that is counted, in the text format of Prometheus.
 * Apart, because it is one list (in metrics.c): a row is a metric, with its type, its help and what writes its samples. */
#ifndef KBRIDGE_ADMIN_METRICS_H
#define KBRIDGE_ADMIN_METRICS_H

#include "proxy/admin/round.h"

/* Where the numbers come from. */
struct sources {
    const struct worker
        *worker; /* the first: its totals are those of all, its view and its probe are shown */
    const struct meter *meter;
    const struct sum *sum;
    struct usage usage;
    const char *version;
};

void metrics_write(struct text *text, const struct sources *sources);

#endif
