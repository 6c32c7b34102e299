/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in a settings file, and what else somebody may have put there. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *claim, *text, *name, *expected;
};

static void expect_each(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        outcome_expect(rows[i].claim, outcome_of_yaml(rows[i].text, strlen(rows[i].text), rows[i].name),
                       rows[i].expected);
}

static void test_a_setting_may_be_written_in_several_ways(void **state)
{
    static const struct row rows[] = {
        {"a key", "log: debug", "log", "debug"},
        {"a key with dots", "limits.frame: 1MiB", "limits.frame", "1MiB"},
        {"a key in a key", "limits:\n  held: 2MiB\n  frame: 1MiB\n", "limits.frame", "1MiB"},
        {"a word that YAML knows", "traffic: off", "traffic", "off"},
        {"pairs", "upstream: {dial: {\"localhost:9093\": \"kafka2:9092\", a: b}}", "upstream.dial",
         "localhost:9093=kafka2:9092,a:9092=b:9092"},
        {"pairs as text", "upstream.dial: [a:1=b:2, c:3=d:4]", "upstream.dial", "a:1=b:2,c:3=d:4"},
        {"a listener beside its own settings", "listen: {address: \"*:1\", per-broker: 2-3}", "listen",
         "*:1"},
        {"and one of these", "listen: {address: \"*:1\", per-broker: 2-3}", "listen.per-broker", "2-3"},
        {"a number", "limits.connections: 5", "limits.connections", "5"},
        {"JSON", "{\"limits\": {\"frame\": \"1MiB\"}}", "limits.frame", "1MiB"},
        {"a list with commas", "listen: a, b:1", "listen", "a:29092,b:1"},
        {"a list in brackets", "listen: [a, 'b:1']", "listen", "a:29092,b:1"},
        {"a list in lines", "listen:\n- a\n- \"*:1\"\n", "listen", "a:29092,*:1"},
        {"brokers and how long to wait for them", "upstream: k\nupstream.wait: 1s", "upstream.wait", "1s"},
        {"the same, both beneath upstream", "upstream: {address: [k, l], wait: 1s}", "upstream",
         "k:9092,l:9092"},
        {"and the time", "upstream: {address: [k, l], wait: 1s}", "upstream.wait", "1s"},
        {"a rule as one text", "advertise: 10.0.0.0/8=k:1", "advertise", "10.0.0.0/8=k:1"},
        {"rules as mappings", "advertise:\n- {from: 10.0.0.0/8, as: k:1}\n- as: l\n  from: any\n",
         "advertise", "10.0.0.0/8=k:1,any=l"},
        {"rules as both", "advertise: [{from: any, as: k}, gateway=l]", "advertise", "any=k,gateway=l"},
        {"forwards as mappings", "forward:\n- {listen: 8081, to: r}\n- to: z:2181\n  listen: '*:32181'\n",
         "forward", "8081=r:8081,*:32181=z:2181"},
        {"forwards as text", "forward: [8081=r, '2181=z:1']", "forward", "8081=r:8081,2181=z:1"},
        {"short names beneath advertise", "advertise: {gateway: g, network: n}", "advertise.network", "n"},
        {"short names with dots beside rules", "advertise: k\nadvertise.gateway: g", "advertise.gateway",
         "g"},
        {"nothing behind a key", "advertise:\nlog: debug", "log", "debug"},
        {"null", "log: null", "log", "error"}, /* what zero is; the default is set before */
        {"a tilde", "limits: ~\nlog: debug", "log", "debug"},
        {"an empty file", "", "log", "error"},
        {"comments only", "# log: debug\n", "log", "error"},
        {"a mark in front", "---\nlog: debug\n...\n", "log", "debug"},
        {"a byte order mark", "\xef\xbb\xbflog: debug", "log", "debug"},
    };
    (void)state;
    expect_each(rows, sizeof rows / sizeof *rows);
}

