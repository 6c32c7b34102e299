/* SPDX-License-Identifier: Apache-2.0 */
/* Exchanges under way, by connection; see traffic.h. */
#include "proxy/watch/traffic.h"

#include <stdlib.h>

#include "proxy/watch/excerpt.h"

struct traffic_exchange {
    struct traffic_exchange *next;
    struct traffic_connection *connection;
    uint64_t began_us;
    uint32_t topic_fits; /* bits of the takers for whose pattern a topic has passed */
    struct gathering gathering;
};

struct traffic_connection {
    struct traffic_connection *next;
    const void *conversation;
    uint64_t number;
    uint32_t known_to; /* bits of the takers that have got something of it */
    struct traffic_exchange *oldest, *newest;
};

void traffic_init(struct traffic *traffic, struct clocks clocks)
{
    *traffic = (struct traffic){.clocks = clocks};
}

/* ---- takers ---- */

static uint32_t bits_taken(const struct traffic *traffic)
{
    uint32_t bits = 0;
    for (const struct taker *taker = traffic->takers; taker; taker = taker->next)
        bits |= taker->bit;
    return bits;
}

/* A bit that another taker had before is still set in what is under way. */
static void forget_bit(struct traffic *traffic, uint32_t bit)
{
    for (size_t i = 0; i < TRAFFIC_BUCKETS; i++) {
        for (struct traffic_connection *at = traffic->buckets[i]; at; at = at->next) {
            at->known_to &= ~bit;
            for (struct traffic_exchange *exchange = at->oldest; exchange; exchange = exchange->next)
                exchange->topic_fits &= ~bit;
        }
    }
}

bool traffic_add(struct traffic *traffic, struct taker *taker)
{
    uint32_t taken = bits_taken(traffic);
    if (taken == UINT32_MAX || traffic_has(traffic, taker))
        return taken != UINT32_MAX;
    taker->bit = ~taken & (taken + 1); /* the lowest that is free */
    taker->next = traffic->takers;
    traffic->takers = taker;
    traffic->wanted |= WATCHED_FOR_TRAFFIC;
    forget_bit(traffic, taker->bit);
    return true;
}

bool traffic_has(const struct traffic *traffic, const struct taker *taker)
{
    const struct taker *at = traffic->takers;
    while (at && at != taker)
        at = at->next;
    return at != NULL;
}

/* ---- finding and keeping ---- */

static struct traffic_connection **bucket_of(struct traffic *traffic, const void *conversation)
{
    uint64_t hash = (uint64_t)(uintptr_t)conversation * UINT64_C(0x9e3779b97f4a7c15);
    return &traffic->buckets[hash >> 56];
}

/* Where the pointer to the connection stands, to be read or taken out. */
static struct traffic_connection **place_of(struct traffic *traffic, const void *conversation)
{
    struct traffic_connection **place = bucket_of(traffic, conversation);
    while (*place && (*place)->conversation != conversation)
        place = &(*place)->next;
    return place;
}

static struct traffic_exchange *find(struct traffic *traffic, const void *conversation, uint64_t number)
{
    struct traffic_connection *connection = *place_of(traffic, conversation);
    if (!connection)
        return NULL;
    struct traffic_exchange *newest = connection->newest;
    if (newest && newest->gathering.summary.exchange.number == number)
        return newest;
    struct traffic_exchange *exchange = connection->oldest;
    while (exchange && exchange->gathering.summary.exchange.number != number)
        exchange = exchange->next;
    return exchange;
}

static struct traffic_connection *keep_connection(struct traffic *traffic, const void *conversation)
{
    struct traffic_connection *connection = *place_of(traffic, conversation);
    if (connection)
        return connection;
    connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    struct traffic_connection **bucket = bucket_of(traffic, conversation);
    *connection = (struct traffic_connection){
        .next = *bucket, .conversation = conversation, .number = ++traffic->connection_count};
    *bucket = connection;
    return connection;
}

static void append(struct traffic_connection *connection, struct traffic_exchange *exchange)
{
    struct traffic_exchange **place = connection->newest ? &connection->newest->next : &connection->oldest;
    *place = exchange;
    connection->newest = exchange;
    exchange->connection = connection;
}

static struct traffic_exchange *take_spare(struct traffic *traffic)
{
    struct traffic_exchange *spare = traffic->spares;
    if (!spare)
        return malloc(sizeof *spare);
    traffic->spares = spare->next;
    traffic->spare_count--;
    return spare;
}

static void give_back(struct traffic *traffic, struct traffic_exchange *exchange)
{
    struct excerpt *excerpt = exchange->gathering.summary.excerpt;
    traffic->exchange_count--;
    traffic->excerpt_count -= excerpt != NULL;
    excerpt_free(excerpt);
    if (!traffic->takers || traffic->spare_count == TRAFFIC_SPARES_MAX) {
        free(exchange);
        return;
    }
    exchange->next = traffic->spares;
    traffic->spares = exchange;
    traffic->spare_count++;
}

