/* SPDX-License-Identifier: Apache-2.0 */
/* The walker's states; see walk.h for what it gives.
 *
 * Each struct on the way from the message to the field at hand has a level, and each level stands in one phase:
 *
 *        ┌────────────────────────────── next row ◄──────────────────────────────────┐
 *        ▼                                                                           │
 *      ROW ──► BEGIN ──► ARRAY_LENGTH ──► ELEMENT ──► (a level deeper) ──► ELEMENT ──► FIELD_END
 *        │          ├──► TEXT_LENGTH ───► TEXT ───────────────────────────────────────►  ▲
 *        │          └──► NULL_BYTE ─────► (a level deeper) ───────────────────────────►  │
 *        ├─────────────► VALUE ───────────────────────────────────────────────────────►──┘
 *        └─ no more rows ──► TAG_COUNT ──► TAG_NUMBER ──► TAG_SIZE ──► (a field as above, or UNKNOWN_TAG)
 *                                              └─ no more tags ──► (the level above)
 */
#include "proxy/kafka/walk.h"

#include "proxy/kafka/skip.h"

enum phase {
    ROW,
    BEGIN,
    NULL_BYTE,
    ARRAY_LENGTH,
    TEXT_LENGTH,
    ELEMENT,
    TEXT,
    SKIP,
    VALUE,
    FIELD_END,
    TAG_COUNT,
    TAG_NUMBER,
    TAG_SIZE,
    UNKNOWN_TAG,
    PHASES
};

/* What a phase returns when there is nothing to tell yet: go on with the next phase. */
enum { GO_ON = -1 };

enum { ROW_UNKNOWN = UINT16_MAX };

static struct walk_level *level_of(struct walk *walk)
{
    return &walk->level[walk->depth - 1];
}

static const struct field *row_of(const struct walk_level *level)
{
    return &tables_fields[level->row];
}

static bool is_told(const struct walk *walk, const struct field *field)
{
    return walk->roles >> field->role & 1;
}

static int bad(struct walk *walk, const char *why)
{
    walk->bad = why;
    return WALK_BAD;
}

static int tell(struct walk_event *event, enum walk_step step, const struct field *field)
{
    *event = (struct walk_event){.field = field};
    return step;
}

static void pass(struct walk *walk, struct span *input, size_t len)
{
    input->at += len;
    input->len -= len;
    walk->left -= (uint32_t)len;
}

/* ---- the wire's primitives, resumable ---- */

enum taken { TAKEN, TAKE_MORE, TAKE_BAD };

static enum taken take(struct walk *walk, struct span *input, uint8_t size, const uint8_t **at)
{
    if (walk->left + walk->got < size) {
        walk->bad = "it ends inside a field";
        return TAKE_BAD;
    }
    if (walk->got == 0 && input->len >= size) {
        *at = input->at;
        pass(walk, input, size);
        return TAKEN;
    }
    size_t missing = (size_t)size - walk->got;
    size_t len = input->len < missing ? input->len : missing;
    if (len)
        memcpy(walk->scratch + walk->got, input->at, len);
    pass(walk, input, len);
    walk->got = (uint8_t)(walk->got + len);
    if (walk->got < size)
        return TAKE_MORE;
    walk->got = 0;
    *at = walk->scratch;
    return TAKEN;
}

static enum taken take_varint(struct walk *walk, struct span *input, uint32_t *number)
{
    enum { LONGEST = 5 };
    const uint8_t *at;
    if (walk->got == 0 && walk->left && input->len && input->at[0] < 0x80) { /* nearly always */
        *number = input->at[0];
        pass(walk, input, 1);
        return TAKEN;
    }
    for (;;) {
        uint8_t done = walk->got;
        walk->got = 0;
        enum taken taken = take(walk, input, 1, &at);
        walk->got = done;
        if (taken != TAKEN)
            return taken;
        walk->scratch[walk->got++] = *at;
        if (*at < 0x80)
            break;
        if (walk->got == LONGEST) {
            walk->bad = "a varint has more than 5 bytes";
            return TAKE_BAD;
        }
    }
    uint32_t value = 0;
    for (uint8_t i = 0; i < walk->got; i++)
        value |= (uint32_t)(walk->scratch[i] & 0x7f) << (7 * i);
    walk->got = 0;
    *number = value;
    return TAKEN;
}

