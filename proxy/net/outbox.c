/* SPDX-License-Identifier: Apache-2.0 */
/* Gathering pieces and sending them; see outbox.h. */
#include "proxy/net/outbox.h"

#include <stdlib.h>

bool outbox_open(struct outbox *outbox)
{
    *outbox = (struct outbox){.arena = malloc(OUTBOX_ARENA)};
    return outbox->arena != NULL;
}

void outbox_close(struct outbox *outbox)
{
    free(outbox->arena);
    outbox->arena = NULL;
}

void outbox_pass(struct outbox *outbox, struct end *to, struct bytes part)
{
    struct outbox_piece *last = outbox->count ? &outbox->pieces[outbox->count - 1] : NULL;
    if (part.len == 0)
        return;
    if (last && last->to == to && (const uint8_t *)last->bytes.base + last->bytes.len == part.at) {
        last->bytes.len += part.len;
        return;
    }
    if (outbox->count == OUTBOX_PIECES)
        outbox_flush(outbox);
    uv_buf_t bytes = {(char *)part.at, part.len}; /* libuv's type has no const */
    outbox->pieces[outbox->count++] = (struct outbox_piece){to, bytes};
}

void outbox_write(struct outbox *outbox, struct end *to, struct bytes bytes)
{
    if (bytes.len > OUTBOX_ARENA - outbox->arena_used || outbox->count == OUTBOX_PIECES)
        outbox_flush(outbox);
    if (bytes.len > OUTBOX_ARENA) {
        outbox_pass(outbox, to, bytes);
        outbox_flush(outbox);
        return;
    }
    uint8_t *copy = outbox->arena + outbox->arena_used;
    memcpy(copy, bytes.at, bytes.len);
    outbox->arena_used += (uint32_t)bytes.len;
    outbox_pass(outbox, to, (struct bytes){copy, bytes.len});
}

/* Takes all pieces for one end out of those from `first` on, and sends them. */
static void flush_end(struct outbox *outbox, uint32_t first)
{
    struct end *to = outbox->pieces[first].to;
    uv_buf_t parts[OUTBOX_PIECES];
    unsigned count = 0;
    size_t total = 0;
    for (uint32_t i = first; i < outbox->count; i++) {
        struct outbox_piece *piece = &outbox->pieces[i];
        if (piece->to != to)
            continue;
        piece->to = NULL;
        parts[count++] = piece->bytes;
        total += piece->bytes.len;
    }
    end_send(to, parts, count, total);
}

void outbox_flush(struct outbox *outbox)
{
    for (uint32_t i = 0; i < outbox->count; i++)
        if (outbox->pieces[i].to)
            flush_end(outbox, i);
    outbox->count = 0;
    outbox->arena_used = 0;
}
