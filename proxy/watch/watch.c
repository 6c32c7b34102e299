/* SPDX-License-Identifier: Apache-2.0 */
/* Facts in, lines out; see watch.h. */
#include "proxy/watch/watch.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proxy/watch/wording.h"

/* Without a client: kbridge itself, also where it asks the cluster in a conversation of its own. */
static struct who who_of(const struct conversation *conversation)
{
    if (!conversation || !conversation_place(conversation)->peer.len)
        return (struct who){.place = NULL};
    return (struct who){
        .place = conversation_place(conversation),
        .client_id = conversation_client_id(conversation),
        .software = conversation_software(conversation),
        .told = conversation_told(conversation),
    };
}

static struct watch *enter(void *context)
{
    struct watch *watch = context;
    if (!watch->one_thread)
        pthread_mutex_lock(&watch->one);
    return watch;
}

static void leave(struct watch *watch)
{
    if (!watch->one_thread)
        pthread_mutex_unlock(&watch->one);
}

static void say_itself(struct watch *watch, enum level level, const char *text)
{
    log_say(&watch->log, level, &(struct who){.place = NULL}, text);
}

/* `kbridge health` asks every few seconds; what becomes of that is only for those who look for it. */
static enum level level_about(const struct who *who, enum level level)
{
    bool health = ip_is_loopback(&who->place->peer) && strcmp(who->client_id, "kbridge") == 0;
    return health ? LEVEL_DEBUG : level;
}

/* Once each: what is to be configured for one client serves the others. */
static void say_doubt(struct watch *watch, const struct who *who, const struct told *told)
{
    struct line line = {.len = 0};
    if (told->doubtful && !watch->doubted) {
        watch->doubted = true;
        wording_doubt(&line, who->place, told);
        log_say(&watch->log, LEVEL_WARN, who, line.text);
    } else if (told->guessed && !watch->hinted && level_about(who, LEVEL_INFO) == LEVEL_INFO) {
        watch->hinted = true;
        wording_hint(&line, told);
        say_itself(watch, LEVEL_INFO, line.text);
    }
}

/* ---- facts for the log ---- */

static void say_came(struct watch *watch, const struct who *who, const struct conversation *conversation)
{
    const struct told *told = conversation_told(conversation);
    const struct address *target = conversation_target(conversation);
    struct line line = {.len = 0};
    if (target) {
        wording_forwarded(&line, target);
        log_say(&watch->log, LEVEL_INFO, who, line.text);
        return;
    }
    wording_came(&line, conversation_software(conversation), told);
    log_say(&watch->log, level_about(who, LEVEL_INFO), who, line.text);
    say_doubt(watch, who, told);
}

static void on_client(void *context, const struct conversation *conversation)
{
    struct who who = who_of(conversation);
    if (!who.place)
        return;
    struct meter *meter = conversation_counts(conversation);
    if (meter && !conversation_target(conversation))
        meter_came(meter, conversation);
    struct watch *watch = enter(context);
    say_came(watch, &who, conversation);
    leave(watch);
}

/* Each worker has a view of its own, in which the same things become known. */
static void on_cluster(void *context, const struct view *view)
{
    struct watch *watch = enter(context);
    struct line line = {.len = 0};
    wording_cluster(&line, view);
    if (strcmp(line.text, watch->cluster.text) != 0)
        say_itself(watch, LEVEL_INFO, line.text);
    watch->cluster = line;
    leave(watch);
}

static void on_say(void *context, const struct conversation *conversation, enum level level,
                   const struct sentence *sentence)
{
    struct watch *watch = enter(context);
    struct who who = who_of(conversation);
    struct line line = {.len = 0};
    line_add(&line, who.place ? ": " : "");
    line_add(&line, sentence->text);
    log_say(&watch->log, level, &who, line.text);
    leave(watch);
}

/* ---- facts for the traffic lines, and for the meter, which is the worker's own and needs no lock ---- */

static void on_request(void *context, const struct conversation *conversation,
                       const struct exchange *exchange)
{
    struct meter *meter = conversation_counts(conversation);
    struct recorder *recorder = ((struct watch *)context)->recorder;
    if (recorder)
        recorder_route(recorder, conversation, exchange);
    if (meter)
        meter_request(meter, conversation, exchange);
    if (!(exchange->watched & WATCHED_FOR_TRAFFIC))
        return;
    struct watch *watch = enter(context);
    traffic_request(&watch->traffic, conversation, exchange);
    leave(watch);
}

static void on_field(void *context, const struct conversation *conversation, const struct exchange *exchange,
                     enum direction direction, enum walk_step step, const struct walk_event *event)
{
    if (exchange->watched & WATCHED_FOR_METER)
        meter_field(conversation_counts(conversation), conversation, exchange, direction, step, event);
    if (!(exchange->watched & WATCHED_FOR_TRAFFIC))
        return;
    struct watch *watch = enter(context);
    traffic_field(&watch->traffic, conversation, exchange, direction, step, event);
    leave(watch);
}

static uint64_t roles_of(uint8_t watched)
{
    return watched & ~WATCHED_FOR_METER ? WALK_ALL : METER_ROLES;
}

static void on_response(void *context, const struct conversation *conversation,
                        const struct exchange *exchange)
{
    struct meter *meter = conversation_counts(conversation);
    if (meter)
        meter_response(meter, conversation, exchange);
    if (!(exchange->watched & WATCHED_FOR_TRAFFIC))
        return;
    struct watch *watch = enter(context);
    struct who who = who_of(conversation);
    traffic_response(&watch->traffic, conversation, &who, exchange);
    leave(watch);
}

