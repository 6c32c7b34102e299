/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving and sending frames; see peer.h. */
#include "tests/bench/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

void peer_die(const char *sentence)
{
    fprintf(stderr, "%s: %s.\n", sentence, strerror(errno));
    exit(EXIT_FAILURE);
}

uint32_t peer_number(const uint8_t *at, size_t width)
{
    uint32_t number = 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | at[i];
    return number;
}

/* Edge-triggered for both directions, so that no system call changes what is watched. */
void peer_open(struct peer *peer, int fd, int epoll)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = peer};
    *peer = (struct peer){.fd = fd};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        peer_die("A socket cannot be watched");
}

void peer_close(struct peer *peer)
{
    close(peer->fd);
}

/* ---- receiving ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void take(struct peer *peer, struct bytes input, peer_on_frame *on_frame, void *context)
{
    while (input.len) {
        bool in_head = peer->head_len < PEER_HEAD;
        size_t part = smaller(input.len, in_head ? PEER_HEAD - peer->head_len : peer->body_left);
        if (in_head) {
            memcpy(peer->head + peer->head_len, input.at, part);
            peer->head_len += part;
            if (peer->head_len < PEER_HEAD)
                return;
            peer->body_left = peer_number(peer->head, 4) + 4 - PEER_HEAD;
        } else {
            peer->body_left -= part;
        }
        input.at += part;
        input.len -= part;
        if (peer->body_left == 0) {
            peer->head_len = 0;
            on_frame(context, peer, peer->head);
        }
    }
}

/* The bytes read, up to `room`; 0 at the end of the connection, -1 when there are none now. */
static ssize_t read_some(struct peer *peer, uint8_t *into, size_t room, int flags)
{
    ssize_t len;
    do
        len = recv(peer->fd, into, room, flags);
    while (len < 0 && errno == EINTR);
    if (len < 0 && errno != EAGAIN && errno != ECONNRESET)
        peer_die("A connection cannot be read");
    return len < 0 && errno == ECONNRESET ? 0 : len;
}

bool peer_receive(struct peer *peer, peer_on_frame *on_frame, void *context)
{
    uint8_t buffer[PEER_READ];
    ssize_t len;
    size_t room;
    do {
        bool large = peer->body_left > PEER_READ;
        room = large ? peer->body_left - 1 : PEER_READ;
        len = read_some(peer, buffer, room, large ? MSG_TRUNC : 0);
        if (len > 0 && large)
            peer->body_left -= (size_t)len;
        else if (len > 0)
            take(peer, (struct bytes){buffer, (size_t)len}, on_frame, context);
    } while (len > 0 && (size_t)len == room);
    return len != 0;
}

/* ---- sending ---- */

void peer_push(struct peer *peer, struct bytes frame, size_t at, uint32_t correlation_id)
{
    if (peer->queue_len == PEER_QUEUE) {
        fprintf(stderr, "More than %d frames wait to be sent on one connection.\n", PEER_QUEUE);
        exit(EXIT_FAILURE);
    }
    uint32_t slot = (peer->queue_first + peer->queue_len++) % PEER_QUEUE;
    uint8_t *head = peer->queue[slot].head;
    peer->queue[slot].frame = frame;
    memcpy(head, frame.at, PEER_HEAD);
    for (size_t i = 0; i < 4; i++)
        head[at + i] = (uint8_t)(correlation_id >> (8 * (3 - i)));
}

static size_t gather(const struct peer *peer, struct iovec *parts)
{
    size_t count = 0, skip = peer->sent;
    for (uint32_t i = 0; i < peer->queue_len; i++) {
        uint32_t slot = (peer->queue_first + i) % PEER_QUEUE;
        size_t head_gone = smaller(skip, PEER_HEAD), rest_gone = skip - head_gone;
        const struct bytes *frame = &peer->queue[slot].frame;
        const uint8_t *head = peer->queue[slot].head + head_gone, *rest = frame->at + PEER_HEAD + rest_gone;
        parts[count++] = (struct iovec){(void *)(uintptr_t)head, PEER_HEAD - head_gone};
        parts[count++] = (struct iovec){(void *)(uintptr_t)rest, frame->len - PEER_HEAD - rest_gone};
        skip = 0;
    }
    return count;
}

static void drop_sent(struct peer *peer, size_t len)
{
    peer->sent += len;
    while (peer->queue_len && peer->sent >= peer->queue[peer->queue_first].frame.len) {
        peer->sent -= peer->queue[peer->queue_first].frame.len;
        peer->queue_first = (peer->queue_first + 1) % PEER_QUEUE;
        peer->queue_len--;
    }
}

void peer_flush(struct peer *peer)
{
    while (peer->queue_len) {
        struct iovec parts[2 * PEER_QUEUE];
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = gather(peer, parts)};
        ssize_t len = sendmsg(peer->fd, &message, MSG_NOSIGNAL);
        if (len < 0 && (errno == EAGAIN || errno == EPIPE || errno == ECONNRESET))
            return; /* a connection that is gone shows when it is read */
        if (len < 0 && errno != EINTR)
            peer_die("A connection cannot be written");
        if (len > 0)
            drop_sent(peer, (size_t)len);
    }
}
