/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes, times, counts, words and paths: what is read, what is refused, and that what is printed is read
 * back. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "config/value.h"

struct row {
    const char *claim, *name, *text, *expected;
};

static void expect_each(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        outcome_expect(rows[i].claim, outcome_of_value(rows[i].name, rows[i].text), rows[i].expected);
}

static void test_values_are_read_and_printed_with_their_largest_whole_unit(void **state)
{
    static const struct row rows[] = {
        {"bytes", "limits.frame", "1025B", "1025B"},
        {"bytes without a unit", "limits.frame", "1025", "1025B"},
        {"KiB", "limits.frame", "1024B", "1KiB"},
        {"MiB", "limits.frame", "1024KiB", "1MiB"},
        {"GiB", "limits.frame", "1024MiB", "1GiB"},
        {"the least frame", "limits.frame", "1KiB", "1KiB"},
        {"the greatest frame", "limits.frame", "2147483647", "2147483647B"},
        {"no time at all", "upstream.wait", "0s", "0ms"},
        {"milliseconds", "timeouts.dial", "1500ms", "1500ms"},
        {"seconds", "timeouts.dial", "1000ms", "1s"},
        {"minutes", "timeouts.dial", "60s", "1m"},
        {"hours", "timeouts.dial", "60m", "1h"},
        {"leading zeros", "timeouts.dial", "007s", "7s"},
        {"a count", "limits.connections", "1000000", "1000000"},
        {"a count of workers", "workers", "64", "64"},
        {"as many as there are processors", "workers", "auto", "auto"},
        {"a word", "log", "debug", "debug"},
        {"another word", "traffic", "off", "off"},
        {"a path", "config", "a b.yaml", "a b.yaml"},
        {"no socket per broker", "listen.per-broker", "off", "off"},
        {"addresses", "listen.per-broker", "loopback", "loopback"},
        {"a range of ports", "listen.per-broker", "1-1000", "1-1000"},
        {"one port", "listen.per-broker", "65535-65535", "65535-65535"},
        {"where brokers are dialled", "upstream.dial", "localhost:9093=kafka2:9092, [::1]=k",
         "localhost:9093=kafka2:9092,[::1]:9092=k:9092"},
    };
    (void)state;
    expect_each(rows, sizeof rows / sizeof *rows);
}

