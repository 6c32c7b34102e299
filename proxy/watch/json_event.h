/* SPDX-License-Identifier: Apache-2.0 */
/* A traffic line as JSON: one object, for programs. Its form is traffic.schema.json.
 * Apart from text.c, because nothing is shortened for the eye, and a field once there keeps its name. */
#ifndef KBRIDGE_WATCH_JSON_EVENT_H
#define KBRIDGE_WATCH_JSON_EVENT_H

#include "proxy/watch/json.h"
#include "proxy/watch/taker.h"

/* The object as the member `key`; NULL: as an element, or by itself. */
void json_event(struct text *text, const char *key, const struct traffic_event *event);

#endif
