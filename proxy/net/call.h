/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of a conversation: what happens at an end is told to it, what it orders is carried out.
 * Apart, because no call may enter a conversation while another one runs.
 *
 *     call_begin ──► conversation_… ──orders──► pass, write, shut, dial, drop: begun at once, but nothing of theirs
 *                         │                     calls back before a later turn of the loop
 *                         │                     read, close: noted
 *     call_end   ◄────────┘   sends the outbox, then settles what was noted, which may lead to further calls
 */
#ifndef KBRIDGE_NET_CALL_H
#define KBRIDGE_NET_CALL_H

#include "proxy/net/connection.h"

/* Around each call of a connection that is CONNECTION_OPEN; afterwards it may be in any state, but is not freed. */
struct conversation *call_begin(struct connection *connection);
void call_end(struct connection *connection);

/* What happens at an end. */
void call_received(struct end *end, struct span input);
void call_ended(struct end *end);   /* end->at_eof or end->error was set */
void call_drained(struct end *end); /* its queue is empty again */
void call_dialled(struct end *end); /* the link is up */
void call_not_dialled(struct end *end, enum reason reason, const char *why);

#endif
