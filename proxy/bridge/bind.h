/* SPDX-License-Identifier: Apache-2.0 */
/* Where the requests of an exact connection go: all to one broker, as they would without kbridge.
 * Private to bridge/; see parts.h. In the exact modes (exact.h) answers tell each node at an address of its own, so:
 *
 *   a connection to a node's own address     that node, and no other: its socket has named it
 *   a connection to the shared address       is there to find the cluster: one of the bootstrap brokers, and no other
 *
 * So SASL of any mechanism, APIs about the broker itself, racks and fetch sessions are the broker's own matter. */
#ifndef KBRIDGE_BRIDGE_BIND_H
#define KBRIDGE_BRIDGE_BIND_H

#include "proxy/bridge/conversation.h"

/* The link for the current request, which may not be up; CLIENT: the client waits for an answer to a question of ours, or
 * the conversation is over. */
end_id bind_link(struct conversation *conversation);

#endif
