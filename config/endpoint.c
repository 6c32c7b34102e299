/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and printing HOST:PORT; see endpoint.h. */
#include "config/endpoint.h"

#include <arpa/inet.h>
#include <string.h>

static const char digits[] = "0123456789";
static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

static bool consists_of(const char *text, const char *characters)
{
    return *text && text[strspn(text, characters)] == 0;
}

bool endpoint_parse_port(const char *text, const struct endpoint_form *form, uint16_t *port)
{
    if (!consists_of(text, digits) || strlen(text) > 5)
        return false;
    uint32_t number = 0;
    for (; *text; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    *port = (uint16_t)number;
    return number <= UINT16_MAX && (number > 0 || form->port_zero);
}

/* An IPv6 address, perhaps with a zone: "fe80::1%eth0". */
static bool is_ipv6(const char *text)
{
    char bare[INET6_ADDRSTRLEN];
    struct in6_addr address;
    size_t len = strcspn(text, "%");
    if (len >= sizeof bare)
        return false;
    memcpy(bare, text, len);
    bare[len] = 0;
    return inet_pton(AF_INET6, bare, &address) == 1 &&
           (text[len] == 0 || consists_of(text + len + 1, name_characters));
}

static bool is_all_interfaces(const char *host)
{
    struct in6_addr v6;
    struct in_addr v4;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_UNSPECIFIED(&v6);
    return strcmp(host, "*") == 0 || (inet_pton(AF_INET, host, &v4) == 1 && v4.s_addr == 0);
}

/* Says what is wrong with the host, or NULL. */
static const char *host_fault(const char *host, bool bracketed, const struct endpoint_form *form)
{
    struct in_addr v4;
    if (is_all_interfaces(host))
        return form->all_interfaces ? NULL : "means every interface, which is no address to go to";
    if (bracketed)
        return is_ipv6(host) ? NULL : "has no IPv6 address in its brackets";
    if (consists_of(host, digits))
        return "has a number where the host should be";
    if (consists_of(host, "0123456789.") && inet_pton(AF_INET, host, &v4) != 1)
        return "is not an IPv4 address";
    if (!consists_of(host, name_characters))
        return *host ? "has a character that no host name has" : "has no host";
    return strchr("-.", host[0]) ? "begins as no host name does" : NULL;
}

/* Finds the parts of "HOST", "HOST:PORT", "[HOST]" or "[HOST]:PORT"; `port` becomes NULL where none is
 * written. */
static const char *split(char *text, char **host, char **port, bool *bracketed)
{
    char *colon = strrchr(text, ':');
    *bracketed = text[0] == '[';
    *host = text + *bracketed;
    *port = colon ? colon + 1 : NULL;
    if (strstr(text, "://"))
        return "has a protocol in front, which is to be left out";
    if (!*bracketed && colon && strchr(text, ':') != colon)
        return "has several colons; an IPv6 address is written in brackets";
    if (*bracketed) {
        char *close = strchr(text, ']');
        if (!close || (close[1] != 0 && close[1] != ':') || (close[1] == ':' && close + 1 != colon))
            return "has brackets that do not enclose the host";
        *port = close[1] ? close + 2 : NULL;
        *close = 0;
    } else if (colon) {
        *colon = 0;
    }
    return NULL;
}

bool endpoint_parse(const char *text, const struct endpoint_form *form, struct endpoint *endpoint,
                    struct problem *problem)
{
    char copy[ENDPOINT_HOST_ROOM + sizeof "[]:65535"];
    char *host = copy, *port = NULL;
    bool bracketed;
    const char *fault = NULL;

    if (strlen(text) >= sizeof copy)
        fault = "is too long";
    else
        fault = split(strcpy(copy, text), &host, &port, &bracketed);
    if (!fault && strlen(host) >= sizeof endpoint->host)
        fault = "is too long";
    if (!fault)
        fault = host_fault(host, bracketed, form);
    endpoint->port = form->default_port;
    if (!fault && port && !endpoint_parse_port(port, form, &endpoint->port))
        fault = form->port_zero ? "has no port from 0 to 65535" : "has no port from 1 to 65535";
    if (fault)
        return problem_say(problem, "%s %s; expected HOST:PORT, for example %s", quote(text).text, fault,
                           form->example);
    strcpy(endpoint->host, host);
    return true;
}

void endpoint_print(const struct endpoint *endpoint, const struct endpoint_form *form, FILE *out)
{
    fprintf(out, strchr(endpoint->host, ':') ? "[%s]" : "%s", endpoint->host);
    if (endpoint->port || form->port_zero)
        fprintf(out, ":%u", endpoint->port);
}
