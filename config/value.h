/* SPDX-License-Identifier: Apache-2.0 */
/* The types of values: how each is read, printed and freed.
 * Apart, because a new type is a new row here, and no source of settings needs to know of it. */
#ifndef KBRIDGE_CONFIG_VALUE_H
#define KBRIDGE_CONFIG_VALUE_H

#include "config/setting.h"

struct unit {
    const char *name;
    uint64_t factor;
};

struct value_type {
    const char *metavariable;
    const char *expected; /* in words; "RANGE" stands for the setting's range */
    const char *alone;    /* the value where the flag has none; NULL: it must have one */
    bool list;            /* parse appends */
    bool secret;          /* a person may write it, nobody is shown it */

    /* What some types need to know of themselves. */
    const struct unit *units; /* largest first, up to one without a name */
    const char *const *words; /* of a choice, in the order of its enum, up to NULL */
    const struct endpoint_form *form;
    const char *keys[2]; /* of an item that is a mapping in YAML, as "first=second"; NULL: none is */

    /* On failure, a half sentence that begins with the quoted text; a single value is as it was then, a
     * list may have become longer. */
    bool (*parse)(const struct setting *setting, const char *text, void *value, struct problem *problem);

    /* So that parse reads it back. */
    void (*print)(const struct value_type *type, const void *value, FILE *out);

    /* `value` is empty then. NULL: it owns nothing. */
    void (*free)(void *value);
};

/* One of each, in the order of VALUE_TYPES. */
enum value_type_id {
#define VALUE_TYPE_ID(name, type) VALUE_##name,
    VALUE_TYPES(VALUE_TYPE_ID)
#undef VALUE_TYPE_ID
        VALUE_TYPE_COUNT
};

extern const struct value_type value_types[VALUE_TYPE_COUNT];

/* Room for a value of any type. */
union value {
#define VALUE_ROOM(name, type) value_##name of_##name;
    VALUE_TYPES(VALUE_ROOM)
#undef VALUE_ROOM
};

enum { EXPECTED_ROOM = 160 };

/* What the setting accepts, in words: "a time from 1ms to 1h, written with ms, s, m or h". */
void value_expected(const struct setting *setting, char expected[EXPECTED_ROOM]);

/* As the type prints it; "(hidden)" where it is a secret. */
void value_print(const struct setting *setting, const void *value, FILE *out);

/* The parse, print and free of types that are lists; in list.c. */
bool list_parse_endpoints(const struct setting *setting, const char *text, void *list,
                          struct problem *problem);
void list_print_endpoints(const struct value_type *type, const void *list, FILE *out);
void list_free_endpoints(void *list);
bool list_parse_rules(const struct setting *setting, const char *text, void *list, struct problem *problem);
void list_print_rules(const struct value_type *type, const void *list, FILE *out);
void list_free_rules(void *list);
bool list_parse_forwards(const struct setting *setting, const char *text, void *list,
                         struct problem *problem);
void list_print_forwards(const struct value_type *type, const void *list, FILE *out);
void list_free_forwards(void *list);

bool list_parse_dials(const struct setting *setting, const char *text, void *list, struct problem *problem);
void list_print_dials(const struct value_type *type, const void *list, FILE *out);
void list_free_dials(void *list);

/* Of listen.per-broker; in per_broker.c. */
bool per_broker_parse(const struct setting *setting, const char *text, void *value, struct problem *problem);
void per_broker_print(const struct value_type *type, const void *value, FILE *out);

/* Appends a copy. False: out of memory, the list is as it was. */
bool list_append_rule(struct advertise_list *list, const struct advertise_rule *rule);

#endif
