/* SPDX-License-Identifier: Apache-2.0 */
/* Carries out what rewrite.h says: one loop over the walker's steps.
 *
 *     input of one call:   [ already placed | clean ......... | host port being read | .......... ]
 *                                           ^clean            ^cursor (where the walker stands)
 * `clean` to `cursor` are bytes that go on unchanged, but are not in `out` yet. */
#include "proxy/kafka/rewrite.h"

#include "proxy/kafka/keys.h"
#include "proxy/kafka/offer.h"
#include "proxy/kafka/wire.h"

enum stage { LENGTH, HEADER, BODY, STREAM };

enum { LENGTH_SIZE = 4, INERT_TAG_NUMBER = 0x7f, HELD_PRODUCE_MAX = 1 << 16 };

struct feed {
    struct span cursor;
    uint8_t *clean;
    uint8_t *patch_from; /* where the patch begins, or goes on, in this input */
    struct sentence *why;
};

enum rewrite_mode rewrite_mode_of(int api_key, int version)
{
    switch (api_key) {
    case API_METADATA:
    case API_FIND_COORDINATOR:
    case API_DESCRIBE_CLUSTER:
        return REWRITE_ADDRESSES;
    case API_PRODUCE:
        return version >= 10 ? REWRITE_ADDRESSES : REWRITE_NOTHING;
    case API_FETCH:
        return version >= 16 ? REWRITE_INERT_TAG : REWRITE_NOTHING;
    case API_SHARE_FETCH:
    case API_SHARE_ACKNOWLEDGE:
        return REWRITE_INERT_TAIL;
    case API_API_VERSIONS:
        return REWRITE_API_VERSIONS;
    default:
        return REWRITE_NOTHING;
    }
}

bool rewrite_is_in_tags(int api_key, int version)
{
    enum rewrite_mode mode = rewrite_mode_of(api_key, version);
    return mode == REWRITE_NOTHING || mode == REWRITE_INERT_TAG || api_key == API_PRODUCE;
}

void rewrite_begin(struct rewrite *rewrite, const struct rewrite_rules *rules,
                   const struct allocator *allocator, int api_key, int version, uint32_t size, uint64_t seen)
{
    enum rewrite_mode mode = rewrite_mode_of(api_key, version);
    /* A Produce answer for thousands of partitions is not held: its endpoints are made inert instead. */
    if (api_key == API_PRODUCE && mode == REWRITE_ADDRESSES && size > HELD_PRODUCE_MAX)
        mode = REWRITE_INERT_TAG;
    *rewrite = (struct rewrite){
        .rules = rules,
        .out = {.allocator = allocator},
        .host = {.allocator = allocator},
        .size = size,
        .node_id = -1,
        .api_key = (int16_t)api_key,
        .version = (int8_t)version,
        .mode = (uint8_t)mode,
        .stage = mode == REWRITE_NOTHING && !seen ? STREAM : LENGTH,
        .seen = seen,
    };
}

void rewrite_begin_reading(struct rewrite *rewrite, const struct rewrite_rules *rules,
                           const struct allocator *allocator, int api_key, int version, uint32_t size)
{
    rewrite_begin(rewrite, rules, allocator, api_key, version, size, WALK_ALL);
    rewrite->mode = REWRITE_NOTHING;
}

/* Of what leads to endpoints behind everything else (Produce, Fetch …) nothing needs to be told. */
static uint64_t roles_of(const struct rewrite *rewrite)
{
    static const uint64_t endpoints =
        ROLE_SET(ROLE_NODE_ENDPOINTS) | ROLE_SET(ROLE_NODE_ID) | ROLE_SET(ROLE_HOST) | ROLE_SET(ROLE_PORT);
    bool only_endpoints = rewrite->mode == REWRITE_INERT_TAG || rewrite->mode == REWRITE_INERT_TAIL ||
                          rewrite->api_key == API_PRODUCE;
    if (rewrite->mode == REWRITE_NOTHING)
        return rewrite->seen;
    return only_endpoints ? endpoints | rewrite->seen : WALK_ALL;
}

static bool refuse(struct rewrite *rewrite, struct feed *feed, const char *what)
{
    const char *name = tables_api_name(rewrite->api_key);
    rewrite->starved = what == buffer_exhausted;
    sentence_add(feed->why, "the ");
    sentence_add(feed->why, name ? name : "unknown");
    sentence_add(feed->why, " v");
    sentence_add_number(feed->why, rewrite->version);
    sentence_add(feed->why, " response of ");
    sentence_add_number(feed->why, rewrite->size);
    sentence_add(feed->why, " bytes cannot be read: ");
    sentence_add(feed->why, what);
    return false;
}

