/* SPDX-License-Identifier: Apache-2.0 */
/* A request of the client, as it comes in.
 * Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_REQUEST_H
#define KBRIDGE_BRIDGE_REQUEST_H

#include "proxy/bridge/pending.h"
#include "proxy/bridge/route.h"

#define REQUEST_STAGES(X)                                                                                    \
    X(LENGTH) /* the 4 bytes of length */                                                                    \
    X(HEAD)   /* api key, version, correlation id */                                                         \
    X(HEADER) /* the rest of the header */                                                                   \
    X(BODY)   /* the body, until it is known where the request belongs */                                    \
    X(WHOLE)  /* a SASL token, until all of it is here */                                                    \
    X(PLACE)  /* known; it waits for its link or for an answer to our question */                            \
    X(REST)   /* on its way: what is left of the frame passes as it comes */                                 \
    X(SKIP)   /* refused: what is left of the frame is dropped */

enum request_stage {
#define REQUEST_STAGE(name) REQUEST_##name,
    REQUEST_STAGES(REQUEST_STAGE)
#undef REQUEST_STAGE
};

/* Length, api key, version, correlation id, length of the client id. */
enum { LENGTH_SIZE = 4, HEAD_SIZE = LENGTH_SIZE + 8, TOKEN_HEAD_SIZE = HEAD_SIZE + 2 };

/* A request that has not said within this many bytes where it belongs is refused: the longest name that decides is a
 * transactional id of 32 KiB, behind a client id of 32 KiB. */
enum { HELD_MAX = 68 << 10 };

/* A SASL token; brokers take no longer ones either by default (sasl.server.max.receive.size is 512 KiB). */
enum { TOKEN_MAX = 512 << 10 };

struct request {
    struct exchange exchange;
    struct walk walk;
    struct route route;
    struct buffer held; /* the frame so far, while it is not on its way */
    uint32_t left;      /* bytes of the frame that are still to come */
    uint64_t count;     /* requests begun on this connection */
    uint8_t stage;      /* enum request_stage */
    uint8_t answer;     /* enum answer */
    uint8_t got;        /* bytes in head */
    uint8_t head[TOKEN_HEAD_SIZE];
    bool walking;   /* the header or body is not walked to its end */
    bool acks_seen; /* Produce: whether it wants an answer is known */
    bool unanswered;
    uint8_t asked; /* our questions for this request that were answered, as bits by enum ask */
    end_id link;
};

/* The input of one call: [ frames on their way | this one so far | … ], with `start` and `cursor` between them. */
struct intake {
    struct span cursor;
    uint8_t *start;
};

/* What a stage returns: whether the next one can go on at once. */
enum progress { GO_ON, STOP };

struct conversation;

/* Bytes of the client; how many are used. With none, a request that waits is tried again. */
size_t request_input(struct conversation *conversation, struct span input);

/* While draining: finishes the conversation, unless a request is on its way that is not yet passed whole. */
void request_drain(struct conversation *conversation);

#endif
