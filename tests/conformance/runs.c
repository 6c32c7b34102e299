/* SPDX-License-Identifier: Apache-2.0 */
/* The runs; see runs.h. Every piece lies in memory of exactly its size, so that ASan sees a read beyond it. */
#include "tests/conformance/runs.h"

#include <stddef.h>
#include <stdlib.h>

#include "proxy/heap.h"
#include "tests/conformance/facts.h"

enum { LENGTH_SIZE = 4, TOLD_PORT = 29092, LONGEST_HOST = 255 };

/* ---- memory ---- */

/* An allocator that knows the size of each block: { size, bytes … }. */
struct memory {
    size_t blocks;
    size_t bytes;
    size_t bytes_at_most;
};

union block {
    size_t size;
    max_align_t align;
};

static void *resize(void *context, void *at, size_t size)
{
    struct memory *memory = context;
    union block *block = at ? (union block *)at - 1 : NULL;
    size_t before = block ? block->size : 0;
    memory->blocks -= block ? 1 : 0;
    memory->bytes -= before;
    if (size == 0) {
        free(block);
        return NULL;
    }
    block = realloc(block, sizeof *block + size);
    if (!block)
        abort();
    block->size = size;
    memory->blocks++;
    memory->bytes += size;
    if (memory->bytes > memory->bytes_at_most)
        memory->bytes_at_most = memory->bytes;
    return block + 1;
}

/* ---- what is seen ---- */

static void hash_bytes(uint64_t *hash, const void *at, size_t len)
{
    const uint8_t *bytes = at;
    for (size_t i = 0; i < len; i++)
        *hash = (*hash ^ bytes[i]) * 0x100000001b3u;
}

static void hash_number(uint64_t *hash, uint64_t number)
{
    *hash = (*hash ^ number) * 0x9e3779b97f4a7c15u;
    *hash ^= *hash >> 29;
}

static void trace_step(struct trace *trace, enum walk_step step, const struct walk_event *event,
                       uint32_t left)
{
    if (event->field->kind != KIND_RECORDS)
        hash_bytes(&trace->fields, event->piece.at, event->piece.len);
    if (step == WALK_PIECE && event->left > 0)
        return;
    hash_number(&trace->fields,
                (uint64_t)(event->field - tables_fields) << 8 | (unsigned)step << 1 | event->null);
    hash_number(&trace->fields, (uint64_t)event->number);
    hash_number(&trace->places, left);
    if (trace->to)
        fprintf(trace->to, "    step %d  %-24s number %lld%s, %u bytes left\n", (int)step, event->field->name,
                (long long)event->number, event->null ? ", null" : "", left);
}

/* ---- pieces ---- */

/* The caller frees piece.at. */
static struct span piece_next(struct bytes frame, size_t done, struct cut cut)
{
    size_t len = frame.len - done;
    if (cut.step && cut.step < len)
        len = cut.step;
    else if (!cut.step && done < cut.at && cut.at < frame.len)
        len = cut.at - done;
    struct span piece = {malloc(len), len};
    if (!piece.at)
        abort();
    memcpy(piece.at, frame.at + done, len);
    return piece;
}

/* ---- walking ---- */

struct reading {
    const struct test_case *one;
    enum direction direction;
    struct outcome *outcome;
    struct bytes facts; /* those still to come */
    bool is_whole;
    struct walk walk;
    bool in_header;
    bool done;
};

static const char *on_step(struct reading *reading, enum walk_step step, const struct walk_event *event)
{
    struct sentence *why = &reading->outcome->why;
    if (reading->is_whole && !facts_take(&reading->facts, reading->direction, step, event, why))
        return why->text;
    if (!reading->in_header || reading->direction == REQUEST)
        trace_step(&reading->outcome->trace, step, event, reading->walk.left);
    return NULL;
}

static const char *walk_piece(struct reading *reading, struct span input)
{
    const struct test_case *one = reading->one;
    for (;;) {
        struct walk_event event;
        const uint8_t *before = input.at;
        enum walk_step step = walk_next(&reading->walk, &input, &event);
        if (input.at < before)
            return "the walker went back in its input";
        if (step == WALK_MORE)
            return input.len ? "the walker wants more, but has not used its input up" : NULL;
        if (step == WALK_BAD)
            return reading->walk.bad ? reading->walk.bad : "the walker says bad, but not why";
        if (step > WALK_DONE) {
            const char *wrong = on_step(reading, step, &event);
            if (wrong)
                return wrong;
            continue;
        }
        if (!reading->in_header) {
            reading->done = true;
            return input.len ? "the message ended before its frame" : NULL;
        }
        reading->in_header = false;
        walk_begin(&reading->walk, tables_message(reading->direction, one->api_key), one->wire_version,
                   reading->walk.left);
    }
}

static const char *run_walk(const struct test_case *one, struct cut cut, struct outcome *outcome)
{
    enum direction direction = one->kind == CASE_REQUEST ? REQUEST : RESPONSE;
    const struct bytes frame = {one->frame.at + LENGTH_SIZE, one->frame.len - LENGTH_SIZE};
    const struct message *header = direction == REQUEST ? &tables_request_header : &tables_response_header;
    struct reading reading = {
        .one = one,
        .direction = direction,
        .outcome = outcome,
        .facts = one->facts,
        .is_whole = cut.at == 0 && cut.step == 0,
        .in_header = true,
    };
    walk_begin(&reading.walk, header, tables_header_version(direction, one->api_key, one->wire_version),
               (uint32_t)frame.len);
    const char *wrong = NULL;
    for (size_t done = 0; done < frame.len && !wrong;) {
        if (reading.done)
            return "the message ended before its frame";
        struct span piece = piece_next(frame, done, cut);
        done += piece.len;
        wrong = walk_piece(&reading, piece);
        free(piece.at);
    }
    if (wrong)
        return wrong;
    if (!reading.done)
        return "the walker wants more at the end of the frame";
    if (reading.is_whole && !facts_end(reading.facts, &outcome->why))
        return outcome->why.text;
    return reading.walk.left ? "the message ended before its frame" : NULL;
}

