/* SPDX-License-Identifier: Apache-2.0 */
/* One end of a connection that carries frames: what the load generator and the model broker have in common.
 * Apart, because it has one aim that neither of them needs to know: to cost so little that the proxy between
 * them is what is measured. Of a frame it looks at the first bytes only, and it sends each from one copy. */
#ifndef KBRIDGE_BENCH_PEER_H
#define KBRIDGE_BENCH_PEER_H

#include "proxy/kafka/bytes.h"

enum {
    PEER_HEAD = 12,    /* length prefix, and the header up to the correlation id */
    PEER_QUEUE = 64,   /* frames that wait to be sent; a power of two */
    PEER_READ = 65536, /* what is read at once; the body of a large frame is dropped inside the kernel */
};

struct peer {
    int fd;
    uint8_t head[PEER_HEAD]; /* of the frame that is being received */
    size_t head_len;
    size_t body_left;
    struct {
        struct bytes frame;
        uint8_t head[PEER_HEAD]; /* sent in place of the frame's first bytes */
    } queue[PEER_QUEUE];
    uint32_t queue_first, queue_len;
    size_t sent; /* of the first one in the queue */
};

/* A frame has arrived whole. */
typedef void peer_on_frame(void *context, struct peer *peer, const uint8_t head[PEER_HEAD]);

/* Takes over a connected socket and watches it with this epoll instance; the event's pointer is the peer. */
void peer_open(struct peer *peer, int fd, int epoll);
void peer_close(struct peer *peer);

/* Reads all that is there. False: the other side has closed the connection. */
bool peer_receive(struct peer *peer, peer_on_frame *on_frame, void *context);

/* Queues the frame with this correlation id, which stands at `at`. */
void peer_push(struct peer *peer, struct bytes frame, size_t at, uint32_t correlation_id);

/* Sends what is queued, in as few system calls as the socket allows; to be called after pushes and on each event. */
void peer_flush(struct peer *peer);

/* Ends the process with this sentence and what errno says. */
_Noreturn void peer_die(const char *sentence);

uint32_t peer_number(const uint8_t *at, size_t width);

#endif
