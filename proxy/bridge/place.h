/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request goes: to a link, to every broker, or nowhere, because the answer is ours.
 * Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_PLACE_H
#define KBRIDGE_BRIDGE_PLACE_H

#include "proxy/bridge/request.h"

/* Sends what has come of the frame on its way. GO_ON: its stage is REST or SKIP now. STOP: it waits, and is tried again, or the
 * conversation has ended. */
enum progress place_request(struct conversation *conversation, struct intake *intake);

#endif
