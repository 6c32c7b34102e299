/* SPDX-License-Identifier: Apache-2.0 */
/* A worker between sockets of the test's own, all in one thread: the test moves bytes, then lets the loop turn.
 * Apart, because every test of net/ with sockets needs it. */
#ifndef KBRIDGE_TESTS_NET_RIG_H
#define KBRIDGE_TESTS_NET_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proxy/net/connection.h"
#include "proxy/net/worker.h"

/* What relays are to do, and what became of them. */
struct script {
    size_t sip;   /* use at most so many bytes of an input, and not always as many; 0: all */
    size_t shred; /* send in pieces of at most so many bytes, passed and written in turn; 0: pass all */
    const char *farewell; /* the answer to a client's first bytes, which are left unused; then it is over */
    int redials;          /* after a failed dial, with the next bootstrap address */
    bool no_memory;       /* for a conversation */
    bool awaits;          /* an answer, when it is told to drain */
    bool wants_sasl;      /* the broker tells kbridge itself nothing */
    unsigned born, freed;
    enum reason reason; /* of the last one that ended */
    char sentence[SENTENCE_ROOM];
    char dial_failure[SENTENCE_ROOM];
};

enum { RIG_PATIENCE_MS = 60000, RIG_UPSTREAMS = 2 };

struct rig {
    struct script script; /* first: facts.context points to it, and from there to the rig */
    struct worker worker;
    struct totals totals;
    struct server_settings settings;
    struct address listen;
    struct address upstream[RIG_UPSTREAMS];
    struct address listening[4];
    unsigned listening_count;
    unsigned gone;
    char log[8][SENTENCE_ROOM]; /* the first lines */
    unsigned log_count;
    int broker; /* listens; upstream[0] until the test says otherwise */
};

/* The broker listens on 127.0.0.1, kbridge will on localhost:0. Settings can be changed before rig_start. */
void rig_open(struct rig *rig);
void rig_start(struct rig *rig);

/* Stops the worker, and fails unless all connections are freed and the loop is empty. */
void rig_close(struct rig *rig);

/* One turn of the loop, which waits for nothing. */
void rig_turn(struct rig *rig);

/* Turns until the condition is true; fails when it does not come to be. */
#define rig_wait(rig, condition)                                                                             \
    for (uint64_t since_ms_ = rig_clock_ms(); !(condition); rig_turn_again(rig, since_ms_, #condition))      \
    continue

void rig_turn_again(struct rig *rig, uint64_t since_ms, const char *condition);

uint64_t rig_clock_ms(void);

/* True when a line of the log so far holds the text. */
bool rig_logged(const struct rig *rig, const char *text);

/* Sockets of the test, which never block: a client; the broker's side of a link; both, with one byte gone from the
 * client to the broker. */
int rig_connect(struct rig *rig);
int rig_accept(struct rig *rig);
void rig_pair(struct rig *rig, int *client, int *broker);
int rig_listen(uint16_t *port); /* on 127.0.0.1 */

/* A port on which nobody listens, and which the kernel gives to nobody as long as this process lives; kbridge may. */
uint16_t rig_closed_port(void);

/* 0: end of file; -1: nothing there (EAGAIN), or an error. */
ssize_t rig_read(int fd, void *bytes, size_t len);

/* All of the text, or the end of file, and nothing else. */
void rig_send(struct rig *rig, int fd, const char *text);
void rig_expect(struct rig *rig, int fd, const char *text);
void rig_expect_eof(struct rig *rig, int fd);

/* The bytes of a stream, from their position: any piece out of place shows. */
void rig_fill(uint8_t *bytes, uint64_t position, size_t len);

/* One direction of traffic: sends the stream to `from` and checks what comes out of `to`. */
struct flow {
    int from, to;
    uint64_t total, sent, received;
    size_t piece; /* sent or read at most at once */
};

/* As much as goes now. Fails where a byte is out of place. */
void rig_flow(struct flow *flow);

#endif
