/* SPDX-License-Identifier: Apache-2.0 */
/* The one writer of JSON, into text that grows.
 * Apart, because traffic lines and the answers of the admin listener are made of the same pieces, and what is foreign
 * (client ids, topics, records) is escaped in one place. Out of memory a text stays as it was and is `failed`; who sends it
 * looks once. */
#ifndef KBRIDGE_WATCH_JSON_H
#define KBRIDGE_WATCH_JSON_H

#include "proxy/kafka/bytes.h"

/* All zero is empty; owned. To begin anew in the same memory: len = 0, failed = false. */
struct text {
    char *at;
    size_t len, room;
    bool failed;
};

void text_free(struct text *text);
void text_add(struct text *text, const char *more);
void text_add_bytes(struct text *text, struct bytes bytes);

static inline struct bytes text_bytes(const struct text *text)
{
    return (struct bytes){(const uint8_t *)text->at, text->len};
}

/* A member or an element puts the comma in front of itself, where one is due. `key` NULL: an element. */
void json_open(struct text *text, const char *key, char bracket); /* '{' or '[' */
void json_close(struct text *text, char bracket);
void json_string(struct text *text, const char *key, const char *value);
void json_number(struct text *text, const char *key, int64_t value);
void json_bool(struct text *text, const char *key, bool value);

/* Words of our own, in which nothing is to be escaped. */
void json_plain(struct text *text, const char *key, struct bytes value);

/* Foreign; what is no UTF-8 becomes the replacement character, byte by byte. */
void json_bytes(struct text *text, const char *key, struct bytes value);

/* "00ff" */
void json_hex(struct text *text, const char *key, struct bytes value);

/* 1.234 */
void json_thousandths(struct text *text, const char *key, uint64_t value);

#endif
