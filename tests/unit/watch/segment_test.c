/* SPDX-License-Identifier: Apache-2.0 */
/* Headers, byte for byte as RFC 791, 8200 and 9293 have them. */
#include "proxy/watch/segment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t tcp[] = "\xc3\x50\x23\x84" /* ports */
                             "\x00\x00\x00\x07\x00\x00\x00\x09"
                             "\x50\x18\xff\xff\x00\x00\x00\x00";

static struct segment segment_between(const struct ip *from, const struct ip *to)
{
    return (struct segment){.from = from,
                            .to = to,
                            .from_port = 50000,
                            .to_port = 9092,
                            .number = 7,
                            .awaited = 9,
                            .flags = SEGMENT_PUSH | SEGMENT_ACK,
                            .len = 3};
}

static void test_an_ipv4_segment_has_its_lengths_addresses_and_checksum(void **state)
{
    static const uint8_t ip[] = "\x45\x00\x00\x2b\x00\x00\x00\x00\x40\x06\x22\xa6"
                                "\xac\x12\x00\x01\xac\x12\x00\x02";
    const struct ip from = {{172, 18, 0, 1}, 4}, to = {{172, 18, 0, 2}, 4};
    const struct segment segment = segment_between(&from, &to);
    uint8_t at[SEGMENT_HEADERS_MOST];
    (void)state;
    assert_int_equal(segment_write(at, &segment), 40);
    assert_memory_equal(at, ip, 20);
    assert_memory_equal(at + 20, tcp, 20);
}

static void test_an_ipv6_segment_has_its_length_and_addresses(void **state)
{
    static const uint8_t ip[] = "\x60\x00\x00\x00\x00\x17\x06\x40";
    const struct ip from = {{0xfd, [15] = 1}, 16}, to = {{0xfd, [15] = 2}, 16};
    const struct segment segment = segment_between(&from, &to);
    uint8_t at[SEGMENT_HEADERS_MOST];
    (void)state;
    assert_int_equal(segment_write(at, &segment), 60);
    assert_memory_equal(at, ip, 8);
    assert_memory_equal(at + 8, from.at, 16);
    assert_memory_equal(at + 24, to.at, 16);
    assert_memory_equal(at + 40, tcp, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_ipv4_segment_has_its_lengths_addresses_and_checksum),
        cmocka_unit_test(test_an_ipv6_segment_has_its_length_and_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