static void test_what_is_wrong_is_said_with_its_line(void **state)
{
    static const struct row rows[] = {
        {"an unknown key", "\nlimits:\n  frmae: 1", "log",
         "f.yaml:3: \"limits.frmae\" is no setting; did you mean limits.frame?"},
        {"a key of another program", "bootstrap-servers: k", "log",
         "f.yaml:1: \"bootstrap-servers\" is no setting; `kbridge --help` lists all."},
        {"a wrong value", "\n\nlog: loud", "log",
         "f.yaml:3: log: \"loud\" is not known; expected error|warn|info|debug."},
        {"a wrong item", "listen:\n- a\n- b:c\n", "log",
         "f.yaml:3: listen: \"b:c\" has no port from 0 to 65535; expected HOST:PORT, for example *:29092."},
        {"a list for one value", "log: [info]", "log",
         "f.yaml:1: log: a list is not understood here; expected error|warn|info|debug."},
        {"a mapping for one value", "log: {level: info}", "log",
         "f.yaml:1: log: a mapping is not understood here; expected error|warn|info|debug."},
        {"a list in a list", "listen: [[a]]", "log",
         "f.yaml:1: listen: a list is not understood here; expected HOST or HOST:PORT, or a list of them."},
        {"an empty list", "listen: []", "log",
         "f.yaml:1: listen: the list is empty; leave the key out instead."},
        {"a value for a group", "limits: 3", "log",
         "f.yaml:1: limits: expected settings beneath it, as in `limits: {…}`."},
        {"a list for a group", "limits: [3]", "log",
         "f.yaml:1: limits: expected settings beneath it, as in `limits: {…}`."},
        {"a key twice", "log: info\nlimits.frame: 1MiB\nlog: warn", "log",
         "f.yaml:3: log is given twice; it stands in line 1 already."},
        {"a key twice in two ways", "upstream: k\nlimits: {}\nupstream.address: l", "log",
         "f.yaml:3: upstream is given twice; it stands in line 1 already."},
        {"a rule without an address", "advertise: [{from: any}]", "log",
         "f.yaml:1: an item of advertise needs both from: and as:."},
        {"a rule with more", "advertise: [{from: any, to: k}]", "log",
         "f.yaml:1: an item of advertise has from: and as:, each once, not \"to\"."},
        {"a rule with one thing twice", "advertise: [{from: any, from: any}]", "log",
         "f.yaml:1: an item of advertise has from: and as:, each once, not \"from\"."},
        {"a rule with an empty address", "advertise: [{from: any, as: ''}]", "log",
         "f.yaml:1: advertise: this text is not understood here; expected FROM=ADDRESS, or a list of them."},
        {"a rule with a list", "advertise: [{from: [a], as: k}]", "log",
         "f.yaml:1: advertise: a list is not understood here; expected FROM=ADDRESS, or a list of them."},
        {"a forward to nowhere", "forward: [{listen: 8081}]", "log",
         "f.yaml:1: an item of forward needs both listen: and to:."},
        {"a forward as a rule", "forward: [{from: 8081, to: r}]", "log",
         "f.yaml:1: an item of forward has listen: and to:, each once, not \"from\"."},
        {"a mapping as a listener", "listen: [{listen: 8081, to: r}]", "log",
         "f.yaml:1: listen: a mapping is not understood here; expected HOST or HOST:PORT, or a list of "
         "them."},
        {"a short name with a slip", "advertise: {gatway: k}", "log",
         "f.yaml:1: \"advertise.gatway\" is no setting; did you mean advertise.gateway?"},
        {"the file in the file", "config: b.yaml", "log",
         "f.yaml:1: config cannot stand in the file itself."},
        {"a list as the file", "- a", "log", "f.yaml:1: expected settings, such as `upstream: kafka:9092`."},
        {"a text as the file", "kafka", "log",
         "f.yaml:1: expected settings, such as `upstream: kafka:9092`."},
        {"two documents", "log: info\n---\nlog: warn", "log",
         "f.yaml:2: a second document begins; settings are one."},
        {"an alias", "log: &a info\ntraffic: *a", "log",
         "f.yaml:2: an alias such as *\"a\" is not understood here; write it out."},
        {"a merge", "<<: {log: info}", "log", "f.yaml:1: \"<<\" is no setting; `kbridge --help` lists all."},
        {"a list as a key", "? [a]\n: b", "log", "f.yaml:1: a key is not plain text."},
        {"a NUL in a value", "log: \"in\\0fo\"", "log",
         "f.yaml:1: log: text with a NUL in it is not understood here; expected error|warn|info|debug."},
        {"no pair", "upstream.dial: {a: [b]}", "upstream.dial",
         "f.yaml:1: upstream.dial: a list is not understood here; expected ADVERTISED=ADDRESS, or a list of "
         "them."},
        {"a NUL in a key", "\"log\\0\": info", "log", "f.yaml:1: a key is not plain text."},
        {"a star without quotes", "log: info\nlisten: *:29092", "log",
         "f.yaml:2: this is not YAML: did not find expected alphabetic or numeric character; text that "
         "begins with * is "
         "written in quotes, as \"*:29092\"."},
        {"a bracket left open", "log: info\nlisten: [a,\n", "log",
         "f.yaml:3: this is not YAML: did not find expected node content."},
        {"not UTF-8", "log: \xff", "log", "f.yaml: this is not YAML: invalid leading UTF-8 octet at byte 5."},
        {"bytes that would hurt a terminal", "\"\\e[2J\": 1", "log",
         "f.yaml:1: \"\\x1b[2J\" is no setting; `kbridge --help` lists all."},
    };
    (void)state;
    expect_each(rows, sizeof rows / sizeof *rows);
}

