/* SPDX-License-Identifier: Apache-2.0 */
/* A traffic line as text.
 * Apart from the gathering, because there will be other forms of the same data. */
#ifndef KBRIDGE_WATCH_TEXT_H
#define KBRIDGE_WATCH_TEXT_H

#include "proxy/watch/taker.h"

/* What stands in the last column: topics, keys, records, errors, outcome. */
void text_about(struct line *line, const struct traffic_event *event);

/* The whole line, with its line break. */
void text_event(struct line *line, const struct traffic_event *event);

#endif
