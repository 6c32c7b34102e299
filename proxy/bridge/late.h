/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are there and wait behind another node's, because those of one connection keep the order of its requests.
 * Private to bridge/; see parts.h. Without kbridge each node has a connection, so only kbridge can cause that: one that waits
 * for more than a second is counted, and told once for each connection.
 *
 * A link whose answer is not due is not read, so while there is one, net is asked now and then whether bytes have come. */
#ifndef KBRIDGE_BRIDGE_LATE_H
#define KBRIDGE_BRIDGE_LATE_H

#include "proxy/bridge/link.h"

enum { LATE_MS = 1000, LATE_STEP_MS = 250 };

/* The link is read from now on, or not. */
void late_begin(struct link *link, bool unread);
/* When late_tick wants to be called; UINT64_MAX: not at all. */
uint64_t late_due_ms(const struct link *link);
void late_tick(struct conversation *conversation, struct link *link);

#endif
