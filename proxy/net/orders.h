/* SPDX-License-Identifier: Apache-2.0 */
/* The orders of a conversation, carried out or noted on its connection.
 * Apart, because it is the whole of what bridge/ can make net/ do. */
#ifndef KBRIDGE_NET_ORDERS_H
#define KBRIDGE_NET_ORDERS_H

#include "proxy/bridge/conversation.h"

/* The `net` of these is a struct connection. */
extern const struct orders connection_orders;

#endif
