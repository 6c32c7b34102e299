/* SPDX-License-Identifier: Apache-2.0 */
/* What a conversation reports of itself, for whoever watches.
 * Apart, because bridge/ does not know watch/: it calls these pointers, any of which may be NULL. */
#ifndef KBRIDGE_BRIDGE_FACTS_H
#define KBRIDGE_BRIDGE_FACTS_H

#include "proxy/bridge/reason.h"
#include "proxy/kafka/sentence.h"
#include "proxy/kafka/walk.h"

struct conversation;
struct view;

/* In the place of a node id: kbridge answers itself. */
enum { NODE_KBRIDGE = -4 };

/* One request and its response. */
struct exchange {
    uint64_t number; /* of the request on its connection, from 0 */
    int16_t api_key;
    int16_t api_version;
    int32_t correlation_id;
    int32_t node;           /* node id of the link, NODE_BOOTSTRAP, or NODE_KBRIDGE */
    uint32_t request_size;  /* bytes of the frame, its length prefix included */
    uint32_t response_size; /* 0 until the response came; stays 0 for acks=0 */
    uint8_t watched; /* not 0: the fields of request and response are reported, for whom the bits say */
};

enum level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

struct facts {
    void *context;

    /* What becomes of exchange.watched when a request begins. Where it is not 0 the request and its response are walked to
     * their ends, where the tables know them, and `field` is called. May change at any time; NULL: always 0. */
    const _Atomic uint8_t *wants_fields;

    /* The client has said who it is (conversation_client_id, …_software, …_told): once, after its first
     * request that tells, before any response. */
    void (*client)(void *context, const struct conversation *conversation);

    /* A request goes to its link, or kbridge answers it itself. Fields come before it as well as after it, as the body passes. */
    void (*request)(void *context, const struct conversation *conversation, const struct exchange *exchange);

    /* A step on a field with a role, of a watched exchange. `exchange->number` tells the request; for REQUEST fields it may be called
     * before `request` (number, api_key and api_version are right then, node is not known yet). */
    void (*field)(void *context, const struct conversation *conversation, const struct exchange *exchange,
                  enum direction direction, enum walk_step step, const struct walk_event *event);

    /* The response has passed whole, or, for acks=0, the request: nothing more comes for this exchange. */
    void (*response)(void *context, const struct conversation *conversation, const struct exchange *exchange);

    /* What is known of the cluster has changed (or was learned first). */
    void (*cluster)(void *context, const struct view *view);

    /* Something that a person should know: a broker that cannot be dialled, an address that is surely wrong.
     * `conversation` may be NULL. */
    void (*say)(void *context, const struct conversation *conversation, enum level level,
                const struct sentence *sentence);

    /* Of an exchange that is watched so: the roles whose fields are wanted; others may be told as well. The fewer, the less it costs.
     * NULL: all. */
    uint64_t (*roles)(uint8_t watched);
};

static inline uint64_t facts_roles(const struct facts *facts, const struct exchange *exchange)
{
    if (!exchange->watched)
        return 0;
    return facts->roles ? facts->roles(exchange->watched) : WALK_ALL;
}

#endif
