/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets on which clients come: opened from the settings, paused when accepting fails, closed at the end.
 * Apart, because what can go wrong here is a person's mistake or a full machine, and each is told in a sentence. */
#ifndef KBRIDGE_NET_LISTENER_H
#define KBRIDGE_NET_LISTENER_H

#include <uv.h>

#include "proxy/net/sockaddr.h"

struct worker;

enum { LISTENER_PAUSE_MS = 1000 }; /* after accept has failed; clients are refused by the kernel meanwhile */

struct listener {
    uv_tcp_t tcp;
    uv_tcp_t refused; /* a client that there is no room for, while it is being closed … */
    bool next_waits;  /* … and the next one, not accepted yet */
    union sockaddr_ip at;
    struct worker *worker;
    const struct address *target; /* of a forward, borrowed; NULL: clients of Kafka come here */
    uint64_t resume_ms;           /* closed until then; 0: it is open, UINT64_MAX: it is not, and stays so */
};

struct listeners {
    struct listener *at; /* owned; an open handle is never moved */
    size_t count, room;
    uint64_t refused_told_ms;
    bool joins; /* whichever is opened now has its address together with those of other workers */
};

/* Listens on every address of every `listen` of the settings, and of every forward. False: facts.say has told why. */
bool listeners_open(struct listeners *listeners, struct worker *worker);
/* Listens where those of another worker, which has opened them and does not run yet, do. False: see above. */
bool listeners_join(struct listeners *listeners, struct worker *worker, const struct listeners *first);
/* Adds one, and listens. False: there is no room, or it stays closed, and facts.say has told why. */
bool listeners_add(struct listeners *listeners, struct worker *worker, const struct sockaddr *address);
bool listener_is_open(const struct listener *listener);
void listeners_close(struct listeners *listeners);
void listeners_free(struct listeners *listeners); /* only when the handles have closed */

/* True where `address` leads to one of these sockets. */
bool listeners_serve(const struct listeners *listeners, const struct sockaddr *address);

/* True where clients of Kafka find both 127.0.0.1 and ::1, on every port on which they find either. */
bool listeners_serve_both_loopbacks(const struct listeners *listeners);

/* When listeners_tick wants to be called; UINT64_MAX: not at all. */
uint64_t listeners_due_ms(const struct listeners *listeners);
void listeners_tick(struct listeners *listeners, uint64_t now_ms);

#endif