static void test_what_is_no_such_value_is_refused_with_an_example(void **state)
{
#define SIZE_EXPECTED "; expected a size from 1KiB to 2147483647B, in B, KiB, MiB or GiB, for example 100MiB"
#define TIME_EXPECTED "; expected a time from 1ms to 1h, in ms, s, m or h, for example 10s"
#define COUNT_EXPECTED "; expected a whole number from 1 to 1000000, for example 10000"
#define RANGE_EXPECTED "; expected FIRST-LAST|loopback|off, for example 29093-29192"
    static const struct row rows[] = {
        {"too many ports", "listen.per-broker", "1-1001",
         "\"1-1001\" has more than 1000 ports" RANGE_EXPECTED},
        {"no port 0", "listen.per-broker", "0-9", "\"0-9\" is no range of ports" RANGE_EXPECTED},
        {"no such port", "listen.per-broker", "65530-65536",
         "\"65530-65536\" is no range of ports" RANGE_EXPECTED},
        {"one number", "listen.per-broker", "29093", "\"29093\" is no range of ports" RANGE_EXPECTED},
        {"more behind it", "listen.per-broker", "1-2-3", "\"1-2-3\" is no range of ports" RANGE_EXPECTED},
        {"backwards", "listen.per-broker", "2-1", "\"2-1\" ends before it begins" RANGE_EXPECTED},
        {"a word", "listen.per-broker", "on", "\"on\" is no range of ports" RANGE_EXPECTED},
        {"no =", "upstream.dial", "localhost:9093",
         "\"localhost:9093\" has no = in it; expected ADVERTISED=ADDRESS, or a list of them, for example "
         "localhost:9093=kafka2:9092"},
        {"no address", "upstream.dial", "a=", "\"\" has no host; expected HOST:PORT, for example kafka:9092"},
        {"a unit of ten", "limits.frame", "100MB",
         "\"100MB\" does not end with a unit that is known" SIZE_EXPECTED},
        {"a blank", "limits.frame", "1 MiB",
         "\"1 MiB\" does not end with a unit that is known" SIZE_EXPECTED},
        {"other letters", "limits.frame", "1mib",
         "\"1mib\" does not end with a unit that is known" SIZE_EXPECTED},
        {"too small", "limits.frame", "1023", "\"1023\" is out of range" SIZE_EXPECTED},
        {"too great by one", "limits.frame", "2147483648", "\"2147483648\" is out of range" SIZE_EXPECTED},
        {"too great by its unit", "limits.frame", "2GiB", "\"2GiB\" is out of range" SIZE_EXPECTED},
        {"more than 64 bits after its unit", "limits.frame", "99999999999999999GiB",
         "\"99999999999999999GiB\" is out of range" SIZE_EXPECTED},
        {"more than 64 bits", "limits.frame", "18446744073709552640",
         "\"18446744073709552640\" is out of range" SIZE_EXPECTED},
        {"nothing", "limits.frame", "", "\"\" does not begin with a whole number" SIZE_EXPECTED},
        {"a negative size", "limits.frame", "-1", "\"-1\" does not begin with a whole number" SIZE_EXPECTED},
        {"a time without a unit", "timeouts.dial", "30", "\"30\" has no unit" TIME_EXPECTED},
        {"a broken number", "timeouts.dial", "1.5s",
         "\"1.5s\" does not end with a unit that is known" TIME_EXPECTED},
        {"a time too short", "timeouts.dial", "0s", "\"0s\" is out of range" TIME_EXPECTED},
        {"a time too long", "timeouts.dial", "3600001ms", "\"3600001ms\" is out of range" TIME_EXPECTED},
        {"a count of none", "limits.connections", "0", "\"0\" is out of range" COUNT_EXPECTED},
        {"no worker", "workers", "0",
         "\"0\" is out of range; expected auto, or a whole number from 1 to 64, for example auto"},
        {"a count with a unit", "limits.connections", "10k", "\"10k\" is not a whole number" COUNT_EXPECTED},
        {"a word that is none", "log", "verbose", "\"verbose\" is not known; expected error|warn|info|debug"},
        {"a word in capitals", "log", "INFO", "\"INFO\" is not known; expected error|warn|info|debug"},
        {"no path", "config", "", "\"\" is empty; expected the name of a file"},
    };
    (void)state;
    expect_each(rows, sizeof rows / sizeof *rows);
}

static void test_every_default_and_every_example_is_valid_and_printed_as_it_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &setting_table[i];
        if (setting->preset)
            outcome_expect(setting->name, outcome_of_value(setting->name, setting->preset), setting->preset);
        outcome_expect(setting->name, outcome_of_value(setting->name, setting->example), setting->example);
    }
}

static void test_a_refused_value_changes_nothing(void **state)
{
    struct settings settings = {0};
    struct problem problem;
    const struct setting *size = setting_find("limits.frame"), *path = setting_find("config");
    (void)state;
    settings.limits_frame_bytes = 4096;
    assert_true(path->type->parse(path, "a.yaml", &settings.config, &problem));
    assert_false(size->type->parse(size, "1PiB", &settings.limits_frame_bytes, &problem));
    assert_false(path->type->parse(path, "", &settings.config, &problem));
    assert_int_equal(settings.limits_frame_bytes, 4096);
    assert_string_equal(settings.config, "a.yaml");
    settings_free(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_read_and_printed_with_their_largest_whole_unit),
        cmocka_unit_test(test_what_is_no_such_value_is_refused_with_an_example),
        cmocka_unit_test(test_every_default_and_every_example_is_valid_and_printed_as_it_is_written),
        cmocka_unit_test(test_a_refused_value_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
