/* SPDX-License-Identifier: Apache-2.0 */
/* The settings for people: --help and reference.yaml, both from the table.
 * Apart, because this is the only place where settings are laid out as text. */
#include <string.h>

#include "config/value.h"

enum { HELP_WIDTH = 80, HELP_COLUMN = 34, REFERENCE_WIDTH = 100, LINE_ROOM = 1024 };

/* Columns that a text takes: bytes of UTF-8 that go on with a character take none. */
static size_t columns(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

/* Prints `text` from `column` on, where the cursor already stands; further lines begin with `margin`. */
static void print_wrapped(FILE *out, const char *text, size_t column, const char *margin, size_t width)
{
    bool begins_line = true;
    while (*text) {
        size_t len = strcspn(text, " ");
        size_t needs = columns(text, len);
        if (!begins_line && column + 1 + needs > width) {
            fprintf(out, "\n%s", margin);
            column = strlen(margin);
            begins_line = true;
        }
        fprintf(out, "%s%.*s", begins_line ? "" : " ", (int)len, text);
        column += needs + !begins_line;
        begins_line = false;
        text += len + strspn(text + len, " ");
    }
    fputs("\n", out);
}

static bool begins_group(const struct setting *setting)
{
    return setting == setting_table || strcmp(setting[-1].group, setting->group) != 0;
}

static void print_help_of(const struct setting *setting, FILE *out)
{
    char flag[LINE_ROOM], help[LINE_ROOM], margin[HELP_COLUMN + 1];
    bool may_stand_alone = setting->type->alone != NULL;
    snprintf(flag, sizeof flag, "  --%s%s%s%s", setting->name, may_stand_alone ? "[=" : " ",
             setting->type->metavariable, may_stand_alone ? "]" : "");
    snprintf(help, sizeof help, "%s%s%s%s", setting->help, setting->preset ? " [" : "",
             setting->preset ? setting->preset : "", setting->preset ? "]" : "");
    snprintf(margin, sizeof margin, "%*s", HELP_COLUMN, "");
    size_t len = columns(flag, strlen(flag));
    fputs(flag, out);
    if (len < HELP_COLUMN)
        fputs(margin + len, out);
    else
        fprintf(out, "\n%s", margin);
    print_wrapped(out, help, HELP_COLUMN, margin, HELP_WIDTH);
}

void settings_print_help(FILE *out)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &setting_table[i];
        if (begins_group(setting))
            fprintf(out, "%s%s:\n", i ? "\n" : "", setting->group);
        print_help_of(setting, out);
    }
}

static void print_comment(FILE *out, const char *text)
{
    fputs("# ", out);
    print_wrapped(out, text, 2, "# ", REFERENCE_WIDTH);
}

static void print_reference_of(const struct setting *setting, FILE *out)
{
    char text[LINE_ROOM], variable[SETTING_NAME_ROOM], expected[EXPECTED_ROOM];
    setting_variable(setting, variable);
    value_expected(setting, expected);
    snprintf(text, sizeof text, "%c%s.%s%s", setting->help[0] - 'a' + 'A', setting->help + 1,
             *setting->more ? " " : "", setting->more);
    fputs("\n", out);
    print_comment(out, text);
    fprintf(out, "#   %s\n#   --%s, %s\n", expected, setting->name, variable);
    fprintf(out, "%s%s: %s\n", setting->preset ? "" : "# ", setting->name,
            setting->preset ? setting->preset : setting->example);
}

void settings_print_reference(FILE *out)
{
    fputs("# All settings of kbridge with their defaults. Made by `kbridge --reference` from "
          "config/table.h.\n#\n",
          out);
    print_comment(
        out, "Each setting has one name: as a key in this file, as a flag (--limits.frame 1MiB) and as a "
             "variable (KBRIDGE_LIMITS_FRAME=1MiB). Flags beat variables, variables beat the file "
             "(--config FILE or KBRIDGE_CONFIG). What is commented out has no default.");
    print_comment(
        out, "A key with dots may also be written as `limits: {frame: 1MiB}`. A list is a YAML list or has "
             "commas between its items; a flag may also be repeated. A list replaces the whole of a weaker "
             "one. Text that begins with * stands in quotes.");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (begins_group(&setting_table[i]))
            fprintf(out, "\n\n# ---- %s ----\n", setting_table[i].group);
        print_reference_of(&setting_table[i], out);
    }
}
