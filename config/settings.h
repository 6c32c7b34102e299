/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of kbridge, from flags, variables and a YAML file, in this order of strength.
 * Apart, because this is all that a program sees of config/: load once, read the fields, free. */
#ifndef KBRIDGE_CONFIG_SETTINGS_H
#define KBRIDGE_CONFIG_SETTINGS_H

#include <stdio.h>

#include "config/problem.h"
#include "config/types.h"

/* Who has set a value, and in which line of the file. */
enum setter {
#define SETTER(name, text) SET_BY_##name,
    SETTERS(SETTER)
#undef SETTER
};

struct origin {
    enum setter setter;
    unsigned line; /* SET_BY_FILE: from 1; else 0 */
};

#define SETTING_ID(group, field, ...) SETTING_##field,
enum setting_id { SETTINGS(SETTING_ID) SETTING_COUNT };
#undef SETTING_ID

/* Owns its memory. A field's comment is its row in table.h. */
#define FIELD_TYPE(name, type) typedef type value_##name;
VALUE_TYPES(FIELD_TYPE)
#undef FIELD_TYPE

struct settings {
#define FIELD(group, field, name, type, ...) value_##type field;
    SETTINGS(FIELD)
#undef FIELD
    struct origin origin[SETTING_COUNT];

    /* What advertise, advertise.gateway and advertise.network say together, in the order in which they are
     * to be tried. */
    struct advertise_list rules;

    struct problem doubt; /* what is not wrong, but perhaps not meant; "" where nothing is */
};

/* Loads from `argv` (flags, and brokers as arguments; without the program's name), from `environment`
 * (NULL-terminated, as in environ) and from the file that one of them names. On failure says what is
 * wrong, and `settings` may only be freed. */
bool settings_load(struct settings *settings, int argc, char **argv, char **environment,
                   struct problem *problem);
void settings_free(struct settings *settings);

/* What only the proxy itself needs: at least one broker, at least one listener. */
bool settings_suffice_to_run(const struct settings *settings, struct problem *problem);

/* The part of --help that lists the settings by groups, 80 columns wide. */
void settings_print_help(FILE *out);

/* `kbridge config`: what each setting is, as a settings file, and who has set it, behind it. */
void settings_print_effective(const struct settings *settings, FILE *out);

/* Whether one of them has the same value in both. */
bool settings_agree(const struct settings *a, const struct settings *b, enum setting_id id);
const char *settings_name(enum setting_id id);

/* The text of config/reference.yaml. */
void settings_print_reference(FILE *out);

#endif
