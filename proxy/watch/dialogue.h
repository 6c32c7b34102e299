/* SPDX-License-Identifier: Apache-2.0 */
/* What a client and its broker say, as whoever stands beside them hears it: the bytes of both directions in, exchanges and
 * their fields out, and what may be a credential blanked.
 * Apart from bridge/, because nothing is decided or changed here: a recording is made fit to be kept by it, and
 * `kbridge traffic` hears it again. Messages are read by the walker, as everywhere.
 *
 *     requests   [length][key, version, correlation id][header][body]  ──► request, field …, (acks=0: response)
 *                            │ kept until it is answered
 *     responses  [length][correlation id][header][body]                ──► field …, response
 *
 * Blanked, with zeros in their place: fields of ROLE_SECRET and ROLE_CHALLENGE, bare SASL tokens, and each body that the
 * tables do not know or that does not fit them, since nobody can tell what is in it. */
#ifndef KBRIDGE_WATCH_DIALOGUE_H
#define KBRIDGE_WATCH_DIALOGUE_H

#include "proxy/bridge/facts.h"
#include "proxy/bridge/view.h"
#include "proxy/kafka/bytes.h"

/* Who hears it; what is NULL is not told. Fields of secrets are never told. */
struct hearing {
    void *context;
    /* Its head is here; node and response_size are not known. */
    void (*request)(void *context, const struct exchange *exchange);
    void (*field)(void *context, const struct exchange *exchange, enum direction direction,
                  enum walk_step step, const struct walk_event *event);
    /* The response is through, or, for acks=0, the request. */
    void (*response)(void *context, const struct exchange *exchange);
};

enum {
    DIALOGUE_HEAD_ROOM = 14,       /* of a request: length to length of the client id */
    DIALOGUE_AWAITED_MAX = 1 << 16 /* as many requests as one read can hold; who sends more is not followed */
};

/* A request whose response has not come. */
struct awaited {
    uint64_t number;
    uint32_t request_size;
    int32_t correlation_id, node;
    int16_t api_key, api_version;
};

/* One direction. */
struct ear {
    struct walk walk;
    struct exchange exchange; /* of the frame that passes */
    uint32_t left;            /* bytes of it that are still to come */
    uint8_t stage;            /* private to dialogue.c, as is what follows */
    uint8_t got;
    uint8_t head[DIALOGUE_HEAD_ROOM];
    bool is_told;    /* its request was heard too */
    bool unanswered; /* acks=0 */
};

struct dialogue {
    const struct hearing *hearing;
    struct ear ears[2];      /* by direction */
    struct awaited *awaited; /* owned; in the order of the requests */
    uint32_t first, count, room;
    uint64_t number; /* of the next request */
    bool tokens;     /* behind SaslHandshake v0 a frame may be a bare token */
    bool lost; /* this is no Kafka, or no longer understood: all that follows is blanked, nothing is told */
};

/* Borrows `hearing`. */
void dialogue_begin(struct dialogue *dialogue, const struct hearing *hearing);
void dialogue_free(struct dialogue *dialogue);

/* Takes bytes of one frame at most, and blanks in them what has to be; returns how many. */
size_t dialogue_hear(struct dialogue *dialogue, enum direction direction, struct span input);

/* The next byte of this direction begins a frame. */
bool dialogue_is_between(const struct dialogue *dialogue, enum direction direction);

/* Bytes of this direction are missing; what comes next begins a frame. */
void dialogue_skip(struct dialogue *dialogue, enum direction direction);

/* The request of this number goes to this node. */
void dialogue_route(struct dialogue *dialogue, uint64_t number, int32_t node);

/* The node of the response that passes, or comes next. */
int32_t dialogue_node(const struct dialogue *dialogue);

#endif
