/* SPDX-License-Identifier: Apache-2.0 */
/* Rules FROM=ADDRESS, and the order in which they and their short names are tried. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SOURCES "; expected an IP address, a network such as 10.0.0.0/8, loopback, gateway, network or any"

static void test_rules_are_read(void **state)
{
    static const struct {
        const char *claim, *text, *expected;
    } rows[] = {
        {"no source means any", "kafka:1", "any=kafka:1"},
        {"the port may be left out", "any=kafka", "any=kafka"},
        {"loopback", "loopback=a", "loopback=a"},
        {"gateway", "gateway=a", "gateway=a"},
        {"network", "network=a", "network=a"},
        {"one IPv4 address", "192.0.2.1=a", "192.0.2.1/32=a"},
        {"one IPv6 address", "2001:db8::1=[::1]:1", "2001:db8::1/128=[::1]:1"},
        {"a network", "10.0.0.0/8=a", "10.0.0.0/8=a"},
        {"a network that ends within a byte", "10.64.0.0/10=a", "10.64.0.0/10=a"},
        {"every IPv4 address", "0.0.0.0/0=a", "0.0.0.0/0=a"},
        {"every IPv6 address", "::/0=a", "::/0=a"},
        {"a network of IPv6", "fd00::/8=a", "fd00::/8=a"},
        {"bits behind the prefix", "10.1.2.3/8=a",
         "\"10.1.2.3/8\" has bits behind its prefix; the network is 10.0.0.0/8"},
        {"one bit behind the prefix", "10.96.0.0/10=a",
         "\"10.96.0.0/10\" has bits behind its prefix; the network is 10.64.0.0/10"},
        {"too many bits", "10.0.0.0/33=a", "\"10.0.0.0/33\" is not known as a source" SOURCES},
        {"no bits", "10.0.0.0/=a", "\"10.0.0.0/\" is not known as a source" SOURCES},
        {"negative bits", "10.0.0.0/-1=a", "\"10.0.0.0/-1\" is not known as a source" SOURCES},
        {"a word that is none", "gatewya=a", "\"gatewya\" is not known as a source" SOURCES},
        {"a name as a source", "example.com=a", "\"example.com\" is not known as a source" SOURCES},
        {"no source before the sign", "=a", "\"\" is not known as a source" SOURCES},
        {"no address", "any=", "\"\" has no host; expected HOST:PORT, for example kafka.example:29092"},
        {"an address that is none", "any=*:1",
         "\"*:1\" means every interface, which is no address to go to; expected HOST:PORT, for example "
         "kafka.example:29092"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        outcome_expect(rows[i].claim, outcome_of_value("advertise", rows[i].text), rows[i].expected);
}

static void test_a_source_that_is_far_too_long_is_refused(void **state)
{
    char text[400];
    (void)state;
    memset(text, '1', sizeof text);
    strcpy(text + sizeof text - 4, "=a");
    struct outcome outcome = outcome_of_value("advertise", text);
    assert_non_null(strstr(outcome.text, "begins with too long a source"));
}

static void test_short_names_come_before_rules_of_the_same_or_a_weaker_setter(void **state)
{
    static const struct {
        const char *claim;
        struct sources sources;
        const char *expected;
    } rows[] = {
        {"nothing is set", {{NULL}, {NULL}}, ""},
        {"an `any` of the same setter does not hide it",
         {{"--advertise", "any=a", "--advertise.gateway", "g"}, {NULL}},
         "gateway=g,any=a"},
        {"nor one of a weaker setter",
         {{"--advertise.network=n"}, {"KBRIDGE_ADVERTISE=any=a"}},
         "network=n,any=a"},
        {"a stronger setter's rules come first",
         {{"--advertise=gateway=a"}, {"KBRIDGE_ADVERTISE_GATEWAY=g"}},
         "gateway=a,gateway=g"},
        {"both short names",
         {{"--advertise.network=n", "--advertise.gateway=g"}, {NULL}},
         "gateway=g,network=n"},
        {"the CI service's variable is the weakest",
         {{"--advertise", "10.0.0.0/8=a"}, {"BITBUCKET_DOCKER_HOST_INTERNAL=192.0.2.7"}},
         "10.0.0.0/8=a,gateway=192.0.2.7"},
        {"and gives way to the short name",
         {{NULL}, {"BITBUCKET_DOCKER_HOST_INTERNAL=192.0.2.7", "KBRIDGE_ADVERTISE_GATEWAY=g:1"}},
         "gateway=g:1"},
        {"in whatever order they come",
         {{NULL}, {"KBRIDGE_ADVERTISE_GATEWAY=g:1", "BITBUCKET_DOCKER_HOST_INTERNAL=192.0.2.7"}},
         "gateway=g:1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        outcome_expect(rows[i].claim, outcome_of(&rows[i].sources, "rules"), rows[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_are_read),
        cmocka_unit_test(test_a_source_that_is_far_too_long_is_refused),
        cmocka_unit_test(test_short_names_come_before_rules_of_the_same_or_a_weaker_setter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
