/* SPDX-License-Identifier: Apache-2.0 */
/* Two headers, field by field; see segment.h. */
#include "proxy/watch/segment.h"

#include "proxy/kafka/wire.h"

enum {
    IPV4_SIZE = 20,
    IPV6_SIZE = 40,
    TCP_SIZE = 20,
    IPV4_ADDRESS = 4,
    HOPS = 64,
    PROTOCOL_TCP = 6,
    WINDOW = 65535,
};

static void put_16(uint8_t *at, size_t number)
{
    wire_put_int16(at, (int16_t)(uint16_t)number);
}

/* RFC 1071. */
static uint16_t checksum(const uint8_t *at, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i += 2)
        sum += (uint16_t)wire_int16(at + i);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* RFC 791. */
static size_t write_ipv4(uint8_t *at, const struct segment *segment)
{
    at[0] = 4 << 4 | IPV4_SIZE / 4;
    put_16(at + 2, IPV4_SIZE + TCP_SIZE + segment->len);
    at[8] = HOPS;
    at[9] = PROTOCOL_TCP;
    memcpy(at + 12, segment->from->at, IPV4_ADDRESS);
    memcpy(at + 16, segment->to->at, IPV4_ADDRESS);
    put_16(at + 10, checksum(at, IPV4_SIZE));
    return IPV4_SIZE;
}

/* RFC 8200. */
static size_t write_ipv6(uint8_t *at, const struct segment *segment)
{
    at[0] = 6 << 4;
    put_16(at + 4, TCP_SIZE + segment->len);
    at[6] = PROTOCOL_TCP;
    at[7] = HOPS;
    memcpy(at + 8, segment->from->at, sizeof segment->from->at);
    memcpy(at + 24, segment->to->at, sizeof segment->to->at);
    return IPV6_SIZE;
}

/* RFC 9293. Its checksum stays 0: to sum up all bytes is dear, and who reads a file does not doubt them. */
static size_t write_tcp(uint8_t *at, const struct segment *segment)
{
    put_16(at, segment->from_port);
    put_16(at + 2, segment->to_port);
    wire_put_uint32(at + 4, segment->number);
    wire_put_uint32(at + 8, segment->awaited);
    at[12] = TCP_SIZE / 4 << 4;
    at[13] = segment->flags;
    put_16(at + 14, WINDOW);
    return TCP_SIZE;
}

size_t segment_write(uint8_t at[SEGMENT_HEADERS_MOST], const struct segment *segment)
{
    memset(at, 0, SEGMENT_HEADERS_MOST);
    size_t ip = segment->from->len == IPV4_ADDRESS ? write_ipv4(at, segment) : write_ipv6(at, segment);
    return ip + write_tcp(at + ip, segment);
}
