/* SPDX-License-Identifier: Apache-2.0 */
/* Between the socket's form of an address, ours, and a person's.
 * Apart, because listeners, dials and clients all convert, and IPv4 inside IPv6 must be unwrapped everywhere. */
#ifndef KBRIDGE_NET_SOCKADDR_H
#define KBRIDGE_NET_SOCKADDR_H

#include <netinet/in.h>

#include "proxy/bridge/told.h"

/* Any address that a socket of ours can have; `any` for the calls that take a struct sockaddr. */
union sockaddr_ip {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* ::ffff:192.0.2.1 comes out as 192.0.2.1. Of another family: len 0. */
struct ip sockaddr_to_ip(const struct sockaddr *address);
uint16_t sockaddr_port(const struct sockaddr *address);
void sockaddr_set_port(struct sockaddr *address, uint16_t port);
socklen_t sockaddr_size(const struct sockaddr *address);

/* "192.0.2.1", "2001:db8::1", without a zone; unwrapped as above. */
void sockaddr_text(const struct sockaddr *address, char text[IP_TEXT_ROOM]);

/* True where `host` is an IP address (perhaps with a zone), and not a name. */
bool sockaddr_parse(const char *host, uint16_t port, union sockaddr_ip *address);

/* Appends host:port, an IPv6 address in brackets. */
void sockaddr_add_endpoint(struct sentence *sentence, const char *host, int32_t port);

#endif
