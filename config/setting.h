/* SPDX-License-Identifier: Apache-2.0 */
/* A row of the table as data, and the functions that the sources of settings share.
 * Apart from settings.h, because only config/ itself and its tests look at rows. */
#ifndef KBRIDGE_CONFIG_SETTING_H
#define KBRIDGE_CONFIG_SETTING_H

#include "config/settings.h"

enum { SETTING_NAME_ROOM = 64 };

struct value_type;

struct setting {
    const char *group, *name, *preset, *example, *help, *more;
    const struct value_type *type;
    uint64_t least, most;
    size_t offset; /* of its field in struct settings */
    enum setting_id id;
};

extern const struct setting setting_table[SETTING_COUNT];

/* The setting with this name, or NULL. */
const struct setting *setting_find(const char *name);

/* Its variable: "limits.in_flight" becomes "KBRIDGE_LIMITS_IN_FLIGHT". */
void setting_variable(const struct setting *setting, char variable[SETTING_NAME_ROOM]);

/* The setting whose name looks most like `given`, or NULL where none does. Case and the characters . _ -
 * make no difference, so that variables are found too; the last part of a name will do. */
const struct setting *setting_nearest(const char *given);

/* Sets a value from text. A stronger setter than before replaces it, the same one replaces a single value and
 * lengthens a list, a weaker one changes nothing, but its text is checked all the same.
 * `file` is the file's name where the setter is one. */
bool setting_set(struct settings *settings, const struct setting *setting, const char *text,
                 struct origin origin, const char *file, struct problem *problem);

static inline void *setting_field(struct settings *settings, const struct setting *setting)
{
    return (char *)settings + setting->offset;
}

/* The sources. */
bool flags_read(struct settings *settings, int argc, char **argv, struct problem *problem);
bool environment_read(struct settings *settings, char **environment, struct problem *problem);
bool file_read(struct settings *settings, const char *path, struct problem *problem);

/* The same for a file's content; `file` is its name in sentences. */
bool yaml_read(struct settings *settings, const char *file, const char *text, size_t len,
               struct problem *problem);

/* One rule, "FROM=ADDRESS" or "ADDRESS". On failure, a half sentence that begins with the quoted text. */
bool advertise_parse(const char *text, struct advertise_rule *rule, struct problem *problem);
void advertise_print(const struct advertise_rule *rule, FILE *out);

/* One forward, "LISTEN=TARGET". On failure as above. */
bool forward_parse(const char *text, struct forward_rule *rule, struct problem *problem);
void forward_print(const struct forward_rule *rule, FILE *out);

/* Makes settings->rules. */
bool advertise_merge(struct settings *settings, struct problem *problem);

#endif
