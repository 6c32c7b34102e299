/* SPDX-License-Identifier: Apache-2.0 */
/* Messages written by hand, byte by byte, and walked as the bridge walks them.
 * Apart, because what watch/ gathers is tested with the walker's own steps over real messages, not with steps that
 * a test imagines. */
#ifndef KBRIDGE_TESTS_UNIT_WATCH_WIRE_H
#define KBRIDGE_TESTS_UNIT_WATCH_WIRE_H

#include "proxy/kafka/walk.h"

enum { WIRE_ROOM = 8192 };

struct wire {
    size_t len;
    uint8_t at[WIRE_ROOM];
};

void wire_add(struct wire *wire, const void *at, size_t len);
void wire_zeros(struct wire *wire, size_t len);
void wire_8(struct wire *wire, int value);
void wire_16(struct wire *wire, int value);
void wire_32(struct wire *wire, int value);
void wire_string(struct wire *wire, const char *text);  /* NULL: null */
void wire_compact(struct wire *wire, const char *text); /* of at most 126 bytes */
void wire_array(struct wire *wire, int count);
void wire_compact_array(struct wire *wire, int count); /* at most 126 */
void wire_tags(struct wire *wire);                     /* none */

/* Calls `see` for each step of the whole message; the input comes in pieces of `piece` bytes. */
void wire_walk(const struct wire *wire, enum direction direction, int api_key, int version, size_t piece,
               void (*see)(void *context, enum walk_step step, const struct walk_event *event),
               void *context);

#endif