/* The length prefix of a string, of bytes or of an array: *length is -1 for null. */
static enum taken take_length(struct walk *walk, const struct field *field, bool of_array, struct span *input,
                              int64_t *length)
{
    if (walk->flexible && !field->never_compact) {
        uint32_t more_by_one = 0;
        enum taken taken = take_varint(walk, input, &more_by_one);
        *length = (int64_t)more_by_one - 1;
        return taken;
    }
    uint8_t kind = !of_array && field->kind == KIND_STRING ? KIND_INT16 : KIND_INT32;
    const uint8_t *at;
    enum taken taken = take(walk, input, tables_kind_size[kind], &at);
    if (taken == TAKEN)
        *length = tables_number(kind, at);
    return taken;
}

static enum taken take_checked_length(struct walk *walk, const struct field *field, bool of_array,
                                      struct span *input, int64_t *length)
{
    enum taken taken = take_length(walk, field, of_array, input, length);
    if (taken != TAKEN)
        return taken;
    bool nullable = version_in(walk->version, field->null_first, field->null_last);
    walk->bad = *length < -1                 ? "a length is negative"
                : *length == -1 && !nullable ? "a field is null that may not be"
                : *length > walk->left       ? "a length goes beyond its end"
                                             : NULL;
    return walk->bad ? TAKE_BAD : TAKEN;
}

static int not_taken(enum taken taken)
{
    return taken == TAKE_MORE ? WALK_MORE : WALK_BAD;
}

/* ---- the phases ---- */

static int go_deeper(struct walk *walk, const struct field *field)
{
    if (walk->depth == WALK_DEPTH)
        return bad(walk, "it is nested too deep");
    struct walk_level *child = &walk->level[walk->depth++];
    *child = (struct walk_level){
        .first = field->children,
        .end = (uint16_t)(field->children + field->count),
        .row = field->children,
        .phase = ROW,
    };
    return GO_ON;
}

static uint8_t phase_behind_begin(const struct walk *walk, const struct field *field)
{
    if (field->is_array)
        return ARRAY_LENGTH;
    if (field->kind == KIND_STRUCT)
        return version_in(walk->version, field->null_first, field->null_last) ? NULL_BYTE : ELEMENT;
    return TEXT_LENGTH;
}

static void begin_field(struct walk *walk, struct walk_level *level)
{
    const struct field *field = row_of(level);
    if (!field->is_array && tables_kind_size[field->kind])
        level->phase = VALUE;
    else
        level->phase = is_told(walk, field) ? BEGIN : phase_behind_begin(walk, field);
    level->element = 0;
    level->elements = 1; /* a struct is walked like an array of one */
}

static int leave(struct walk *walk)
{
    walk->depth--;
    return walk->depth ? GO_ON : WALK_DONE; /* the level above stands in ELEMENT */
}

static int do_tag_count(struct walk *walk, struct walk_level *level, struct span *input,
                        struct walk_event *event)
{
    (void)event;
    enum taken taken = take_varint(walk, input, &level->tags);
    if (taken != TAKEN)
        return not_taken(taken);
    if (level->tags == 0) /* nearly always */
        return leave(walk);
    level->in_tags = true;
    level->phase = TAG_NUMBER;
    return GO_ON;
}

/* Up to a field that is to be told, or has to be passed piece by piece. */
static int do_row(struct walk *walk, struct walk_level *level, struct span *input, struct walk_event *event)
{
    const struct field *end = &tables_fields[level->end];
    size_t len = input->len < walk->left ? input->len : walk->left;
    struct skip skip = {
        .end = input->at + len, .version = walk->version, .flexible = walk->flexible, .roles = walk->roles};
    const struct field *row = row_of(level);
    const uint8_t *behind = skip_rows(&skip, input->at, &row, end);
    pass(walk, input, (size_t)(behind - input->at));
    level->row = (uint16_t)(row - tables_fields);
    if (row < end) {
        begin_field(walk, level);
        return GO_ON;
    }
    if (!walk->flexible)
        return leave(walk);
    level->phase = TAG_COUNT;
    return do_tag_count(walk, level, input, event);
}

static int do_begin(struct walk *walk, struct walk_level *level, struct span *input, struct walk_event *event)
{
    if (input->len == 0)
        return walk->left ? WALK_MORE : bad(walk, "it ends before a field");
    const struct field *field = row_of(level);
    level->phase = phase_behind_begin(walk, field);
    return tell(event, WALK_BEGIN, field);
}

static int end_of_array(const struct walk *walk, struct walk_level *level, struct walk_event *event,
                        bool null)
{
    const struct field *field = row_of(level);
    level->phase = FIELD_END;
    if (!is_told(walk, field))
        return GO_ON;
    tell(event, WALK_END, field);
    event->null = null;
    return WALK_END;
}

