/* SPDX-License-Identifier: Apache-2.0 */
/* One end of a connection: the socket of the client, or of a link, with what waits at it in both directions.
 * Apart, because reading, sending and closing are the same for both, and know nothing of what they carry.
 *
 *      socket ──► shared read buffer ──► conversation          used < len: the rest is kept here
 *      socket ◄── one write per call ◄── conversation          not sent at once: queued here, until it drains
 *
 * An idle end has neither rest nor queue. It is freed when its handle has closed, in a later turn of the loop:
 * whoever holds a pointer to it during a call may use it until the call returns. */
#ifndef KBRIDGE_NET_END_H
#define KBRIDGE_NET_END_H

#include <uv.h>

#include "proxy/bridge/conversation.h"

struct connection;
struct dial;

enum end_state {
    END_DIALLING, /* a link that is not up yet */
    END_OPEN,
    END_BROKEN,  /* nothing more is read or sent */
    END_CLOSING, /* its handle is being closed */
};

/* Our half of the connection: open; closed once the queue is sent; closed. */
enum shut_state { SHUT_NOT, SHUT_ORDERED, SHUT_DONE };

struct end {
    uv_tcp_t tcp;
    struct connection *connection;
    struct dial *dial; /* END_DIALLING; owned */
    uint8_t *rest;     /* input that the conversation has left unused; owned */
    uint32_t rest_len;
    uint32_t queued; /* bytes handed to uv_write and not sent yet */
    int32_t error;   /* the first error of the socket (UV_E…), 0 none */
    end_id id;
    uint8_t state;    /* enum end_state */
    uint8_t shut;     /* enum shut_state */
    bool wanted : 1;  /* the conversation wants to read it … */
    bool again : 1;   /* … and to be given the rest again */
    bool reading : 1; /* libuv reads it */
    bool at_eof : 1;  /* the other side sends no more */
    bool told : 1;    /* the conversation knows of at_eof, or of the error */
};

/* END_DIALLING, with a handle that is initialised. NULL: out of memory. */
struct end *end_new(struct connection *connection, end_id id);

/* Its socket is connected. */
void end_open(struct end *end);

/* Sends what the socket takes now, and copies the remainder into the queue. `total` is the sum of the parts. */
void end_send(struct end *end, const uv_buf_t *parts, unsigned count, size_t total);

/* Half-close, once the queue has been sent; connection_shut is called then. */
void end_shut(struct end *end);

/* Starts or stops libuv's reading, where that is a change. */
void end_read(struct end *end, bool on);

/* Keeps `rest` in place of the present rest, of which it must be the end where there is one. False: out of
 * memory. */
bool end_keep_rest(struct end *end, struct bytes rest);

/* END_DIALLING: closes the socket of a failed attempt; dial_go_on is called with a fresh handle. */
void end_reset(struct end *end);

/* Forgets what waits at it; it is freed when its handle has closed. Twice is harmless. */
void end_close(struct end *end);

#endif
