/* SPDX-License-Identifier: Apache-2.0 */
/* A traffic line as JSON: one object, for programs. Its form is traffic.schema.json.
 * Apart from text.c, because nothing is shortened for the eye, and a field once there keeps its name. */
#ifndef KBRIDGE_WATCH_JSON_H
#define KBRIDGE_WATCH_JSON_H

#include "proxy/watch/taker.h"

/* The longest object: every name at its bound, every character of it written as \u00xx. */
enum { JSON_ROOM = 24 << 10 };

struct json {
    size_t len;
    char text[JSON_ROOM];
};

/* The whole line, with its line break. */
void json_event(struct json *json, const struct traffic_event *event);

#endif
