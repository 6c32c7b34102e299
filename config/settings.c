/* SPDX-License-Identifier: Apache-2.0 */
/* The table as data, setting a value, loading and freeing; see settings.h and setting.h. */
#include "config/settings.h"

#include <stddef.h>
#include <string.h>

#include "config/value.h"

const struct setting setting_table[SETTING_COUNT] = {
#define ROW(group, field, name, type, preset, least, most, example, help, more)                              \
    {group,                                                                                                  \
     name,                                                                                                   \
     preset,                                                                                                 \
     example,                                                                                                \
     help,                                                                                                   \
     more,                                                                                                   \
     &value_types[VALUE_##type],                                                                             \
     least,                                                                                                  \
     most,                                                                                                   \
     offsetof(struct settings, field),                                                                       \
     SETTING_##field},
    SETTINGS(ROW)
#undef ROW
};

const struct setting *setting_find(const char *name)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (strcmp(setting_table[i].name, name) == 0)
            return &setting_table[i];
    return NULL;
}

void setting_variable(const struct setting *setting, char variable[SETTING_NAME_ROOM])
{
    size_t len = (size_t)snprintf(variable, SETTING_NAME_ROOM, "KBRIDGE_%s", setting->name);
    for (size_t i = 0; i < len; i++) {
        char c = variable[i];
        variable[i] = (char)(c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
}

/* Puts in front of a half sentence where the value was written. */
static bool say_where(const struct setting *setting, struct origin origin, const char *file,
                      struct problem *problem)
{
    static const char *const setter_texts[] = {
#define SETTER(name, text) text,
        SETTERS(SETTER)
#undef SETTER
    };
    char variable[SETTING_NAME_ROOM];
    setting_variable(setting, variable);
    switch (origin.setter) {
    case SET_BY_FLAG:
        return problem_say(problem, "%sflag --%s: %s.", setting->id == SETTING_upstream ? "argument or " : "",
                           setting->name, problem->text);
    case SET_BY_VARIABLE:
        return problem_say(problem, "variable %s: %s.", variable, problem->text);
    case SET_BY_FILE:
        return problem_say(problem, "%s:%u: %s: %s.", file, origin.line, setting->name, problem->text);
    case SET_BY_CI:
    case SET_BY_DEFAULT:
        break;
    }
    return problem_say(problem, "%s: %s: %s.", setter_texts[origin.setter], setting->name, problem->text);
}

bool setting_set(struct settings *settings, const struct setting *setting, const char *text,
                 struct origin origin, const char *file, struct problem *problem)
{
    struct origin *known = &settings->origin[setting->id];
    bool weaker = origin.setter < known->setter;
    union value spare = {0};
    void *value = weaker ? &spare : setting_field(settings, setting);

    if (origin.setter != known->setter && setting->type->list)
        setting->type->free(value);
    bool fine = setting->type->parse(setting, text, value, problem);
    if (weaker && setting->type->free)
        setting->type->free(&spare);
    else if (!weaker)
        *known = origin;
    return fine || say_where(setting, origin, file, problem);
}

static bool set_defaults(struct settings *settings, struct problem *problem)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &setting_table[i];
        if (setting->preset &&
            !setting_set(settings, setting, setting->preset, (struct origin){0}, NULL, problem))
            return false;
    }
    return true;
}

bool settings_load(struct settings *settings, int argc, char **argv, char **environment,
                   struct problem *problem)
{
    memset(settings, 0, sizeof *settings);
    /* The strongest first, because only they say which file it is; a weaker setter changes nothing. */
    return set_defaults(settings, problem) && flags_read(settings, argc, argv, problem) &&
           environment_read(settings, environment, problem) &&
           (!settings->config || file_read(settings, settings->config, problem)) &&
           advertise_merge(settings, problem);
}

void settings_free(struct settings *settings)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (setting_table[i].type->free)
            setting_table[i].type->free(setting_field(settings, &setting_table[i]));
    list_free_rules(&settings->rules);
}

/* A port cannot be that of all brokers and of one. */
static bool ports_are_apart(const struct settings *settings, struct problem *problem)
{
    const struct per_broker *range = &settings->listen_per_broker;
    for (size_t i = 0; i < settings->listen.count && range->mode == PER_BROKER_PORTS; i++) {
        unsigned port = settings->listen.at[i].port;
        if (port >= range->first && port <= range->last)
            return problem_say(problem,
                               "listen.per-broker: %u-%u has port %u in it, which listen shares among "
                               "all brokers; choose a range without it.",
                               range->first, range->last, port);
    }
    return true;
}

bool settings_suffice_to_run(const struct settings *settings, struct problem *problem)
{
    if (settings->upstream.count == 0)
        return problem_say(
            problem, "No broker is given; name one, for example `kbridge kafka:9092`, or set upstream in "
                     "the file or KBRIDGE_UPSTREAM.");
    return ports_are_apart(settings, problem);
}
