/* SPDX-License-Identifier: Apache-2.0 */
/* A traffic line as text.
 * Apart from the gathering, because there will be other forms of the same data. */
#ifndef KBRIDGE_WATCH_TEXT_H
#define KBRIDGE_WATCH_TEXT_H

#include "proxy/watch/log.h"
#include "proxy/watch/summary.h"

enum outcome {
    OUTCOME_ANSWERED,
    OUTCOME_UNWANTED, /* acks=0: there is no answer */
    OUTCOME_NONE,     /* the connection ended first */
};

/* The whole line, with its line break. */
void text_exchange(struct line *line, const struct summary *summary, const struct who *who, uint64_t wall_us,
                   uint64_t took_us, enum outcome outcome);

#endif
