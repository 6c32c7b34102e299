/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as sockets have them, and as people write them. */
#include "proxy/net/sockaddr.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void an_address_is_parsed_and_printed_as_it_was(void **state)
{
    (void)state;
    static const struct {
        const char *host, *text;
        uint8_t len; /* of the IP */
    } rows[] = {
        {"127.0.0.1", "127.0.0.1", 4},
        {"0.0.0.0", "0.0.0.0", 4},
        {"::1", "::1", 16},
        {"2001:DB8::1", "2001:db8::1", 16},
        {"::ffff:192.0.2.1", "192.0.2.1", 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        union sockaddr_ip address;
        char text[IP_TEXT_ROOM];
        assert_true(sockaddr_parse(rows[i].host, 9092, &address));
        sockaddr_text(&address.any, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(sockaddr_to_ip(&address.any).len, rows[i].len);
        assert_int_equal(sockaddr_port(&address.any), 9092);
        sockaddr_set_port(&address.any, 65535);
        assert_int_equal(sockaddr_port(&address.any), 65535);
    }
}

static void a_name_is_no_address(void **state)
{
    (void)state;
    static const char *const names[] = {"localhost", "kafka", "", "1.2.3", "1.2.3.4.5", "[::1]", ":::1"};
    union sockaddr_ip address;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sockaddr_parse(names[i], 1, &address))
            fail_msg("\"%s\" was taken for an address", names[i]);
}

static void another_family_has_no_address(void **state)
{
    (void)state;
    const struct sockaddr other = {.sa_family = AF_UNIX};
    char text[IP_TEXT_ROOM] = "?";
    assert_int_equal(sockaddr_to_ip(&other).len, 0);
    sockaddr_text(&other, text);
    assert_string_equal(text, "");
}

static void an_ipv6_address_stands_in_brackets(void **state)
{
    (void)state;
    struct sentence sentence = {0};
    sockaddr_add_endpoint(&sentence, "kafka", 9092);
    sentence_add(&sentence, " ");
    sockaddr_add_endpoint(&sentence, "::1", 1);
    assert_string_equal(sentence.text, "kafka:9092 [::1]:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_parsed_and_printed_as_it_was),
        cmocka_unit_test(a_name_is_no_address),
        cmocka_unit_test(another_family_has_no_address),
        cmocka_unit_test(an_ipv6_address_stands_in_brackets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