/* ---- from outside ---- */

void watch_init(struct watch *watch, const struct watch_settings *settings)
{
    *watch = (struct watch){.one = PTHREAD_MUTEX_INITIALIZER, .one_thread = settings->one_thread};
    log_init(&watch->log, settings->level, settings->log_sink, settings->clocks);
    watch->log.alerts = settings->alerts;
    watch->recorder = settings->recorder;
    traffic_init(&watch->traffic, settings->clocks);
    watch->traffic.wanted = settings->counts ? WATCHED_FOR_METER : 0;
    printer_init(&watch->printer, settings->traffic_as, &settings->traffic_filter, settings->traffic_records,
                 settings->traffic_sink);
    if (settings->traffic)
        traffic_add(&watch->traffic, &watch->printer.taker);
}

void watch_free(struct watch *watch)
{
    log_flush(&watch->log);
    traffic_free(&watch->traffic);
    printer_free(&watch->printer);
    pthread_mutex_destroy(&watch->one);
}

void watch_facts(struct watch *watch, struct facts *facts)
{
    *facts = (struct facts){
        .context = watch,
        .client = on_client,
        .cluster = on_cluster,
        .say = on_say,
        .wants_fields = &watch->traffic.wanted,
        .request = on_request,
        .field = on_field,
        .response = on_response,
        .roles = roles_of,
    };
}

void watch_lock(struct watch *watch)
{
    enter(watch);
}

void watch_unlock(struct watch *watch)
{
    leave(watch);
}

bool watch_add_taker(struct watch *watch, struct taker *taker)
{
    bool added = traffic_add(&enter(watch)->traffic, taker);
    leave(watch);
    return added;
}

void watch_remove_taker(struct watch *watch, struct taker *taker)
{
    traffic_remove(&enter(watch)->traffic, taker);
    leave(watch);
}

void watch_set_filter(struct watch *watch, struct taker *taker, const struct filter *filter)
{
    enter(watch);
    taker->filter = *filter;
    leave(watch);
}

bool watch_prints_traffic(struct watch *watch)
{
    bool on = traffic_has(&enter(watch)->traffic, &watch->printer.taker);
    leave(watch);
    return on;
}

void watch_print_traffic(struct watch *watch, bool on)
{
    if (on == watch_prints_traffic(watch))
        return;
    if (on)
        on = watch_add_taker(watch, &watch->printer.taker);
    else
        watch_remove_taker(watch, &watch->printer.taker);
    watch_say(watch, LEVEL_INFO, on ? "traffic lines are on" : "traffic lines are off");
}

void watch_toggle_traffic(void *watch)
{
    watch_print_traffic(watch, !watch_prints_traffic(watch));
}

void watch_listening(void *context, const struct address *address, const struct address *target)
{
    struct watch *watch = enter(context);
    struct line line = {.len = 0};
    if (watch->recorder && !target)
        recorder_listening(watch->recorder, (uint16_t)address->port);
    line_add(&line, "listening on ");
    line_add_address(&line, address->host, address->port);
    line_add(&line, target ? " for " : "");
    if (target)
        line_add_address(&line, target->host, target->port);
    say_itself(watch, LEVEL_INFO, line.text);
    leave(watch);
}

static struct departure departure_of(const struct conversation *conversation)
{
    return (struct departure){
        .reason = conversation_reason(conversation),
        .sentence = conversation_sentence(conversation),
        .bytes_from = conversation_bytes_from_client(conversation),
        .bytes_to = conversation_bytes_to_client(conversation),
        .unanswered = conversation_in_flight(conversation),
    };
}

static void end_recorded(struct watch *watch, const struct conversation *conversation, enum reason reason,
                         const char *why)
{
    bool client_ended = reason == REASON_CLIENT_CLOSED || reason == REASON_CLIENT_LOST;
    if (watch->recorder)
        recorder_end(watch->recorder, conversation, client_ended, why);
}

void watch_client_gone(void *context, const struct conversation *conversation)
{
    struct who who = who_of(conversation);
    if (!who.place)
        return;
    struct meter *meter = conversation_counts(conversation);
    if (meter)
        meter_gone(meter, conversation);
    struct departure departure = departure_of(conversation);
    struct line line = {.len = 0};
    wording_gone(&line, &departure);
    struct watch *watch = enter(context);
    traffic_end(&watch->traffic, conversation, &who);
    end_recorded(watch, conversation, departure.reason, line.text + 1); /* without its space */
    log_say(&watch->log, level_about(&who, wording_gone_level(&departure)), &who, line.text);
    leave(watch);
}

/* ---- the recording ---- */

void watch_recorded(struct watch *watch, int error)
{
    if (error)
        watch_say(watch, LEVEL_ERROR, "recording to %s has stopped, and traffic goes on: %s",
                  watch->recorder->path, strerror(error));
}

static void say_news(struct watch *watch)
{
    struct recorder_news news;
    if (!recorder_news(watch->recorder, &news))
        return;
    watch_recorded(watch, news.error);
    if (news.lost)
        watch_say(watch, LEVEL_WARN,
                  "the recording has gaps, since the disk is too slow: %" PRIu64
                  " packets are missing so far",
                  news.lost);
}

void watch_heard(void *context, const struct conversation *conversation, enum direction direction,
                 struct bytes bytes)
{
    struct watch *watch = context;
    if (recorder_hear(watch->recorder, conversation, direction, bytes))
        say_news(watch);
}

void watch_say(struct watch *watch, enum level level, const char *format, ...)
{
    char text[LINE_ROOM];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    say_itself(enter(watch), level, text);
    leave(watch);
}
