/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from /proc, and when it is read again. */
#include "proxy/net/surroundings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* The address behind the text form, as this machine writes it into /proc/net/route. */
static void route_line(char *line, size_t room, const char *interface, uint8_t last, unsigned flags)
{
    const uint8_t ip[] = {172, 18, 0, last};
    uint32_t number;
    memcpy(&number, ip, sizeof number);
    snprintf(line, room, "%s\t00000000\t%08X\t%04X\t0\t0\t0\t00000000\t0\t0\t0   \n", interface,
             last ? number : 0, flags);
}

static void gateways_of_routes_are_found_each_once(void **state)
{
    (void)state;
    char text[1024] =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n";
    const struct {
        uint8_t last;
        unsigned flags;
    } lines[] = {{1, 3}, {0, 1}, {7, 1}, {1, 3}, {254, 7}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        route_line(text + strlen(text), sizeof text - strlen(text), "eth0", lines[i].last, lines[i].flags);
    struct ip gateways[GATEWAYS_MAX];
    const struct ip expected[] = {{{172, 18, 0, 1}, 4}, {{172, 18, 0, 254}, 4}};
    assert_int_equal(surroundings_read_routes(text, gateways, 0), 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(ip_equal(&gateways[i], &expected[i]));
}

static void gateways_of_ipv6_routes_are_added_behind_the_others(void **state)
{
    (void)state;
    static const char text[] =
        "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "fd0000000000000000000000000000a1 00000400 00000002 00000000 00000003     eth0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";
    struct ip gateways[GATEWAYS_MAX] = {{{10, 0, 0, 1}, 4}};
    const struct ip expected = {{0xfd, [15] = 0xa1}, 16};
    assert_int_equal(surroundings_read_ipv6_routes(text, gateways, 1), 2);
    assert_true(ip_equal(&gateways[1], &expected));
}

static void what_is_no_route_is_passed_over(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "\n", "\n\n", "eth0", "eth0\t00000000\tzz\t0003\n", "a b c d e f g h i j\n"};
    struct ip gateways[GATEWAYS_MAX];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(surroundings_read_routes(texts[i], gateways, 0), 0);
        assert_int_equal(surroundings_read_ipv6_routes(texts[i], gateways, 0), 0);
    }
}

static void more_gateways_than_there_is_room_for_are_left_out(void **state)
{
    (void)state;
    static char text[GATEWAYS_MAX * 200];
    struct ip gateways[GATEWAYS_MAX];
    for (int i = 1; i <= GATEWAYS_MAX + 8; i++)
        route_line(text + strlen(text), sizeof text - strlen(text), "eth0", (uint8_t)i, 3);
    assert_int_equal(surroundings_read_routes(text, gateways, 0), GATEWAYS_MAX);
}

static void a_container_is_known_by_its_control_group(void **state)
{
    (void)state;
    static const struct {
        const char *cgroup;
        bool container;
    } rows[] = {
        {"0::/\n", false},
        {"0::/user.slice/user-1000.slice/session-1.scope\n", false},
        {"0::/system.slice/docker.service\n", false},
        {"12:pids:/docker/3f2a\n0::/\n", true},
        {"0::/system.slice/docker-3f2a.scope\n", true},
        {"3:cpu:/kubepods/besteffort/pod1/3f2a\n", true},
        {"0::/machine.slice/libpod-3f2a.scope\n", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (surroundings_names_container(rows[i].cgroup) != rows[i].container)
            fail_msg("%s", rows[i].cgroup);
}

static void only_a_stranger_makes_it_look_again_and_not_more_than_once_a_second(void **state)
{
    (void)state;
    static struct surroundings_store store;
    const struct ip stranger = {{203, 0, 113, 7}, 4}, loopback = {{127, 0, 0, 1}, 4};
    surroundings_open(&store, NULL, 0, true, 5000);
    assert_true(store.seen.both_loopbacks);
    store.seen.subnet_count = 0;
    store.seen.gateway_count = 0;
    surroundings_meet(&store, &loopback, 5000 + SURROUNDINGS_STALE_MS);
    assert_int_equal(store.seen_ms, 5000);
    surroundings_meet(&store, &stranger, 4999 + SURROUNDINGS_STALE_MS);
    assert_int_equal(store.seen_ms, 5000);
    surroundings_meet(&store, &stranger, 5000 + SURROUNDINGS_STALE_MS);
    assert_int_equal(store.seen_ms, 5000 + SURROUNDINGS_STALE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gateways_of_routes_are_found_each_once),
        cmocka_unit_test(gateways_of_ipv6_routes_are_added_behind_the_others),
        cmocka_unit_test(what_is_no_route_is_passed_over),
        cmocka_unit_test(more_gateways_than_there_is_room_for_are_left_out),
        cmocka_unit_test(a_container_is_known_by_its_control_group),
        cmocka_unit_test(only_a_stranger_makes_it_look_again_and_not_more_than_once_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
