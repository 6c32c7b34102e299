/* SPDX-License-Identifier: Apache-2.0 */
/* Values that are lists, of endpoints, rules or forwards; see value.h.
 * Apart from value.c, because what they share is the commas and the memory, not what the items are. */
#include <stdlib.h>
#include <string.h>

#include "config/value.h"

/* Nobody lists more by hand; with fewer than 64 Ki, any program can count them as it likes. */
enum { ITEM_ROOM = 512, ITEMS_MAX = 1000 };

/* Takes the next of "a, b" without the blanks around it. False: there is none. */
static bool item_next(const char **rest, const char **item, size_t *len)
{
    if (!*rest)
        return false;
    size_t to_comma = strcspn(*rest, ",");
    *item = *rest + strspn(*rest, " ");
    *len = *item < *rest + to_comma ? (size_t)(*rest + to_comma - *item) : 0;
    while (*len > 0 && (*item)[*len - 1] == ' ')
        *len -= 1;
    *rest = (*rest)[to_comma] ? *rest + to_comma + 1 : NULL;
    return true;
}

/* Gives each item to `take`, which appends it. */
static bool items_take(const struct setting *setting, const char *text, void *list, struct problem *problem,
                       bool (*take)(const struct setting *, const char *item, void *list, struct problem *))
{
    const char *rest = text, *item;
    size_t len;
    while (item_next(&rest, &item, &len)) {
        char copy[ITEM_ROOM];
        if (len == 0 || len >= sizeof copy)
            return problem_say(problem, "%s has %s item; expected %s", quote(text).text,
                               len ? "too long an" : "an empty", setting->type->expected);
        memcpy(copy, item, len);
        copy[len] = 0;
        if (!take(setting, copy, list, problem))
            return false;
    }
    return true;
}

static bool cannot_keep(const char *item, const char *why, struct problem *problem)
{
    return problem_say(problem, "%s cannot be kept: %s", quote(item).text, why);
}

static bool has_room(size_t count, const char *item, struct problem *problem)
{
    return count < ITEMS_MAX || cannot_keep(item, "there are 1000 items already", problem);
}

static bool take_endpoint(const struct setting *setting, const char *item, void *value,
                          struct problem *problem)
{
    struct endpoint_list *list = value;
    struct endpoint endpoint;
    if (!has_room(list->count, item, problem) ||
        !endpoint_parse(item, setting->type->form, &endpoint, problem))
        return false;
    struct endpoint *at = realloc(list->at, (list->count + 1) * sizeof *at);
    if (!at)
        return cannot_keep(item, "out of memory", problem);
    at[list->count++] = endpoint;
    list->at = at;
    return true;
}

bool list_parse_endpoints(const struct setting *setting, const char *text, void *list,
                          struct problem *problem)
{
    return items_take(setting, text, list, problem, take_endpoint);
}

void list_print_endpoints(const struct value_type *type, const void *value, FILE *out)
{
    const struct endpoint_list *list = value;
    for (size_t i = 0; i < list->count; i++) {
        fputs(i ? "," : "", out);
        endpoint_print(&list->at[i], type->form, out);
    }
}

void list_free_endpoints(void *value)
{
    struct endpoint_list *list = value;
    free(list->at);
    *list = (struct endpoint_list){0};
}

/* ADVERTISED=ADDRESS. */
static bool take_dial(const struct setting *setting, const char *item, void *value, struct problem *problem)
{
    struct dial_list *list = value;
    struct dial_rule rule;
    char advertised[ITEM_ROOM];
    size_t len = strcspn(item, "=");
    if (!item[len])
        return problem_say(problem, "%s has no = in it; expected %s, for example %s", quote(item).text,
                           setting->type->expected, setting->example);
    memcpy(advertised, item, len);
    advertised[len] = 0;
    if (!has_room(list->count, item, problem) ||
        !endpoint_parse(advertised, setting->type->form, &rule.advertised, problem) ||
        !endpoint_parse(item + len + 1, setting->type->form, &rule.dialled, problem))
        return false;
    struct dial_rule *at = realloc(list->at, (list->count + 1) * sizeof *at);
    if (!at)
        return cannot_keep(item, "out of memory", problem);
    at[list->count++] = rule;
    list->at = at;
    return true;
}

bool list_parse_dials(const struct setting *setting, const char *text, void *list, struct problem *problem)
{
    return items_take(setting, text, list, problem, take_dial);
}

void list_print_dials(const struct value_type *type, const void *value, FILE *out)
{
    const struct dial_list *list = value;
    for (size_t i = 0; i < list->count; i++) {
        fputs(i ? "," : "", out);
        endpoint_print(&list->at[i].advertised, type->form, out);
        fputs("=", out);
        endpoint_print(&list->at[i].dialled, type->form, out);
    }
}

void list_free_dials(void *value)
{
    struct dial_list *list = value;
    free(list->at);
    *list = (struct dial_list){0};
}

bool list_append_rule(struct advertise_list *list, const struct advertise_rule *rule)
{
    struct advertise_rule *at = realloc(list->at, (list->count + 1) * sizeof *at);
    if (!at)
        return false;
    at[list->count++] = *rule;
    list->at = at;
    return true;
}

static bool take_rule(const struct setting *setting, const char *item, void *value, struct problem *problem)
{
    struct advertise_list *list = value;
    struct advertise_rule rule;
    (void)setting;
    if (!has_room(list->count, item, problem) || !advertise_parse(item, &rule, problem))
        return false;
    return list_append_rule(list, &rule) || cannot_keep(item, "out of memory", problem);
}

bool list_parse_rules(const struct setting *setting, const char *text, void *list, struct problem *problem)
{
    return items_take(setting, text, list, problem, take_rule);
}

void list_print_rules(const struct value_type *type, const void *value, FILE *out)
{
    const struct advertise_list *list = value;
    (void)type;
    for (size_t i = 0; i < list->count; i++) {
        fputs(i ? "," : "", out);
        advertise_print(&list->at[i], out);
    }
}

void list_free_rules(void *value)
{
    struct advertise_list *list = value;
    free(list->at);
    *list = (struct advertise_list){0};
}

static bool take_forward(const struct setting *setting, const char *item, void *value,
                         struct problem *problem)
{
    struct forward_list *list = value;
    struct forward_rule forward;
    (void)setting;
    if (!has_room(list->count, item, problem) || !forward_parse(item, &forward, problem))
        return false;
    struct forward_rule *at = realloc(list->at, (list->count + 1) * sizeof *at);
    if (!at)
        return cannot_keep(item, "out of memory", problem);
    at[list->count++] = forward;
    list->at = at;
    return true;
}

bool list_parse_forwards(const struct setting *setting, const char *text, void *list, struct problem *problem)
{
    return items_take(setting, text, list, problem, take_forward);
}

void list_print_forwards(const struct value_type *type, const void *value, FILE *out)
{
    const struct forward_list *list = value;
    (void)type;
    for (size_t i = 0; i < list->count; i++) {
        fputs(i ? "," : "", out);
        forward_print(&list->at[i], out);
    }
}

void list_free_forwards(void *value)
{
    struct forward_list *list = value;
    free(list->at);
    *list = (struct forward_list){0};
}
