/* SPDX-License-Identifier: Apache-2.0 */
/* From "localhost:0" and "*:29092" to the addresses that sockets are bound to.
 * Apart, because it happens once, before there is a loop, and may wait for DNS. */
#ifndef KBRIDGE_NET_LISTEN_ADDRESS_H
#define KBRIDGE_NET_LISTEN_ADDRESS_H

#include "proxy/net/sockaddr.h"

enum { LISTEN_ADDRESSES_MAX = 8 }; /* of one name */

/* All addresses of `listen`: "*" is every interface in both families, localhost both loopback addresses whatever
 * the hosts file says. A port of 0 becomes one that is free on all of them. 0: none, `why` tells. */
size_t listen_address_find(const struct address *listen, union sockaddr_ip *found, struct sentence *why);

/* True where this machine has the address, whatever its port. */
bool listen_address_is_here(const union sockaddr_ip *address);

#endif