static int do_null_byte(struct walk *walk, struct walk_level *level, struct span *input,
                        struct walk_event *event)
{
    const uint8_t *at;
    enum taken taken = take(walk, input, 1, &at);
    if (taken != TAKEN)
        return not_taken(taken);
    if (tables_number(KIND_INT8, at) < 0)
        return end_of_array(walk, level, event, true);
    level->phase = ELEMENT;
    return GO_ON;
}

static int do_array_length(struct walk *walk, struct walk_level *level, struct span *input,
                           struct walk_event *event)
{
    const struct field *field = row_of(level);
    int64_t length = 0;
    enum taken taken = take_checked_length(walk, field, true, input, &length);
    if (taken != TAKEN)
        return not_taken(taken);
    if (length < 0)
        return end_of_array(walk, level, event, true);
    level->elements = (uint32_t)length;
    level->phase = ELEMENT;
    if (is_told(walk, field) || tables_kind_size[field->kind] == KIND_SIZE_VARIES)
        return GO_ON;
    uint64_t size = (uint64_t)length * tables_kind_size[field->kind];
    if (size > walk->left)
        return bad(walk, "an array goes beyond its end");
    walk->body = (uint32_t)size;
    level->phase = SKIP;
    return GO_ON;
}

static int do_skip(struct walk *walk, struct walk_level *level, struct span *input, struct walk_event *event)
{
    (void)event;
    size_t len = walk->body < input->len ? walk->body : input->len;
    pass(walk, input, len);
    walk->body -= (uint32_t)len;
    if (walk->body)
        return WALK_MORE;
    bool next_of_array = row_of(level)->is_array && tables_kind_size[row_of(level)->kind] == KIND_SIZE_VARIES;
    level->phase = next_of_array ? ELEMENT : FIELD_END;
    return GO_ON;
}

static int do_text_length(struct walk *walk, struct walk_level *level, struct span *input,
                          struct walk_event *event)
{
    const struct field *field = row_of(level);
    int64_t length = 0;
    enum taken taken = take_checked_length(walk, field, false, input, &length);
    if (taken != TAKEN)
        return not_taken(taken);
    walk->body = length < 0 ? 0 : (uint32_t)length;
    level->phase = is_told(walk, field) ? TEXT : SKIP;
    if (level->phase == SKIP)
        return do_skip(walk, level, input, event);
    if (length >= 0)
        return GO_ON;
    level->phase = field->is_array ? ELEMENT : FIELD_END;
    tell(event, WALK_PIECE, field);
    event->null = true;
    return WALK_PIECE;
}

static int do_text(struct walk *walk, struct walk_level *level, struct span *input, struct walk_event *event)
{
    const struct field *field = row_of(level);
    size_t len = walk->body < input->len ? walk->body : input->len;
    if (len == 0 && walk->body)
        return WALK_MORE;
    tell(event, WALK_PIECE, field);
    event->piece = (struct bytes){input->at, len};
    pass(walk, input, len);
    walk->body -= (uint32_t)len;
    event->left = walk->body;
    if (walk->body == 0)
        level->phase = field->is_array ? ELEMENT : FIELD_END;
    return WALK_PIECE;
}

static int do_value(struct walk *walk, struct walk_level *level, struct span *input, struct walk_event *event)
{
    const struct field *field = row_of(level);
    const uint8_t *at;
    enum taken taken = take(walk, input, tables_kind_size[field->kind], &at);
    if (taken != TAKEN)
        return not_taken(taken);
    level->phase = field->is_array ? ELEMENT : FIELD_END;
    if (!is_told(walk, field))
        return GO_ON;
    tell(event, WALK_VALUE, field);
    if (field->kind == KIND_UUID)
        event->piece = (struct bytes){at, tables_kind_size[KIND_UUID]};
    else
        event->number = tables_number(field->kind, at);
    return WALK_VALUE;
}

/* One more element of an array, or the one content of a struct. */
static int do_element(struct walk *walk, struct walk_level *level, struct span *input,
                      struct walk_event *event)
{
    (void)input;
    const struct field *field = row_of(level);
    if (level->element == level->elements)
        return end_of_array(walk, level, event, false);
    uint32_t index = level->element++;
    if (field->kind == KIND_STRUCT) {
        if (go_deeper(walk, field) == WALK_BAD)
            return WALK_BAD;
    } else {
        level->phase = tables_kind_size[field->kind] ? VALUE : TEXT_LENGTH;
    }
    if (!field->is_array || !is_told(walk, field))
        return GO_ON;
    tell(event, WALK_ELEMENT, field);
    event->number = index;
    return WALK_ELEMENT;
}

