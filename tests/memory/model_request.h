/* SPDX-License-Identifier: Apache-2.0 */
/* What a model client asks, what must become of it, and what has.
 * Apart, because client, broker and net each look at one side of it. */
#ifndef KBRIDGE_TESTS_MODEL_REQUEST_H
#define KBRIDGE_TESTS_MODEL_REQUEST_H

#include "proxy/bridge/conversation.h"

enum { MODEL_REQUESTS_MAX = 32, MODEL_OWN_CORRELATION_ID = 0x6b627267 /* of kbridge's questions */ };

/* What may happen to a request. */
enum model_kind {
    MODEL_FORWARDED, /* reaches one broker, whose answer comes back */
    MODEL_TOKEN,     /* a bare SASL token: likewise, without correlation id */
    MODEL_GATHERED,  /* reaches every broker, and their answers are merged */
    MODEL_REFUSED,   /* kbridge answers it itself (ApiVersions of an unknown version, an unknown session) */
    MODEL_BAD,       /* ends the conversation */
};

struct model_request {
    struct buffer frame;    /* as the client sends it */
    struct buffer expected; /* the response as the client must see it; empty until a broker has made it */
    int16_t api_key, api_version;
    int32_t correlation_id;
    uint8_t kind;         /* enum model_kind */
    bool unanswered;      /* acks=0 */
    bool accepted;        /* a token that every broker accepts */
    bool consumed;        /* all bytes of its answer were taken by the conversation */
    bool has_hosts;       /* its answer may hold addresses */
    bool shares, goes_on; /* it is of a share session, which was begun before */
    bool telemetry;       /* goes where the first of the client's went */
    bool told_response;   /* facts.response came */
    int life;           /* of a topic that it names by the id of that life; MODEL_NOBODY: by name, or none */
    int thing;          /* whose server it belongs to (model_moves.h), or MODEL_NOBODY … */
    int broker;         /* … and then the index of the one it belongs to, or MODEL_NOBODY: any */
    int sent_at;        /* step at which the client sent it */
    int link;           /* on which it was sent, or MODEL_NOBODY: not yet */
    int came_to;        /* index of the broker that got it */
    unsigned parts;     /* MODEL_GATHERED: brokers that got it, as bits */
    int32_t session;    /* Fetch: the session that it begins or goes on with, 0 none */
    int begun_by;       /* the request that began the session, or MODEL_NOBODY */
    bool session_known; /* the client knew of the session when it sent this */
    bool view_known;    /* the view knew that there are several brokers, likewise */
    struct buffer blanked; /* the frame without its rack; empty where it names none */
    enum reason reason;    /* MODEL_BAD: why it ends */
};

struct model_client;

/* What the client will ask. */
void model_requests_make(struct model_client *client);
/* "Fetch v12 #7" */
void model_request_name(const struct model_request *request, char text[static 48]);

#endif
