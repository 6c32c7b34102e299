/* SPDX-License-Identifier: Apache-2.0 */
/* Loading and printing for tests; see outcome.h. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "config/value.h"

static void print(struct settings *settings, const char *name, FILE *out)
{
    const struct setting *setting = setting_find(name);
    if (setting)
        setting->type->print(setting->type, setting_field(settings, setting), out);
    else
        list_print_rules(NULL, &settings->rules, out);
}

/* Frees the settings. */
static struct outcome conclude(struct settings *settings, bool fine, const struct problem *problem,
                               const char *name)
{
    struct outcome outcome = {""};
    FILE *out = fmemopen(outcome.text, sizeof outcome.text, "w");
    assert_non_null(out);
    if (fine)
        print(settings, name, out);
    else
        fputs(problem->text, out);
    fclose(out);
    settings_free(settings);
    return outcome;
}

static int count(const char *const *words)
{
    int number = 0;
    while (words[number])
        number++;
    return number;
}

struct outcome outcome_of(const struct sources *sources, const char *name)
{
    struct settings settings;
    struct problem problem = {""};
    bool fine = settings_load(&settings, count(sources->flags), (char **)sources->flags,
                              (char **)sources->environment, &problem);
    return conclude(&settings, fine, &problem, name);
}

struct outcome outcome_of_yaml(const char *text, size_t len, const char *name)
{
    struct settings settings = {0};
    struct problem problem = {""};
    bool fine = yaml_read(&settings, "f.yaml", text, len, &problem);
    return conclude(&settings, fine, &problem, name);
}

struct outcome outcome_of_value(const char *name, const char *value)
{
    struct settings settings = {0};
    struct problem problem = {""};
    const struct setting *setting = setting_find(name);
    assert_non_null(setting);
    bool fine = setting->type->parse(setting, value, setting_field(&settings, setting), &problem);
    return conclude(&settings, fine, &problem, name);
}

void outcome_expect(const char *claim, struct outcome outcome, const char *expected)
{
    if (strcmp(outcome.text, expected) != 0)
        fail_msg("%s\n    got:  %s\n    want: %s", claim, outcome.text, expected);
}
