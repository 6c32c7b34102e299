/* SPDX-License-Identifier: Apache-2.0 */
/* Appending and escaping; see json.h. Of a traffic line each piece is written here, so room is looked for once for each, and
 * no format is read. */
#include "proxy/watch/json.h"

#include <stdlib.h>

#include "proxy/kafka/digits.h"
#include "proxy/watch/utf8.h"

enum { ROOM_FIRST = 4096, ESCAPED = sizeof "\\u0000" - 1, THOUSANDTHS = 3 };

void text_free(struct text *text)
{
    free(text->at);
    *text = (struct text){.at = NULL};
}

static bool grow(struct text *text, size_t more)
{
    size_t room = text->room ? text->room : ROOM_FIRST;
    while (room < text->len + more)
        room *= 2;
    char *at = realloc(text->at, room);
    if (!at) {
        text->failed = true;
        return false;
    }
    text->at = at;
    text->room = room;
    return true;
}

/* Room for `more` bytes behind the text; NULL: there is none. */
static inline char *reserve(struct text *text, size_t more)
{
    if (text->room - text->len < more && !grow(text, more))
        return NULL;
    return text->at + text->len;
}

void text_add_bytes(struct text *text, struct bytes bytes)
{
    char *to = bytes.len ? reserve(text, bytes.len) : NULL;
    if (!to)
        return;
    memcpy(to, bytes.at, bytes.len);
    text->len += bytes.len;
}

void text_add(struct text *text, const char *more)
{
    text_add_bytes(text, bytes_of(more));
}

/* ,"key": and room for `more` bytes behind it, where the result points to; NULL: there is none. */
static inline char *begin(struct text *text, const char *key, size_t more)
{
    enum { AROUND = 4 };
    struct bytes name = bytes_of(key ? key : "");
    char *to = reserve(text, name.len + AROUND + more);
    if (!to)
        return NULL;
    char last = (char)(text->len ? to[-1] : '[');
    if (last != '{' && last != '[' && last != '\n')
        *to++ = ',';
    if (key) {
        *to++ = '"';
        memcpy(to, name.at, name.len);
        to += name.len;
        *to++ = '"';
        *to++ = ':';
    }
    return to;
}

static inline void end(struct text *text, const char *to)
{
    text->len = (size_t)(to - text->at);
}

void json_open(struct text *text, const char *key, char bracket)
{
    char *to = begin(text, key, 1);
    if (!to)
        return;
    *to++ = bracket;
    end(text, to);
}

void json_close(struct text *text, char bracket)
{
    text_add_bytes(text, (struct bytes){(const uint8_t *)&bracket, 1});
}

static const char hex_digits[] = "0123456789abcdef";

/* < is escaped too: nobody who puts this into a page can be surprised. */
static char *add_escaped(char *to, uint8_t byte)
{
    *to++ = '\\';
    if (byte == '"' || byte == '\\') {
        *to++ = (char)byte;
        return to;
    }
    *to++ = 'u';
    *to++ = '0';
    *to++ = '0';
    *to++ = hex_digits[byte >> 4];
    *to++ = hex_digits[byte & 15];
    return to;
}

static bool is_plain(uint8_t byte)
{
    return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\' && byte != '<';
}

static char *add_character(char *to, struct bytes *bytes)
{
    size_t size = utf8_size(*bytes);
    const char *shown = size ? (const char *)bytes->at : "\xef\xbf\xbd";
    size_t len = size ? size : 3;
    if (size == 1) {
        to = add_escaped(to, bytes->at[0]);
    } else {
        memcpy(to, shown, len);
        to += len;
    }
    bytes->at += size ? size : 1;
    bytes->len -= size ? size : 1;
    return to;
}

void json_bytes(struct text *text, const char *key, struct bytes value)
{
    char *to = begin(text, key, value.len * ESCAPED + 2);
    if (!to)
        return;
    *to++ = '"';
    while (value.len) {
        if (!is_plain(value.at[0])) {
            to = add_character(to, &value);
            continue;
        }
        *to++ = (char)value.at[0];
        value.at++;
        value.len--;
    }
    *to++ = '"';
    end(text, to);
}

void json_plain(struct text *text, const char *key, struct bytes value)
{
    char *to = begin(text, key, value.len + 2);
    if (!to)
        return;
    *to++ = '"';
    memcpy(to, value.at, value.len);
    to += value.len;
    *to++ = '"';
    end(text, to);
}

void json_hex(struct text *text, const char *key, struct bytes value)
{
    char *to = begin(text, key, 2 * value.len + 2);
    if (!to)
        return;
    *to++ = '"';
    for (size_t i = 0; i < value.len; i++) {
        *to++ = hex_digits[value.at[i] >> 4];
        *to++ = hex_digits[value.at[i] & 15];
    }
    *to++ = '"';
    end(text, to);
}

void json_string(struct text *text, const char *key, const char *value)
{
    json_bytes(text, key, bytes_of(value));
}

void json_number(struct text *text, const char *key, int64_t value)
{
    char *to = begin(text, key, DIGITS_ROOM);
    if (to)
        end(text, to + digits_write(to, value));
}

void json_thousandths(struct text *text, const char *key, uint64_t value)
{
    char *to = begin(text, key, DIGITS_ROOM + 1 + THOUSANDTHS);
    if (!to)
        return;
    to += digits_write(to, (int64_t)(value / 1000));
    *to++ = '.';
    digits_write_fixed(to, THOUSANDTHS, value);
    end(text, to + THOUSANDTHS);
}

void json_bool(struct text *text, const char *key, bool value)
{
    char *to = begin(text, key, sizeof "false");
    size_t len = value ? 4 : 5;
    if (!to)
        return;
    memcpy(to, value ? "true" : "false", len);
    end(text, to + len);
}
