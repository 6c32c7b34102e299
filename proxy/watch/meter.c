/* SPDX-License-Identifier: Apache-2.0 */
/* Counting; see meter.h. */
#include "proxy/watch/meter.h"

#include <stdlib.h>

enum { UNDER_WAY_FIRST = 8, UNDER_WAY_MOST = 1 << 16 };

#define LATENCY_BOUND(us) us,
const uint64_t latency_bounds_us[LATENCY_BOUND_COUNT] = {LATENCY_BOUNDS(LATENCY_BOUND)};
#undef LATENCY_BOUND

bool meter_begin(struct meter *meter, struct clocks clocks)
{
    *meter = (struct meter){.clocks = clocks, .api_count = (uint16_t)(tables_api_key_last + 2)};
    meter->apis = calloc(meter->api_count, sizeof *meter->apis);
    labels_begin(&meter->client_names);
    labels_begin(&meter->topic_names);
    return meter->apis != NULL;
}

void meter_end(struct meter *meter)
{
    free(meter->apis);
    meter->apis = NULL;
    topic_names_free(&meter->ids);
}

/* ---- by API ---- */

static uint16_t api_of(const struct meter *meter, const struct exchange *exchange)
{
    uint16_t other = (uint16_t)(meter->api_count - 1);
    bool known = exchange->api_key >= 0 && exchange->api_key < other;
    return known ? (uint16_t)exchange->api_key : other;
}

const char *meter_api_name(const struct meter *meter, uint16_t api)
{
    return api == meter->api_count - 1 ? "other" : tables_api_name(api);
}

static void count_version(struct meter_api *api, int16_t version)
{
    bool known = version >= 0 && version < METER_VERSIONS;
    api->requests[known ? version : METER_VERSIONS]++;
}

static void count_latency(struct meter_api *api, uint64_t took_us)
{
    size_t bucket = 0;
    while (bucket < LATENCY_BOUND_COUNT && took_us > latency_bounds_us[bucket])
        bucket++;
    api->latency[bucket]++;
    api->latency_sum_us += took_us;
}

/* Few pairs are ever met: a search from the front is enough. */
static void count_error(struct meter *meter, uint16_t api, int16_t code, uint64_t count)
{
    struct meter_error *error = meter->errors;
    struct meter_error *end = meter->errors + meter->error_count;
    while (error < end && (error->api != api || error->code != code))
        error++;
    if (error == end && meter->error_count == METER_ERRORS_MAX - 1)
        code = ERROR_OTHER, api = (uint16_t)(meter->api_count - 1);
    if (error == end && meter->error_count < METER_ERRORS_MAX)
        meter->errors[meter->error_count++] = (struct meter_error){.api = api, .code = code};
    else if (error == end)
        error--;
    error->count += count;
}

/* ---- by connection ---- */

static void name_client(struct meter *meter, const struct conversation *conversation, struct metered *metered)
{
    struct name name = {.len = 0};
    name_append(&name, bytes_of(conversation_client_id(conversation)));
    metered->client = labels_index(&meter->client_names, &name);
    metered->named = true;
}

/* NULL: out of memory; it is then counted by API only. */
static struct metered *metered_of(const struct conversation *conversation)
{
    void **place = conversation_watched(conversation, WATCHED_BY_METER);
    if (!*place)
        *place = calloc(1, sizeof(struct metered));
    return *place;
}

static struct metered_start *start_of(const struct metered *metered, uint64_t number)
{
    return &metered->began[number & (metered->room - 1)];
}

/* gcc 12 takes the pointer that is stored here for lost as soon as the number beside it is stored. */
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* Twice the room, where two requests under way have the same place. */
static bool grow(struct metered *metered)
{
    uint32_t room = metered->room ? 2 * metered->room : UNDER_WAY_FIRST;
    struct metered_start *began = room > UNDER_WAY_MOST ? NULL : calloc(room, sizeof *began);
    if (!began)
        return false;
    for (uint32_t i = 0; i < metered->room; i++) {
        const struct metered_start *start = &metered->began[i];
        if (start->at_us)
            began[start->number & (room - 1)] = *start;
    }
    free(metered->began);
    metered->began = began;
    metered->room = room;
    return true;
}

