/* SPDX-License-Identifier: Apache-2.0 */
/* One conversation in memory: a client, links, and a page with every order, so that a test is a scene and its page.
 * Apart, because all tests of requests, replies, links and questions are such scenes.
 *
 *     dial link 0: kafka:9092            client off              the client is not read
 *     link 0 <- Metadata v1 #5           shut link 0             half-close
 *     client <- #5, 31 bytes             drop link 1
 *     close CLIENT_CLOSED: the sentence
 *
 * A line with "<-" appears when a frame is complete. Bytes that the conversation leaves unused are given again as net
 * does it: in front of what follows, when it is ordered to read that end. */
#ifndef KBRIDGE_TESTS_BRIDGE_TALK_H
#define KBRIDGE_TESTS_BRIDGE_TALK_H

#include "proxy/bridge/conversation.h"
#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

#include "tests/unit/kafka/memory.h"
#include "tests/unit/kafka/pages.h"

#define GIVENS(...)                                                                                          \
    ((struct givens){(const struct given[]){__VA_ARGS__},                                                    \
                     sizeof((const struct given[]){__VA_ARGS__}) / sizeof(struct given)})
#define NONE_GIVEN ((struct givens){NULL, 0})

enum { TALK_LINKS = 8, TALK_BYTEWISE = 1 << 20 };

struct talk_end {
    struct buffer kept; /* came in, not yet used */
    struct buffer sent; /* all that was ordered for this end */
    size_t told;        /* of it, in whole frames that the page has */
    bool off;           /* ordered not to read */
    bool stuck;         /* left bytes unused: not given again before it is ordered to be read */
    bool again;         /* ordered to be read during the call */
    bool dialled, dropped;
};

struct talk {
    struct memory memory, own; /* of the code under test, of the test */
    struct bridge bridge;
    struct surroundings surroundings;
    struct address upstream[2];
    struct place place;
    struct conversation *conversation;
    struct page page;
    struct talk_end client, links[TALK_LINKS];
    size_t cut;     /* how each send comes in: 0 whole, TALK_BYTEWISE, else split there */
    size_t longest; /* send so far */
    bool raw;       /* "<-" lines show the bytes */
    bool tells_facts;
    bool has_input; /* of every link that is not read */
    bool says;      /* what people are told has a line */
    bool over;
};

/* One bootstrap address kafka:9092, a client of localhost:29092, nothing known of the cluster. Change what the scene needs,
 * then connect. */
void talk_begin(struct talk *talk);
void talk_connect(struct talk *talk);
/* Without a client: kbridge itself. */
void talk_connect_probe(struct talk *talk);
/* Everything is given back. */
void talk_end(struct talk *talk);

/* Brokers 1 … count of the cluster, at kafka1:9091 … are known. */
void talk_learn_brokers(struct talk *talk, int count);
void talk_learn_leader(struct talk *talk, const char *topic, int32_t partition, int32_t leader);

/* Bytes that arrive, and how the page goes on. */
void talk_send(struct talk *talk, end_id from, struct bytes bytes);
void talk_send_hex(struct talk *talk, end_id from, const char *hex);
void talk_request(struct talk *talk, int key, int version, int32_t correlation_id, struct givens givens);
void talk_answer(struct talk *talk, end_id link, int key, int version, int32_t correlation_id,
                 struct givens givens);
void talk_up(struct talk *talk, end_id link);
void talk_failed(struct talk *talk, end_id link, enum reason reason, const char *why);
void talk_eof(struct talk *talk, end_id from);
void talk_broken(struct talk *talk, end_id end, const char *why);
void talk_tick(struct talk *talk, uint64_t now_ms);

/* The page since the last time. */
void talk_expect(struct talk *talk, const char *claim, const char *expected);
/* All that was sent to an end so far. */
void talk_expect_sent(struct talk *talk, const char *claim, end_id to, const char *hex);

/* Plays the scene whole, byte by byte, and with each send split at every place: `expected` is what the page gives. */
void talk_every_way(const char *claim, void (*scene)(struct talk *talk), const char *expected);

#endif
