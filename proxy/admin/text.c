/* SPDX-License-Identifier: Apache-2.0 */
/* Formats and labels; see text.h. */
#include "proxy/admin/text.h"

#include <stdarg.h>
#include <stdio.h>

#include "proxy/watch/utf8.h"

enum { FORMAT_ROOM = 512 };

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

/* What stands for the character at the begin of `value`, and is no foreign text any more. */
static const char *escaped(struct bytes value, size_t size)
{
    if (size == 0)
        return "?";
    if (value.at[0] == '\n')
        return "\\n";
    if (value.at[0] == '"')
        return "\\\"";
    return value.at[0] == '\\' ? "\\\\" : NULL;
}

void text_add_label(struct text *text, struct bytes value)
{
    while (value.len) {
        size_t size = utf8_size(value);
        const char *other = escaped(value, size);
        size_t len = size ? size : 1;
        text_add_bytes(text, other ? bytes_of(other) : (struct bytes){value.at, len});
        value.at += len;
        value.len -= len;
    }
}
