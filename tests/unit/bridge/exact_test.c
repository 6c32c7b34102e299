/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/exact.c: from node ids to sockets, and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "proxy/bridge/told.h"

static const struct exact ports = {EXACT_PORTS, 29093, 29192};
static const struct exact one_port = {EXACT_PORTS, 65535, 65535};
static const struct exact loopback = {.mode = EXACT_LOOPBACK};
static const struct exact off = {.mode = EXACT_OFF};

static struct ip ip_of(const char *text)
{
    struct ip ip = {.len = strchr(text, ':') ? 16 : 4};
    assert_int_equal(inet_pton(ip.len == 16 ? AF_INET6 : AF_INET, text, ip.at), 1);
    return ip;
}

static void a_node_has_the_same_address_wherever_it_is_told(void **state)
{
    (void)state;
    static const struct {
        const struct exact *exact;
        int32_t node;
        const char *host;
        int32_t port;
    } rows[] = {
        {&ports, 0, "proxy", 29093},
        {&ports, 1, "proxy", 29094},
        {&ports, 99, "proxy", 29192},
        {&ports, 100, "proxy", 29093},
        {&ports, INT32_MAX, "proxy", 29140},
        {&one_port, 7, "proxy", 65535},
        {&loopback, 0, "127.0.1.0", 29092},
        {&loopback, 7, "127.0.1.7", 29092},
        {&loopback, 255, "127.0.1.255", 29092},
        {&loopback, 256, "127.0.2.0", 29092},
        {&loopback, 65279, "127.0.255.255", 29092},
        {&loopback, 65280, "127.0.1.0", 29092},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address address = {"proxy", 29092};
        exact_address(rows[i].exact, exact_number(rows[i].exact, rows[i].node), &address);
        assert_string_equal(address.host, rows[i].host);
        assert_int_equal(address.port, rows[i].port);
    }
}

static void a_socket_names_its_number_or_is_the_shared_one(void **state)
{
    (void)state;
    static const struct {
        const struct exact *exact;
        const char *ip;
        uint16_t port;
        int32_t number;
    } rows[] = {
        {&ports, "192.0.2.1", 29092, NUMBER_NONE},
        {&ports, "192.0.2.1", 29093, 0},
        {&ports, "::1", 29192, 99},
        {&ports, "127.0.1.7", 29193, NUMBER_NONE},
        {&loopback, "127.0.0.1", 29092, NUMBER_NONE},
        {&loopback, "127.0.0.255", 29092, NUMBER_NONE},
        {&loopback, "127.0.1.0", 29092, 0},
        {&loopback, "127.0.1.7", 1, 7},
        {&loopback, "127.0.255.255", 29092, 65279},
        {&loopback, "127.1.1.7", 29092, NUMBER_NONE},
        {&loopback, "10.0.1.7", 29092, NUMBER_NONE},
        {&loopback, "::1", 29092, NUMBER_NONE},
        {&off, "127.0.1.7", 29093, NUMBER_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip ip = ip_of(rows[i].ip);
        if (exact_number_at(rows[i].exact, &ip, rows[i].port) != rows[i].number)
            fail_msg("%s:%d", rows[i].ip, rows[i].port);
    }
}

static void what_is_told_for_a_number_leads_back_to_it(void **state)
{
    (void)state;
    const struct exact all[] = {ports, one_port, loopback};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (int32_t number = 0; number < exact_size(&all[i]); number++) {
            struct address address = {"192.0.2.1", 29092};
            exact_address(&all[i], number, &address);
            struct ip ip = ip_of(address.host);
            assert_int_equal(exact_number_at(&all[i], &ip, (uint16_t)address.port), number);
        }
    }
    assert_int_equal(exact_size(&ports), 100);
    assert_int_equal(exact_size(&off), 0);
    assert_int_equal(exact_number(&off, 7), NUMBER_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_has_the_same_address_wherever_it_is_told),
        cmocka_unit_test(a_socket_names_its_number_or_is_the_shared_one),
        cmocka_unit_test(what_is_told_for_a_number_leads_back_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
