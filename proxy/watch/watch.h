/* SPDX-License-Identifier: Apache-2.0 */
/* What a person sees: the log, and on request one line for each exchange.
 * Apart, because it turns the facts that bridge/ and net/ report into lines, and is all that they see of
 * watch/. */
#ifndef KBRIDGE_WATCH_WATCH_H
#define KBRIDGE_WATCH_WATCH_H

#include <pthread.h>

#include "proxy/bridge/conversation.h"
#include "proxy/watch/log.h"
#include "proxy/watch/meter.h"
#include "proxy/watch/printer.h"
#include "proxy/watch/recorder.h"
#include "proxy/watch/traffic.h"

struct watch_settings {
    enum level level; /* the least that is logged */
    bool traffic;     /* traffic lines are printed from the start */
    enum traffic_as traffic_as;
    struct filter traffic_filter;
    uint32_t traffic_records; /* bytes that they show of each key, value and header; 0: no records */
    struct sink log_sink;     /* standard error */
    struct sink traffic_sink;
    bool counts;               /* the bridge's counts of each worker are a struct meter */
    struct alerts *alerts;     /* also gets the warnings and errors; borrowed; NULL: nobody wants them */
    struct recorder *recorder; /* --record; borrowed; NULL: nobody records */
    struct clocks clocks;      /* steady_us is called only while traffic has a taker */
    bool
        one_thread; /* all calls come in one thread, so nothing has to be locked: a traffic line takes some 40 */
};

/* One for all workers: each fact of theirs is dealt with alone, so that their lines do not mix, and that what one of
 * them has said is not said by the others. Memory is taken only with traffic. */
struct watch {
    bool one_thread;
    pthread_mutex_t one;
    struct log log;
    struct traffic traffic;
    struct printer printer; /* --traffic */
    struct recorder *recorder;
    bool doubted;        /* the warning about an address that is surely wrong was given */
    bool hinted;         /* so was the hint about one that is wrong for some */
    struct line cluster; /* as it was told last */
};

void watch_init(struct watch *watch, const struct watch_settings *settings);
void watch_free(struct watch *watch); /* says what was held back */

/* Fills the table; its context is `watch`. */
void watch_facts(struct watch *watch, struct facts *facts);

/* The callbacks of server_settings; `watch` is a struct watch. */
void watch_listening(void *watch, const struct address *address, const struct address *target);
void watch_client_gone(void *watch, const struct conversation *conversation);
void watch_heard(void *watch, const struct conversation *conversation, enum direction direction,
                 struct bytes bytes);
/* The recorder is closed; `error` of recorder_close. */
void watch_recorded(struct watch *watch, int error);

/* While it is locked no worker says or takes anything. */
void watch_lock(struct watch *watch);
void watch_unlock(struct watch *watch);

/* Takers of traffic besides --traffic. They are called by whichever worker has something for them, never two at the
 * same time, and must not call the watch. False: there are TAKERS_MAX. */
bool watch_add_taker(struct watch *watch, struct taker *taker);
void watch_remove_taker(struct watch *watch, struct taker *taker);
void watch_set_filter(struct watch *watch, struct taker *taker, const struct filter *filter);

/* The lines of --traffic: whether they are printed, and of what. The log says what was switched. */
bool watch_prints_traffic(struct watch *watch);
void watch_print_traffic(struct watch *watch, bool on);
void watch_toggle_traffic(void *watch);

/* A sentence of kbridge itself. */
void watch_say(struct watch *watch, enum level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
