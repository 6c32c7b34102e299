/* SPDX-License-Identifier: Apache-2.0 */
/* Down through the first element of everything; see peek.h. What nobody wants to see is passed by skip.h. */
#include "proxy/kafka/peek.h"

#include "proxy/kafka/skip.h"

struct peek {
    struct skip skip;
    const uint8_t *at;
    peek_fn *tell;
    void *context;
};

enum result { GO_ON, ENOUGH, LOST };

static enum result say(const struct peek *peek, enum walk_step step, const struct walk_event *event)
{
    return peek->tell(peek->context, step, event) ? GO_ON : ENOUGH;
}

static enum result peek_value(struct peek *peek, const struct field *field)
{
    size_t size = tables_kind_size[field->kind];
    if (size > (size_t)(peek->skip.end - peek->at))
        return LOST;
    struct walk_event event = {.field = field};
    if (field->kind == KIND_UUID)
        event.piece = (struct bytes){peek->at, size};
    else
        event.number = tables_number(field->kind, peek->at);
    peek->at += size;
    return say(peek, WALK_VALUE, &event);
}

static enum result peek_text(struct peek *peek, const struct field *field)
{
    int64_t length = 0;
    struct walk_event event = {.field = field};
    const uint8_t *text = skip_length(&peek->skip, peek->at, field, false, &length);
    if (!text || length > peek->skip.end - text)
        return LOST;
    if (say(peek, WALK_BEGIN, &event) == ENOUGH)
        return ENOUGH;
    event.null = length < 0;
    if (!event.null)
        event.piece = (struct bytes){text, (size_t)length};
    peek->at = text + event.piece.len;
    return say(peek, WALK_PIECE, &event);
}

static enum result peek_rows(struct peek *peek, const struct field *row, const struct field *end);

static enum result peek_content(struct peek *peek, const struct field *field)
{
    const struct field *children = &tables_fields[field->children];
    if (field->kind == KIND_STRUCT)
        return peek_rows(peek, children, children + field->count);
    return tables_kind_size[field->kind] ? peek_value(peek, field) : peek_text(peek, field);
}

static enum result peek_array(struct peek *peek, const struct field *field)
{
    int64_t length = 0;
    const uint8_t *elements = skip_length(&peek->skip, peek->at, field, true, &length);
    if (!elements)
        return LOST;
    peek->at = elements;
    if (length <= 0)
        return GO_ON;
    return peek_content(peek, field) == ENOUGH ? ENOUGH : LOST;
}

static enum result peek_rows(struct peek *peek, const struct field *row, const struct field *end)
{
    for (;; row++) {
        peek->at = skip_rows(&peek->skip, peek->at, &row, end);
        bool is_wanted = row < end && (row->roles & peek->skip.roles);
        bool is_inner = is_wanted && row->kind == KIND_STRUCT && !row->is_array;
        if (!is_wanted || is_inner)
            return LOST;
        enum result result = row->is_array ? peek_array(peek, row) : peek_content(peek, row);
        if (result != GO_ON)
            return result;
    }
}

bool peek(const struct message *message, int version, uint64_t roles, struct bytes body, peek_fn *tell,
          void *context)
{
    struct peek peek = {
        .skip = skip_body(message, version, body, roles),
        .at = body.at,
        .tell = tell,
        .context = context,
    };
    const struct field *rows = &tables_fields[message->fields];
    return peek_rows(&peek, rows, rows + message->count) == ENOUGH;
}
