/* SPDX-License-Identifier: Apache-2.0 */
/* Dates against the C library's calendar, addresses and topic ids against what others print. */
#include "proxy/watch/spell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static void assert_time(uint64_t seconds, unsigned ms)
{
    char text[SPELL_TIME_LEN + 1] = "", expected[64];
    time_t at = (time_t)seconds;
    struct tm utc;
    gmtime_r(&at, &utc);
    size_t len = strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(expected + len, sizeof expected - len, ".%03uZ", ms);
    spell_time(text, seconds * 1000000 + (uint64_t)ms * 1000 + 999);
    assert_string_equal(text, expected);
}

static void test_times_are_those_of_the_calendar(void **state)
{
    enum { YEAR_2100 = 4102444800, DAY = 86400 };
    (void)state;
    for (uint64_t day = 0; day < UINT64_C(2) * YEAR_2100 / DAY;
         day++) /* to 2230: 2000 was a leap year, 2100 is none */
        assert_time(day * DAY + day * 7919 % DAY, (unsigned)(day % 1000));
    assert_time(DAY - 1, 999);
}

static void test_addresses_have_their_port_and_those_of_ipv6_brackets(void **state)
{
    static const struct {
        struct ip ip;
        uint16_t port;
        const char *text;
    } rows[] = {
        {{{127, 0, 0, 1}, 4}, 29092, "127.0.0.1:29092"},
        {{{255, 255, 255, 255}, 4}, 65535, "255.255.255.255:65535"},
        {{{0, 0, 0, 0}, 4}, 0, "0.0.0.0:0"},
        {{{[15] = 1}, 16}, 1, "[::1]:1"},
        {{{0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 16},
         65535,
         "[2001:db8:102:304:506:708:90a:b0c]:65535"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[SPELL_IP_ROOM + 1];
        text[spell_ip(text, &rows[i].ip, rows[i].port)] = 0;
        assert_string_equal(text, rows[i].text);
    }
}

static void test_topic_ids_are_as_kafka_s_tools_print_them(void **state)
{
    static const uint8_t id[16] = {0xfb, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    char text[SPELL_TOPIC_ID_LEN + 1] = "";
    (void)state;
    spell_topic_id(text, id);
    assert_string_equal(text, "-_8BAgMEBQYHCAkKCwwNDg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_are_those_of_the_calendar),
        cmocka_unit_test(test_addresses_have_their_port_and_those_of_ipv6_brackets),
        cmocka_unit_test(test_topic_ids_are_as_kafka_s_tools_print_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
