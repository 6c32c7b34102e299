/* SPDX-License-Identifier: Apache-2.0 */
/* Settings from the command line.
 * Apart, because each source of settings has its own way to write a name and a value, and nothing else. */
#include <string.h>

#include "config/value.h"

static const struct origin by_flag = {.setter = SET_BY_FLAG};

static bool is_flag(const char *argument)
{
    return argument[0] == '-' && argument[1] != 0;
}

static bool unknown_flag(const char *argument, struct problem *problem)
{
    const char *name = argument + strspn(argument, "-");
    char bare[SETTING_NAME_ROOM];
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(name, "="), name);
    const struct setting *nearest = setting_nearest(bare);
    if (!nearest)
        return problem_say(problem, "flag %s is not known; `kbridge --help` lists all.",
                           quote(argument).text);
    return problem_say(problem, "flag %s is not known; did you mean --%s?", quote(argument).text,
                       nearest->name);
}

/* The setting of "--name" or "--name=value"; `value` is NULL for the first. */
static const struct setting *flag_setting(const char *argument, const char **value)
{
    char name[SETTING_NAME_ROOM];
    size_t len = strcspn(argument, "=");
    if (strncmp(argument, "--", 2) != 0 || len - 2 >= sizeof name)
        return NULL;
    memcpy(name, argument + 2, len - 2);
    name[len - 2] = 0;
    *value = argument[len] ? argument + len + 1 : NULL;
    return setting_find(name);
}

/* Whether the argument behind a flag that may stand alone is its value: `--traffic off`, but not
 * `--traffic kafka:9092`. */
static bool is_word_of(const struct value_type *type, const char *argument)
{
    for (size_t i = 0; argument && type->words && type->words[i]; i++)
        if (strcmp(type->words[i], argument) == 0)
            return true;
    return false;
}

/* Sets from the flag at argv[0] and the arguments behind it; `used` is how many were taken. */
static bool flag_set(struct settings *settings, char **argv, int argc, int *used, struct problem *problem)
{
    const char *value = NULL;
    const char *following = argc > 1 ? argv[1] : NULL;
    const struct setting *setting = flag_setting(argv[0], &value);
    if (!setting)
        return unknown_flag(argv[0], problem);
    *used = 1;
    if (!value && setting->type->alone && !is_word_of(setting->type, following)) {
        value = setting->type->alone;
    } else if (!value) {
        value = following;
        *used = 2;
    }
    if (!value || (*used == 2 && is_flag(value)))
        return problem_say(problem, "flag --%s has no value; write one behind it, for example --%s %s.",
                           setting->name, setting->name, setting->example);
    return setting_set(settings, setting, value, by_flag, NULL, problem);
}

bool flags_read(struct settings *settings, int argc, char **argv, struct problem *problem)
{
    const struct setting *upstream = &setting_table[SETTING_upstream];
    bool flags_over = false;
    for (int i = 0, used; i < argc; i += used) {
        bool fine = true;
        used = 1;
        if (flags_over || !is_flag(argv[i]))
            fine = setting_set(settings, upstream, argv[i], by_flag, NULL, problem);
        else if (strcmp(argv[i], "--") == 0)
            flags_over = true;
        else
            fine = flag_set(settings, argv + i, argc - i, &used, problem);
        if (!fine)
            return false;
    }
    return true;
}
