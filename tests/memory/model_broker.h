/* SPDX-License-Identifier: Apache-2.0 */
/* The far end of a link.
 * Apart, because a broker sees frames, and does not know whose they are. */
#ifndef KBRIDGE_TESTS_MODEL_BROKER_H
#define KBRIDGE_TESTS_MODEL_BROKER_H

#include "tests/memory/model_moves.h"
#include "tests/memory/model_net.h"
#include "tests/memory/model_request.h"

enum { MODEL_DUES_MAX = 2 * MODEL_REQUESTS_MAX };

/* An answer that a broker owes on a link. */
struct model_due {
    struct buffer bytes;
    size_t end;  /* where it ends in the stream of the link */
    int request; /* index, or MODEL_NOBODY: kbridge's own question */
    struct model_news news;
    bool lazy; /* a long poll: comes when nothing else can happen */
    bool released;
};

enum model_link_state { MODEL_LINK_NONE, MODEL_LINK_DIALLED, MODEL_LINK_UP, MODEL_LINK_BROKEN };

struct model_link {
    struct model_end end;
    uint8_t state;                             /* enum model_link_state */
    struct address address;                    /* where it was dialled */
    int broker;                                /* index, or MODEL_NOBODY: nobody listens there */
    struct buffer frame;                       /* bytes sent to it that are not a whole frame yet */
    bool idle_at_frame;                        /* nothing was owed when the first of them came … */
    struct model_belief beliefs[MODEL_THINGS]; /* … and what the view might believe then */
    int proofs; /* frames of the client's proof that came: the handshake, the token */
    struct model_due dues[MODEL_DUES_MAX];
    uint32_t first_due, due_count;
    size_t released, consumed; /* bytes of its stream */
};

/* Bytes that are sent to a link. */
void model_broker_take(struct model_client *client, int link, struct bytes bytes);
/* The next answer goes on its way; the conversation has taken bytes of answers. */
void model_broker_release(struct model_client *client, int link);
void model_broker_consumed(struct model_client *client, int link);
/* An answer that the conversation has not seen yet. */
bool model_broker_owes(const struct model_link *link);
/* The next answer that is not released; NULL: none. */
const struct model_due *model_broker_next(const struct model_link *link);
void model_broker_forget(struct model_client *client, int link);

#endif
