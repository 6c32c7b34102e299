/* SPDX-License-Identifier: Apache-2.0 */
/* What is awaited: by the client, and from each link.
 * Private to bridge/; see parts.h for the two queues. */
#ifndef KBRIDGE_BRIDGE_PENDING_H
#define KBRIDGE_BRIDGE_PENDING_H

#include "proxy/bridge/conversation.h"
#include "proxy/bridge/ring.h"

enum answer {
    ANSWER_FROM_LINK,
    ANSWER_TOKEN,       /* a bare SASL token, behind SaslHandshake v0 */
    ANSWER_VERSION_OWN, /* ours: an ApiVersions request of a version that we do not know (KIP-511) */
    ANSWER_GATHERED,    /* made of those of every broker */
    ANSWER_SESSION_OWN, /* ours: a fetch session that is not known here (any more) */
};

/* A request of the client whose answer is not through. */
struct pending {
    struct exchange exchange;
    uint64_t coordinator; /* what the view knows the key of the route by (view_coordinator_hash), 0: none */
    end_id link;
    uint8_t answer; /* enum answer */
};

enum whose {
    DUE_CLIENT, /* goes on to the client, when its turn comes */
    DUE_PART,   /* a part of an answer to the client, read at once */
    DUE_OWN,    /* the answer to a question of kbridge */
    DUE_PROOF,  /* the answer to what the client has proven elsewhere, repeated */
};

/* An answer that a link owes. */
struct due {
    uint32_t ticket; /* of the pending, but for DUE_OWN and DUE_PROOF */
    uint8_t whose;   /* enum whose */
};

#endif
