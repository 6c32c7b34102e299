/* SPDX-License-Identifier: Apache-2.0 */
/* Flags beat variables, variables beat the file, the file beats the defaults; and the file is found and
 * read. */
#include "tests/unit/config/outcome.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_ROOM = 256 };

/* The path of a file, with "KBRIDGE_CONFIG=" in front of it. */
struct written {
    char variable[PATH_ROOM];
};

static struct written write_file(const char *text)
{
    static const char name[] = "KBRIDGE_CONFIG=";
    struct written written = {""};
    const char *folder = getenv("TMPDIR");
    snprintf(written.variable, sizeof written.variable, "%s%s/kbridge-XXXXXX", name,
             folder ? folder : "/tmp");
    int fd = mkstemp(written.variable + strlen(name));
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return written;
}

static const char *path_of(const struct written *written)
{
    return strchr(written->variable, '=') + 1;
}

static void test_the_stronger_setter_wins(void **state)
{
    static const struct {
        const char *claim, *flag, *variable, *name, *expected;
        enum setter setter;
    } rows[] = {
        {"default", NULL, NULL, "timeouts.dial", "10s", SET_BY_DEFAULT},
        {"file", NULL, NULL, "log", "warn", SET_BY_FILE},
        {"variable beats file", NULL, "KBRIDGE_LOG=error", "log", "error", SET_BY_VARIABLE},
        {"flag beats both", "--log=debug", "KBRIDGE_LOG=error", "log", "debug", SET_BY_FLAG},
        {"flag beats file", "--log=debug", NULL, "log", "debug", SET_BY_FLAG},
        {"a list of the file", NULL, NULL, "listen", "f:1,g:1", SET_BY_FILE},
        {"a stronger list replaces the whole", NULL, "KBRIDGE_LISTEN=v:1", "listen", "v:1", SET_BY_VARIABLE},
        {"a list of flags too", "--listen=a:1", "KBRIDGE_LISTEN=v:1", "listen", "a:1", SET_BY_FLAG},
    };
    struct written written = write_file("log: warn\nlisten: [f:1, g:1]\n");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *flags[] = {"--config", (char *)path_of(&written), (char *)rows[i].flag};
        char *environment[] = {(char *)rows[i].variable, NULL};
        struct sources sources = {{flags[0], flags[1], flags[2]}, {environment[0]}};
        outcome_expect(rows[i].claim, outcome_of(&sources, rows[i].name), rows[i].expected);

        struct settings settings;
        struct problem problem;
        assert_true(settings_load(&settings, rows[i].flag ? 3 : 2, flags, environment, &problem));
        assert_int_equal(settings.origin[setting_find(rows[i].name)->id].setter, rows[i].setter);
        settings_free(&settings);
    }
    unlink(path_of(&written));
}

static void test_the_file_is_named_by_flag_or_variable(void **state)
{
    struct written one = write_file("log: warn"), other = write_file("log: error");
    struct sources by_variable = {{NULL}, {one.variable}};
    struct sources by_both = {{"--config", path_of(&other)}, {one.variable}};
    (void)state;
    outcome_expect("variable", outcome_of(&by_variable, "log"), "warn");
    outcome_expect("the flag is stronger", outcome_of(&by_both, "log"), "error");
    unlink(path_of(&one));
    unlink(path_of(&other));
}

static void test_a_weaker_value_is_checked_all_the_same(void **state)
{
    static const struct sources sources = {{"--log=debug", "--advertise=a"}, {"KBRIDGE_LOG=loud"}};
    static const struct sources lists = {{"--advertise=a"}, {"KBRIDGE_ADVERTISE=b,c"}};
    (void)state;
    outcome_expect("one value", outcome_of(&sources, "log"),
                   "variable KBRIDGE_LOG: \"loud\" is not known; expected error|warn|info|debug.");
    outcome_expect("a list", outcome_of(&lists, "advertise"), "any=a");
}

static void test_a_file_that_cannot_be_read_is_named(void **state)
{
    static const struct sources missing = {{"--config=/no/such.yaml"}, {NULL}};
    static const struct sources folder = {{"--config=/"}, {NULL}};
    static const struct sources endless = {{"--config=/dev/zero"}, {NULL}};
    (void)state;
    outcome_expect("missing", outcome_of(&missing, "log"),
                   "The settings file \"/no/such.yaml\" cannot be opened: No such file or directory.");
    outcome_expect("a folder", outcome_of(&folder, "log"),
                   "The settings file \"/\" cannot be read: Is a directory.");
    outcome_expect("endless", outcome_of(&endless, "log"),
                   "The settings file \"/dev/zero\" has more than 1 MiB; that is something else.");
}

static void test_to_run_a_broker_is_needed(void **state)
{
    struct settings settings;
    struct problem problem;
    char *environment[] = {NULL}, *broker[] = {"kafka"};
    (void)state;
    assert_true(settings_load(&settings, 0, NULL, environment, &problem));
    assert_false(settings_suffice_to_run(&settings, &problem));
    assert_non_null(strstr(problem.text, "No broker is given"));
    settings_free(&settings);

    assert_true(settings_load(&settings, 1, broker, environment, &problem));
    assert_true(settings_suffice_to_run(&settings, &problem));
    assert_string_equal(settings.upstream.at[0].host, "kafka");
    assert_string_equal(settings.listen.at[0].host, "localhost");
    assert_int_equal(settings.limits_frame_bytes, 100 << 20);
    settings_free(&settings);
}

static void test_the_shared_port_is_no_brokers_own(void **state)
{
    static const struct {
        const char *listen, *range;
        bool fine;
    } rows[] = {
        {"--listen=a:10", "--listen.per-broker=11-20", true},
        {"--listen=a:11", "--listen.per-broker=11-20", false},
        {"--listen=a:20", "--listen.per-broker=11-20", false},
        {"--listen=a:21", "--listen.per-broker=11-20", true},
        {"--listen=a:1,b:15", "--listen.per-broker=11-20", false},
        {"--listen=a:15", "--listen.per-broker=off", true},
    };
    char *environment[] = {NULL};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct settings settings;
        struct problem problem;
        char listen[64], range[64], broker[] = "kafka";
        strcpy(listen, rows[i].listen);
        strcpy(range, rows[i].range);
        char *flags[] = {broker, listen, range};
        assert_true(settings_load(&settings, 3, flags, environment, &problem));
        assert_int_equal(settings_suffice_to_run(&settings, &problem), rows[i].fine);
        if (!rows[i].fine)
            assert_non_null(strstr(problem.text, "listen.per-broker: 11-20 has port "));
        settings_free(&settings);
    }
}

static void test_every_setting_has_one_name_in_three_spellings(void **state)
{
    char variable[SETTING_NAME_ROOM];
    (void)state;
    setting_variable(setting_find("limits.in_flight"), variable);
    assert_string_equal(variable, "KBRIDGE_LIMITS_IN_FLIGHT");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        assert_int_equal(setting_table[i].id, i);
        assert_ptr_equal(setting_find(setting_table[i].name), &setting_table[i]);
        assert_true(strlen(setting_table[i].name) + sizeof "KBRIDGE_" <= SETTING_NAME_ROOM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_stronger_setter_wins),
        cmocka_unit_test(test_the_file_is_named_by_flag_or_variable),
        cmocka_unit_test(test_a_weaker_value_is_checked_all_the_same),
        cmocka_unit_test(test_a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(test_to_run_a_broker_is_needed),
        cmocka_unit_test(test_the_shared_port_is_no_brokers_own),
        cmocka_unit_test(test_every_setting_has_one_name_in_three_spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
