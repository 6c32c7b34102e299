/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets that mean one node each (listen.per-broker): a range of ports, opened at start, or an address 127.0.x.y
 * for each node that is met. Which number a socket has, and which node, is bridge/exact.h's business.
 * Apart, because the listeners themselves know nothing of numbers. */
#ifndef KBRIDGE_NET_NODE_SOCKETS_H
#define KBRIDGE_NET_NODE_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server_settings;
struct worker;

/* How many there can be beside each listener. */
size_t node_sockets_max(const struct server_settings *settings);

/* Behind listeners_open. The ports are opened beside each listener; nothing is opened where listen.per-broker is off.
 * False: facts.say has told why. */
bool node_sockets_open(struct worker *worker);

/* For bridge.listen, where it is EXACT_LOOPBACK: true where the address of this number is listened on, now at the latest.
 * Only loopback addresses are opened, on ports where 127.0.0.1 is served. */
bool node_sockets_listen(void *worker, int32_t number);

#endif
