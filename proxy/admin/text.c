/* SPDX-License-Identifier: Apache-2.0 */
/* Appending and escaping; see text.h. */
#include "proxy/admin/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROOM_FIRST = 4096, FORMAT_ROOM = 512 };

void text_free(struct text *text)
{
    free(text->at);
    *text = (struct text){.at = NULL};
}

static bool reserve(struct text *text, size_t more)
{
    size_t room = text->room ? text->room : ROOM_FIRST;
    while (room < text->len + more)
        room *= 2;
    if (room == text->room)
        return true;
    char *at = realloc(text->at, room);
    if (!at) {
        text->failed = true;
        return false;
    }
    text->at = at;
    text->room = room;
    return true;
}

void text_add_bytes(struct text *text, struct bytes bytes)
{
    if (!bytes.len || !reserve(text, bytes.len))
        return;
    memcpy(text->at + text->len, bytes.at, bytes.len);
    text->len += bytes.len;
}

void text_add(struct text *text, const char *more)
{
    text_add_bytes(text, bytes_of(more));
}

void text_format(struct text *text, const char *format, ...)
{
    char room[FORMAT_ROOM];
    va_list values;
    va_start(values, format);
    int len = vsnprintf(room, sizeof room, format, values);
    va_end(values);
    if (len < 0 || len >= FORMAT_ROOM)
        text->failed = true;
    else
        text_add_bytes(text, (struct bytes){(const uint8_t *)room, (size_t)len});
}

/* ---- foreign text ---- */

/* How many bytes the character at the begin has; 0: it is no UTF-8. */
static size_t utf8_size(struct bytes bytes)
{
    uint8_t first = bytes.at[0];
    size_t size = first < 0x80   ? 1
                  : first < 0xc2 ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf5 ? 4
                                 : 0;
    if (size > bytes.len)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((bytes.at[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (first == 0xe0 && bytes.at[1] < 0xa0) || (first == 0xf0 && bytes.at[1] < 0x90);
    bool beyond = (first == 0xed && bytes.at[1] >= 0xa0) || (first == 0xf4 && bytes.at[1] >= 0x90);
    return overlong || beyond ? 0 : size;
}

typedef void escape_fn(struct text *text, char plain);

static void add_escaped(struct text *text, struct bytes bytes, escape_fn *escape)
{
    while (bytes.len) {
        size_t size = utf8_size(bytes);
        if (size > 1)
            text_add_bytes(text, (struct bytes){bytes.at, size});
        else
            escape(text, (char)(size ? bytes.at[0] : '?'));
        bytes.at += size ? size : 1;
        bytes.len -= size ? size : 1;
    }
}

static void add_char(struct text *text, char plain)
{
    text_add_bytes(text, (struct bytes){(const uint8_t *)&plain, 1});
}

static void escape_label(struct text *text, char plain)
{
    if (plain == '\n') {
        text_add(text, "\\n");
        return;
    }
    if (plain == '"' || plain == '\\')
        add_char(text, '\\');
    add_char(text, plain);
}

void text_add_label(struct text *text, struct bytes value)
{
    add_escaped(text, value, escape_label);
}

/* < is escaped too: nobody who puts this into a page can be surprised. */
static void escape_json(struct text *text, char plain)
{
    if ((unsigned char)plain < ' ' || plain == '<' || plain == 0x7f) {
        text_format(text, "\\u%04x", (unsigned)(unsigned char)plain);
        return;
    }
    if (plain == '"' || plain == '\\')
        add_char(text, '\\');
    add_char(text, plain);
}

/* ---- JSON ---- */

static void begin(struct text *text, const char *key)
{
    char last = (char)(text->len ? text->at[text->len - 1] : '[');
    if (last != '{' && last != '[' && last != '\n')
        text_add(text, ",");
    if (key)
        text_format(text, "\"%s\":", key);
}

void json_open(struct text *text, const char *key, char bracket)
{
    begin(text, key);
    add_char(text, bracket);
}

void json_close(struct text *text, char bracket)
{
    add_char(text, bracket);
}

void json_bytes(struct text *text, const char *key, struct bytes value)
{
    begin(text, key);
    text_add(text, "\"");
    add_escaped(text, value, escape_json);
    text_add(text, "\"");
}

void json_string(struct text *text, const char *key, const char *value)
{
    json_bytes(text, key, bytes_of(value));
}

void json_number(struct text *text, const char *key, int64_t value)
{
    begin(text, key);
    text_format(text, "%" PRId64, value);
}

void json_bool(struct text *text, const char *key, bool value)
{
    begin(text, key);
    text_add(text, value ? "true" : "false");
}
