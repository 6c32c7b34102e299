/* SPDX-License-Identifier: Apache-2.0 */
/* Walks each part for its one array, and puts their elements together; see merge.h. */
#include "proxy/kafka/merge.h"

#include "proxy/kafka/keys.h"
#include "proxy/kafka/walk.h"
#include "proxy/kafka/wire.h"

enum { LENGTH_SIZE = 4 };

/* What one frame has. */
struct part {
    size_t begin, end;     /* of the array, its count included */
    size_t elements_begin; /* behind the count */
    uint32_t count;
    int64_t lifetime_ms; /* INT64_MAX: it does not end */
    bool failed;
};

void merge_begin(struct merge *merge, const struct allocator *allocator, int api_key, int version)
{
    *merge = (struct merge){
        .answer = {.allocator = allocator},
        .elements = {.allocator = allocator},
        .api_key = (int16_t)api_key,
        .version = (int8_t)version,
        .lifetime_ms = INT64_MAX,
    };
}

static void see(struct part *part, enum walk_step step, const struct walk_event *event, size_t at)
{
    enum role role = (enum role)event->field->role;
    if (role == ROLE_ERROR_CODE && event->number != ERROR_NONE)
        part->failed = true;
    if (role == ROLE_CHALLENGE && step == WALK_PIECE && event->piece.len)
        part->failed = true;
    if (role == ROLE_SESSION_LIFETIME && event->number > 0)
        part->lifetime_ms = event->number;
    if (role != ROLE_GROUPS && role != ROLE_TRANSACTIONS)
        return;
    if (step == WALK_BEGIN)
        part->begin = at;
    if (step == WALK_ELEMENT && part->count++ == 0)
        part->elements_begin = at;
    if (step == WALK_END)
        part->end = at;
}

static const char *read_part(struct merge *merge, struct span frame, struct part *part)
{
    const struct message *message = tables_message(RESPONSE, merge->api_key);
    int header = tables_header_version(RESPONSE, merge->api_key, merge->version);
    struct span cursor = {frame.at + LENGTH_SIZE, frame.len - LENGTH_SIZE};
    struct walk walk;
    struct walk_event event;
    enum walk_step step;
    walk_begin(&walk, &tables_response_header, header, (uint32_t)cursor.len);
    while ((step = walk_next(&walk, &cursor, &event)) > WALK_BAD)
        ;
    if (step != WALK_DONE)
        return "its header is cut off";
    walk_begin(&walk, message, merge->version, walk.left);
    while ((step = walk_next(&walk, &cursor, &event)) > WALK_BAD)
        see(part, step, &event, (size_t)(cursor.at - frame.at));
    merge->flexible = walk.flexible;
    if (step != WALK_DONE)
        return walk.bad;
    if (part->count == 0)
        part->elements_begin = part->end;
    return NULL;
}

const char *merge_add(struct merge *merge, struct span frame)
{
    struct part part = {.lifetime_ms = INT64_MAX};
    const char *wrong = read_part(merge, frame, &part);
    struct bytes elements = {frame.at + part.elements_begin, part.end - part.elements_begin};
    if (wrong || merge->failed)
        return wrong;
    if (merge->elements.len + elements.len > MERGE_MAX)
        return "all brokers together answer more than 64 MiB";
    if (part.failed || part.lifetime_ms < merge->lifetime_ms)
        merge->answer.len = 0;
    if (merge->answer.len == 0) {
        if (!buffer_append(&merge->answer, (struct bytes){frame.at, frame.len}))
            return buffer_exhausted;
        merge->begin = part.begin;
        merge->end = part.end;
        merge->lifetime_ms = part.lifetime_ms;
    }
    merge->failed = part.failed;
    merge->count += part.count;
    return buffer_append(&merge->elements, elements) ? NULL : buffer_exhausted;
}

const char *merge_end(struct merge *merge)
{
    if (merge->failed || merge->end == 0)
        return NULL;
    uint8_t count[WIRE_VARINT_MAX];
    size_t count_len = wire_put_count(count, merge->count, merge->flexible);
    struct buffer made = {.allocator = merge->answer.allocator};
    struct bytes before = {merge->answer.at, merge->begin};
    struct bytes behind = {merge->answer.at + merge->end, merge->answer.len - merge->end};
    if (!buffer_append(&made, before) || !buffer_append(&made, (struct bytes){count, count_len}) ||
        !buffer_append(&made, buffer_bytes(&merge->elements)) || !buffer_append(&made, behind)) {
        buffer_free(&made);
        return buffer_exhausted;
    }
    wire_put_uint32(made.at, (uint32_t)made.len - LENGTH_SIZE);
    buffer_free(&merge->answer);
    merge->answer = made;
    return NULL;
}

void merge_free(struct merge *merge)
{
    buffer_free(&merge->answer);
    buffer_free(&merge->elements);
}
