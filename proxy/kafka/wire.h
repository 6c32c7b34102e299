/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of the wire, one at a time: big-endian, and the unsigned varint of flexible versions.
 * Apart, because frames are looked at and patched in a few places where no message is walked or written. */
#ifndef KBRIDGE_KAFKA_WIRE_H
#define KBRIDGE_KAFKA_WIRE_H

#include "proxy/kafka/bytes.h"

enum { WIRE_VARINT_MAX = 5 };

static inline int16_t wire_int16(const uint8_t *at)
{
    return (int16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t wire_uint32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void wire_put_int16(uint8_t *at, int16_t number)
{
    at[0] = (uint8_t)((uint16_t)number >> 8);
    at[1] = (uint8_t)number;
}

static inline void wire_put_uint32(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* How many bytes it took. */
static inline size_t wire_put_varint(uint8_t at[WIRE_VARINT_MAX], uint32_t number)
{
    size_t len = 0;
    for (; number >= 0x80; number >>= 7)
        at[len++] = (uint8_t)(number | 0x80);
    at[len++] = (uint8_t)number;
    return len;
}

/* The length prefix of an array. */
static inline size_t wire_put_count(uint8_t at[WIRE_VARINT_MAX], uint32_t count, bool flexible)
{
    if (flexible)
        return wire_put_varint(at, count + 1);
    wire_put_uint32(at, count);
    return sizeof count;
}

#endif
