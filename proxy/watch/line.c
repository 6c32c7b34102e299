/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a line; see line.h. */
#include "proxy/watch/line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "proxy/watch/spell.h"

/* Behind the text: the mark of a cut, the line break, and 0. */
#define CUT_MARK "…"
enum { TAIL_ROOM = sizeof CUT_MARK - 1 + 2, TEXT_ROOM = LINE_ROOM - TAIL_ROOM };

static void add(struct line *line, const char *text, size_t len)
{
    size_t room = TEXT_ROOM - line->len;
    if (len > room) {
        line->cut = true;
        len = room;
    }
    memcpy(line->text + line->len, text, len);
    line->len += len;
    line->text[line->len] = 0;
}

void line_add(struct line *line, const char *text)
{
    add(line, text, strlen(text));
}

void line_add_bytes(struct line *line, struct bytes bytes)
{
    if (bytes.len)
        add(line, (const char *)bytes.at, bytes.len);
}

void line_add_format(struct line *line, const char *format, ...)
{
    char text[LINE_ROOM];
    va_list values;
    va_start(values, format);
    int len = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (len > 0)
        line_add(line, text);
}

void line_add_foreign(struct line *line, struct bytes bytes, size_t most)
{
    for (size_t i = 0; i < bytes.len && i < most; i++) {
        char plain = (char)bytes.at[i];
        if (plain >= ' ' && plain < 0x7f)
            add(line, &plain, 1);
        else
            line_add_format(line, "\\x%02x", bytes.at[i]);
    }
    if (bytes.len > most) {
        line_add(line, CUT_MARK);
        line->hidden += sizeof CUT_MARK - 2; /* it is one column wide */
    }
}

void line_pad(struct line *line, size_t column)
{
    do
        line_add(line, " ");
    while (line->len < column + line->hidden && !line->cut);
}

void line_add_colour(struct line *line, const char *code)
{
    size_t len = line->len;
    line_add(line, "\x1b[");
    line_add(line, code);
    line_add(line, "m");
    line->hidden += line->len - len;
}

void line_add_time(struct line *line, uint64_t wall_us)
{
    char text[SPELL_TIME_LEN];
    spell_time(text, wall_us);
    add(line, text, sizeof text);
}

void line_add_size(struct line *line, uint64_t size)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (size < 1024) {
        line_add_format(line, "%" PRIu64 " B", size);
        return;
    }
    size_t unit = 0;
    double value = (double)size / 1024;
    while (value >= 1023.95 && unit < sizeof units / sizeof *units - 1) { /* else it would read 1024.0 */
        value /= 1024;
        unit++;
    }
    line_add_format(line, "%.1f %s", value, units[unit]);
}

void line_add_ip(struct line *line, const struct ip *ip, uint16_t port)
{
    char text[SPELL_IP_ROOM];
    add(line, text, spell_ip(text, ip, port));
}

void line_add_topic_id(struct line *line, const uint8_t *id)
{
    char text[SPELL_TOPIC_ID_LEN];
    spell_topic_id(text, id);
    add(line, text, sizeof text);
}

void line_add_address(struct line *line, const char *host, int32_t port)
{
    bool brackets = strchr(host, ':') != NULL;
    line_add(line, brackets ? "[" : "");
    line_add_foreign(line, bytes_of(host), HOST_ROOM);
    line_add_format(line, "%s:%" PRId32, brackets ? "]" : "", port);
}

void line_end(struct line *line)
{
    const char *end = line->cut ? CUT_MARK "\n" : "\n";
    strcpy(line->text + line->len, end);
    line->len += strlen(end);
}