/* ---- holding a zone ---- */

static bool hold(struct rewrite *rewrite, struct feed *feed, struct bytes bytes)
{
    if (rewrite->out.len + bytes.len > REWRITE_ZONE_MAX)
        return refuse(rewrite, feed, "its addresses take more than 1 MiB");
    if (!buffer_append(&rewrite->out, bytes))
        return refuse(rewrite, feed, buffer_exhausted);
    return true;
}

static bool hold_clean(struct rewrite *rewrite, struct feed *feed)
{
    struct bytes clean = {feed->clean, (size_t)(feed->cursor.at - feed->clean)};
    feed->clean = feed->cursor.at;
    return hold(rewrite, feed, clean);
}

static bool hold_string(struct rewrite *rewrite, struct feed *feed, struct bytes text)
{
    uint8_t prefix[WIRE_VARINT_MAX];
    size_t prefix_len = sizeof(int16_t);
    if (rewrite->walk.flexible)
        prefix_len = wire_put_varint(prefix, (uint32_t)text.len + 1);
    else
        wire_put_int16(prefix, (int16_t)text.len);
    return hold(rewrite, feed, (struct bytes){prefix, prefix_len}) && hold(rewrite, feed, text);
}

/* ---- addresses ---- */

static bool end_address(struct rewrite *rewrite, struct feed *feed, int32_t port)
{
    struct address address = {.port = port};
    if (rewrite->host.len)
        memcpy(address.host, rewrite->host.at, rewrite->host.len);
    struct bytes host = buffer_bytes(&rewrite->host);
    if (rewrite->node_id >= 0 && host.len > 0 && port > 0) {
        rewrite->rules->tell(rewrite->rules->context, rewrite->node_id, &address);
        host = bytes_of(address.host);
    }
    uint8_t number[4];
    wire_put_uint32(number, (uint32_t)address.port);
    bool held = hold_string(rewrite, feed, host) && hold(rewrite, feed, (struct bytes){number, 4});
    rewrite->host.len = 0;
    rewrite->in_address = false;
    feed->clean = feed->cursor.at;
    return held;
}

static bool add_to_host(struct rewrite *rewrite, struct feed *feed, struct bytes piece)
{
    if (rewrite->host.len + piece.len >= HOST_ROOM)
        return refuse(rewrite, feed, "a host name has more than 255 bytes");
    return buffer_append(&rewrite->host, piece) || refuse(rewrite, feed, buffer_exhausted);
}

/* The endpoints of Produce are a tagged field, [tag][size][endpoints]: the size goes by what is told. The old one
 * is left out, the new one put in its place when the endpoints have passed. */
static bool on_tagged_endpoints(struct rewrite *rewrite, struct feed *feed, enum walk_step step)
{
    if (step == WALK_BEGIN) {
        rewrite->in_tag_size = false;
        feed->clean = feed->cursor.at;
    }
    if (step != WALK_TAG && step != WALK_END)
        return true;
    if (!hold_clean(rewrite, feed))
        return false;
    if (step == WALK_TAG) {
        rewrite->in_tag_size = true;
        rewrite->tag_size_at = (uint32_t)rewrite->out.len;
        return true;
    }
    uint8_t varint[5];
    uint32_t size = (uint32_t)rewrite->out.len - rewrite->tag_size_at;
    size_t len = 0;
    for (; size >= 0x80; size >>= 7)
        varint[len++] = (uint8_t)(size | 0x80);
    varint[len++] = (uint8_t)size;
    size_t behind = rewrite->out.len - rewrite->tag_size_at;
    if (!hold(rewrite, feed, (struct bytes){varint, len}))
        return false;
    uint8_t *at = rewrite->out.at + rewrite->tag_size_at;
    memmove(at + len, at, behind);
    memcpy(at, varint, len);
    return true;
}

static bool on_address(struct rewrite *rewrite, struct feed *feed, enum walk_step step,
                       const struct walk_event *event)
{
    switch (event->field->role) {
    case ROLE_NODE_ENDPOINTS:
        return on_tagged_endpoints(rewrite, feed, step);
    case ROLE_ENDPOINT_TYPE:
        rewrite->controllers = event->number != 1;
        return true;
    case ROLE_NODE_ID:
        rewrite->node_id = (int32_t)event->number;
        return true;
    case ROLE_HOST:
        if (rewrite->controllers)
            return true;
        if (step == WALK_PIECE)
            return add_to_host(rewrite, feed, event->piece);
        rewrite->in_address = true;
        return hold_clean(rewrite, feed);
    case ROLE_PORT:
        return !rewrite->in_address || end_address(rewrite, feed, (int32_t)event->number);
    default:
        return true;
    }
}

