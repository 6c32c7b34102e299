/* SPDX-License-Identifier: Apache-2.0 */
/* One dial: from a host and a port to a connected socket, or to a sentence that tells why not.
 * Apart, because a name may have many addresses, each may fail in its own way, and all within one time limit.
 *
 *     RESOLVING ──► CONNECTING ──connected──► end_open, call_dialled; the dial is over
 *         │           │    ▲
 *         │     failed│    └─ next address, once the handle has closed
 *         ▼           ▼
 *       FAILED ─────────────► call_not_dialled, in a later turn of the loop */
#ifndef KBRIDGE_NET_DIAL_H
#define KBRIDGE_NET_DIAL_H

#include "proxy/net/end.h"

/* Dials `address` for a link that is END_DIALLING, and sets end->dial. Exactly one of call_dialled and
 * call_not_dialled follows, unless the end is closed before. False: out of memory. */
bool dial_start(struct end *end, const struct address *address);

/* The handle of the end is fresh again after end_reset. */
void dial_go_on(struct dial *dial);

/* When dial_tick wants to be called. */
uint64_t dial_due_ms(const struct dial *dial);
void dial_tick(struct dial *dial, uint64_t now_ms);

/* Only when the handle of its end has closed, or is connected. NULL is harmless. */
void dial_free(struct dial *dial);

#endif