static void free_spares(struct traffic *traffic)
{
    while (traffic->spares)
        free(take_spare(traffic));
}

/* NULL: there are too many, or no memory. */
static struct traffic_exchange *keep_exchange(struct traffic *traffic, const void *conversation,
                                              const struct exchange *exchange)
{
    bool room = traffic->exchange_count < TRAFFIC_EXCHANGES_MAX;
    struct traffic_connection *connection = room ? keep_connection(traffic, conversation) : NULL;
    struct traffic_exchange *kept = connection ? take_spare(traffic) : NULL;
    if (!kept)
        return NULL;
    kept->next = NULL;
    kept->topic_fits = 0;
    kept->began_us = traffic->clocks.steady_us(traffic->clocks.context);
    gathering_begin(&kept->gathering, exchange);
    append(connection, kept);
    traffic->exchange_count++;
    return kept;
}

static void forget_exchange(struct traffic *traffic, struct traffic_exchange *exchange)
{
    struct traffic_connection *connection = exchange->connection;
    struct traffic_exchange **place = &connection->oldest, *before = NULL;
    for (; *place != exchange; place = &before->next)
        before = *place;
    *place = exchange->next;
    if (connection->newest == exchange)
        connection->newest = before;
    traffic->last = NULL;
    give_back(traffic, exchange);
}

static bool wants_records(const struct traffic *traffic)
{
    const struct taker *taker = traffic->takers;
    while (taker && !taker->record_bytes)
        taker = taker->next;
    return taker != NULL;
}

/* A field of records begins. Where there are too many, or no memory, the exchange is shown without its records. */
static void keep_records(struct traffic *traffic, struct summary *summary)
{
    bool room = traffic->excerpt_count < EXCERPTS_MAX;
    if (summary->excerpt || !room || !wants_records(traffic))
        return;
    summary->excerpt = excerpt_new();
    traffic->excerpt_count += summary->excerpt != NULL;
}

/* ---- giving ---- */

static void complete_names(const struct traffic *traffic, struct summary *summary)
{
    for (size_t i = 0; i < TOPICS_KEPT && i < summary->topic_count; i++)
        topic_names_complete(&traffic->names, &summary->topics[i].topic);
    for (size_t i = 0; i < ERRORS_KEPT && i < summary->error_count; i++)
        topic_names_complete(&traffic->names, &summary->errors[i].at);
    for (size_t i = 0; summary->excerpt && i < summary->excerpt->count; i++)
        topic_names_complete(&traffic->names, &summary->excerpt->fields[i].topic);
}

static bool wants(const struct taker *taker, const struct traffic_exchange *exchange,
                  const struct traffic_event *event)
{
    const struct filter *filter = &taker->filter;
    struct bytes client_id = bytes_of(event->who->client_id);
    bool wrong = event->summary->error_count || event->outcome == OUTCOME_NONE;
    return filter_has_api(filter, event->summary->exchange.api_key) && (wrong || !filter->errors) &&
           event->took_us >= filter->slow_us && (!*filter->topic || exchange->topic_fits & taker->bit) &&
           filter_fits(filter->client, client_id.at, client_id.len);
}

static void give_fold(const struct traffic *traffic, struct taker *taker, struct fold *fold, uint64_t now_us)
{
    const struct who who = {.place = &fold->place, .client_id = fold->client_id, .software = fold->software};
    const struct traffic_event event = {
        .wall_us = traffic->clocks.wall_us(traffic->clocks.context),
        .who = &who,
        .folded = fold,
        .took_us = now_us - fold->began_us,
    };
    taker->take(taker->context, &event);
    fold->used = false;
}

/* True where it is counted instead of given. */
static bool folds(const struct traffic *traffic, struct taker *taker, const struct traffic_event *event,
                  uint64_t now_us)
{
    bool wanted = taker->filter.all || taker->filter.slow_us || event->outcome != OUTCOME_ANSWERED;
    struct fold *fold;
    if (wanted || !fold_is_for(event->summary))
        return false;
    while ((fold = folds_due(&taker->folds, now_us, true)))
        give_fold(traffic, taker, fold, now_us);
    folds_add(&taker->folds, event->summary, event->who, now_us);
    return true;
}

static void give(struct traffic *traffic, const struct traffic_exchange *exchange,
                 struct traffic_event *event, uint64_t now_us)
{
    struct traffic_connection *connection = exchange->connection;
    struct taker *next;
    for (struct taker *taker = traffic->takers; taker; taker = next) {
        next = taker->next; /* it may remove itself */
        struct fold *fold;
        while ((fold = folds_due(&taker->folds, now_us, false)))
            give_fold(traffic, taker, fold, now_us);
        if (!wants(taker, exchange, event) || folds(traffic, taker, event, now_us))
            continue;
        event->record_bytes = taker->record_bytes;
        event->first = !(connection->known_to & taker->bit);
        connection->known_to |= taker->bit;
        taker->take(taker->context, event);
    }
}

