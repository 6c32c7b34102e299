/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows: what an HTTP answer is made of, as plain text, as JSON and as Prometheus' format.
 * Apart, because all three append, and what is foreign (client ids, topics) is escaped in one place for each. Out of memory
 * a text stays as it was and is `failed`; who sends it looks once. */
#ifndef KBRIDGE_ADMIN_TEXT_H
#define KBRIDGE_ADMIN_TEXT_H

#include "proxy/kafka/bytes.h"

/* All zero is empty; owned. */
struct text {
    char *at;
    size_t len, room;
    bool failed;
};

void text_free(struct text *text);
void text_add(struct text *text, const char *more);
void text_add_bytes(struct text *text, struct bytes bytes);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The value of a label: \, " and line breaks escaped; what is no UTF-8 becomes '?'. */
void text_add_label(struct text *text, struct bytes value);

static inline struct bytes text_bytes(const struct text *text)
{
    return (struct bytes){(const uint8_t *)text->at, text->len};
}

/* JSON: a member or an element puts the comma in front of itself, where one is due. `key` NULL: an element. */
void json_open(struct text *text, const char *key, char bracket); /* '{' or '[' */
void json_close(struct text *text, char bracket);
void json_string(struct text *text, const char *key, const char *value);
void json_bytes(struct text *text, const char *key,
                struct bytes value); /* foreign; what is no UTF-8 becomes '?' */
void json_number(struct text *text, const char *key, int64_t value);
void json_bool(struct text *text, const char *key, bool value);

#endif
