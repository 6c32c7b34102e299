/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one line for one thing that happened, with time, level and whom it is about.
 * Apart, because it alone knows when to be silent: the same mistake made a thousand times a second is one
 * line and a count.
 *
 *     2026-11-24T03:04:05.678Z warn  client 172.18.0.1:53422 went: …
 *     2026-11-24T03:04:06.679Z warn  client 172.18.0.1:53422 went: … (… 999 more like this in the last 1 s)
 *
 * Lines are alike when level, peer and text are, whatever the peer's port. Of alike errors and warnings the
 * first is printed, of others the first LOG_ALIKE; the rest are counted. The count comes out when its time is
 * over (1 s, then every 10 s for as long as it goes on) and something is logged, or at log_flush: the log has
 * no timer. */
#ifndef KBRIDGE_WATCH_LOG_H
#define KBRIDGE_WATCH_LOG_H

#include "proxy/bridge/facts.h"
#include "proxy/watch/alerts.h"
#include "proxy/watch/sink.h"

enum {
    LOG_ALIKE = 20,   /* a client of several brokers comes with this many connections at once */
    LOG_REPEATS = 16, /* different sentences that may repeat at the same time; the oldest makes room */
    LOG_FIRST_MS = 1000,
    LOG_NEXT_MS = 10000,
};

/* Whom a line is about; borrowed. */
struct who {
    const struct place *place; /* NULL: kbridge itself */
    const char *client_id;     /* foreign text; "" where unknown */
    const char *software;      /* likewise; NULL is "" */
    const struct told *told;   /* NULL: unknown */
};

/* A line that may repeat. */
struct repeat {
    bool used;
    enum level level;
    uint64_t key;
    uint64_t begun_us, window_us;
    uint64_t printed, hidden;
    struct line text;
};

struct log {
    enum level level; /* the least that is printed */
    struct sink sink;
    struct clocks clocks;
    struct alerts *alerts; /* also get all errors and warnings; NULL: nobody wants them */
    struct repeat repeats[LOG_REPEATS];
};

void log_init(struct log *log, enum level level, struct sink sink, struct clocks clocks);

static inline bool log_wants(const struct log *log, enum level level)
{
    return level <= log->level;
}

/* `text` stands right behind the client's name: it begins with a space, or with ": ". */
void log_say(struct log *log, enum level level, const struct who *who, const char *text);

/* Prints the counts of what was not printed. */
void log_flush(struct log *log);

#endif