/* ---- endpoints behind what has streamed already ---- */

static bool on_inert_tag(struct feed *feed, enum walk_step step, const struct walk_event *event)
{
    if (step == WALK_TAG && event->field->role == ROLE_NODE_ENDPOINTS)
        feed->cursor.at[-1] = INERT_TAG_NUMBER;
    return true;
}

/* The size of the unknown tag may need a varint longer than the shortest, so that the lengths stay equal. */
static void begin_patch(struct rewrite *rewrite, uint32_t tail)
{
    enum { BEFORE_SIZE = 3, VARINT_MAX = 5 };
    uint8_t *patch = rewrite->patch;
    *patch++ = 1; /* no endpoints */
    *patch++ = 1; /* one tagged field */
    *patch++ = INERT_TAG_NUMBER;
    uint32_t len = 1;
    while (len < VARINT_MAX && (tail - BEFORE_SIZE - len) >> (7 * len))
        len++;
    uint32_t size = tail - BEFORE_SIZE - len;
    for (uint32_t i = 0; i < len && i < VARINT_MAX; i++)
        *patch++ = (uint8_t)((size >> (7 * i) & 0x7f) | (i + 1 < len ? 0x80 : 0));
    rewrite->patch_at = 0;
    rewrite->patch_len = (uint8_t)(BEFORE_SIZE + len);
}

static bool on_inert_tail(struct rewrite *rewrite, struct feed *feed, enum walk_step step,
                          const struct walk_event *event)
{
    enum { EMPTY_ARRAY = 1, SHORTEST = 13 };
    if (step != WALK_BEGIN || event->field->role != ROLE_NODE_ENDPOINTS)
        return true;
    if (feed->cursor.at[0] != EMPTY_ARRAY) {
        if (rewrite->walk.left < SHORTEST)
            return refuse(rewrite, feed, "its node endpoints are cut off");
        begin_patch(rewrite, rewrite->walk.left);
        feed->patch_from = feed->cursor.at;
    }
    return true;
}

static void apply_patch(struct rewrite *rewrite, struct feed *feed, const uint8_t *end)
{
    while (feed->patch_from && feed->patch_from < end && rewrite->patch_at < rewrite->patch_len)
        *feed->patch_from++ = rewrite->patch[rewrite->patch_at++];
}

/* ---- the loop ---- */

static bool is_zone(const struct rewrite *rewrite)
{
    return rewrite->mode == REWRITE_ADDRESSES || rewrite->mode == REWRITE_API_VERSIONS;
}

/* True where nothing can follow that this mode has to change. */
static bool is_settled(const struct rewrite *rewrite, enum walk_step step, const struct walk_event *event)
{
    switch (rewrite->mode) {
    case REWRITE_ADDRESSES:
        return step == WALK_END && event->field->role == ROLE_BROKERS;
    case REWRITE_INERT_TAIL:
        return step == WALK_BEGIN && event->field->role == ROLE_NODE_ENDPOINTS;
    default:
        return rewrite->mode == REWRITE_NOTHING;
    }
}

static void settle(struct rewrite *rewrite)
{
    rewrite->mode = REWRITE_NOTHING;
    rewrite->walk.roles = rewrite->seen;
    if (!rewrite->seen)
        rewrite->stage = STREAM;
}

/* The zone is over: its new length is known, and what was held can go. */
static bool end_zone(struct rewrite *rewrite, struct feed *feed, uint32_t rest, struct rewrite_output *output)
{
    if (rewrite->out.len == 0)
        return true;
    if (!hold_clean(rewrite, feed))
        return false;
    wire_put_uint32(rewrite->out.at, (uint32_t)rewrite->out.len + rest - LENGTH_SIZE);
    output->own = buffer_bytes(&rewrite->out);
    return true;
}

static bool on_step(struct rewrite *rewrite, struct feed *feed, enum walk_step step,
                    const struct walk_event *event)
{
    if (rewrite->rules->see)
        rewrite->rules->see(rewrite->rules->context, step, event);
    switch (rewrite->mode) {
    case REWRITE_ADDRESSES:
        return on_address(rewrite, feed, step, event);
    case REWRITE_INERT_TAG:
        return on_inert_tag(feed, step, event);
    case REWRITE_INERT_TAIL:
        return on_inert_tail(rewrite, feed, step, event);
    default:
        return true;
    }
}

