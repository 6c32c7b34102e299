/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen of the machine: its networks, its gateways, whether it is a container.
 * Apart, because from this alone bridge/ decides which address a client is told. Networks can be attached to a
 * running container, so it is looked up again when a client comes from where nothing is known. */
#ifndef KBRIDGE_NET_SURROUNDINGS_H
#define KBRIDGE_NET_SURROUNDINGS_H

#include "proxy/bridge/told.h"

enum {
    GATEWAYS_MAX = 32,
    SUBNETS_MAX = 256,            /* a Docker host has one per network */
    SURROUNDINGS_STALE_MS = 1000, /* strangers do not make us look more often than this */
};

struct surroundings_store {
    struct surroundings seen; /* its arrays are those below */
    struct ip gateways[GATEWAYS_MAX];
    struct network subnets[SUBNETS_MAX];
    uint64_t seen_ms;
};

void surroundings_open(struct surroundings_store *store, const struct advertise *rules, uint16_t rule_count,
                       bool both_loopbacks, uint64_t now_ms);

/* Before a client at `peer` is told anything: looks again, where nothing is known of this address. True: it has. */
bool surroundings_meet(struct surroundings_store *store, const struct ip *peer, uint64_t now_ms);

/* Gateways in the text of /proc/net/route and /proc/net/ipv6_route, added behind the first `count` of
 * `gateways`, each once. Returns the new count. Lines that are not understood are passed over. */
size_t surroundings_read_routes(const char *text, struct ip *gateways, size_t count);
size_t surroundings_read_ipv6_routes(const char *text, struct ip *gateways, size_t count);

/* True where the text of /proc/self/cgroup names a container. */
bool surroundings_names_container(const char *cgroup);

#endif
