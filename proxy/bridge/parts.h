/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a conversation, as the files of this room share them.
 * Apart from conversation.h, because nobody outside may look in.
 *
 *   conversation.c   birth, death, what net calls
 *   request.c        client bytes ──► where does it belong ──► on its way      (struct request)
 *   place.c            … to which link, or to all, or nowhere: the answer is ours
 *   bind.c             … of exact modes: the socket says where
 *   refuse.c           … or what is wrong with it, in a sentence
 *   link.c           links: which one, dial, wait, end                         (struct link)
 *   reply.c          link bytes ──► whose answer ──► pass, rewrite, learn      (struct link)
 *   late.c           answers that wait for those of other links
 *   question.c       what kbridge asks itself                                  (struct question)
 *   learn.c          answers ──► view                                          (struct learner)
 *   alike.c          nodes that would be told the same
 *   gather.c         one request to every broker, one answer                    (struct gathering)
 *   retry.c          when a dial that failed is repeated                        (struct retry)
 *   relay.c          forwards: bytes that are not Kafka's, to a target and back  (struct relay)
 *   session.c        which node has which fetch session                        (struct sessions)
 *   sasl.c           what the client proves, repeated on further links          (struct sasl)
 *
 * Two kinds of queues keep the order. A client expects its answers in the order of its requests:
 *
 *   pendings   [ #7 Produce, link 0 ][ #8 Fetch, link 1 ][ #9 Metadata, link 0 ]        ◄ one per conversation
 *   dues       link 0: [ #7, the client's ][ a question of ours ][ #9, the client's ]   ◄ one per link
 *              link 1: [ #8, the client's ]                                             (paused until #7 is through)
 */
#ifndef KBRIDGE_BRIDGE_PARTS_H
#define KBRIDGE_BRIDGE_PARTS_H

#include "proxy/bridge/gather.h"
#include "proxy/bridge/learn.h"
#include "proxy/bridge/link.h"
#include "proxy/bridge/question.h"
#include "proxy/bridge/relay.h"
#include "proxy/bridge/reply.h"
#include "proxy/bridge/request.h"
#include "proxy/bridge/sasl.h"
#include "proxy/bridge/session.h"

enum wait { WAIT_NOTHING, WAIT_LINK, WAIT_ANSWER, WAIT_IN_FLIGHT };

enum { WHO_ROOM = 64 };

struct conversation {
    struct bridge *bridge;
    const struct orders *orders;
    void *net;
    struct place place;
    struct told told;
    struct request request;
    struct question question;
    struct relay relay;
    struct ring pendings;
    struct sessions sessions;
    struct sasl *sasl;           /* NULL: nothing is to be repeated */
    struct gathering *gathering; /* while a request to every broker is under way */
    struct link **links;
    struct sentence *sentence; /* why it ended */
    uint64_t bytes_from_client, bytes_to_client, last_input_ms;
    uint32_t doomed_at; /* ticket of the first pending that will never be answered */
    end_id link_count;
    uint16_t bootstrap;
    int16_t last_link; /* the link that was used last, or CLIENT for none */
    int16_t sharing;   /* the link whose share session was used last, likewise */
    int16_t telemetry; /* the link on which its telemetry began, likewise */
    int32_t bound;     /* the node that the client has named (ApiVersions v5, or bind.h), or NODE_UNKNOWN */
    int32_t number;    /* what its socket names (exact.h), or NUMBER_NONE */
    uint8_t reason;    /* enum reason */
    uint8_t wait;      /* enum wait: why the client is not read */
    bool told_of_late; /* that an answer waits for another node's */
    bool has_client, told_of_client, sasl_tokens, as_one;
    bool client_eof, client_shut, doomed, closed;
    bool draining;           /* no request of the client's is begun any more */
    void *watched[WATCHERS]; /* what those who watch keep of it */
    char client_id[WHO_ROOM], software[WHO_ROOM];
};

/* Ends it: remembers why, orders close. The first reason stays. `sentence` may be NULL. */
void conversation_close(struct conversation *conversation, enum reason reason,
                        const struct sentence *sentence);
void conversation_out_of_memory(struct conversation *conversation);
/* Half-closes the client, which will end it for this reason. */
void conversation_shut_client(struct conversation *conversation, enum reason reason,
                              const struct sentence *sentence);
/* Everything ahead of pending `ticket` is still delivered, then it closes for this reason. */
void conversation_doom(struct conversation *conversation, uint32_t ticket, enum reason reason,
                       const struct sentence *sentence);
/* Everything that is awaited is still delivered, then it closes for this reason: a broker, too, answers what came before
 * a request that it refuses. */
void conversation_finish(struct conversation *conversation, enum reason reason,
                         const struct sentence *sentence);
/* The client is not read while `wait`; conversation_go_on reads it again. */
void conversation_wait(struct conversation *conversation, enum wait wait);
void conversation_go_on(struct conversation *conversation, enum wait wait);
/* The first pending is answered. */
void conversation_answered(struct conversation *conversation);
/* Answers that are not a link's may be due now: those that are, and all that waited for its turn, go. */
void conversation_advance(struct conversation *conversation);
/* True where several brokers share the port, and nothing but the requests tells which one is meant. */
bool conversation_is_shared(const struct conversation *conversation);
/* True where it goes to one broker, as it would without kbridge: see bind.h. */
bool conversation_is_exact(const struct conversation *conversation);
void conversation_write(struct conversation *conversation, end_id to, struct bytes bytes);
void conversation_pass(struct conversation *conversation, end_id to, struct bytes part);
void *conversation_allocate(struct conversation *conversation, void *at, size_t size);

#endif