/* Answers come in the order of their requests, so the numbers under way are a row: twice the room is enough for one more. */
static void note_start(struct metered *metered, uint64_t number, uint64_t now_us)
{
    bool full = !metered->room || start_of(metered, number)->at_us;
    if (!full || grow(metered))
        *start_of(metered, number) = (struct metered_start){number, now_us};
}

/* False: it was not noted. */
static bool take_start(struct metered *metered, uint64_t number, uint64_t *at_us)
{
    struct metered_start *start = metered->room ? start_of(metered, number) : NULL;
    if (!start || !start->at_us || start->number != number)
        return false;
    *at_us = start->at_us;
    start->at_us = 0;
    return true;
}

/* ---- by topic ---- */

static int32_t label_of(struct meter *meter, struct metered_topic *topic)
{
    if (topic->label < 0) {
        topic_names_complete(&meter->ids, &topic->named);
        topic->label =
            topic->named.name.len ? labels_index(&meter->topic_names, &topic->named.name) : LABEL_OTHER;
    }
    return topic->label;
}

static void learn_id(struct meter *meter, const struct named *named)
{
    static const uint8_t none[TOPIC_ID_SIZE];
    if (named->has_id && named->name.len && memcmp(named->id, none, TOPIC_ID_SIZE) != 0)
        topic_names_learn(&meter->ids, named);
}

static void see_topic(struct meter *meter, struct metered_topic *topic, enum walk_step step,
                      const struct walk_event *event)
{
    if (step == WALK_PIECE) {
        name_append(&topic->named.name, event->piece);
        if (event->left)
            return;
    } else if (step == WALK_VALUE && event->piece.len == TOPIC_ID_SIZE) {
        memcpy(topic->named.id, event->piece.at, TOPIC_ID_SIZE);
        topic->named.has_id = true;
    } else {
        return;
    }
    learn_id(meter, &topic->named);
}

static void see_records(struct meter *meter, struct metered_topic *topic, enum direction direction,
                        size_t len)
{
    struct meter_topic *counts = &meter->topics[label_of(meter, topic)];
    if (direction == REQUEST)
        counts->produced_bytes += len;
    else
        counts->fetched_bytes += len;
}

/* ---- several meters ---- */

static void add_api(struct meter_api *to, const struct meter_api *from)
{
    for (size_t i = 0; i <= METER_VERSIONS; i++)
        to->requests[i] += from->requests[i];
    for (size_t i = 0; i <= LATENCY_BOUND_COUNT; i++)
        to->latency[i] += from->latency[i];
    to->latency_sum_us += from->latency_sum_us;
    to->bytes_in += from->bytes_in;
    to->bytes_out += from->bytes_out;
}

/* Of a full set of names the rest is other, as it is in each. */
static uint16_t label_in(struct labels *labels, const struct labels *from, uint16_t label)
{
    return label == LABEL_OTHER ? LABEL_OTHER : labels_index(labels, &from->at[label]);
}

static void add_clients(struct meter *meter, const struct meter *from)
{
    for (uint16_t i = 0; i < from->client_names.count; i++) {
        struct meter_client *client = &meter->clients[label_in(&meter->client_names, &from->client_names, i)];
        client->requests += from->clients[i].requests;
        client->errors += from->clients[i].errors;
        client->bytes_in += from->clients[i].bytes_in;
        client->bytes_out += from->clients[i].bytes_out;
    }
}

static void add_topics(struct meter *meter, const struct meter *from)
{
    for (uint16_t i = 0; i < from->topic_names.count; i++) {
        struct meter_topic *topic = &meter->topics[label_in(&meter->topic_names, &from->topic_names, i)];
        topic->produced_bytes += from->topics[i].produced_bytes;
        topic->fetched_bytes += from->topics[i].fetched_bytes;
    }
}

