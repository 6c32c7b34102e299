/* SPDX-License-Identifier: Apache-2.0 */
/* Makes an ApiVersions response anew; see offer.h.
 *
 *     frame:   [length, header, error code] [count] [key min max][key min max] … [the rest]
 *     made:    copied                       anew    those that are kept          copied      */
#include "proxy/kafka/offer.h"

#include "proxy/kafka/keys.h"
#include "proxy/kafka/wire.h"

enum { HEADER_SIZE = 8 };

struct offer {
    const struct rewrite_rules *rules;
    struct walk walk;
    struct buffer kept;
    struct span cursor;
    uint8_t *keys_begin; /* of the count */
    uint8_t *keys_end;
    uint8_t *entry; /* NULL before the first */
    uint8_t *min_at, *max_at;
    uint32_t count;
    int16_t key, min, max;
};

/* The entry before the cursor is whole. */
static bool keep_entry(struct offer *offer)
{
    if (!offer->entry)
        return true;
    struct bytes entry = {offer->entry, (size_t)(offer->cursor.at - offer->entry)};
    const struct rewrite_rules *rules = offer->rules;
    if (rules->offer && !rules->offer(rules->context, offer->key, &offer->min, &offer->max))
        return true;
    wire_put_int16(offer->min_at, offer->min);
    wire_put_int16(offer->max_at, offer->max);
    offer->count++;
    return buffer_append(&offer->kept, entry);
}

static bool on_entry(struct offer *offer, enum walk_step step, const struct walk_event *event)
{
    switch (event->field->role) {
    case ROLE_API_KEYS:
        if (step == WALK_BEGIN)
            offer->keys_begin = offer->cursor.at;
        else if (!keep_entry(offer))
            return false;
        offer->entry = step == WALK_ELEMENT ? offer->cursor.at : NULL;
        if (step == WALK_END)
            offer->keys_end = offer->cursor.at;
        break;
    case ROLE_API_KEY:
        offer->key = (int16_t)event->number;
        break;
    case ROLE_MIN_VERSION:
        offer->min = (int16_t)event->number;
        offer->min_at = offer->cursor.at - sizeof offer->min;
        break;
    case ROLE_MAX_VERSION:
        offer->max = (int16_t)event->number;
        offer->max_at = offer->cursor.at - sizeof offer->max;
        break;
    default:
        break;
    }
    return true;
}

static void begin_body(struct offer *offer, const struct buffer *frame, int version)
{
    offer->cursor = (struct span){frame->at + HEADER_SIZE, frame->len - HEADER_SIZE};
    walk_begin(&offer->walk, tables_message(RESPONSE, API_API_VERSIONS), version,
               (uint32_t)offer->cursor.len);
}

/* An answer with an error offers nothing that could be limited, and its form is that of another version: v0 for a
 * version that the broker does not know (KIP-511), which not every broker keeps to. */
static bool is_error(enum walk_step step, const struct walk_event *event)
{
    return step == WALK_VALUE && event->field->role == ROLE_ERROR_CODE && event->number != ERROR_NONE;
}

static const char *read_entries(struct offer *offer, const struct buffer *frame, int version)
{
    struct walk_event event;
    enum walk_step step;
    begin_body(offer, frame, version);
    while ((step = walk_next(&offer->walk, &offer->cursor, &event)) > WALK_BAD) {
        if (offer->rules->see)
            offer->rules->see(offer->rules->context, step, &event);
        if (is_error(step, &event))
            return NULL;
        if (!on_entry(offer, step, &event))
            return buffer_exhausted;
    }
    if (step == WALK_BAD)
        return offer->walk.bad;
    return offer->keys_end ? NULL : "it names no api keys";
}

static const char *compose(const struct offer *offer, struct buffer *frame)
{
    struct buffer made = {.allocator = frame->allocator};
    struct bytes before = {frame->at, (size_t)(offer->keys_begin - frame->at)};
    struct bytes behind = {offer->keys_end, (size_t)(frame->at + frame->len - offer->keys_end)};
    uint8_t count[WIRE_VARINT_MAX];
    size_t count_len = wire_put_count(count, offer->count, offer->walk.flexible);
    if (!buffer_append(&made, before) || !buffer_append(&made, (struct bytes){count, count_len}) ||
        !buffer_append(&made, buffer_bytes(&offer->kept)) || !buffer_append(&made, behind)) {
        buffer_free(&made);
        return buffer_exhausted;
    }
    wire_put_uint32(made.at, (uint32_t)made.len - 4);
    buffer_free(frame);
    *frame = made;
    return NULL;
}

const char *offer_limit(struct buffer *frame, int version, const struct rewrite_rules *rules)
{
    struct offer offer = {.rules = rules, .kept = {.allocator = frame->allocator}};
    const char *what = read_entries(&offer, frame, version);
    if (!what && offer.keys_end)
        what = compose(&offer, frame);
    buffer_free(&offer.kept);
    return what;
}
