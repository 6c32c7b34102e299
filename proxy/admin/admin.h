/* SPDX-License-Identifier: Apache-2.0 */
/* The admin listener: metrics, health and the page, beside the proxy on the loop of its worker.
 * Apart, because nothing of it is there unless admin.listen is given, and the proxy does not know of it (see struct beside).
 *
 *     browser, Prometheus ──HTTP──► http.c ──► admin.c: route, safety ─┬─► metrics.c, state.c ◄── meter, worker
 *                                                                      └─► page.html                            */
#ifndef KBRIDGE_ADMIN_ADMIN_H
#define KBRIDGE_ADMIN_ADMIN_H

#include "proxy/net/server.h"
#include "proxy/watch/watch.h"

/* All pointers are borrowed. */
struct admin_settings {
    const struct address *listen; /* admin.listen */
    struct clocks clocks;
    uint32_t worker_count;
    const char *version;
};

struct admin;

/* NULL: out of memory. */
struct admin *admin_new(const struct admin_settings *settings);
void admin_free(struct admin *admin);

/* Gets the warnings and errors of the log. */
struct alerts *admin_alerts(struct admin *admin);

/* Whose traffic the page shows. */
void admin_watch(struct admin *admin, struct watch *watch);

/* For the settings of the server. */
struct beside admin_beside(struct admin *admin);

#endif
