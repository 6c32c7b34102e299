/* SPDX-License-Identifier: Apache-2.0 */
/* --help names every setting and fits a terminal; the reference is a settings file that changes nothing. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "config/value.h"

enum { TEXT_ROOM = 32768 };

static void print(void (*printer)(FILE *out), char text[TEXT_ROOM])
{
    FILE *out = fmemopen(text, TEXT_ROOM, "w");
    assert_non_null(out);
    printer(out);
    fclose(out);
    assert_true(strlen(text) + 1 < TEXT_ROOM);
}

static size_t widest_line(const char *text)
{
    size_t widest = 0, column = 0;
    for (; *text; text++) {
        bool goes_on = ((unsigned char)*text & 0xc0) == 0x80;
        column = *text == '\n' ? 0 : column + !goes_on;
        widest = column > widest ? column : widest;
    }
    return widest;
}

static void test_help_names_every_setting_with_its_default_in_80_columns(void **state)
{
    static char text[TEXT_ROOM];
    (void)state;
    print(settings_print_help, text);
    assert_true(widest_line(text) <= 80);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &setting_table[i];
        char needed[2 * SETTING_NAME_ROOM];
        snprintf(needed, sizeof needed, "  --%s%s", setting->name, setting->type->alone ? "[=" : " ");
        assert_non_null(strstr(text, needed));
        snprintf(needed, sizeof needed, "[%s]", setting->preset ? setting->preset : "");
        if (setting->preset)
            assert_non_null(strstr(text, needed));
    }
}

static void test_the_reference_names_every_setting_and_loading_it_changes_nothing(void **state)
{
    static char text[TEXT_ROOM];
    (void)state;
    print(settings_print_reference, text);
    assert_true(widest_line(text) <= 100);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &setting_table[i];
        char needed[4 * SETTING_NAME_ROOM];
        snprintf(needed, sizeof needed, "\n%s%s: %s\n", setting->preset ? "" : "# ", setting->name,
                 setting->preset ? setting->preset : setting->example);
        assert_non_null(strstr(text, needed));
        setting_variable(setting, needed);
        assert_non_null(strstr(text, needed));
        outcome_expect(setting->name, outcome_of_yaml(text, strlen(text), setting->name),
                       setting->preset ? setting->preset : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help_names_every_setting_with_its_default_in_80_columns),
        cmocka_unit_test(test_the_reference_names_every_setting_and_loading_it_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
