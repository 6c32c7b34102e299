/* SPDX-License-Identifier: Apache-2.0 */
/* Forwards of the form LISTEN=TARGET: what is passed on as it is, beside Kafka.
 * Apart, because LISTEN may be a port alone, and TARGET may leave its port out. */
#include <string.h>

#include "config/value.h"

static const struct endpoint_form listen_form = {.example = "localhost:8081", .all_interfaces = true};
static const struct endpoint_form target_form = {.example = "registry:8081"};

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == 0;
}

static bool parse_listen(const char *text, struct endpoint *listen, struct problem *problem)
{
    if (!is_number(text) && !endpoint_parse(text, &listen_form, listen, problem))
        return false;
    if (is_number(text) ? endpoint_parse_port(text, &listen_form, &listen->port) : listen->port)
        return true;
    return problem_say(problem,
                       "%s has no port from 1 to 65535; expected PORT or HOST:PORT, for example 8081",
                       quote(text).text);
}

bool forward_parse(const char *text, struct forward_rule *rule, struct problem *problem)
{
    char listen[ENDPOINT_HOST_ROOM + sizeof "[]:65535"];
    size_t len = strcspn(text, "=");
    *rule = (struct forward_rule){.listen = {.port = 0}};
    if (!text[len] || len >= sizeof listen)
        return problem_say(problem,
                           "%s is no forward; expected LISTEN=TARGET, for example 8081=registry:8081",
                           quote(text).text);
    memcpy(listen, text, len);
    listen[len] = 0;
    if (!parse_listen(listen, &rule->listen, problem) ||
        !endpoint_parse(text + len + 1, &target_form, &rule->to, problem))
        return false;
    if (!rule->to.port)
        rule->to.port = rule->listen.port;
    return true;
}

void forward_print(const struct forward_rule *rule, FILE *out)
{
    if (rule->listen.host[0])
        endpoint_print(&rule->listen, &listen_form, out);
    else
        fprintf(out, "%u", rule->listen.port);
    fputs("=", out);
    endpoint_print(&rule->to, &target_form, out);
}
