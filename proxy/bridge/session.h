/* SPDX-License-Identifier: Apache-2.0 */
/* The fetch sessions of one client: each lives in one node (KIP-227), whatever partitions it names.
 * Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_SESSION_H
#define KBRIDGE_BRIDGE_SESSION_H

#include "proxy/bridge/conversation.h"

/* A client has one session per node and fetcher. With more the oldest is forgotten, which costs it a full fetch. */
enum { SESSIONS_MAX = 1024 };

struct session {
    int32_t id;
    end_id link;
};

/* All zero is empty. */
struct sessions {
    struct session *at;
    uint16_t count, room, oldest; /* oldest: the next to be replaced, where there are SESSIONS_MAX */
};

/* The link of a session; CLIENT where it is not known. */
end_id sessions_find(const struct sessions *sessions, int32_t id);

/* Out of memory: it is not kept, and its next use is answered FETCH_SESSION_ID_NOT_FOUND. */
void sessions_learn(struct sessions *sessions, const struct allocator *allocator, int32_t id, end_id link);

/* The link is gone, and with it its sessions. */
void sessions_forget_link(struct sessions *sessions, end_id link);

void sessions_free(struct sessions *sessions, const struct allocator *allocator);

#endif
