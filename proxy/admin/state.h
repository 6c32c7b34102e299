/* SPDX-License-Identifier: Apache-2.0 */
/* What the page shows, as one JSON object: /api/state, and an event each second.
 * Apart from the metrics, because it names brokers, addresses and connections, which only a person with the token may see. Rates are
 * the page's business: it has the counters of a second ago. */
#ifndef KBRIDGE_ADMIN_STATE_H
#define KBRIDGE_ADMIN_STATE_H

#include "proxy/admin/metrics.h"
#include "proxy/watch/alerts.h"

enum { STATE_CONNECTIONS_MAX = 500 }; /* the newest; the page says how many more there are */

void state_write(struct text *text, const struct sources *sources, const struct alerts *alerts,
                 uint64_t wall_us);

/* What each worker adds to a round: the connections, as elements of the array. */
void state_show_connections(struct sum *sum, const struct worker *worker);

#endif
