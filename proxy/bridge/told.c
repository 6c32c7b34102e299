/* SPDX-License-Identifier: Apache-2.0 */
/* From an accepted socket to the address that its client is told; the table is in told.h. */
#include "proxy/bridge/told.h"

enum { IPV4_SIZE = 4, IPV6_SIZE = 16 };

/* ---- addresses and networks ---- */

void ip_unmap(struct ip *ip)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (ip->len != IPV6_SIZE || memcmp(ip->at, mapped, sizeof mapped) != 0)
        return;
    memmove(ip->at, ip->at + sizeof mapped, IPV4_SIZE);
    memset(ip->at + IPV4_SIZE, 0, IPV6_SIZE - IPV4_SIZE);
    ip->len = IPV4_SIZE;
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

bool ip_is_loopback(const struct ip *ip)
{
    static const struct ip ipv6_loopback = {.at = {[15] = 1}, .len = IPV6_SIZE};
    return (ip->len == IPV4_SIZE && ip->at[0] == 127) || ip_equal(ip, &ipv6_loopback);
}

bool network_has(const struct network *network, const struct ip *ip)
{
    const struct ip *base = &network->base;
    size_t whole = network->bits / 8;
    int rest = network->bits % 8;
    if (ip->len == 0 || base->len != ip->len || network->bits > ip->len * 8)
        return false;
    if (memcmp(base->at, ip->at, whole) != 0)
        return false;
    return rest == 0 || (base->at[whole] ^ ip->at[whole]) >> (8 - rest) == 0;
}

/* ---- the table ---- */

const char *told_rule_text(enum told_rule rule)
{
    static const char *const texts[] = {
#define TOLD_RULE(name, word, text) text,
        TOLD_RULES(TOLD_RULE)
#undef TOLD_RULE
    };
    return texts[rule];
}

const char *told_rule_word(enum told_rule rule)
{
    static const char *const words[] = {
#define TOLD_RULE(name, word, text) word,
        TOLD_RULES(TOLD_RULE)
#undef TOLD_RULE
    };
    return words[rule];
}

static bool is_gateway(const struct surroundings *surroundings, const struct ip *ip)
{
    for (size_t i = 0; i < surroundings->gateway_count; i++) {
        if (ip_equal(&surroundings->gateways[i], ip))
            return true;
    }
    return false;
}

static bool is_neighbour(const struct surroundings *surroundings, const struct ip *ip)
{
    for (size_t i = 0; i < surroundings->subnet_count; i++) {
        if (network_has(&surroundings->subnets[i], ip))
            return true;
    }
    return false;
}

/* Some port forwarders, as that of rootless Podman, connect from within the container; so does who shares its network,
 * for whom localhost is right as well. */
static bool is_container_itself(const struct surroundings *surroundings, const struct place *place)
{
    return surroundings->in_container && place->peer.len && ip_equal(&place->peer, &place->local);
}

/* A gateway lies in a subnet too, and so does an own address: the order matters. */
static enum told_rule row_of(const struct surroundings *surroundings, const struct place *place)
{
    const struct ip *peer = &place->peer;
    if (ip_is_loopback(peer))
        return TOLD_LOOPBACK;
    if (is_gateway(surroundings, peer) || is_container_itself(surroundings, place))
        return TOLD_GATEWAY;
    if (is_neighbour(surroundings, peer))
        return TOLD_NETWORK;
    return TOLD_OTHER;
}

static bool is_for(const struct advertise *rule, enum told_rule row)
{
    switch (rule->from) {
    case ADVERTISE_LOOPBACK:
        return row == TOLD_LOOPBACK;
    case ADVERTISE_GATEWAY:
        return row == TOLD_GATEWAY;
    case ADVERTISE_NETWORK:
        return row == TOLD_NETWORK;
    case ADVERTISE_ANY:
        return true;
    default:
        return false;
    }
}

