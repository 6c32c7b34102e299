/* SPDX-License-Identifier: Apache-2.0 */
/* Forwards LISTEN=TARGET: what is read, what is refused, and from which sources they come. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LISTEN_EXPECTED "; expected PORT or HOST:PORT, for example 8081"
#define HOST_EXPECTED "; expected HOST:PORT, for example localhost:8081"
#define TARGET_EXPECTED "; expected HOST:PORT, for example registry:8081"

static void test_forwards_are_read(void **state)
{
    static const struct {
        const char *claim, *text, *expected;
    } rows[] = {
        {"a port alone", "8081=registry:80", "8081=registry:80"},
        {"the target's port may be left out", "8081=registry", "8081=registry:8081"},
        {"one address", "127.0.0.1:8081=registry:80", "127.0.0.1:8081=registry:80"},
        {"a name", "localhost:8081=registry", "localhost:8081=registry:8081"},
        {"every interface", "*:8081=registry", "*:8081=registry:8081"},
        {"IPv6 on both sides", "[::1]:8081=[2001:db8::1]:80", "[::1]:8081=[2001:db8::1]:80"},
        {"several", "1=a, 65535=b:2", "1=a:1,65535=b:2"},
        {"no target", "8081=", "\"\" has no host" TARGET_EXPECTED},
        {"no sign", "8081", "\"8081\" is no forward; expected LISTEN=TARGET, for example 8081=registry:8081"},
        {"another sign", "8081:registry:8081",
         "\"8081:registry:8081\" is no forward; expected LISTEN=TARGET, for example 8081=registry:8081"},
        {"nothing to listen on", "=registry:80", "\"\" has no host" HOST_EXPECTED},
        {"port zero", "0=registry:80", "\"0\" has no port from 1 to 65535" LISTEN_EXPECTED},
        {"a port too great", "65536=registry:80", "\"65536\" has no port from 1 to 65535" LISTEN_EXPECTED},
        {"a host without a port", "localhost=registry:80",
         "\"localhost\" has no port from 1 to 65535" LISTEN_EXPECTED},
        {"a target on every interface", "8081=*:80",
         "\"*:80\" means every interface, which is no address to go to" TARGET_EXPECTED},
        {"a URL", "8081=http://registry:80",
         "\"http://registry:80\" has a protocol in front, which is to be left out" TARGET_EXPECTED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        outcome_expect(rows[i].claim, outcome_of_value("forward", rows[i].text), rows[i].expected);
}

static void test_what_listens_at_too_long_a_name_is_refused(void **state)
{
    char text[400];
    (void)state;
    memset(text, 'a', sizeof text);
    strcpy(text + sizeof text - 4, "=a");
    assert_non_null(strstr(outcome_of_value("forward", text).text, "is no forward"));
}

static void test_forwards_come_from_flags_and_from_a_variable(void **state)
{
    static const struct {
        const char *claim;
        struct sources sources;
        const char *expected;
    } rows[] = {
        {"none", {{NULL}, {NULL}}, ""},
        {"a flag, repeated",
         {{"--forward", "8081=registry", "--forward=2181=zookeeper"}, {NULL}},
         "8081=registry:8081,2181=zookeeper:2181"},
        {"a variable", {{NULL}, {"KBRIDGE_FORWARD=8081=registry,2181=z"}}, "8081=registry:8081,2181=z:2181"},
        {"flags replace a variable", {{"--forward", "1=a"}, {"KBRIDGE_FORWARD=2=b"}}, "1=a:1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        outcome_expect(rows[i].claim, outcome_of(&rows[i].sources, "forward"), rows[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forwards_are_read),
        cmocka_unit_test(test_what_listens_at_too_long_a_name_is_refused),
        cmocka_unit_test(test_forwards_come_from_flags_and_from_a_variable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
