/* SPDX-License-Identifier: Apache-2.0 */
/* A traffic line as text, for people.
 * Apart from the gathering, because there are other forms of the same data. Who a client is stands in a line of its own,
 * before the first one of its connection; the date before the first line of each day. */
#ifndef KBRIDGE_WATCH_TEXT_H
#define KBRIDGE_WATCH_TEXT_H

#include "proxy/watch/excerpt.h"
#include "proxy/watch/taker.h"

/* What stands in the last column: topics, keys, records, errors, outcome. */
void text_about(struct line *line, const struct traffic_event *event);

/* The whole line, with its line break. */
void text_event(struct line *line, const struct traffic_event *event, bool colours);

/* "#3 app 127.0.0.1:5342, librdkafka 2.0.2, is told …": to be shown where event->first. */
void text_connection(struct line *line, const struct traffic_event *event, bool colours);

/* "2026-11-24 (UTC) …", with the titles of the columns. */
void text_day(struct line *line, uint64_t wall_us, bool colours);

/* A topic, or what else was named: the name, cut with …, or the id where there is none. */
void text_named(struct line *line, const struct named *named);

/* A record of the exchange whose line came before. */
void text_record(struct line *line, const struct traffic_event *event, const struct excerpt_field *field,
                 const struct record *record, bool colours);

/* What stands in the place of records that could not be read. */
void text_unread(struct line *line, bool colours);

#endif
