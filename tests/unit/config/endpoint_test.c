/* SPDX-License-Identifier: Apache-2.0 */
/* HOST:PORT as brokers, listeners and advertised addresses are written. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *claim, *name, *text, *expected;
};

static void expect_each(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        outcome_expect(rows[i].claim, outcome_of_value(rows[i].name, rows[i].text), rows[i].expected);
}

static void test_what_people_write_is_understood(void **state)
{
    static const struct row rows[] = {
        {"name and port", "upstream", "kafka:9093", "kafka:9093"},
        {"a broker's port is 9092", "upstream", "kafka", "kafka:9092"},
        {"a listener's port is 29092", "listen", "localhost", "localhost:29092"},
        {"a told port may be left out", "advertise.gateway", "kafka.example", "kafka.example"},
        {"the least port", "upstream", "kafka:1", "kafka:1"},
        {"the greatest port", "upstream", "kafka:65535", "kafka:65535"},
        {"a free port to listen on", "listen", "localhost:0", "localhost:0"},
        {"an IPv4 address", "upstream", "192.0.2.1:9092", "192.0.2.1:9092"},
        {"an IPv6 address", "upstream", "[2001:db8::1]:9093", "[2001:db8::1]:9093"},
        {"an IPv6 address without a port", "upstream", "[::1]", "[::1]:9092"},
        {"an IPv6 address with a zone", "upstream", "[fe80::1%eth0]:9092", "[fe80::1%eth0]:9092"},
        {"every interface", "listen", "*:29093", "*:29093"},
        {"every interface and no port", "listen", "*", "*:29092"},
        {"every interface of IPv4", "listen", "0.0.0.0:29092", "0.0.0.0:29092"},
        {"every interface of IPv6", "listen", "[::]:29092", "[::]:29092"},
        {"a name as Docker makes them", "upstream", "my_project-kafka-1:9092", "my_project-kafka-1:9092"},
    };
    (void)state;
    expect_each(rows, sizeof rows / sizeof *rows);
}

static void test_what_cannot_be_meant_is_refused_in_a_sentence(void **state)
{
#define EXPECTED "; expected HOST:PORT, for example kafka:9092"
    static const struct row rows[] = {
        {"port 0 of a broker", "upstream", "kafka:0", "\"kafka:0\" has no port from 1 to 65535" EXPECTED},
        {"port too great", "upstream", "kafka:65536", "\"kafka:65536\" has no port from 1 to 65535" EXPECTED},
        {"port far too great", "upstream", "k:4294976388",
         "\"k:4294976388\" has no port from 1 to 65535" EXPECTED},
        {"empty port", "upstream", "kafka:", "\"kafka:\" has no port from 1 to 65535" EXPECTED},
        {"signed port", "upstream", "kafka:+9", "\"kafka:+9\" has no port from 1 to 65535" EXPECTED},
        {"a port alone", "upstream", "9092", "\"9092\" has a number where the host should be" EXPECTED},
        {"no host", "upstream", ":9092", "\":9092\" has no host" EXPECTED},
        {"a wrong IPv4 address", "upstream", "10.0.0.256", "\"10.0.0.256\" is not an IPv4 address" EXPECTED},
        {"a short IPv4 address", "upstream", "10.1", "\"10.1\" is not an IPv4 address" EXPECTED},
        {"IPv6 without brackets, which ends like a port", "upstream", "::1:9092",
         "\"::1:9092\" has several colons; an IPv6 address is written in brackets" EXPECTED},
        {"a name in brackets", "upstream", "[kafka]:9092",
         "\"[kafka]:9092\" has no IPv6 address in its brackets" EXPECTED},
        {"an open bracket", "upstream", "[::1:9092",
         "\"[::1:9092\" has brackets that do not enclose the host" EXPECTED},
        {"text behind a bracket", "upstream", "[::1]x",
         "\"[::1]x\" has brackets that do not enclose the host" EXPECTED},
        {"a zone that is none", "upstream", "[fe80::1%]",
         "\"[fe80::1%]\" has no IPv6 address in its brackets" EXPECTED},
        {"as in advertised.listeners", "upstream", "PLAINTEXT://kafka:9092",
         "\"PLAINTEXT://kafka:9092\" has a protocol in front, which is to be left out" EXPECTED},
        {"a broker everywhere", "upstream", "0.0.0.0:9092",
         "\"0.0.0.0:9092\" means every interface, which is no address to go to" EXPECTED},
        {"a dot in front", "upstream", ".kafka", "\".kafka\" begins as no host name does" EXPECTED},
        {"what no name has", "upstream", "ka fka",
         "\"ka fka\" has a character that no host name has" EXPECTED},
        {"bytes that would hurt a terminal", "upstream", "\x1b[2J:1",
         "\"\\x1b[2J:1\" has a character that no host name has" EXPECTED},
    };
    (void)state;
    expect_each(rows, sizeof rows / sizeof *rows);
}

static void test_the_longest_host_is_kept_and_a_longer_one_refused(void **state)
{
    static const struct endpoint_form form = {.example = "kafka:9092"};
    char text[ENDPOINT_HOST_ROOM + 16];
    struct endpoint endpoint;
    struct problem problem;
    (void)state;
    memset(text, 'a', sizeof text);
    strcpy(text + ENDPOINT_HOST_ROOM - 1, ":65535");
    assert_true(endpoint_parse(text, &form, &endpoint, &problem));
    assert_int_equal(strlen(endpoint.host), ENDPOINT_HOST_ROOM - 1);
    strcpy(text + ENDPOINT_HOST_ROOM - 1, "a:9092");
    assert_false(endpoint_parse(text, &form, &endpoint, &problem));
    assert_non_null(strstr(problem.text, "is too long"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_people_write_is_understood),
        cmocka_unit_test(test_what_cannot_be_meant_is_refused_in_a_sentence),
        cmocka_unit_test(test_the_longest_host_is_kept_and_a_longer_one_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
