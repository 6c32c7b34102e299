/* SPDX-License-Identifier: Apache-2.0 */
/* Exchanges under way, by connection; see traffic.h. */
#include "proxy/watch/traffic.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proxy/watch/text.h"

struct traffic_exchange {
    struct traffic_exchange *next;
    struct traffic_connection *connection;
    uint64_t began_us;
    struct gathering gathering;
};

struct traffic_connection {
    struct traffic_connection *next;
    const void *conversation;
    struct traffic_exchange *oldest, *newest;
};

void traffic_init(struct traffic *traffic, struct sink sink, struct clocks clocks)
{
    *traffic = (struct traffic){.sink = sink, .clocks = clocks};
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
    *connection = (struct traffic_connection){.next = *bucket, .conversation = conversation};
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

/* NULL: there are too many, or no memory. */
static struct traffic_exchange *keep_exchange(struct traffic *traffic, const void *conversation,
                                              const struct exchange *exchange)
{
    bool room = traffic->exchange_count < TRAFFIC_EXCHANGES_MAX;
    struct traffic_connection *connection = room ? keep_connection(traffic, conversation) : NULL;
    struct traffic_exchange *kept = connection ? malloc(sizeof *kept) : NULL;
    if (!kept)
        return NULL;
    kept->next = NULL;
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
    traffic->exchange_count--;
    traffic->last = NULL;
    free(exchange);
}

/* ---- printing ---- */

static void complete_names(const struct traffic *traffic, struct summary *summary)
{
    for (size_t i = 0; i < TOPICS_KEPT; i++)
        topic_names_complete(&traffic->names, &summary->topics[i].topic);
    for (size_t i = 0; i < ERRORS_KEPT; i++)
        topic_names_complete(&traffic->names, &summary->errors[i].at);
}

static void tell_left_out(struct traffic *traffic)
{
    if (!traffic->left_out)
        return;
    struct line line = {.len = 0};
    line_add_format(&line, "(exchanges not shown: %" PRIu64 ", too many at the same time)",
                    traffic->left_out);
    line_end(&line);
    traffic->left_out = 0;
    traffic->sink.write(traffic->sink.context, line.text, line.len);
}

static void print(struct traffic *traffic, struct traffic_exchange *exchange, const struct who *who,
                  enum outcome outcome)
{
    struct summary *summary = &exchange->gathering.summary;
    uint64_t took_us = traffic->clocks.steady_us(traffic->clocks.context) - exchange->began_us;
    uint64_t wall_us = traffic->clocks.wall_us(traffic->clocks.context);
    gathering_end(&exchange->gathering);
    complete_names(traffic, summary);
    tell_left_out(traffic);
    struct line line = {.len = 0};
    text_exchange(&line, summary, who, wall_us, took_us, outcome);
    traffic->sink.write(traffic->sink.context, line.text, line.len);
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
    const struct named *topic = gathering_see(&kept->gathering, direction, step, event);
    if (topic)
        topic_names_learn(&traffic->names, topic);
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
    print(traffic, kept, who, unwanted ? OUTCOME_UNWANTED : OUTCOME_ANSWERED);
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
        free(exchange);
        traffic->exchange_count--;
    }
    free(connection);
}

void traffic_end(struct traffic *traffic, const void *conversation, const struct who *who)
{
    struct traffic_connection **place = place_of(traffic, conversation);
    if (!*place)
        return;
    for (struct traffic_exchange *kept = (*place)->oldest; kept; kept = kept->next)
        print(traffic, kept, who, OUTCOME_NONE);
    forget_connection(traffic, place);
}

void traffic_free(struct traffic *traffic)
{
    for (size_t i = 0; i < TRAFFIC_BUCKETS; i++)
        while (traffic->buckets[i])
            forget_connection(traffic, &traffic->buckets[i]);
    topic_names_free(&traffic->names);
}
