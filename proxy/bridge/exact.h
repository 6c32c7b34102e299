/* SPDX-License-Identifier: Apache-2.0 */
/* Exact modes: a socket for each node, so that a connection says which one it means before its first byte.
 * Apart, because it is arithmetic that must come out the same in every replica and after every restart: from a node's id to
 * the number of its socket, from there to an address, and back from the address that a client connected to.
 *
 *   PORTS      29093-29192   node n is at port 29093 + n mod 100, on every host on which kbridge listens
 *   LOOPBACK   127.0.1.0 …   node n is at 127.0.(1 + n / 256).(n mod 256), on the one port: node 7 at 127.0.1.7
 *
 * The number of a node is its id modulo how many sockets there can be. */
#ifndef KBRIDGE_BRIDGE_EXACT_H
#define KBRIDGE_BRIDGE_EXACT_H

#include "proxy/kafka/rewrite.h"

/* What a person can do where nodes behind one port cannot be told apart; ends a sentence. */
#define EXACT_REMEDY                                                                                         \
    "give each broker a port of its own (--listen.per-broker 29093-29192), or, for clients on this "         \
    "machine, "                                                                                              \
    "an address (--listen.per-broker loopback)"

struct ip; /* told.h */

enum exact_mode { EXACT_OFF, EXACT_PORTS, EXACT_LOOPBACK };

struct exact {
    enum exact_mode mode;
    uint16_t first, last; /* EXACT_PORTS */
};

enum { NUMBER_NONE = -1 };

/* How many numbers there are; nodes whose ids are equal modulo this share one. 0: EXACT_OFF. */
int32_t exact_size(const struct exact *exact);

/* The number of a node, whose id is not negative. */
int32_t exact_number(const struct exact *exact, int32_t node_id);

/* The number that an accepted socket names by its own address, or NUMBER_NONE: it is the shared one. */
int32_t exact_number_at(const struct exact *exact, const struct ip *local, uint16_t port);

/* Writes what is a number's own into an address: the port, or the host. */
void exact_address(const struct exact *exact, int32_t number, struct address *address);

#endif
