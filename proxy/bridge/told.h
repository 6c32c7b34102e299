/* SPDX-License-Identifier: Apache-2.0 */
/* Which address a client is told, from what its accepted socket shows.
 * Apart, because it is the promise of kbridge in one table, decided once per connection and used for every
 * response.
 *
 *   rule given for its source network    what the rule says       (first match wins; before all others)
 *   peer is loopback                      localhost, where both families listen, else what it connected to
 *   peer is a gateway of our networks     advertise.gateway, default localhost   (came through a published port)
 *   peer is the container itself          the same (rootless Podman forwards ports so)
 *   peer in a subnet of an interface      advertise.network, default what it connected to
 *   any other                             what it connected to; in a container that is surely wrong: warn
 */
#ifndef KBRIDGE_BRIDGE_TOLD_H
#define KBRIDGE_BRIDGE_TOLD_H

#include "proxy/bridge/exact.h"

/* An IP address, in network order; ::ffff:a.b.c.d is given as its four bytes (ip_unmap). */
struct ip {
    uint8_t at[16];
    uint8_t len; /* 4, 16, or 0: none */
};

enum { IP_TEXT_ROOM = 46 }; /* INET6_ADDRSTRLEN */

struct network {
    struct ip base;
    uint8_t bits;
};

void ip_unmap(struct ip *ip);
bool ip_equal(const struct ip *a, const struct ip *b);
bool ip_is_loopback(const struct ip *ip);
bool network_has(const struct network *network, const struct ip *ip);

/* clang-format off */
#define TOLD_RULES(X)                                                                                        \
    X(SOURCE, "source", "a rule for its source network")                                                     \
    X(LOOPBACK, "loopback", "it comes from this machine")                                                    \
    X(GATEWAY, "gateway", "it comes through a published port")                                               \
    X(NETWORK, "network", "it comes from a neighbour in a network of ours")                                  \
    X(OTHER, "other", "it comes from elsewhere")

/* clang-format on */

enum told_rule {
#define TOLD_RULE(name, word, text) TOLD_##name,
    TOLD_RULES(TOLD_RULE)
#undef TOLD_RULE
        TOLD_RULE_COUNT
};

const char *told_rule_text(enum told_rule rule);
const char *told_rule_word(enum told_rule rule); /* label of a metric */

/* One line of `advertise`. A port of 0 means the port on which kbridge listens. */
struct advertise {
    enum { ADVERTISE_SOURCE, ADVERTISE_LOOPBACK, ADVERTISE_GATEWAY, ADVERTISE_NETWORK, ADVERTISE_ANY } from;
    struct network source; /* where from is ADVERTISE_SOURCE */
    struct address as;
};

/* An own address, and the name that leads to it in its network; "" until one is found. */
struct named_ip {
    struct ip ip;
    char name[HOST_ROOM];
};

/* What net has found out about this machine; arrays are borrowed, and outlive every connection. */
struct surroundings {
    const struct advertise *rules;
    const struct ip *gateways;
    const struct network *subnets;
    const struct named_ip *names;
    uint16_t rule_count, gateway_count, subnet_count, name_count;
    bool both_loopbacks; /* 127.0.0.1 and ::1 are both served on the port */
    bool in_container;
    struct exact exact; /* EXACT_OFF: all nodes share the port */
};

/* What the accepted socket shows. */
struct place {
    struct ip peer;
    struct ip local;
    char local_text[IP_TEXT_ROOM]; /* `local` as text, without brackets */
    uint16_t peer_port;
    uint16_t port; /* the port it connected to */
};

struct told {
    enum told_rule rule;
    bool doubtful;    /* TOLD_OTHER in a container, with no rule for it */
    bool guessed;     /* TOLD_GATEWAY, with no rule for it: right on the host, wrong in a container */
    const char *host; /* borrowed from the rule, from `place`, or constant: lives as long as these */
    uint16_t port;
    /* Where `host` is an IP address: a name of it, which has a case, for clients that know nodes by their address. */
    const struct named_ip *named; /* borrowed as `host` is; NULL, or still without a name: none is known */
    const struct exact *exact;    /* each node has an address of its own; NULL: all have this one */
};

struct told told_decide(const struct surroundings *surroundings, const struct place *place);

/* The address for a node: the one function that every rewritten response goes through. Clients that know nodes by the
 * text of their address (librdkafka before 2.10, kafkajs) would take several nodes at one address for one node, and lose
 * records. So letters of a host name are written in upper or lower case by the bits of the node id: the same for a node in every
 * response, after a restart and in every replica; node 0 as the rule has it. An IP address has no case: its name is told, where it
 * has one. */
void told_address(const struct told *told, int32_t node_id, struct address *address);

/* How many nodes it tells apart: those whose ids are equal modulo this are told the same. */
uint32_t told_variety(const struct told *told);

#endif
