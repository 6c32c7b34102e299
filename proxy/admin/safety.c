/* SPDX-License-Identifier: Apache-2.0 */
/* Host, token, origin; see safety.h. */
#include "proxy/admin/safety.h"

#include <stdio.h>
#include <strings.h>

#include "proxy/net/sockaddr.h"

static const char bearer[] = "Bearer ";

bool token_make(char token[TOKEN_ROOM])
{
    uint8_t random[TOKEN_SIZE / 2];
    if (uv_random(NULL, NULL, random, sizeof random, 0, NULL) < 0)
        return false;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(token + 2 * i, 3, "%02x", random[i]);
    return true;
}

/* ---- Host ---- */

/* "localhost:28092", "[::1]:28092" without the port and the brackets. */
static bool host_of(const char *header, char *host, size_t room)
{
    bool bracket = *header == '[';
    const char *begin = header + bracket;
    const char *end = bracket ? strchr(begin, ']') : strchr(begin, ':');
    size_t len = end ? (size_t)(end - begin) : strlen(begin);
    if (len == 0 || len >= room || (bracket && !end))
        return false;
    memcpy(host, begin, len);
    host[len] = 0;
    return true;
}

static bool ends_with(const char *host, const char *end)
{
    size_t len = strlen(host), end_len = strlen(end);
    return len > end_len && strcasecmp(host + len - end_len, end) == 0;
}

/* Names that the public DNS does not have, so that nobody can point one of his own here: IP addresses, names without a dot
 * (compose services), and the domains that are kept for private use. */
static bool is_private(const char *host)
{
    static const char *const ends[] = {".localhost", ".internal", ".local", ".test"};
    union sockaddr_ip ip;
    if (!strchr(host, '.') || sockaddr_parse(host, 0, &ip))
        return true;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_with(host, ends[i]))
            return true;
    return false;
}

static bool is_told(const struct safety *safety, const char *host)
{
    for (uint16_t i = 0; i < safety->rule_count; i++)
        if (strcasecmp(safety->rules[i].as.host, host) == 0)
            return true;
    return false;
}

static bool is_our_host(const struct safety *safety, const char *header)
{
    char host[HTTP_VALUE_ROOM];
    return host_of(header, host, sizeof host) && (is_private(host) || is_told(safety, host));
}

/* ---- token ---- */

/* Takes the same time wherever they differ. */
static bool is_token(const struct safety *safety, const char *given)
{
    uint8_t different = strlen(given) != TOKEN_SIZE;
    for (size_t i = 0; i < TOKEN_SIZE && given[i]; i++)
        different = (uint8_t)(different | (given[i] ^ safety->token[i]));
    return !different;
}

static bool has_token(const struct safety *safety, const struct http_request *request)
{
    char given[TOKEN_ROOM + 1]; /* one more: a longer one is cut to what is still too long */
    if (strncasecmp(request->authorization, bearer, sizeof bearer - 1) == 0)
        return is_token(safety, request->authorization + sizeof bearer - 1);
    return http_query(request, "token", given, sizeof given) && is_token(safety, given);
}

static bool is_near(const struct http_request *request)
{
    struct ip peer = sockaddr_to_ip(&request->peer.any);
    return ip_is_loopback(&peer);
}

/* ---- origin ---- */

static bool is_own_origin(const struct http_request *request)
{
    static const char scheme[] = "http://";
    const char *origin = request->origin;
    return !*origin || (strncasecmp(origin, scheme, sizeof scheme - 1) == 0 &&
                        strcasecmp(origin + sizeof scheme - 1, request->host) == 0);
}

enum verdict safety_judge(const struct safety *safety, const struct http_request *request, enum access access)
{
    if (!is_our_host(safety, request->host))
        return VERDICT_HOST;
    if (access != ACCESS_OPEN && !is_near(request) && !has_token(safety, request))
        return VERDICT_TOKEN;
    if (access == ACCESS_CHANGE && !is_own_origin(request))
        return VERDICT_ORIGIN;
    return VERDICT_FINE;
}
