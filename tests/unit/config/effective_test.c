/* SPDX-License-Identifier: Apache-2.0 */
/* `kbridge config`: each value with who has set it; what it prints is a settings file that gives the same values again. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "config/value.h"

enum { TEXT_ROOM = 16384 };

static void load(struct settings *settings, int argc, char **argv, char **environment)
{
    struct problem problem;
    if (!settings_load(settings, argc, argv, environment, &problem))
        fail_msg("%s", problem.text);
}

static void print(const struct settings *settings, char text[TEXT_ROOM])
{
    FILE *out = fmemopen(text, TEXT_ROOM, "w");
    settings_print_effective(settings, out);
    fclose(out);
}

static void expect_line(const char *text, const char *value, const char *origin)
{
    char line[128];
    snprintf(line, sizeof line, "%-40s  # %s\n", value, origin);
    if (!strstr(text, line))
        fail_msg("%sis not in\n%s", line, text);
}

static void test_each_value_has_its_origin(void **state)
{
    static char text[TEXT_ROOM];
    static char *argv[] = {"kafka:9092", "kafka2", "--listen", "*:29093"};
    static char *environment[] = {"KBRIDGE_LOG=warn", "BITBUCKET_DOCKER_HOST_INTERNAL=10.0.0.1", NULL};
    struct settings settings;
    (void)state;
    load(&settings, 4, argv, environment);
    static const char file[] = "limits:\n  frame: 1MiB\n";
    struct problem problem;
    settings.config = strdup("kbridge.yaml");
    assert_true(yaml_read(&settings, "kbridge.yaml", file, sizeof file - 1, &problem));
    print(&settings, text);
    expect_line(text, "upstream: kafka:9092,kafka2:9092", "flag");
    expect_line(text, "listen: \"*:29093\"", "flag");
    expect_line(text, "log: warn", "variable KBRIDGE_LOG");
    expect_line(text, "advertise.gateway: 10.0.0.1", "variable BITBUCKET_DOCKER_HOST_INTERNAL");
    expect_line(text, "limits.frame: 1MiB", "kbridge.yaml:2");
    expect_line(text, "timeouts.dial: 10s", "default");
    expect_line(text, "# forward:", "not set");
    settings_free(&settings);
}

static void test_what_it_prints_is_read_back(void **state)
{
    static char text[TEXT_ROOM], again[TEXT_ROOM];
    static char *argv[] = {"[::1]:9092",         "--advertise", "10.0.0.0/8=a:1,any=b", "--forward",
                           "8081=registry:8081", "--traffic",   "--listen.per-broker",  "29093-29192"};
    static char *nothing[] = {NULL};
    struct settings settings, second;
    struct problem problem;
    (void)state;
    load(&settings, 8, argv, nothing);
    print(&settings, text);
    load(&second, 0, NULL, nothing);
    if (!yaml_read(&second, "printed", text, strlen(text), &problem))
        fail_msg("%s", problem.text);
    memcpy(second.origin, settings.origin, sizeof second.origin);
    print(&second, again);
    assert_string_equal(again, text);
    settings_free(&settings);
    settings_free(&second);
}

static void test_a_secret_is_hidden(void **state)
{
    struct value_type secret = value_types[VALUE_PATH];
    const struct setting setting = {.name = "password", .type = &secret};
    char text[32] = "", *value = "geheim";
    (void)state;
    secret.secret = true;
    FILE *out = fmemopen(text, sizeof text, "w");
    value_print(&setting, &value, out);
    fclose(out);
    assert_string_equal(text, "(hidden)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_value_has_its_origin),
        cmocka_unit_test(test_what_it_prints_is_read_back),
        cmocka_unit_test(test_a_secret_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
