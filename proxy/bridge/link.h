/* SPDX-License-Identifier: Apache-2.0 */
/* Links: one connection of a client to one node of the cluster.
 * Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_LINK_H
#define KBRIDGE_BRIDGE_LINK_H

#include "proxy/bridge/pending.h"
#include "proxy/bridge/retry.h"

struct learner; /* learn.h */

/* The words are those of conversation_link. */
#define LINK_STATES(X)                                                                                       \
    X(IDLE, "idle") /* not dialled, or over and may be dialled again */                                      \
    X(DIALING, "dialling")                                                                                   \
    X(WAITING, "waiting") /* could not be reached; is dialled again at retry.at_ms */                        \
    X(PROVING, "proving") /* connected; the client is not proven there yet (sasl.h) */                       \
    X(UP, "up")                                                                                              \
    X(CLOSING, "closing") /* the broker has closed its half; what we send may still arrive */                \
    X(GONE,                                                                                                  \
      "gone") /* over, and an answer with it: the client's connection ends when what came before is    \
                       through */

enum link_state {
#define LINK_STATE(name, word) LINK_##name,
    LINK_STATES(LINK_STATE)
#undef LINK_STATE
};

/* Beside node ids, NODE_BOOTSTRAP, and NODE_UNKNOWN: the link that serves only our own questions. */
enum { NODE_QUESTIONS = -3 };

struct link {
    struct conversation *conversation;
    int32_t node;
    end_id id;
    uint8_t state; /* enum link_state */
    uint8_t got;   /* bytes in head */
    uint8_t head[8];
    bool unread;       /* we have ordered not to read it */
    bool shares;       /* the client has a share session there */
    bool heard;        /* it has answered once: what it speaks is Kafka */
    bool in_reply;     /* the head is through, `left` bytes of the frame are not */
    bool rewriting;    /* they go through `rewrite` */
    bool failed;       /* out of memory while learning */
    bool shaken;       /* PROVING: the handshake is through, the token is not … */
    bool challenged;   /* … SASL: the broker wants more than the token, … */
    bool session_ends; /* … or has said when the client must prove itself again */
    int16_t sasl_error;
    struct ring dues;
    struct buffer part; /* of the answer of all brokers */
    uint32_t left;
    struct exchange exchange; /* whose answer it is */
    uint64_t coordinator;     /* of its pending */
    uint8_t whose;            /* enum whose, of the reply that comes in */
    struct rewrite_rules rules;
    struct rewrite rewrite;
    struct learner *learner; /* while an answer is learned from */
    struct retry retry;
    uint64_t looked_ms,
        came_ms; /* unread: when it was last asked for bytes (0: no more), and found to have some */
};

/* The link to `node`, made and dialled where it is not there yet; CLIENT: out of memory or too many, and the conversation
 * has ended. It may not be up. */
end_id link_to(struct conversation *conversation, int32_t node);
/* Any link that is up with nothing owed, or one for questions, as above. */
end_id link_for_question(struct conversation *conversation);
struct link *link_at(const struct conversation *conversation, end_id link);
bool link_is_up(const struct link *link);
/* An answer is owed. False: out of memory, the conversation has ended. */
bool link_owes(struct conversation *conversation, end_id link, struct due due);
/* The client is proven there: it can be used. */
void link_proven(struct conversation *conversation, end_id link);
void link_tick(struct conversation *conversation, end_id link);
uint64_t link_due_ms(const struct link *link);
/* Reads the link or not, by whether what it owes next may be delivered now. */
void link_read_if_due(struct conversation *conversation, end_id link);
void link_gone(struct conversation *conversation, end_id link, enum reason reason, const char *why);
void link_free(struct conversation *conversation, struct link *link);
/* "node 1 at kafka:9092", "the broker at kafka:9092": who is meant, in a sentence. */
void link_name(const struct conversation *conversation, const struct link *link, struct sentence *sentence);

#endif
