/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of which address a client is told: the table of told.h, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "proxy/bridge/told.h"

static struct ip ip_of(const char *text)
{
    struct ip ip = {.len = strchr(text, ':') ? 16 : 4};
    assert_int_equal(inet_pton(ip.len == 16 ? AF_INET6 : AF_INET, text, ip.at), 1);
    return ip;
}

static struct network network_of(const char *base, uint8_t bits)
{
    return (struct network){ip_of(base), bits};
}

static struct place place_of(const char *peer, const char *local)
{
    struct place place = {.peer = ip_of(peer), .local = ip_of(local), .peer_port = 50000, .port = 29092};
    strcpy(place.local_text, local);
    return place;
}

/* ---- addresses ---- */

static void test_an_ipv4_address_in_ipv6_clothes_is_unmapped(void **state)
{
    (void)state;
    struct ip mapped = ip_of("::ffff:192.0.2.7");
    struct ip plain = ip_of("192.0.2.7");
    ip_unmap(&mapped);
    assert_true(ip_equal(&mapped, &plain));
    struct ip other = ip_of("::fffe:192.0.2.7");
    ip_unmap(&other);
    assert_int_equal(other.len, 16);
    ip_unmap(&plain);
    assert_int_equal(plain.len, 4);
}

static void test_loopback_is_all_of_127_and_one_address_of_ipv6(void **state)
{
    (void)state;
    static const struct {
        const char *ip;
        bool loopback;
    } rows[] = {
        {"127.0.0.1", true},  {"127.255.255.255", true},
        {"126.0.0.1", false}, {"128.0.0.1", false},
        {"::1", true},        {"::2", false},
        {"::", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip ip = ip_of(rows[i].ip);
        assert_int_equal(ip_is_loopback(&ip), rows[i].loopback);
    }
    struct ip none = {.len = 0};
    assert_false(ip_is_loopback(&none));
}

static void test_a_network_ends_at_its_last_bit(void **state)
{
    (void)state;
    static const struct {
        const char *base;
        uint8_t bits;
        const char *ip;
        bool has;
    } rows[] = {
        {"172.18.0.0", 16, "172.18.255.255", true},
        {"172.18.0.0", 16, "172.19.0.0", false},
        {"172.16.0.0", 12, "172.31.0.1", true},
        {"172.16.0.0", 12, "172.32.0.1", false},
        {"192.0.2.7", 32, "192.0.2.7", true},
        {"192.0.2.7", 32, "192.0.2.6", false},
        {"192.0.2.6", 31, "192.0.2.7", true},
        {"0.0.0.0", 0, "255.255.255.255", true},
        {"0.0.0.0", 0, "::1", false},
        {"::", 0, "192.0.2.7", false},
        {"fd00::", 8, "fdff::1", true},
        {"fd00::", 8, "fe00::1", false},
        {"fd00::1", 128, "fd00::1", true},
        {"fd00::1", 127, "fd00::2", false},
        {"192.0.2.0", 33, "192.0.2.0", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct network network = network_of(rows[i].base, rows[i].bits);
        struct ip ip = ip_of(rows[i].ip);
        if (network_has(&network, &ip) != rows[i].has)
            fail_msg("%s/%d and %s", rows[i].base, rows[i].bits, rows[i].ip);
    }
    struct network none = {.bits = 0};
    struct ip no_ip = {.len = 0};
    assert_false(network_has(&none, &no_ip));
}

/* ---- the table ---- */

static const struct advertise no_rules[1];

struct row {
    const char *claim;
    bool both_loopbacks, in_container;
    const struct advertise *rules;
    uint16_t rule_count;
    const char *peer, *local;
    enum told_rule rule;
    const char *host;
    uint16_t port;
    bool doubtful;
};

static void check(const struct row *row)
{
    const struct ip gateways[] = {ip_of("172.18.0.1"), ip_of("172.19.0.1"), ip_of("fd00:18::1")};
    const struct network subnets[] = {network_of("172.18.0.0", 16), network_of("172.19.0.0", 16),
                                      network_of("fd00:18::", 64)};
    struct surroundings surroundings = {
        .rules = row->rules,
        .rule_count = row->rule_count,
        .gateways = gateways,
        .gateway_count = 3,
        .subnets = subnets,
        .subnet_count = 3,
        .both_loopbacks = row->both_loopbacks,
        .in_container = row->in_container,
    };
    struct place place = place_of(row->peer, row->local);
    struct told told = told_decide(&surroundings, &place);
    if (told.rule != row->rule || strcmp(told.host, row->host) != 0 || told.port != row->port ||
        told.doubtful != row->doubtful ||
        told.guessed != (row->rule == TOLD_GATEWAY && row->rules == no_rules))
        fail_msg("%s: told %s:%d, because %s%s", row->claim, told.host, told.port, told_rule_text(told.rule),
                 told.doubtful ? ", doubtful" : "");
}

static void test_without_rules_every_client_is_told_what_it_can_reach(void **state)
{
    (void)state;
    const struct row rows[] = {
        {"native, by IPv4", true, false, no_rules, 0, "127.0.0.1", "127.0.0.1", TOLD_LOOPBACK, "localhost",
         29092, false},
        {"native, by IPv6", true, false, no_rules, 0, "::1", "::1", TOLD_LOOPBACK, "localhost", 29092, false},
        {"native, only IPv4 is served", false, false, no_rules, 0, "127.0.0.1", "127.0.0.1", TOLD_LOOPBACK,
         "127.0.0.1", 29092, false},
        {"native, only IPv6 is served", false, false, no_rules, 0, "::1", "::1", TOLD_LOOPBACK, "::1", 29092,
         false},
        {"the host, through a published port", false, true, no_rules, 0, "172.18.0.1", "172.18.0.5",
         TOLD_GATEWAY, "localhost", 29092, false},
        {"the host, through the gateway of a second network", false, true, no_rules, 0, "172.19.0.1",
         "172.19.0.5", TOLD_GATEWAY, "localhost", 29092, false},
        {"the host, by IPv6", false, true, no_rules, 0, "fd00:18::1", "fd00:18::5", TOLD_GATEWAY, "localhost",
         29092, false},
        {"the host, through a forwarder inside of the container", false, true, no_rules, 0, "172.18.0.5",
         "172.18.0.5", TOLD_GATEWAY, "localhost", 29092, false},
        {"the same, by IPv6", false, true, no_rules, 0, "fd00:18::5", "fd00:18::5", TOLD_GATEWAY, "localhost",
         29092, false},
        {"native, by the machine's own address", true, false, no_rules, 0, "172.18.0.5", "172.18.0.5",
         TOLD_NETWORK, "172.18.0.5", 29092, false},
        {"a sibling", false, true, no_rules, 0, "172.18.0.9", "172.18.0.5", TOLD_NETWORK, "172.18.0.5", 29092,
         false},
        {"a sibling, by IPv6", true, true, no_rules, 0, "fd00:18::9", "fd00:18::5", TOLD_NETWORK,
         "fd00:18::5", 29092, false},
        {"from elsewhere to a native kbridge", false, false, no_rules, 0, "203.0.113.7", "192.0.2.1",
         TOLD_OTHER, "192.0.2.1", 29092, false},
        {"from elsewhere into a container", false, true, no_rules, 0, "203.0.113.7", "172.18.0.5", TOLD_OTHER,
         "172.18.0.5", 29092, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

static void test_rules_override_the_table(void **state)
{
    (void)state;
    const struct advertise rules[] = {
        {.from = ADVERTISE_GATEWAY, .as = {"docker.example", 0}},
        {.from = ADVERTISE_GATEWAY, .as = {"second.example", 1}},
        {.from = ADVERTISE_NETWORK, .as = {"proxy", 19092}},
        {.from = ADVERTISE_SOURCE, .source = network_of("172.18.7.0", 24), .as = {"seven.example", 7}},
        {.from = ADVERTISE_SOURCE, .source = network_of("172.18.0.0", 16), .as = {"eighteen.example", 0}},
        {.from = ADVERTISE_LOOPBACK, .as = {"me.example", 0}},
        {.from = ADVERTISE_ANY, .as = {"any.example", 9}},
    };
    const struct row rows[] = {
        {"the first rule for a source network", false, true, rules, 7, "172.18.7.9", "172.18.0.5",
         TOLD_SOURCE, "seven.example", 7, false},
        {"source networks come before all others", false, true, rules, 7, "172.18.0.1", "172.18.0.5",
         TOLD_SOURCE, "eighteen.example", 29092, false},
        {"the first rule for gateways", false, true, rules, 7, "172.19.0.1", "172.19.0.5", TOLD_GATEWAY,
         "docker.example", 29092, false},
        {"a neighbour", false, true, rules, 7, "172.19.0.9", "172.19.0.5", TOLD_NETWORK, "proxy", 19092,
         false},
        {"this machine", true, false, rules, 7, "::1", "::1", TOLD_LOOPBACK, "me.example", 29092, false},
        {"from elsewhere the rule for any client leaves no doubt", false, true, rules, 7, "203.0.113.7",
         "172.18.0.5", TOLD_OTHER, "any.example", 9, false},
        {"the order decides between any and a class", false, true, rules + 6, 1, "172.18.0.1", "172.18.0.5",
         TOLD_GATEWAY, "any.example", 9, false},
        {"rules for others change nothing", false, true, rules, 4, "203.0.113.7", "172.18.0.5", TOLD_OTHER,
         "172.18.0.5", 29092, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(&rows[i]);
}

static void test_an_exact_mode_is_for_those_who_can_reach_it(void **state)
{
    (void)state;
    static const struct advertise rule = {.from = ADVERTISE_LOOPBACK, .as = {"me.example", 7}};
    static const struct {
        const char *claim;
        enum exact_mode mode;
        const char *peer, *local;
        bool ruled;
        const char *host;
        int32_t port;
    } rows[] = {
        {"off", EXACT_OFF, "127.0.0.1", "127.0.0.1", false, "LocalhosT", 29092},
        {"a port on the host that is told", EXACT_PORTS, "127.0.0.1", "127.0.0.1", false, "localhost", 29350},
        {"a rule's host, but the node's port", EXACT_PORTS, "::1", "::1", true, "me.example", 29350},
        {"from elsewhere", EXACT_PORTS, "203.0.113.7", "192.0.2.1", false, "192.0.2.1", 29350},
        {"an address on this machine", EXACT_LOOPBACK, "127.0.0.1", "127.0.0.1", false, "127.0.2.1", 29092},
        {"by IPv6", EXACT_LOOPBACK, "::1", "::1", false, "127.0.2.1", 29092},
        {"unless a rule says otherwise", EXACT_LOOPBACK, "127.0.0.1", "127.0.0.1", true, "Me.examplE", 7},
        {"not for others", EXACT_LOOPBACK, "203.0.113.7", "192.0.2.1", false, "192.0.2.1", 29092},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct surroundings surroundings = {.both_loopbacks = true,
                                            .rules = &rule,
                                            .rule_count = rows[i].ruled,
                                            .exact = {rows[i].mode, 29093, 30092}};
        struct place place = place_of(rows[i].peer, rows[i].local);
        struct told told = told_decide(&surroundings, &place);
        struct address address = {.port = 0};
        told_address(&told, 257, &address);
        if (strcmp(address.host, rows[i].host) != 0 || address.port != rows[i].port)
            fail_msg("%s: told %s:%d", rows[i].claim, address.host, address.port);
    }
}

static void test_a_client_without_an_address_comes_from_elsewhere(void **state)
{
    (void)state;
    struct surroundings surroundings = {.in_container = false};
    struct place place = {.port = 1};
    assert_int_equal(told_decide(&surroundings, &place).rule, TOLD_OTHER);
}

static void test_an_ip_address_has_its_name_for_those_who_know_nodes_by_their_address(void **state)
{
    (void)state;
    static const struct network neighbours = {.base = {{172, 18}, 4}, .bits = 16};
    static struct named_ip names[] = {{.ip = {{172, 18, 0, 9}, 4}, .name = "other.net"},
                                      {.ip = {{172, 18, 0, 3}, 4}}};
    struct surroundings surroundings = {
        .subnets = &neighbours, .subnet_count = 1, .names = names, .name_count = 2};
    struct place place = {.peer = {{172, 18, 0, 7}, 4},
                          .local = {{172, 18, 0, 3}, 4},
                          .local_text = "172.18.0.3",
                          .port = 29092};
    struct told told = told_decide(&surroundings, &place);
    struct address address;
    told_address(&told, 0, &address);
    assert_string_equal(address.host, "172.18.0.3");
    told_address(&told, 1, &address);
    assert_string_equal(address.host, "172.18.0.3");
    strcpy(names[1].name, "proxy.net"); /* DNS answers when the client is there already */
    told_address(&told, 1, &address);
    assert_string_equal(address.host, "Proxy.net");
    told_address(&told, 2, &address);
    assert_string_equal(address.host, "pRoxy.net");
    assert_int_equal(told_variety(&told), 256);

    place.peer = (struct ip){{192, 0, 2, 7}, 4}; /* who is no neighbour cannot resolve it */
    told = told_decide(&surroundings, &place);
    told_address(&told, 1, &address);
    assert_string_equal(address.host, "172.18.0.3");
    assert_int_equal(told_variety(&told), 1);
}

static void test_every_node_gets_the_told_address_in_a_spelling_of_its_own(void **state)
{
    static const struct {
        const char *host;
        int32_t node;
        const char *told;
    } rows[] = {
        {"proxy", 0, "proxy"}, /* as the rule has it */
        {"proxy", 1, "Proxy"},
        {"proxy", 2, "pRoxy"},
        {"proxy", 17, "ProxY"},
        {"proxy", 31, "PROXY"},
        {"proxy", 32, "proxy"}, /* five letters have 32 spellings */
        {"Proxy", 1, "proxy"},
        {"kafka-1.example", 32, "kafka-1.Example"}, /* only letters count */
        {"localhost", INT32_MAX, "LOCALHOST"},
        {"172.18.0.5", 7, "172.18.0.5"}, /* an IP address has no case */
        {"fe80::a", 1, "fe80::a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct told told = {.host = rows[i].host, .port = 29092};
        struct address address = {.host = "broker-17.internal.example", .port = 9092};
        told_address(&told, rows[i].node, &address);
        assert_string_equal(address.host, rows[i].told);
        assert_int_equal(address.port, 29092);
    }
}

static void test_the_longest_host_fits(void **state)
{
    (void)state;
    char host[HOST_ROOM];
    memset(host, 'x', HOST_ROOM - 1);
    host[HOST_ROOM - 1] = 0;
    struct told told = {.host = host, .port = 65535};
    struct address address = {.port = 1};
    told_address(&told, 0, &address);
    assert_string_equal(address.host, host);
    assert_int_equal(address.port, 65535);
}

static void test_every_rule_has_a_text(void **state)
{
    (void)state;
    for (int rule = 0; rule < TOLD_RULE_COUNT; rule++)
        assert_true(strlen(told_rule_text((enum told_rule)rule)) > 10);
    assert_string_equal(told_rule_text(TOLD_GATEWAY), "it comes through a published port");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_ipv4_address_in_ipv6_clothes_is_unmapped),
        cmocka_unit_test(test_loopback_is_all_of_127_and_one_address_of_ipv6),
        cmocka_unit_test(test_a_network_ends_at_its_last_bit),
        cmocka_unit_test(test_without_rules_every_client_is_told_what_it_can_reach),
        cmocka_unit_test(test_rules_override_the_table),
        cmocka_unit_test(test_an_exact_mode_is_for_those_who_can_reach_it),
        cmocka_unit_test(test_a_client_without_an_address_comes_from_elsewhere),
        cmocka_unit_test(test_an_ip_address_has_its_name_for_those_who_know_nodes_by_their_address),
        cmocka_unit_test(test_every_node_gets_the_told_address_in_a_spelling_of_its_own),
        cmocka_unit_test(test_the_longest_host_fits),
        cmocka_unit_test(test_every_rule_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