/* The message is over, or cannot be read on. Where only `see` wanted the rest, traffic is not harmed. */
static bool end_walk(struct rewrite *rewrite, struct feed *feed, enum walk_step step,
                     const struct walk_event *event)
{
    rewrite->stage = STREAM;
    if (step == WALK_DONE || rewrite->mode == REWRITE_NOTHING)
        return true;
    struct sentence what = {.len = 0};
    if (event->field) {
        sentence_add(&what, "at ");
        sentence_add(&what, event->field->name);
        sentence_add(&what, ", ");
    }
    sentence_add(&what, rewrite->walk.bad);
    return refuse(rewrite, feed, what.text);
}

static bool walk_body(struct rewrite *rewrite, struct feed *feed, struct rewrite_output *output)
{
    while (rewrite->stage == BODY) {
        struct walk_event event;
        enum walk_step step = walk_next(&rewrite->walk, &feed->cursor, &event);
        if (step == WALK_MORE)
            return true;
        bool over = step == WALK_DONE || step == WALK_BAD;
        bool fine = over ? end_walk(rewrite, feed, step, &event) : on_step(rewrite, feed, step, &event);
        if (!fine)
            return false;
        if (!over && !is_settled(rewrite, step, &event))
            continue;
        if (is_zone(rewrite) && !end_zone(rewrite, feed, rewrite->walk.left, output))
            return false;
        settle(rewrite);
    }
    return true;
}

static bool walk_header(struct rewrite *rewrite, struct feed *feed)
{
    struct walk_event event;
    enum walk_step step;
    do
        step = walk_next(&rewrite->walk, &feed->cursor, &event);
    while (step > WALK_BAD);
    if (step == WALK_BAD)
        return end_walk(rewrite, feed, step, &event);
    if (step == WALK_MORE)
        return true;
    walk_begin(&rewrite->walk, tables_message(RESPONSE, rewrite->api_key), rewrite->version,
               rewrite->walk.left);
    rewrite->walk.roles = roles_of(rewrite);
    rewrite->stage = BODY;
    return true;
}

static void pass_length(struct rewrite *rewrite, struct feed *feed, uint32_t got_before)
{
    size_t missing = LENGTH_SIZE - got_before;
    size_t len = feed->cursor.len < missing ? feed->cursor.len : missing;
    feed->cursor.at += len;
    feed->cursor.len -= len;
    if (len < missing)
        return;
    int header = tables_header_version(RESPONSE, rewrite->api_key, rewrite->version);
    walk_begin(&rewrite->walk, &tables_response_header, header, rewrite->size - LENGTH_SIZE);
    rewrite->walk.roles = 0;
    rewrite->stage = HEADER;
}

/* ApiVersions is short and its entries may have to go: it is held whole, then made anew. */
static bool feed_api_versions(struct rewrite *rewrite, struct feed *feed, struct rewrite_output *output)
{
    feed->cursor.at += feed->cursor.len;
    if (!hold_clean(rewrite, feed))
        return false;
    if (rewrite->got < rewrite->size)
        return true;
    const char *what = offer_limit(&rewrite->out, rewrite->version, rewrite->rules);
    output->own = buffer_bytes(&rewrite->out);
    return !what || refuse(rewrite, feed, what);
}

bool rewrite_feed(struct rewrite *rewrite, struct span input, struct rewrite_output *output,
                  struct sentence *why)
{
    uint8_t *end = input.at + input.len;
    uint32_t got_before = rewrite->got;
    struct feed feed = {.cursor = input, .clean = input.at, .why = why};
    feed.patch_from = rewrite->patch_at < rewrite->patch_len ? input.at : NULL;
    *output = (struct rewrite_output){.own = {NULL, 0}};
    rewrite->got += (uint32_t)input.len;
    if (!is_zone(rewrite))
        buffer_free(&rewrite->out); /* given away by the call before */

    if (rewrite->mode == REWRITE_API_VERSIONS)
        return feed_api_versions(rewrite, &feed, output);
    if (rewrite->stage == LENGTH)
        pass_length(rewrite, &feed, got_before);
    if (rewrite->stage == HEADER && !walk_header(rewrite, &feed))
        return false;
    if (rewrite->stage == BODY && !walk_body(rewrite, &feed, output))
        return false;
    apply_patch(rewrite, &feed, end);
    if (is_zone(rewrite)) {
        feed.cursor.at = end;
        return rewrite->in_address || rewrite->in_tag_size || hold_clean(rewrite, &feed);
    }
    output->pass = (struct bytes){feed.clean, (size_t)(end - feed.clean)};
    return true;
}

bool rewrite_is_done(const struct rewrite *rewrite)
{
    return rewrite->got == rewrite->size;
}

void rewrite_end(struct rewrite *rewrite)
{
    buffer_free(&rewrite->out);
    buffer_free(&rewrite->host);
}
