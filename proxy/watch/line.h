/* SPDX-License-Identifier: Apache-2.0 */
/* One line for people, put together piece by piece.
 * Apart, because the log and the traffic lines share its words: times, addresses, sizes, foreign text that is
 * made readable. Too long a line is cut, never overrun, and says so with … */
#ifndef KBRIDGE_WATCH_LINE_H
#define KBRIDGE_WATCH_LINE_H

#include "proxy/bridge/told.h"

/* A write of up to PIPE_BUF (4096) bytes into a pipe is whole or not at all; a longer line nobody reads. */
enum { LINE_ROOM = 1024 };

/* All zero is an empty line; `text` always ends with 0. */
struct line {
    size_t len;
    size_t hidden; /* bytes of it that take no column */
    bool cut;
    char text[LINE_ROOM];
};

void line_add(struct line *line, const char *text);
void line_add_bytes(struct line *line, struct bytes bytes);
void line_add_format(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What came from outside: printable ASCII as it is, all else as \xNN; cut to `most` bytes with … */
void line_add_foreign(struct line *line, struct bytes bytes, size_t most);

/* Spaces up to `column`, at least one. */
void line_pad(struct line *line, size_t column);

/* From here on in this colour (SGR: "31" red), or, with "0", in none. */
void line_add_colour(struct line *line, const char *code);

/* 2026-11-24T03:04:05.678Z; `wall_us` since 1970. */
void line_add_time(struct line *line, uint64_t wall_us);

/* 812 B, 1.2 KiB, 3.4 MiB. */
void line_add_size(struct line *line, uint64_t size);

/* 127.0.0.1:29092, [::1]:29092, kafka:9092. */
void line_add_ip(struct line *line, const struct ip *ip, uint16_t port);
void line_add_address(struct line *line, const char *host, int32_t port);

void line_add_topic_id(struct line *line, const uint8_t *id);

/* The line break; the line is complete. */
void line_end(struct line *line);

#endif