/* ---- rewriting ---- */

struct rewriting {
    const struct test_case *one;
    struct outcome *outcome;
    const char *wrong;
};

static void fill_host(struct address *address, char letter, size_t len)
{
    memset(address->host, letter, len);
    address->host[len] = 0;
}

/* The same function as toldHost in Expected.java. */
static void tell(void *context, int32_t node_id, struct address *address)
{
    struct rewriting *rewriting = context;
    if (node_id < 0 || !address->host[0] || address->port <= 0)
        rewriting->wrong = "a placeholder was to be told";
    address->port = TOLD_PORT;
    if (node_id % 4 == 0)
        snprintf(address->host, sizeof address->host, "told-%d", (int)node_id);
    else if (node_id % 4 == 1)
        fill_host(address, 'h', LONGEST_HOST);
    else if (node_id % 4 == 3)
        fill_host(address, 'x', (size_t)(120 + node_id / 4 % 12));
}

static bool offer(void *context, int16_t api_key, int16_t *min, int16_t *max)
{
    const struct rewriting *rewriting = context;
    struct case_limit limit;
    if (!cases_limit(rewriting->one, api_key, &limit))
        return true;
    if (*min < limit.min)
        *min = limit.min;
    if (*max > limit.max)
        *max = limit.max;
    return *min <= *max;
}

static void see(void *context, enum walk_step step, const struct walk_event *event)
{
    struct rewriting *rewriting = context;
    trace_step(&rewriting->outcome->trace, step, event, 0);
}

static void give(struct outcome *outcome, struct bytes bytes)
{
    if (!buffer_append(&outcome->given, bytes))
        abort();
}

static bool lies_in(struct bytes pass, struct span input)
{
    return pass.len == 0 || (pass.at >= input.at && pass.at + pass.len <= input.at + input.len);
}

/* NULL while the frame goes on. */
static const char *rewrite_piece(struct rewriting *rewriting, struct rewrite *rewrite, struct span input)
{
    struct rewrite_output output;
    if (!rewrite_feed(rewrite, input, &output, &rewriting->outcome->why))
        return rewriting->outcome->why.len ? NULL : "the frame was refused without a sentence";
    if (!lies_in(output.pass, input))
        return "the bytes to pass do not lie in the input";
    give(rewriting->outcome, output.own);
    give(rewriting->outcome, output.pass);
    return rewriting->wrong;
}

static const char *feed_pieces(struct rewriting *rewriting, struct rewrite *rewrite, struct cut cut)
{
    const struct bytes frame = rewriting->one->frame;
    const char *wrong = NULL;
    for (size_t done = 0; done < frame.len && !wrong && !rewriting->outcome->why.len;) {
        if (rewrite_is_done(rewrite))
            return "the rewriter is done before the frame is";
        struct span piece = piece_next(frame, done, cut);
        done += piece.len;
        wrong = rewrite_piece(rewriting, rewrite, piece);
        free(piece.at);
    }
    if (!wrong && !rewriting->outcome->why.len && !rewrite_is_done(rewrite))
        wrong = "the rewriter is not done at the end of the frame";
    return wrong;
}

static void begin(struct rewrite *rewrite, const struct rewrite_rules *rules,
                  const struct allocator *allocator, const struct test_case *one, enum way way)
{
    uint32_t size = (uint32_t)one->frame.len;
    if (way == READ)
        rewrite_begin_reading(rewrite, rules, allocator, one->api_key, one->request_version, size);
    else
        rewrite_begin(rewrite, rules, allocator, one->api_key, one->request_version, size,
                      way == REWRITTEN_SEEN ? WALK_ALL : 0);
}

static const char *run_rewrite(const struct test_case *one, enum way way, struct cut cut,
                               struct outcome *outcome)
{
    struct memory memory = {0};
    const struct allocator allocator = {.resize = resize, .context = &memory};
    struct rewriting rewriting = {.one = one, .outcome = outcome};
    const struct rewrite_rules rules = {
        .tell = tell, .offer = one->limits.len ? offer : NULL, .see = see, .context = &rewriting};
    struct rewrite rewrite;
    begin(&rewrite, &rules, &allocator, one, way);
    const char *wrong = feed_pieces(&rewriting, &rewrite, cut);
    rewrite_end(&rewrite);
    rewrite_end(&rewrite);
    outcome->held_at_most = memory.bytes_at_most;
    if (!wrong && (memory.blocks || memory.bytes))
        wrong = "memory was not given back at the end";
    return wrong;
}

const char *run(const struct test_case *one, enum way way, struct cut cut, struct outcome *outcome)
{
    struct buffer given = outcome->given;
    given.len = 0;
    given.allocator = &heap_allocator;
    *outcome = (struct outcome){.given = given, .trace = {.to = outcome->trace.to}};
    return way == WALKED ? run_walk(one, cut, outcome) : run_rewrite(one, way, cut, outcome);
}

void outcome_free(struct outcome *outcome)
{
    buffer_free(&outcome->given);
}
