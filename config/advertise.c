/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the form FROM=ADDRESS: which clients are told which address.
 * Apart, because they are the only settings with a grammar of their own, and with short names. */
#include <arpa/inet.h>
#include <string.h>

#include "config/value.h"

static const char *const from_words[] = {
    [FROM_LOOPBACK] = "loopback",
    [FROM_GATEWAY] = "gateway",
    [FROM_NETWORK] = "network",
    [FROM_ANY] = "any",
};

enum { FROM_ROOM = 64 }; /* the longest network of IPv6 addresses has 49 characters */

static const char from_expected[] =
    "an IP address, a network such as 10.0.0.0/8, loopback, gateway, network or any";

static bool parse_bits(const char *text, uint8_t most, uint8_t *bits)
{
    size_t len = strlen(text);
    if (len == 0 || len > 3 || strspn(text, "0123456789") != len)
        return false;
    unsigned number = 0;
    for (; *text; text++)
        number = number * 10 + (unsigned)(*text - '0');
    *bits = (uint8_t)(number <= most ? number : 0);
    return number <= most;
}

/* Clears what lies behind the prefix. True: nothing had to be cleared. */
static bool mask(uint8_t *ip, size_t len, uint8_t bits)
{
    bool clean = true;
    for (size_t i = 0; i < len; i++) {
        unsigned kept = bits >= (i + 1) * 8 ? 8 : bits > i * 8 ? bits - (unsigned)i * 8 : 0;
        uint8_t masked = (uint8_t)(ip[i] & (0xff00u >> kept));
        clean = clean && masked == ip[i];
        ip[i] = masked;
    }
    return clean;
}

/* The bytes that the address has, 4 or 16; 0: it is none. */
static uint8_t parse_ip(const char *text, uint8_t ip[16])
{
    if (inet_pton(AF_INET, text, ip) == 1)
        return 4;
    return inet_pton(AF_INET6, text, ip) == 1 ? 16 : 0;
}

/* `text` is shorter than FROM_ROOM. */
static bool parse_network(const char *text, struct advertise_rule *rule, struct problem *problem)
{
    char base[FROM_ROOM];
    const char *slash = strchr(text, '/');
    strcpy(base, text);
    base[strcspn(base, "/")] = 0;
    rule->ip_len = parse_ip(base, rule->ip);
    rule->bits = (uint8_t)(rule->ip_len * 8);
    if (rule->ip_len == 0 || (slash && !parse_bits(slash + 1, rule->bits, &rule->bits)))
        return problem_say(problem, "%s is not known as a source; expected %s", quote(text).text,
                           from_expected);
    if (mask(rule->ip, rule->ip_len, rule->bits))
        return true;
    inet_ntop(rule->ip_len == 4 ? AF_INET : AF_INET6, rule->ip, base, sizeof base);
    return problem_say(problem, "%s has bits behind its prefix; the network is %s/%u", quote(text).text, base,
                       rule->bits);
}

static bool parse_from(const char *text, struct advertise_rule *rule, struct problem *problem)
{
    for (enum advertise_from from = FROM_LOOPBACK; from <= FROM_ANY; from++) {
        if (strcmp(text, from_words[from]) == 0) {
            rule->from = from;
            return true;
        }
    }
    rule->from = FROM_NETWORK_OF_IPS;
    return parse_network(text, rule, problem);
}

bool advertise_parse(const char *text, struct advertise_rule *rule, struct problem *problem)
{
    char from[FROM_ROOM];
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : strlen("any");
    *rule = (struct advertise_rule){.from = FROM_ANY};
    if (len >= sizeof from)
        return problem_say(problem, "%s begins with too long a source; expected %s", quote(text).text,
                           from_expected);
    memcpy(from, equals ? text : "any", len);
    from[len] = 0;
    return parse_from(from, rule, problem) &&
           endpoint_parse(equals ? equals + 1 : text, value_types[VALUE_ADDRESS].form, &rule->as, problem);
}

void advertise_print(const struct advertise_rule *rule, FILE *out)
{
    char base[INET6_ADDRSTRLEN];
    if (rule->from == FROM_NETWORK_OF_IPS) {
        inet_ntop(rule->ip_len == 4 ? AF_INET : AF_INET6, rule->ip, base, sizeof base);
        fprintf(out, "%s/%u=", base, rule->bits);
    } else {
        fprintf(out, "%s=", from_words[rule->from]);
    }
    endpoint_print(&rule->as, value_types[VALUE_ADDRESS].form, out);
}

/* Appends the rules of the short names: of those set by someone weaker than the rules themselves, or of the
 * others. */
static bool append_shorts(const struct settings *settings, bool weaker, struct advertise_list *rules)
{
    const struct {
        enum setting_id id;
        struct advertise_rule rule;
    } shorts[] = {
        {SETTING_advertise_gateway, {.from = FROM_GATEWAY, .as = settings->advertise_gateway}},
        {SETTING_advertise_network, {.from = FROM_NETWORK, .as = settings->advertise_network}},
    };
    bool fine = true;
    for (size_t i = 0; i < sizeof shorts / sizeof *shorts; i++) {
        bool is_weaker = settings->origin[shorts[i].id].setter < settings->origin[SETTING_advertise].setter;
        if (shorts[i].rule.as.host[0] && is_weaker == weaker)
            fine = fine && list_append_rule(rules, &shorts[i].rule);
    }
    return fine;
}

/* The first rule that matches wins, so a short name stands before the rules, where no `any` hides it, unless
 * these were set by someone stronger. */
bool advertise_merge(struct settings *settings, struct problem *problem)
{
    struct advertise_list *rules = &settings->rules;
    bool fine = append_shorts(settings, false, rules);
    for (size_t i = 0; i < settings->advertise.count; i++)
        fine = fine && list_append_rule(rules, &settings->advertise.at[i]);
    fine = fine && append_shorts(settings, true, rules);
    return fine || problem_say(problem, "advertise: the rules cannot be kept: out of memory");
}
