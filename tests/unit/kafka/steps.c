/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a walk as lines of text; see steps.h. */
#include "tests/unit/kafka/steps.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The pieces of one field are joined: a page does not show where the input was split. */
struct joined {
    uint8_t at[1 << 12];
    size_t len;
};

static void add_piece(struct page *page, const struct walk_event *event, struct joined *joined)
{
    assert_true(joined->len + event->piece.len <= sizeof joined->at);
    if (event->piece.len)
        memcpy(joined->at + joined->len, event->piece.at, event->piece.len);
    joined->len += event->piece.len;
    if (event->left)
        return;
    page_add(page, event->null ? "PIECE null" : "PIECE ");
    page_add_bytes(page, (struct bytes){joined->at, joined->len});
    page_add(page, "\n");
    joined->len = 0;
}

static void add_step(struct page *page, enum walk_step step, const struct walk_event *event,
                     struct joined *joined)
{
    switch (step) {
    case WALK_TAG:
        page_add(page, "TAG %s\n", event->field->name);
        return;
    case WALK_BEGIN:
        page_add(page, "BEGIN %s\n", event->field->name);
        return;
    case WALK_PIECE:
        add_piece(page, event, joined);
        return;
    case WALK_VALUE:
        page_add(page, "VALUE %s ", event->field->name);
        if (event->field->kind == KIND_UUID)
            page_add_bytes(page, event->piece);
        else
            page_add(page, "%" PRId64, event->number);
        page_add(page, "\n");
        return;
    case WALK_ELEMENT:
        page_add(page, "ELEMENT %s %" PRId64 "\n", event->field->name, event->number);
        return;
    default:
        page_add(page, "END %s%s\n", event->field->name, event->null ? " null" : "");
    }
}

static void add_end(struct page *page, enum walk_step step, const struct walk_event *event,
                    const struct walk *walk)
{
    if (step == WALK_BAD)
        page_add(page, "BAD at %s: %s\n", event->field ? event->field->name : "no field", walk->bad);
    else if (walk->left)
        page_add(page, "DONE, %u left\n", walk->left);
    else
        page_add(page, "DONE\n");
}

enum walk_step steps_walk(struct page *page, const struct message *message, int version, uint32_t size,
                          struct bytes input, size_t cut)
{
    return steps_walk_seeing(page, WALK_ALL, message, version, size, input, cut);
}

enum walk_step steps_walk_seeing(struct page *page, uint64_t roles, const struct message *message,
                                 int version, uint32_t size, struct bytes input, size_t cut)
{
    struct walk walk;
    struct walk_event event = {.field = NULL};
    enum walk_step step = WALK_MORE;
    struct joined joined = {.len = 0};
    *page = (struct page){.len = 0};
    walk_begin(&walk, message, version, size);
    walk.roles = roles;
    for (size_t done = 0; step == WALK_MORE;) {
        struct span piece = pages_copy((struct bytes){input.at + done, pages_next(done, input.len, cut)});
        struct span rest = piece;
        while ((step = walk_next(&walk, &rest, &event)) > WALK_BAD)
            add_step(page, step, &event, &joined);
        done += piece.len;
        if (step == WALK_MORE)
            assert_int_equal(rest.len, 0);
        free(piece.at);
        if (done == input.len)
            break;
    }
    if (step == WALK_MORE)
        page_add(page, "MORE\n");
    else
        add_end(page, step, &event, &walk);
    return step;
}
