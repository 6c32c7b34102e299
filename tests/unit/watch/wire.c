/* SPDX-License-Identifier: Apache-2.0 */
/* See wire.h. */
#include "tests/unit/watch/wire.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

void wire_add(struct wire *wire, const void *at, size_t len)
{
    assert_true(wire->len + len <= WIRE_ROOM);
    if (len)
        memcpy(wire->at + wire->len, at, len);
    wire->len += len;
}

void wire_zeros(struct wire *wire, size_t len)
{
    while (len--)
        wire_8(wire, 0);
}

void wire_8(struct wire *wire, int value)
{
    wire_add(wire, &(uint8_t){(uint8_t)value}, 1);
}

void wire_16(struct wire *wire, int value)
{
    wire_8(wire, value >> 8);
    wire_8(wire, value);
}

void wire_32(struct wire *wire, int value)
{
    wire_16(wire, value >> 16);
    wire_16(wire, value);
}

void wire_string(struct wire *wire, const char *text)
{
    wire_16(wire, text ? (int)strlen(text) : -1);
    if (text)
        wire_add(wire, text, strlen(text));
}

void wire_compact(struct wire *wire, const char *text)
{
    wire_8(wire, text ? (int)strlen(text) + 1 : 0);
    if (text)
        wire_add(wire, text, strlen(text));
}

void wire_array(struct wire *wire, int count)
{
    wire_32(wire, count);
}

void wire_compact_array(struct wire *wire, int count)
{
    wire_8(wire, count + 1);
}

void wire_tags(struct wire *wire)
{
    wire_8(wire, 0);
}

void wire_walk(const struct wire *wire, enum direction direction, int api_key, int version, size_t piece,
               void (*see)(void *context, enum walk_step step, const struct walk_event *event), void *context)
{
    struct wire copy = *wire;
    struct walk walk;
    struct walk_event event;
    enum walk_step step = WALK_MORE;
    assert_true(tables_knows(api_key, version));
    walk_begin(&walk, tables_message(direction, api_key), version, (uint32_t)wire->len);
    for (size_t at = 0; at < wire->len; at += piece) {
        size_t rest = wire->len - at;
        struct span input = {copy.at + at, rest < piece ? rest : piece};
        while ((step = walk_next(&walk, &input, &event)) > WALK_BAD)
            see(context, step, &event);
        assert_int_not_equal(step, WALK_BAD);
    }
    assert_int_equal(step, WALK_DONE);
    assert_int_equal(walk.left, 0);
}