static void end_exchange(struct traffic *traffic, struct traffic_exchange *exchange, const struct who *who,
                         enum outcome outcome)
{
    struct summary *summary = &exchange->gathering.summary;
    uint64_t now_us = traffic->clocks.steady_us(traffic->clocks.context);
    struct traffic_event event = {
        .wall_us = traffic->clocks.wall_us(traffic->clocks.context),
        .connection = exchange->connection->number,
        .who = who,
        .summary = summary,
        .took_us = outcome == OUTCOME_UNWANTED ? 0 : now_us - exchange->began_us,
        .outcome = outcome,
        .left_out = traffic->left_out,
    };
    gathering_end(&exchange->gathering);
    complete_names(traffic, summary);
    traffic->left_out = 0;
    give(traffic, exchange, &event, now_us);
}

/* A topic was passed whole: it may be one that a taker looks for. */
static void see_topic(const struct traffic *traffic, struct traffic_exchange *exchange)
{
    struct named *topic = &exchange->gathering.passed;
    exchange->gathering.has_passed = false;
    topic_names_complete(&traffic->names, topic);
    for (const struct taker *taker = traffic->takers; taker; taker = taker->next)
        if (filter_fits(taker->filter.topic, topic->name.at, topic->name.len))
            exchange->topic_fits |= taker->bit;
}

void traffic_remove(struct traffic *traffic, struct taker *taker)
{
    struct taker **place = &traffic->takers;
    while (*place && *place != taker)
        place = &(*place)->next;
    if (*place)
        *place = taker->next;
    for (struct fold *fold = taker->folds.at; fold < taker->folds.at + FOLDS_MAX; fold++)
        if (fold->used)
            give_fold(traffic, taker, fold, traffic->clocks.steady_us(traffic->clocks.context));
    if (traffic->takers)
        return;
    traffic->wanted &= (uint8_t)~WATCHED_FOR_TRAFFIC;
    free_spares(traffic);
}

/* ---- facts ---- */

void traffic_request(struct traffic *traffic, const void *conversation, const struct exchange *exchange)
{
    struct traffic_exchange *kept = find(traffic, conversation, exchange->number);
    if (!kept)
        kept = keep_exchange(traffic, conversation, exchange);
    if (!kept)
        return;
    kept->gathering.summary.exchange = *exchange;
    kept->gathering.summary.sent = true;
}

void traffic_field(struct traffic *traffic, const void *conversation, const struct exchange *exchange,
                   enum direction direction, enum walk_step step, const struct walk_event *event)
{
    bool same = traffic->last && traffic->last->connection->conversation == conversation &&
                traffic->last->gathering.summary.exchange.number == exchange->number;
    struct traffic_exchange *kept = same ? traffic->last : find(traffic, conversation, exchange->number);
    if (!kept && direction == REQUEST)
        kept = keep_exchange(traffic, conversation, exchange);
    traffic->last = kept;
    if (!kept)
        return;
    if (step == WALK_BEGIN && event->field->role == ROLE_RECORDS)
        keep_records(traffic, &kept->gathering.summary);
    const struct named *topic = gathering_see(&kept->gathering, direction, step, event);
    if (topic)
        topic_names_learn(&traffic->names, topic);
    if (kept->gathering.has_passed)
        see_topic(traffic, kept);
}

void traffic_response(struct traffic *traffic, const void *conversation, const struct who *who,
                      const struct exchange *exchange)
{
    struct traffic_exchange *kept = find(traffic, conversation, exchange->number);
    if (!kept) {
        traffic->left_out++;
        return;
    }
    struct summary *summary = &kept->gathering.summary;
    summary->exchange = *exchange;
    bool unwanted = summary->has_acks && summary->acks == 0 && !exchange->response_size;
    end_exchange(traffic, kept, who, unwanted ? OUTCOME_UNWANTED : OUTCOME_ANSWERED);
    forget_exchange(traffic, kept);
}

static void forget_connection(struct traffic *traffic, struct traffic_connection **place)
{
    struct traffic_connection *connection = *place;
    struct traffic_exchange *next = connection->oldest;
    *place = connection->next;
    traffic->last = NULL;
    while (next) {
        struct traffic_exchange *exchange = next;
        next = exchange->next;
        give_back(traffic, exchange);
    }
    free(connection);
}

void traffic_end(struct traffic *traffic, const void *conversation, const struct who *who)
{
    struct traffic_connection **place = place_of(traffic, conversation);
    if (!*place)
        return;
    for (struct traffic_exchange *kept = (*place)->oldest; kept; kept = kept->next)
        end_exchange(traffic, kept, who, OUTCOME_NONE);
    forget_connection(traffic, place);
}

void traffic_free(struct traffic *traffic)
{
    while (traffic->takers)
        traffic_remove(traffic, traffic->takers);
    for (size_t i = 0; i < TRAFFIC_BUCKETS; i++)
        while (traffic->buckets[i])
            forget_connection(traffic, &traffic->buckets[i]);
    topic_names_free(&traffic->names);
}
