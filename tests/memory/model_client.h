/* SPDX-License-Identifier: Apache-2.0 */
/* A model client, its conversation, and the links of that.
 * Apart, because several of them share one view. */
#ifndef KBRIDGE_TESTS_MODEL_CLIENT_H
#define KBRIDGE_TESTS_MODEL_CLIENT_H

#include "tests/memory/model_broker.h"
#include "tests/memory/model_fault.h"

enum { MODEL_LINKS_MAX = 10 }; /* one for each broker, the bootstrap address and questions */

struct model;

struct model_client {
    struct model *model;
    int number;
    struct conversation *conversation;
    struct place place; /* what its socket shows */
    bool exact;         /* requests are not routed: the socket says where to (exact.h) … */
    int only;           /* … to the broker with this index, or MODEL_NOBODY: to any one */
    struct model_end end;
    struct model_request requests[MODEL_REQUESTS_MAX];
    int request_count;
    int sent;         /* requests in the inbox so far */
    int due;          /* the request whose response is the next … */
    size_t due_at;    /* … and how much of it has come */
    int must_deliver; /* so many requests must be through before it may end */
    struct model_link links[MODEL_LINKS_MAX];
    struct span running; /* input of the running call */
    bool in_call;
    int names_node; /* the request that names the node for all that follow (ApiVersions v5), or MODEL_NOBODY */
    bool bound;     /* … and kbridge knew that node */
    unsigned shares; /* brokers in which it has begun a share session, as bits */
    int telemetry;   /* index of the broker that got its first telemetry request, or MODEL_NOBODY */
    int proof;       /* the token that is repeated on further links, behind its handshake, or MODEL_NOBODY */
    bool prober;     /* no client: conversation_ask_cluster */
    bool stalled;    /* reads nothing: as little is read from the links */
    bool silent;     /* sends no more, and does not say so */
    bool loop;       /* the next dial finds that it is kbridge itself */
    bool closed;     /* close was ordered */
    bool over;       /* … and the conversation is freed */
    uint64_t taken, used; /* bytes to the client, and from it */
    unsigned faults;      /* of enum model_fault: that have happened */
    unsigned plan;        /* … and that will, */
    int plan_step;        /* but not before this step */
    uint32_t chunk_most;
    int window;
    int facts_client, facts_requests;
};

/* Bytes that are sent to the client. */
void model_client_take(struct model_client *client, struct bytes bytes);
/* It has the answers to all that it will ask. */
bool model_client_is_served(const struct model_client *client);
void model_client_free(struct model_client *client);

#endif
