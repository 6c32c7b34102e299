/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the networks of this machine; see surroundings.h. */
#include "proxy/net/surroundings.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "proxy/net/sockaddr.h"

enum { PROC_FILE_MAX = 256 << 10 }; /* about 2,000 routes; a gateway behind them is none of Docker's */

/* ---- gateways ---- */

static size_t add_gateway(struct ip *gateways, size_t count, const struct ip *gateway)
{
    if (count == GATEWAYS_MAX)
        return count;
    for (size_t i = 0; i < count; i++)
        if (ip_equal(&gateways[i], gateway))
            return count;
    gateways[count] = *gateway;
    return count + 1;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

/* Iface Destination Gateway Flags …, numbers in hex, addresses as the integer that this machine makes of them. */
size_t surroundings_read_routes(const char *text, struct ip *gateways, size_t count)
{
    for (const char *line = text; *line; line = next_line(line)) {
        uint32_t address;
        unsigned flags;
        if (sscanf(line, "%*s %*x %x %x", &address, &flags) != 2 || !(flags & RTF_GATEWAY) || !address)
            continue;
        struct ip gateway = {.len = 4};
        memcpy(gateway.at, &address, sizeof address);
        count = add_gateway(gateways, count, &gateway);
    }
    return count;
}

static bool read_hex(const char *text, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (sscanf(text + 2 * i, "%2hhx", &bytes[i]) != 1)
            return false;
    return true;
}

/* destination bits source bits next-hop metric references use flags interface, addresses as 32 hex digits. */
size_t surroundings_read_ipv6_routes(const char *text, struct ip *gateways, size_t count)
{
    for (const char *line = text; *line; line = next_line(line)) {
        char hop[33];
        unsigned flags;
        struct ip gateway = {.len = 16};
        if (sscanf(line, "%*s %*s %*s %*s %32s %*s %*s %*s %x", hop, &flags) != 2 || !(flags & RTF_GATEWAY))
            continue;
        if (read_hex(hop, gateway.at, 16))
            count = add_gateway(gateways, count, &gateway);
    }
    return count;
}

/* Owned by the caller; NULL where it cannot be read. */
static char *read_proc_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = file ? malloc(PROC_FILE_MAX + 1) : NULL;
    if (text)
        text[fread(text, 1, PROC_FILE_MAX, file)] = 0;
    if (file)
        fclose(file);
    return text;
}

static void look_for_gateways(struct surroundings_store *store)
{
    char *routes = read_proc_file("/proc/net/route");
    char *ipv6_routes = read_proc_file("/proc/net/ipv6_route");
    size_t count = 0;
    if (routes)
        count = surroundings_read_routes(routes, store->gateways, count);
    if (ipv6_routes)
        count = surroundings_read_ipv6_routes(ipv6_routes, store->gateways, count);
    store->seen.gateway_count = (uint16_t)count;
    free(routes);
    free(ipv6_routes);
}

/* ---- subnets ---- */

static uint8_t count_bits(const struct ip *mask)
{
    uint8_t bits = 0;
    while (bits < mask->len * 8 && (mask->at[bits / 8] & (0x80 >> (bits % 8))))
        bits++;
    return bits;
}

/* Of no length where it is no IP network that others are in. */
static struct network subnet_of(const struct ifaddrs *interface)
{
    const unsigned serves = IFF_UP | IFF_RUNNING;
    if ((interface->ifa_flags & (serves | IFF_LOOPBACK)) != serves || !interface->ifa_addr ||
        !interface->ifa_netmask)
        return (struct network){.bits = 0};
    struct ip mask = sockaddr_to_ip(interface->ifa_netmask);
    struct network subnet = {sockaddr_to_ip(interface->ifa_addr), count_bits(&mask)};
    for (size_t i = 0; i < subnet.base.len; i++)
        subnet.base.at[i] &= mask.at[i];
    return subnet;
}

static bool has_subnet(const struct surroundings *seen, const struct network *subnet)
{
    for (uint16_t i = 0; i < seen->subnet_count; i++)
        if (ip_equal(&seen->subnets[i].base, &subnet->base) && seen->subnets[i].bits == subnet->bits)
            return true;
    return false;
}

/* Asked of the system itself: libuv's list crashes when there is no memory for a name in it. */
static void look_for_subnets(struct surroundings_store *store)
{
    struct ifaddrs *interfaces;
    store->seen.subnet_count = 0;
    if (getifaddrs(&interfaces) < 0)
        return;
    for (const struct ifaddrs *at = interfaces; at && store->seen.subnet_count < SUBNETS_MAX;
         at = at->ifa_next) {
        struct network subnet = subnet_of(at);
        if (subnet.base.len && !has_subnet(&store->seen, &subnet))
            store->subnets[store->seen.subnet_count++] = subnet;
    }
    freeifaddrs(interfaces);
}

/* ---- container ---- */

bool surroundings_names_container(const char *cgroup)
{
    static const char *const signs[] = {"/docker/", "/docker-", "/kubepods",
                                        "/lxc/",    "/libpod-", "/containerd/"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(cgroup, signs[i]))
            return true;
    return false;
}

static bool is_container(void)
{
    char *cgroup = read_proc_file("/proc/self/cgroup");
    bool named = cgroup && surroundings_names_container(cgroup);
    free(cgroup);
    return named || access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0 ||
           access("/var/run/secrets/kubernetes.io", F_OK) == 0;
}

/* ---- all of it ---- */

static void look(struct surroundings_store *store, uint64_t now_ms)
{
    store->seen_ms = now_ms;
    look_for_gateways(store);
    look_for_subnets(store);
}

void surroundings_open(struct surroundings_store *store, const struct advertise *rules, uint16_t rule_count,
                       bool both_loopbacks, uint64_t now_ms)
{
    store->seen = (struct surroundings){
        .rules = rules,
        .rule_count = rule_count,
        .gateways = store->gateways,
        .subnets = store->subnets,
        .both_loopbacks = both_loopbacks,
        .in_container = is_container(),
    };
    look(store, now_ms);
}

static bool knows(const struct surroundings *seen, const struct ip *peer)
{
    for (uint16_t i = 0; i < seen->gateway_count; i++)
        if (ip_equal(&seen->gateways[i], peer))
            return true;
    for (uint16_t i = 0; i < seen->subnet_count; i++)
        if (network_has(&seen->subnets[i], peer))
            return true;
    return ip_is_loopback(peer);
}

bool surroundings_meet(struct surroundings_store *store, const struct ip *peer, uint64_t now_ms)
{
    bool looks = !knows(&store->seen, peer) && now_ms >= store->seen_ms + SURROUNDINGS_STALE_MS;
    if (looks)
        look(store, now_ms);
    return looks;
}
