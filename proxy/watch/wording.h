/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences of the log about clients and the cluster, from plain data.
 * Apart, so that what people read stands in one place, and is tested word by word. */
#ifndef KBRIDGE_WATCH_WORDING_H
#define KBRIDGE_WATCH_WORDING_H

#include "proxy/bridge/facts.h"
#include "proxy/bridge/told.h"
#include "proxy/bridge/view.h"
#include "proxy/watch/line.h"

/* What stands behind the client's name (see log_say). */
void wording_came(struct line *line, const char *software, const struct told *told);
void wording_forwarded(struct line *line, const struct address *target);
void wording_doubt(struct line *line, const struct place *place, const struct told *told);
/* This one stands alone. */
void wording_hint(struct line *line, const struct told *told);

struct departure {
    enum reason reason;
    const char *sentence; /* with the values of the case; may be "" */
    uint64_t bytes_from, bytes_to;
    uint32_t unanswered; /* requests */
};

void wording_gone(struct line *line, const struct departure *departure);
/* A port check is of no interest, a mistake or a broken connection is a warning, all else is information. */
enum level wording_gone_level(const struct departure *departure);

void wording_cluster(struct line *line, const struct view *view);

#endif