static const struct advertise *find_source_rule(const struct surroundings *surroundings,
                                                const struct ip *peer)
{
    for (size_t i = 0; i < surroundings->rule_count; i++) {
        const struct advertise *rule = &surroundings->rules[i];
        if (rule->from == ADVERTISE_SOURCE && network_has(&rule->source, peer))
            return rule;
    }
    return NULL;
}

static const struct advertise *find_rule_for(const struct surroundings *surroundings, enum told_rule row)
{
    for (size_t i = 0; i < surroundings->rule_count; i++) {
        if (is_for(&surroundings->rules[i], row))
            return &surroundings->rules[i];
    }
    return NULL;
}

static const char *host_unasked(const struct surroundings *surroundings, const struct place *place,
                                enum told_rule row)
{
    bool localhost = row == TOLD_GATEWAY || (row == TOLD_LOOPBACK && surroundings->both_loopbacks);
    return localhost ? "localhost" : place->local_text;
}

static const struct named_ip *find_named(const struct surroundings *surroundings, const struct ip *own)
{
    for (size_t i = 0; i < surroundings->name_count; i++)
        if (ip_equal(&surroundings->names[i].ip, own))
            return &surroundings->names[i];
    return NULL;
}

/* Every client of a range of ports; of addresses 127.0.x.y only who is on this machine, unless a rule says otherwise. */
static bool is_exact(const struct surroundings *surroundings, const struct told *told,
                     const struct advertise *rule)
{
    enum exact_mode mode = surroundings->exact.mode;
    return mode == EXACT_PORTS || (mode == EXACT_LOOPBACK && told->rule == TOLD_LOOPBACK && !rule);
}

struct told told_decide(const struct surroundings *surroundings, const struct place *place)
{
    struct told told = {.rule = TOLD_SOURCE, .port = place->port};
    const struct advertise *rule = find_source_rule(surroundings, &place->peer);
    if (!rule) {
        told.rule = row_of(surroundings, place);
        rule = find_rule_for(surroundings, told.rule);
    }
    told.doubtful = !rule && told.rule == TOLD_OTHER && surroundings->in_container;
    told.guessed = !rule && told.rule == TOLD_GATEWAY;
    told.host = rule ? rule->as.host : host_unasked(surroundings, place, told.rule);
    if (rule && rule->as.port)
        told.port = (uint16_t)rule->as.port;
    if (!rule && told.rule == TOLD_NETWORK) /* only neighbours can resolve it */
        told.named = find_named(surroundings, &place->local);
    if (is_exact(surroundings, &told, rule))
        told.exact = &surroundings->exact;
    return told;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static void spell(char *host, uint32_t bits)
{
    enum { OTHER_CASE = 'a' ^ 'A' };
    if (strchr(host, ':')) /* IPv6: its letters are digits */
        return;
    for (; *host && bits; host++) {
        if (!is_letter(*host))
            continue;
        if (bits & 1)
            *host ^= OTHER_CASE;
        bits >>= 1;
    }
}

static const char *host_with_case(const struct told *told)
{
    bool has_name = told->named && told->named->name[0] && !told->exact;
    return has_name ? told->named->name : told->host;
}

void told_address(const struct told *told, int32_t node_id, struct address *address)
{
    const char *host = node_id != 0 ? host_with_case(told) : told->host;
    memcpy(address->host, host, strlen(host) + 1);
    address->port = told->port;
    if (told->exact)
        exact_address(told->exact, exact_number(told->exact, node_id), address);
    else
        spell(address->host, (uint32_t)node_id);
}

uint32_t told_variety(const struct told *told)
{
    if (told->exact)
        return (uint32_t)exact_size(told->exact);
    uint32_t variety = 1;
    const char *host = host_with_case(told);
    bool has_case = !strchr(host, ':');
    for (const char *at = host; has_case && *at && variety <= INT32_MAX; at++)
        variety <<= is_letter(*at);
    return variety;
}