static int do_field_end(struct walk *walk, struct walk_level *level, struct span *input,
                        struct walk_event *event)
{
    (void)input, (void)event;
    if (level->in_tags) {
        if (walk->left != level->tag_end)
            return bad(walk, "a tagged field is not as long as it says");
        level->phase = TAG_NUMBER;
        return GO_ON;
    }
    level->row++;
    level->phase = ROW;
    return GO_ON;
}

static uint16_t row_of_tag(const struct walk *walk, const struct walk_level *level, uint32_t tag)
{
    for (uint16_t row = level->first; row < level->end; row++) {
        const struct field *field = &tables_fields[row];
        if (field->tag >= 0 && (uint32_t)field->tag == tag &&
            version_in(walk->version, field->first, field->last))
            return row;
    }
    return ROW_UNKNOWN;
}

static int do_tag_number(struct walk *walk, struct walk_level *level, struct span *input,
                         struct walk_event *event)
{
    if (level->tags == 0)
        return leave(walk);
    uint32_t tag = 0;
    enum taken taken = take_varint(walk, input, &tag);
    if (taken != TAKEN)
        return not_taken(taken);
    level->tags--;
    level->row = row_of_tag(walk, level, tag);
    level->phase = TAG_SIZE;
    if (level->row == ROW_UNKNOWN || !is_told(walk, row_of(level)))
        return GO_ON;
    return tell(event, WALK_TAG, row_of(level));
}

static int do_tag_size(struct walk *walk, struct walk_level *level, struct span *input,
                       struct walk_event *event)
{
    (void)event;
    uint32_t size = 0;
    enum taken taken = take_varint(walk, input, &size);
    if (taken != TAKEN)
        return not_taken(taken);
    if (size > walk->left)
        return bad(walk, "a tagged field goes beyond its end");
    level->tag_end = walk->left - size;
    if (level->row == ROW_UNKNOWN) {
        walk->body = size;
        level->phase = UNKNOWN_TAG;
    } else {
        begin_field(walk, level);
    }
    return GO_ON;
}

static int do_unknown_tag(struct walk *walk, struct walk_level *level, struct span *input,
                          struct walk_event *event)
{
    (void)event;
    size_t len = walk->body < input->len ? walk->body : input->len;
    pass(walk, input, len);
    walk->body -= (uint32_t)len;
    if (walk->body)
        return WALK_MORE;
    level->phase = TAG_NUMBER;
    return GO_ON;
}

typedef int phase_fn(struct walk *, struct walk_level *, struct span *, struct walk_event *);

static phase_fn *const phases[PHASES] = {
    [ROW] = do_row,
    [BEGIN] = do_begin,
    [NULL_BYTE] = do_null_byte,
    [ARRAY_LENGTH] = do_array_length,
    [TEXT_LENGTH] = do_text_length,
    [ELEMENT] = do_element,
    [TEXT] = do_text,
    [SKIP] = do_skip,
    [VALUE] = do_value,
    [FIELD_END] = do_field_end,
    [TAG_COUNT] = do_tag_count,
    [TAG_NUMBER] = do_tag_number,
    [TAG_SIZE] = do_tag_size,
    [UNKNOWN_TAG] = do_unknown_tag,
};

void walk_begin(struct walk *walk, const struct message *message, int version, uint32_t size)
{
    walk->roles = WALK_ALL;
    walk->bad = NULL;
    walk->left = size;
    walk->body = 0;
    walk->version = (int8_t)version;
    walk->flexible = version >= message->flexible_first;
    walk->depth = 1;
    walk->got = 0;
    walk->level[0] = (struct walk_level){
        .first = message->fields,
        .end = (uint16_t)(message->fields + message->count),
        .row = message->fields,
        .phase = ROW,
    };
}

enum walk_step walk_next(struct walk *walk, struct span *input, struct walk_event *event)
{
    if (walk->depth == 0)
        return WALK_DONE;
    int step = GO_ON;
    while (step == GO_ON) {
        struct walk_level *level = level_of(walk);
        step = phases[level->phase](walk, level, input, event);
    }
    if (step == WALK_BAD) {
        const struct walk_level *level = level_of(walk);
        *event = (struct walk_event){.field = level->row < level->end ? row_of(level) : NULL};
    }
    return (enum walk_step)step;
}
