/* SPDX-License-Identifier: Apache-2.0 */
/* One client with its links and its conversation, from accept to the last closed handle.
 * Apart, because it alone decides when a client is accepted, when its sockets are closed and when all is freed.
 *
 *     OPEN ──close ordered──► FLUSHING ──all sent──► LINGERING ──client closed──► CLOSED ──handles closed──► freed
 *
 * FLUSHING sends what was ordered for the client. LINGERING has said "no more" and waits for the client to close:
 * a socket that is closed with unread input sends a reset, which can destroy the last answer on its way. Both
 * have a time limit, and throw away what the client still sends. Without a client (the probe) OPEN becomes CLOSED. */
#ifndef KBRIDGE_NET_CONNECTION_H
#define KBRIDGE_NET_CONNECTION_H

#include "proxy/net/end.h"

enum connection_state { CONNECTION_OPEN, CONNECTION_FLUSHING, CONNECTION_LINGERING, CONNECTION_CLOSED };

enum {
    SOCKETS_PER_CLIENT = 2, /* its own, and a link */
    FLUSH_MS = 10000,       /* a client that takes no answer for so long does not want it */
    LINGER_MS = 1000,       /* a client that is there closes within a round trip */
    STOP_MS = 1000,         /* both together when kbridge stops: less than `docker stop` waits */
};

struct listener;
struct worker;

struct connection {
    struct worker *worker;
    struct connection *next, *previous; /* all of the worker */
    struct conversation *conversation;  /* NULL: CLOSED */
    struct end *client;                 /* NULL: the probe's */
    struct end **links;                 /* by link index, NULL where there is none; owned */
    uint64_t deadline_ms;               /* FLUSHING, LINGERING */
    uint16_t link_room;
    uint16_t handle_count; /* ends not freed yet */
    uint8_t state;         /* enum connection_state */
    bool counted : 1;      /* its client is one of totals.client_count */
    bool unsettled : 1;    /* call_end has work */
    bool starved : 1;      /* an order could not be carried out for want of memory */
    bool over : 1;         /* close was ordered */
};

/* Accepts a client; unless it is ACCEPTED it still waits to be. ACCEPT_FULL: limits.connections, or no sockets are left. */
enum accept { ACCEPTED, ACCEPT_FULL, ACCEPT_NO_MEMORY };
enum accept connection_accept(struct listener *listener);

/* A connection without a client, whose conversation asks the cluster. NULL: out of memory. */
struct connection *connection_new_probe(struct worker *worker);

/* Ends the conversation from outside: what was ordered is still sent. */
void connection_end(struct connection *connection, enum reason reason, const char *sentence);

/* Ends it when no request of its client is under way any more, at once where none is. */
void connection_drain(struct connection *connection);

/* Its conversation has ordered close: sends what was ordered for the client, then closes. */
void connection_finish(struct connection *connection);

/* Closes all sockets now, whatever waits in them. Twice is harmless. */
void connection_close(struct connection *connection);

/* For whoever records: bytes of its client (server.h, heard). */
void connection_heard(const struct connection *connection, enum direction direction, struct bytes bytes);

/* When connection_tick wants to be called; UINT64_MAX: not at all. It may free the connection. */
uint64_t connection_due_ms(const struct connection *connection);
void connection_tick(struct connection *connection, uint64_t now_ms);

/* What happens at its ends, where it is not the conversation's matter (call.h): SHUT_DONE; its handle has closed. */
void connection_shut(struct end *end);
void connection_released(struct end *end);

#endif
