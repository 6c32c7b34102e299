/* SPDX-License-Identifier: Apache-2.0 */
/* Whether Kafka answers: /readyz, at once where that is known, else when the probe has found out.
 * Apart from admin.c, because who waits here waits for the probe, and everybody else for a round of the workers. */
#ifndef KBRIDGE_ADMIN_READY_H
#define KBRIDGE_ADMIN_READY_H

#include "proxy/admin/http.h"
#include "proxy/net/worker.h"

struct ready_waiter {
    struct http_connection *connection; /* NULL: free */
    uint64_t asked_ms;
};

struct ready {
    struct worker *worker; /* whose probe is asked */
    struct ready_waiter waiters[HTTP_CONNECTIONS_MAX];
};

/* True where Kafka answers, as far as is known; else `why` says why not. */
bool ready_is(const struct worker *worker, struct sentence *why);

/* Answers now, or lets the probe ask: then true, and ready_look answers. */
bool ready_ask(struct ready *ready, struct http_connection *connection);

/* Answers all who can be answered by now, or have waited too long: when the probe has an answer, and about each second. */
void ready_look(struct ready *ready);

bool ready_is_awaited(const struct ready *ready);
void ready_forget(struct ready *ready, const struct http_connection *connection);

#endif
