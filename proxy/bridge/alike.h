/* SPDX-License-Identifier: Apache-2.0 */
/* Living nodes that a client would be told the same address for: a loud line with their ids, and what to do.
 * Private to bridge/; see parts.h. In the shared port the spellings of a host name can be too few (an IP address has but
 * one), in the exact modes the sockets. */
#ifndef KBRIDGE_BRIDGE_ALIKE_H
#define KBRIDGE_BRIDGE_ALIKE_H

#include "proxy/bridge/conversation.h"

/* True where the client may know nodes by the text of their address, and each is told in one of its own. */
bool alike_matters(const struct conversation *conversation);

/* Tells of the first two that are alike for this client, where these two have not been told before. */
void alike_tell(struct conversation *conversation);

#endif
