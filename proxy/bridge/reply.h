/* SPDX-License-Identifier: Apache-2.0 */
/* Responses, from a link to the client.
 * Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_REPLY_H
#define KBRIDGE_BRIDGE_REPLY_H

#include "proxy/bridge/conversation.h"

/* Bytes of a link; how many are used. Fewer, where an answer is not due yet. */

size_t reply_input(struct conversation *conversation, end_id link, struct span input);

#endif