static void test_a_file_with_a_NUL_is_refused(void **state)
{
    static const char text[] = "log: in\0fo";
    (void)state;
    outcome_expect("control characters", outcome_of_yaml(text, sizeof text - 1, "log"),
                   "f.yaml: this is not YAML: control characters are not allowed at byte 7.");
}

static void test_neither_depth_nor_length_is_followed(void **state)
{
    enum { LEN = 1000000 };
    static const struct {
        const char *begin, *again, *expected;
    } rows[] = {
        {"", "[", "f.yaml:1: expected settings, such as `upstream: kafka:9092`."},
        {"log: ", "[", "f.yaml:1: log: a list is not understood here; expected error|warn|info|debug."},
        {"", "{a: ", "f.yaml:1: \"a\" is no setting; `kbridge --help` lists all."},
        {"upstream: ", "{address: ",
         "f.yaml:1: upstream: a mapping is not understood here; expected HOST or HOST:PORT, or a list of "
         "them."},
        {"", "x", "f.yaml:1: expected settings, such as `upstream: kafka:9092`."},
    };
    char *text = malloc(LEN);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = strlen(rows[i].begin), more = strlen(rows[i].again);
        memcpy(text, rows[i].begin, len);
        for (; len + more <= LEN; len += more)
            memcpy(text + len, rows[i].again, more);
        outcome_expect(rows[i].again, outcome_of_yaml(text, len, "log"), rows[i].expected);
    }
    free(text);
}

/* Whatever is left of a file, the answer is a value or a sentence. */
static void test_a_file_cut_at_any_byte_is_answered(void **state)
{
    static const char text[] =
        "upstream: {address: [k, \"l:1\"], wait: 1s}\nadvertise:\n- {from: any, as: 'k'}\n"
        "limits:\n  frame: 1MiB\n  held: |\n    2MiB\n";
    (void)state;
    for (size_t len = 0; len <= sizeof text - 1; len++) {
        struct settings settings = {0};
        struct problem problem = {""};
        bool fine = yaml_read(&settings, "f.yaml", text, len, &problem);
        assert_int_equal(fine, problem.text[0] == 0);
        if (!fine)
            assert_memory_equal(problem.text, "f.yaml", 6);
        settings_free(&settings);
    }
}

static void test_the_line_of_a_value_is_remembered(void **state)
{
    static const char text[] = "log: debug\nlimits:\n  frame: 1MiB\nlisten:\n- a\n- b\n";
    struct settings settings = {0};
    struct problem problem;
    (void)state;
    assert_true(yaml_read(&settings, "f.yaml", text, sizeof text - 1, &problem));
    assert_int_equal(settings.origin[SETTING_log].setter, SET_BY_FILE);
    assert_int_equal(settings.origin[SETTING_log].line, 1);
    assert_int_equal(settings.origin[SETTING_limits_frame_bytes].line, 3);
    assert_int_equal(settings.origin[SETTING_traffic].setter, SET_BY_DEFAULT);
    settings_free(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_setting_may_be_written_in_several_ways),
        cmocka_unit_test(test_what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(test_a_file_with_a_NUL_is_refused),
        cmocka_unit_test(test_neither_depth_nor_length_is_followed),
        cmocka_unit_test(test_a_file_cut_at_any_byte_is_answered),
        cmocka_unit_test(test_the_line_of_a_value_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
