/* SPDX-License-Identifier: Apache-2.0 */
/* What kbridge asks the cluster itself.
 * Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_QUESTION_H
#define KBRIDGE_BRIDGE_QUESTION_H

#include "proxy/bridge/conversation.h"

enum ask { ASK_NOTHING, ASK_VERSIONS, ASK_CLUSTER, ASK_TOPIC, ASK_COORDINATOR };

struct question {
    uint8_t ask; /* enum ask: what is wanted, or under way */
    bool sent;
    bool for_cluster; /* conversation_ask_cluster, not a request */
    uint8_t key_type;
    end_id link;
    struct exchange exchange;
};

/* True where something has to be known before the current request can go to `node`, and was not asked for it yet: now it
 * is, and the client waits. */
bool question_ask_for(struct conversation *conversation, int32_t node);
/* The same for the cluster as a whole. */
bool question_ask_cluster(struct conversation *conversation);
/* Sends what is wanted, where a link is up. */
void question_advance(struct conversation *conversation);
/* True where a broker that has told its versions to kbridge itself was asked for more: to close then is what a listener
 * for SASL does. */
bool question_is_unproven(const struct conversation *conversation);
void question_answered(struct conversation *conversation);

#endif
