/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions of addresses; see sockaddr.h. */
#include "proxy/net/sockaddr.h"

#include <uv.h>

struct ip sockaddr_to_ip(const struct sockaddr *address)
{
    struct ip ip = {.len = 0};
    if (address->sa_family == AF_INET) {
        ip.len = 4;
        memcpy(ip.at, &((const struct sockaddr_in *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        ip.len = 16;
        memcpy(ip.at, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
        ip_unmap(&ip);
    }
    return ip;
}

uint16_t sockaddr_port(const struct sockaddr *address)
{
    return ntohs(address->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                                : ((const struct sockaddr_in *)address)->sin_port);
}

void sockaddr_set_port(struct sockaddr *address, uint16_t port)
{
    if (address->sa_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons(port);
}

socklen_t sockaddr_size(const struct sockaddr *address)
{
    return address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

void sockaddr_text(const struct sockaddr *address, char text[IP_TEXT_ROOM])
{
    struct ip ip = sockaddr_to_ip(address);
    text[0] = 0;
    if (ip.len)
        uv_inet_ntop(ip.len == 4 ? AF_INET : AF_INET6, ip.at, text, IP_TEXT_ROOM);
}

bool sockaddr_parse(const char *host, uint16_t port, union sockaddr_ip *address)
{
    return uv_ip4_addr(host, port, &address->v4) == 0 || uv_ip6_addr(host, port, &address->v6) == 0;
}

void sockaddr_add_endpoint(struct sentence *sentence, const char *host, int32_t port)
{
    bool bracketed = strchr(host, ':') != NULL;
    sentence_add(sentence, bracketed ? "[" : "");
    sentence_add(sentence, host);
    sentence_add(sentence, bracketed ? "]:" : ":");
    sentence_add_number(sentence, port);
}
