/* SPDX-License-Identifier: Apache-2.0 */
/* The value of listen.per-broker: off, loopback, or a range of ports.
 * Apart from value.c, because it alone has words and numbers. */
#include <string.h>

#include "config/value.h"

/* Each port is a socket on each address that is listened on. */
enum { PORTS_MAX = 1000 };

static const char *const words[] = {[PER_BROKER_OFF] = "off", [PER_BROKER_LOOPBACK] = "loopback"};

/* The digits in front of `end`, as a port. */
static bool take_port(const char **text, char end, uint16_t *port)
{
    uint32_t number = 0;
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > 5 || (*text)[digits] != end)
        return false;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (uint32_t)((*text)[i] - '0');
    *text += digits + (end != 0);
    *port = (uint16_t)number;
    return number > 0 && number <= UINT16_MAX;
}

static const char *range_fault(const char *text, struct per_broker *range)
{
    if (!take_port(&text, '-', &range->first) || !take_port(&text, 0, &range->last))
        return "is no range of ports";
    if (range->last < range->first)
        return "ends before it begins";
    return range->last - range->first >= PORTS_MAX ? "has more than 1000 ports" : NULL;
}

bool per_broker_parse(const struct setting *setting, const char *text, void *value, struct problem *problem)
{
    struct per_broker parsed = {.mode = PER_BROKER_OFF};
    while (parsed.mode < PER_BROKER_PORTS && strcmp(text, words[parsed.mode]) != 0)
        parsed.mode++;
    const char *fault = parsed.mode == PER_BROKER_PORTS ? range_fault(text, &parsed) : NULL;
    if (fault)
        return problem_say(problem, "%s %s; expected %s, for example %s", quote(text).text, fault,
                           setting->type->expected, setting->example);
    *(struct per_broker *)value = parsed;
    return true;
}

void per_broker_print(const struct value_type *type, const void *value, FILE *out)
{
    const struct per_broker *per_broker = value;
    (void)type;
    if (per_broker->mode == PER_BROKER_PORTS)
        fprintf(out, "%u-%u", per_broker->first, per_broker->last);
    else
        fputs(words[per_broker->mode], out);
}