void meter_add(struct meter *meter, const struct meter *from)
{
    for (uint16_t api = 0; api < meter->api_count; api++)
        add_api(&meter->apis[api], &from->apis[api]);
    for (uint16_t i = 0; i < from->error_count; i++)
        count_error(meter, from->errors[i].api, from->errors[i].code, from->errors[i].count);
    for (size_t rule = 0; rule < TOLD_RULE_COUNT; rule++)
        meter->told[rule] += from->told[rule];
    meter->ended_bytes_in += from->ended_bytes_in;
    meter->ended_bytes_out += from->ended_bytes_out;
    add_clients(meter, from);
    add_topics(meter, from);
}

/* ---- facts ---- */

void meter_came(struct meter *meter, const struct conversation *conversation)
{
    struct metered *metered = metered_of(conversation);
    meter->told[conversation_told(conversation)->rule]++;
    if (metered)
        name_client(meter, conversation, metered);
}

void meter_request(struct meter *meter, const struct conversation *conversation,
                   const struct exchange *exchange)
{
    struct metered *metered = metered_of(conversation);
    count_version(&meter->apis[api_of(meter, exchange)], exchange->api_version);
    if (!metered)
        return;
    metered->requests++;
    if (!metered->named)
        name_client(meter, conversation, metered);
    meter->clients[metered->client].requests++;
    note_start(metered, exchange->number, meter->clocks.steady_us(meter->clocks.context));
}

static void see_error(struct meter *meter, struct metered *metered, const struct exchange *exchange,
                      int16_t code)
{
    count_error(meter, api_of(meter, exchange), code, 1);
    metered->errors++;
    meter->clients[metered->client].errors++;
}

void meter_field(struct meter *meter, const struct conversation *conversation,
                 const struct exchange *exchange, enum direction direction, enum walk_step step,
                 const struct walk_event *event)
{
    struct metered *metered = metered_of(conversation);
    if (!metered)
        return;
    struct metered_topic *topic = &metered->topic[direction];
    switch (event->field->role) {
    case ROLE_TOPICS:
        if (step == WALK_ELEMENT)
            *topic = (struct metered_topic){.label = -1};
        break;
    case ROLE_TOPIC_NAME:
    case ROLE_TOPIC_ID:
        see_topic(meter, topic, step, event);
        break;
    case ROLE_RECORDS:
        if (step == WALK_PIECE && event->piece.len)
            see_records(meter, topic, direction, event->piece.len);
        break;
    case ROLE_ERROR_CODE:
        if (step == WALK_VALUE && event->number && direction == RESPONSE)
            see_error(meter, metered, exchange, (int16_t)event->number);
        break;
    default:
        break;
    }
}

void meter_response(struct meter *meter, const struct conversation *conversation,
                    const struct exchange *exchange)
{
    struct metered *metered = metered_of(conversation);
    struct meter_api *api = &meter->apis[api_of(meter, exchange)];
    uint64_t began_us;
    if (!metered)
        return;
    /* What went to the client, which is not what the broker sent, where addresses in it were rewritten. */
    uint64_t to = conversation_bytes_to_client(conversation), out = to - metered->bytes_out;
    metered->bytes_out = to;
    api->bytes_in += exchange->request_size;
    api->bytes_out += out;
    struct meter_client *client = &meter->clients[metered->client];
    client->bytes_in += exchange->request_size;
    client->bytes_out += out;
    if (take_start(metered, exchange->number, &began_us) && exchange->response_size)
        count_latency(api, meter->clocks.steady_us(meter->clocks.context) - began_us);
}

void meter_gone(struct meter *meter, const struct conversation *conversation)
{
    void **place = conversation_watched(conversation, WATCHED_BY_METER);
    struct metered *metered = *place;
    meter->ended_bytes_in += conversation_bytes_from_client(conversation);
    meter->ended_bytes_out += conversation_bytes_to_client(conversation);
    if (metered)
        free(metered->began);
    free(metered);
    *place = NULL;
}
