/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the addresses to listen on; see listen_address.h. */
#include "proxy/net/listen_address.h"

#include <netdb.h>
#include <unistd.h>
#include <uv.h>

enum { FREE_PORT_TRIES = 32 };

/* Each address once: the hosts file may name one twice. */
static size_t add(union sockaddr_ip *found, size_t count, const struct sockaddr *address)
{
    struct ip ip = sockaddr_to_ip(address);
    if (count == LISTEN_ADDRESSES_MAX)
        return count;
    for (size_t i = 0; i < count; i++) {
        struct ip other = sockaddr_to_ip(&found[i].any);
        if (ip_equal(&other, &ip))
            return count;
    }
    memcpy(&found[count], address, sockaddr_size(address));
    return count + 1;
}

static size_t add_ip(union sockaddr_ip *found, size_t count, const char *ip)
{
    union sockaddr_ip address;
    return sockaddr_parse(ip, 0, &address) ? add(found, count, &address.any) : count;
}

static size_t resolve(const char *host, union sockaddr_ip *found, struct sentence *why)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    size_t count = 0;
    int status = getaddrinfo(host, NULL, &hints, &list);
    if (status == 0) {
        for (const struct addrinfo *at = list; at; at = at->ai_next)
            count = add(found, count, at->ai_addr);
        freeaddrinfo(list);
        return count;
    }
    sentence_add(why, "the name does not resolve (");
    sentence_add(why, gai_strerror(status));
    sentence_add(why, ")");
    return 0;
}

/* Binds a socket to the address for a moment. The port it got, or 0 with `error`. */
static uint16_t try_port(union sockaddr_ip address, uint16_t port, int *error)
{
    int on = 1;
    socklen_t len = sizeof address;
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_set_port(&address.any, port);
    if (address.any.sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    bool bound = fd >= 0 && bind(fd, &address.any, sockaddr_size(&address.any)) == 0 &&
                 getsockname(fd, &address.any, &len) == 0;
    *error = bound ? 0 : errno;
    if (fd >= 0)
        close(fd);
    return bound ? sockaddr_port(&address.any) : 0;
}

/* A port that is free on all addresses that this machine has; 0: none was found. */
static uint16_t free_port(const union sockaddr_ip *addresses, size_t count)
{
    for (int tries = 0; tries < FREE_PORT_TRIES; tries++) {
        uint16_t port = 0;
        bool taken = false;
        for (size_t i = 0; i < count && !taken; i++) {
            int error;
            uint16_t got = try_port(addresses[i], port, &error);
            taken = !got && error == EADDRINUSE;
            port = got ? got : port;
        }
        if (port && !taken)
            return port;
    }
    return 0;
}

bool listen_address_is_here(const union sockaddr_ip *address)
{
    int error;
    return try_port(*address, 0, &error) != 0;
}

size_t listen_address_find(const struct address *listen, union sockaddr_ip *found, struct sentence *why)
{
    size_t count = 0;
    if (strcmp(listen->host, "*") == 0) {
        count = add_ip(found, count, "0.0.0.0");
        count = add_ip(found, count, "::");
    } else if (strcmp(listen->host, "localhost") == 0) {
        count = add_ip(found, count, "127.0.0.1");
        count = add_ip(found, count, "::1");
    } else {
        count = add_ip(found, count, listen->host);
    }
    if (count == 0)
        count = resolve(listen->host, found, why);
    uint16_t port = listen->port ? (uint16_t)listen->port : free_port(found, count);
    for (size_t i = 0; i < count; i++)
        sockaddr_set_port(&found[i].any, port);
    return count;
}
