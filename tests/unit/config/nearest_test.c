/* SPDX-License-Identifier: Apache-2.0 */
/* Which setting a wrong name probably meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "config/setting.h"

static void test_a_slip_finds_its_setting_and_another_word_finds_none(void **state)
{
    static const struct {
        const char *given, *expected;
    } rows[] = {
        {"limts.frame", "limits.frame"},
        {"limits.frmae", "limits.frame"},
        {"LIMITS_FRAME", "limits.frame"},
        {"limits-in-flight", "limits.in_flight"},
        {"limits.inflight", "limits.in_flight"},
        {"frame", "limits.frame"},
        {"wait", "upstream.wait"},
        {"gateway", "advertise.gateway"},
        {"listn", "listen"},
        {"upstrem", "upstream"},
        {"lgo", "log"},
        {"upstream.waits", "upstream.wait"},
        {"", NULL},
        {"bootstrap-server", NULL},
        {"verbose", NULL},
        {"cache", NULL},
        {"version", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct setting *nearest = setting_nearest(rows[i].given);
        const char *got = nearest ? nearest->name : "none";
        const char *expected = rows[i].expected ? rows[i].expected : "none";
        if (strcmp(got, expected) != 0)
            fail_msg("\"%s\" finds %s, not %s", rows[i].given, got, expected);
    }
}

static void test_a_name_of_any_length_is_answered(void **state)
{
    char name[200] = "";
    (void)state;
    for (size_t len = 0; len + 1 < sizeof name; len++) {
        strcpy(name + len, "x");
        if (len > 20)
            assert_null(setting_nearest(name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_slip_finds_its_setting_and_another_word_finds_none),
        cmocka_unit_test(test_a_name_of_any_length_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
