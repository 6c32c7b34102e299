/* SPDX-License-Identifier: Apache-2.0 */
/* What stands on the command line. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_flags_and_arguments(void **state)
{
    static const struct {
        const char *claim;
        struct sources sources;
        const char *name, *expected;
    } rows[] = {
        {"a value behind its flag", {{"--log", "warn"}, {NULL}}, "log", "warn"},
        {"a value behind the sign", {{"--log=warn"}, {NULL}}, "log", "warn"},
        {"the last of several wins", {{"--log=warn", "--log=error"}, {NULL}}, "log", "error"},
        {"an argument is a broker", {{"kafka"}, {NULL}}, "upstream", "kafka:9092"},
        {"several arguments are several", {{"a,b", "c:1"}, {NULL}}, "upstream", "a:9092,b:9092,c:1"},
        {"together with the flag", {{"a", "--upstream", "b"}, {NULL}}, "upstream", "a:9092,b:9092"},
        {"a repeated list becomes longer",
         {{"--listen=a", "--listen", "b,c"}, {NULL}},
         "listen",
         "a:29092,b:29092,c:29092"},
        {"the default list is replaced", {{"--listen=a"}, {NULL}}, "listen", "a:29092"},
        {"a value with a sign in it", {{"--advertise=any=k"}, {NULL}}, "advertise", "any=k"},
        {"--traffic alone", {{"--traffic"}, {NULL}}, "traffic", "text"},
        {"--traffic before a broker", {{"--traffic", "kafka"}, {NULL}}, "traffic", "text"},
        {"--traffic leaves the broker", {{"--traffic", "kafka"}, {NULL}}, "upstream", "kafka:9092"},
        {"--traffic with its word", {{"--traffic", "off", "kafka"}, {NULL}}, "traffic", "off"},
        {"its word is no broker", {{"--traffic", "off", "kafka"}, {NULL}}, "upstream", "kafka:9092"},
        {"--traffic=off", {{"--traffic=off"}, {NULL}}, "traffic", "off"},
        {"arguments behind --", {{"--", "kafka"}, {NULL}}, "upstream", "kafka:9092"},
        {"no flag behind --",
         {{"--", "--log"}, {NULL}},
         "upstream",
         "argument or flag --upstream: \"--log\" begins as no host name does; expected HOST:PORT, for "
         "example "
         "kafka:9092."},
        {"a wrong value",
         {{"--log", "loud"}, {NULL}},
         "log",
         "flag --log: \"loud\" is not known; expected error|warn|info|debug."},
        {"a wrong value of --traffic",
         {{"--traffic=yaml"}, {NULL}},
         "log",
         "flag --traffic: \"yaml\" is not known; expected off|text|json."},
        {"a slip",
         {{"--limts.frame=1"}, {NULL}},
         "log",
         "flag \"--limts.frame=1\" is not known; did you mean --limits.frame?"},
        {"a single dash", {{"-log"}, {NULL}}, "log", "flag \"-log\" is not known; did you mean --log?"},
        {"another program's flag",
         {{"--bootstrap-server"}, {NULL}},
         "log",
         "flag \"--bootstrap-server\" is not known; `kbridge --help` lists all."},
        {"no value at the end",
         {{"--listen"}, {NULL}},
         "log",
         "flag --listen has no value; write one behind it, for example --listen *:29092."},
        {"another flag instead of a value",
         {{"--listen", "--log"}, {NULL}},
         "log",
         "flag --listen has no value; write one behind it, for example --listen *:29092."},
        {"an empty value",
         {{"--log="}, {NULL}},
         "log",
         "flag --log: \"\" is not known; expected error|warn|info|debug."},
        {"a dash alone is no flag",
         {{"-"}, {NULL}},
         "upstream",
         "argument or flag --upstream: \"-\" begins as no host name does; expected HOST:PORT, for example "
         "kafka:9092."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        outcome_expect(rows[i].claim, outcome_of(&rows[i].sources, rows[i].name), rows[i].expected);
}

static void test_a_flag_of_any_length_is_answered(void **state)
{
    char flag[300] = "--";
    struct sources sources = {{flag}, {NULL}};
    (void)state;
    for (size_t len = 2; len + 1 < sizeof flag; len++) {
        strcpy(flag + len, "x");
        struct outcome outcome = outcome_of(&sources, "log");
        assert_non_null(strstr(outcome.text, "is not known"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags_and_arguments),
        cmocka_unit_test(test_a_flag_of_any_length_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
