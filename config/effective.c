/* SPDX-License-Identifier: Apache-2.0 */
/* `kbridge config`: what the settings are, and who has set each.
 * Apart from help.c, because this shows loaded values, and that the table. It reads as a settings file. */
#include <string.h>

#include "config/value.h"

enum { ORIGIN_COLUMN = 40, ORIGIN_ROOM = 512, VALUE_ROOM = 4096 };

static void origin_text(const struct settings *settings, const struct setting *setting,
                        char text[ORIGIN_ROOM])
{
    static const char *const setter_texts[] = {
#define SETTER(name, text) text,
        SETTERS(SETTER)
#undef SETTER
    };
    const struct origin *origin = &settings->origin[setting->id];
    char variable[SETTING_NAME_ROOM];
    setting_variable(setting, variable);
    if (origin->setter == SET_BY_VARIABLE)
        snprintf(text, ORIGIN_ROOM, "variable %s", variable);
    else if (origin->setter == SET_BY_FILE)
        snprintf(text, ORIGIN_ROOM, "%s:%u", settings->config, origin->line);
    else
        snprintf(text, ORIGIN_ROOM, "%s", setter_texts[origin->setter]);
}

/* A text of YAML may begin neither with * nor with [, and "off" would be no text at all to many a reader. */
static bool needs_quotes(const char *text)
{
    return strchr("*[{&!|>'\"%@`", text[0]) || strcmp(text, "off") == 0 || strstr(text, ": ");
}

/* What print writes, as text. */
static void value_text(const struct setting *setting, const void *value, char text[VALUE_ROOM])
{
    FILE *out = fmemopen(text, VALUE_ROOM, "w");
    text[0] = 0;
    if (!out)
        return;
    value_print(setting, value, out);
    fclose(out);
}

static void print_setting(const struct settings *settings, const struct setting *setting, FILE *out)
{
    char value[VALUE_ROOM], origin[ORIGIN_ROOM];
    value_text(setting, (const char *)settings + setting->offset, value);
    origin_text(settings, setting, origin);
    bool quoted = needs_quotes(value);
    int len = value[0]
                  ? fprintf(out, "%s: %s%s%s", setting->name, quoted ? "\"" : "", value, quoted ? "\"" : "")
                  : fprintf(out, "# %s:", setting->name);
    fprintf(out, "%*s  # %s\n", len < ORIGIN_COLUMN ? ORIGIN_COLUMN - len : 0, "",
            value[0] ? origin : "not set");
}

bool settings_agree(const struct settings *a, const struct settings *b, enum setting_id id)
{
    const struct setting *setting = &setting_table[id];
    char of_a[VALUE_ROOM], of_b[VALUE_ROOM];
    value_text(setting, (const char *)a + setting->offset, of_a);
    value_text(setting, (const char *)b + setting->offset, of_b);
    return strcmp(of_a, of_b) == 0;
}

const char *settings_name(enum setting_id id)
{
    return setting_table[id].name;
}

void settings_print_effective(const struct settings *settings, FILE *out)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (setting_table[i].id != SETTING_config) /* a file cannot name itself */
            print_setting(settings, &setting_table[i], out);
}
