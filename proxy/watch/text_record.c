/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of records, beneath the line of their request; see text.h. Apart from text.c, because they have no columns.
 *
 *                     orders-0@41  k1 = {"id": 1}  trace=00-4bf9…   */
#include <inttypes.h>

#include "proxy/watch/content.h"
#include "proxy/watch/text.h"

enum { INDENT = 20 };

/* Text as it is, but in one line. */
static void add_text(struct line *line, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.at[i];
        if (byte == '\n' || byte == '\r' || byte == '\t')
            line_add(line, byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : "\\t");
        else
            line_add_bytes(line, (struct bytes){text.at + i, 1});
    }
}

static void add_hex(struct line *line, struct bytes bytes)
{
    line_add(line, "0x");
    for (size_t i = 0; i < bytes.len; i++)
        line_add_format(line, "%02x", bytes.at[i]);
}

static void add_part(struct line *line, const struct record_part *part, size_t most)
{
    struct content content = content_of(part, most);
    if (part->null) {
        line_add(line, "null");
        return;
    }
    if (content.has_schema)
        line_add_format(line, "(schema %" PRIu32 ") ", content.schema);
    if (content.text)
        add_text(line, content.shown);
    else
        add_hex(line, content.shown);
    line_add(line, content.cut ? "…" : "");
}

static void add_headers(struct line *line, const struct record *record, size_t most)
{
    uint32_t shown = record->header_count < HEADERS_KEPT ? record->header_count : HEADERS_KEPT;
    for (uint32_t i = 0; i < shown; i++) {
        line_add(line, "  ");
        add_part(line, &record->headers[i].key, most);
        line_add(line, "=");
        add_part(line, &record->headers[i].value, most);
    }
    if (record->header_count > shown)
        line_add_format(line, "  +%" PRIu32 " headers", record->header_count - shown);
}

static void add_place(struct line *line, const struct traffic_event *event, const struct excerpt_field *field,
                      const struct record *record)
{
    text_named(line, &field->topic);
    line_add_format(line, "-%" PRId32, field->partition);
    if (excerpt_tells_offset(event->summary, record))
        line_add_format(line, "@%" PRId64, record->offset);
    line_add(line, "  ");
}

static void begin(struct line *line, bool colours)
{
    line_pad(line, INDENT);
    if (colours)
        line_add_colour(line, "2");
}

static void end(struct line *line, bool colours)
{
    if (colours)
        line_add_colour(line, "0");
    line_end(line);
}

void text_record(struct line *line, const struct traffic_event *event, const struct excerpt_field *field,
                 const struct record *record, bool colours)
{
    begin(line, colours);
    add_place(line, event, field, record);
    if (record->control) {
        line_add(line, record->commit ? "transaction committed" : "transaction aborted");
    } else {
        add_part(line, &record->key, event->record_bytes);
        line_add(line, " = ");
        add_part(line, &record->value, event->record_bytes);
        add_headers(line, record, event->record_bytes);
    }
    end(line, colours);
}

void text_unread(struct line *line, bool colours)
{
    begin(line, colours);
    line_add(line, "(records that could not be read)");
    end(line, colours);
}
