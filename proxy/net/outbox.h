/* SPDX-License-Identifier: Apache-2.0 */
/* What one call of a conversation wants to be sent, gathered, so that each receiver gets one write.
 * Apart, because nothing is copied here that can be sent from where it lies: pieces of the input are named, and
 * only the conversation's own bytes, valid no longer than their order, go through an arena. */
#ifndef KBRIDGE_NET_OUTBOX_H
#define KBRIDGE_NET_OUTBOX_H

#include "proxy/net/end.h"

enum {
    OUTBOX_PIECES = 128,    /* alternating small answers and rewritten ones; then it is flushed early */
    OUTBOX_ARENA = 64 << 10 /* as much as the smallest full read can ask for */
};

struct outbox {
    struct outbox_piece {
        struct end *to;
        uv_buf_t bytes;
    } pieces[OUTBOX_PIECES];
    uint32_t count;
    uint32_t arena_used;
    uint8_t *arena;
};

bool outbox_open(struct outbox *outbox); /* false: out of memory */
void outbox_close(struct outbox *outbox);

/* `part` stays valid until the next flush. */
void outbox_pass(struct outbox *outbox, struct end *to, struct bytes part);

/* `bytes` are valid only now. */
void outbox_write(struct outbox *outbox, struct end *to, struct bytes bytes);

/* Sends everything: one write per end, in the order in which the pieces came. */
void outbox_flush(struct outbox *outbox);

#endif
