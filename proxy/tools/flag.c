/* SPDX-License-Identifier: Apache-2.0 */
/* Taking flags, and the values that several tools have; see flag.h. */
#include "proxy/tools/flag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/value.h"

enum { TIME_MOST_MS = 86400000, HELP_COLUMN = 34 };

static bool is_named(const struct flag *flag, const char *argument)
{
    size_t len = strlen(flag->name);
    return strncmp(argument, flag->name, len) == 0 && (argument[len] == 0 || argument[len] == '=');
}

/* The flag of this argument; the one without a name where it is none. NULL: it is not known. */
static const struct flag *flag_of(const struct flags *flags, const char *argument)
{
    bool is_flag = argument[0] == '-' && argument[1];
    for (size_t i = 0; i < flags->count; i++) {
        const struct flag *flag = &flags->at[i];
        if (is_flag ? flag->name && is_named(flag, argument) : !flag->name)
            return flag;
    }
    return NULL;
}

static bool misused(const struct flags *flags, const struct problem *problem)
{
    fprintf(stderr, "%s\n`kbridge %s --help` shows the flags.\n", problem->text, flags->tool);
    return false;
}

/* How many arguments were taken; 0: one is wrong. */
static int take(const struct flags *flags, char **argv, int argc, void *wanted, struct problem *problem)
{
    const struct flag *flag = flag_of(flags, argv[0]);
    const char *equals = flag && flag->name ? strchr(argv[0], '=') : NULL;
    const char *value = equals ? equals + 1 : argc > 1 ? argv[1] : NULL;
    if (flag && !flag->name)
        return flag->take(wanted, argv[0], problem);
    if (!flag || (flag->alone ? equals != NULL : value == NULL)) {
        problem_say(problem, "%s is not known, or has no value.", argv[0]);
        return 0;
    }
    if (flag->take(wanted, flag->alone ? NULL : value, problem))
        return flag->alone || equals ? 1 : 2;
    problem_say(problem, "%s %s: %s.", flag->name, value ? value : "", problem->text);
    return 0;
}

bool flags_take(const struct flags *flags, char **argv, int argc, void *wanted, char ***rest)
{
    struct problem problem;
    *rest = NULL;
    for (int i = 0, used; i < argc; i += used) {
        if (strcmp(argv[i], "--") == 0) {
            *rest = argv + i + 1;
            return true;
        }
        used = take(flags, argv + i, argc - i, wanted, &problem);
        if (used == 0)
            return misused(flags, &problem);
    }
    return true;
}

void flags_print(const struct flags *flags, FILE *out)
{
    for (size_t i = 0; i < flags->count; i++) {
        const struct flag *flag = &flags->at[i];
        int used = flag->name ? fprintf(out, "  %s %s", flag->name, flag->alone ? "" : flag->value) : 0;
        if (flag->name)
            fprintf(out, "%*s%s\n", used < HELP_COLUMN ? HELP_COLUMN - used : 1, "", flag->help);
    }
}

bool number_parse(const char *text, int most, int *number)
{
    char *end;
    errno = 0;
    long parsed = strtol(text, &end, 10);
    *number = (int)parsed;
    return errno == 0 && end != text && *end == 0 && parsed >= 1 && parsed <= most;
}

bool topic_parse(const char *text, struct topic *topic, struct problem *problem)
{
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : strlen(text);
    if (len == 0 || len >= sizeof topic->name)
        return problem_say(problem, "the name must have from 1 to %d characters", TOPIC_ROOM - 1);
    if (colon && !number_parse(colon + 1, PARTITIONS_MAX, &topic->partitions))
        return problem_say(problem, "expected from 1 to %d partitions", PARTITIONS_MAX);
    memcpy(topic->name, text, len);
    topic->name[len] = 0;
    return true;
}

bool time_parse(const char *text, uint64_t *ms, struct problem *problem)
{
    static const struct setting as = {
        .type = &value_types[VALUE_TIME], .least = 1, .most = TIME_MOST_MS, .example = "60s"};
    return as.type->parse(&as, text, ms, problem);
}
