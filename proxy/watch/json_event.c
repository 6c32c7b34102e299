/* SPDX-License-Identifier: Apache-2.0 */
/* Members in the order of the schema; see json_event.h. */
#include "proxy/watch/json_event.h"

#include "proxy/kafka/tables.h"
#include "proxy/watch/content.h"
#include "proxy/watch/excerpt.h"
#include "proxy/watch/spell.h"
#include "proxy/watch/words.h"

/* Foreign. */
static void add_text(struct text *json, const char *key, const char *value)
{
    json_string(json, key, value ? value : "");
}

static void add_word(struct text *json, const char *key, const char *word)
{
    json_plain(json, key, bytes_of(word));
}

static void add_true(struct text *json, const char *key)
{
    json_bool(json, key, true);
}

static void add_name(struct text *json, const char *key, const struct name *name)
{
    json_bytes(json, key, (struct bytes){name->at, name->len});
}

static void add_chars(struct text *json, const char *key, const char *at, size_t len)
{
    json_plain(json, key, (struct bytes){(const uint8_t *)at, len});
}

static void add_topic_id(struct text *json, const char *key, const uint8_t *id)
{
    char text[SPELL_TOPIC_ID_LEN];
    spell_topic_id(text, id);
    add_chars(json, key, text, sizeof text);
}

/* ---- parts of an exchange ---- */

static void add_named(struct text *json, const struct named *named)
{
    if (named->name.len)
        add_name(json, "name", &named->name);
    if (named->has_id)
        add_topic_id(json, "id", named->id);
}

static void add_topic(struct text *json, const struct topic_summary *topic)
{
    json_open(json, NULL, '{');
    add_named(json, &topic->topic);
    json_open(json, "partitions", '[');
    for (uint32_t i = 0; i < topic->partition_count && i < PARTITIONS_KEPT; i++) {
        json_open(json, NULL, '{');
        json_number(json, "partition", topic->partitions[i].index);
        if (topic->partitions[i].offset != OFFSET_NONE)
            json_number(json, "offset", topic->partitions[i].offset);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_number(json, "partition_count", topic->partition_count);
    json_close(json, '}');
}

static void add_topics(struct text *json, const struct summary *summary)
{
    if (summary->all_topics)
        add_true(json, "all_topics");
    if (!summary->topic_count)
        return;
    json_open(json, "topics", '[');
    for (uint32_t i = 0; i < summary->topic_count && i < TOPICS_KEPT; i++)
        add_topic(json, &summary->topics[i]);
    json_close(json, ']');
    json_number(json, "topic_count", summary->topic_count);
}

static void add_keys(struct text *json, const struct summary *summary)
{
    if (!summary->key_count)
        return;
    json_open(json, "keys", '[');
    for (uint32_t i = 0; i < summary->key_count && i < KEYS_KEPT; i++) {
        json_open(json, NULL, '{');
        add_word(json, "kind", words_key(&summary->keys[i], summary->key_type));
        add_name(json, "name", &summary->keys[i].name);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_number(json, "key_count", summary->key_count);
}

struct part_names {
    const char *text, *hex, *schema, *size;
};

/* "key":"text" or "key_hex":"00ff", with its size where not all of it is there. */
static void add_part(struct text *json, const struct part_names *names, const struct record_part *part,
                     size_t most)
{
    struct content content = content_of(part, most);
    if (part->null)
        return;
    if (content.has_schema)
        json_number(json, names->schema, content.schema);
    if (content.text)
        json_bytes(json, names->text, content.shown);
    else
        json_hex(json, names->hex, content.shown);
    if (content.cut)
        json_number(json, names->size, part->size);
}

static const struct part_names key_names = {"key", "key_hex", "key_schema", "key_size"};
static const struct part_names value_names = {"value", "value_hex", "value_schema", "value_size"};

static void add_headers(struct text *json, const struct record *record, size_t most)
{
    if (!record->header_count)
        return;
    json_open(json, "headers", '[');
    for (uint32_t i = 0; i < record->header_count && i < HEADERS_KEPT; i++) {
        json_open(json, NULL, '{');
        add_part(json, &key_names, &record->headers[i].key, most);
        add_part(json, &value_names, &record->headers[i].value, most);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_number(json, "header_count", record->header_count);
}

struct shown {
    struct text *json;
    const struct traffic_event *event;
};

static void add_record(void *context, const struct excerpt_field *field, const struct record *record)
{
    const struct shown *shown = context;
    struct text *json = shown->json;
    size_t most = shown->event->record_bytes;
    json_open(json, NULL, '{');
    if (field->topic.name.len)
        add_name(json, "topic", &field->topic.name);
    else
        add_topic_id(json, "topic_id", field->topic.id);
    json_number(json, "partition", field->partition);
    if (excerpt_tells_offset(shown->event->summary, record))
        json_number(json, "offset", record->offset);
    if (record->timestamp >= 0)
        json_number(json, "timestamp", record->timestamp);
    if (record->transactional)
        add_true(json, "transactional");
    if (record->control) {
        add_word(json, "control", record->commit ? "commit" : "abort");
    } else {
        add_part(json, &key_names, &record->key, most);
        add_part(json, &value_names, &record->value, most);
        add_headers(json, record, most);
    }
    json_close(json, '}');
}

static void add_shown(struct text *json, const struct traffic_event *event)
{
    struct shown shown = {json, event};
    if (!event->record_bytes || !event->summary->excerpt)
        return;
    json_open(json, "shown", '[');
    bool all_read = excerpt_show(event->summary->excerpt, add_record, &shown);
    json_close(json, ']');
    if (!all_read)
        add_true(json, "unread");
}

static void add_records(struct text *json, const struct traffic_event *event)
{
    const struct summary *summary = event->summary;
    const struct batches *batches = &summary->batches;
    if (!summary->record_bytes)
        return;
    json_open(json, "records", '{');
    json_number(json, "bytes", (int64_t)summary->record_bytes);
    json_number(json, "count", (int64_t)batches->record_count);
    json_open(json, "compression", '[');
    for (unsigned i = 0; i < COMPRESSIONS; i++)
        if (batches->compressions >> i & 1)
            add_word(json, NULL, batches_compression_name(i));
    json_close(json, ']');
    if (batches->transactional)
        add_true(json, "transactional");
    add_shown(json, event);
    json_close(json, '}');
}

static void add_details(struct text *json, const struct traffic_event *event)
{
    const struct summary *summary = event->summary;
    if (summary->member.len)
        add_name(json, "member", &summary->member);
    if (summary->has_generation)
        json_number(json, "generation", summary->generation);
    if (summary->has_producer) {
        json_open(json, "producer", '{');
        json_number(json, "id", summary->producer_id);
        json_number(json, "epoch", summary->producer_epoch);
        json_close(json, '}');
    }
    if (summary->has_committed)
        add_word(json, "transaction", words_end(summary));
    if (summary->has_isolation)
        add_word(json, "isolation", words_isolation(summary));
    if (summary->has_acks)
        json_number(json, "acks", summary->acks);
    add_records(json, event);
}

static void add_error(struct text *json, const struct error_summary *error)
{
    const char *name = tables_error_name(error->code);
    json_open(json, NULL, '{');
    json_number(json, "code", error->code);
    if (name)
        add_word(json, "name", name);
    if (error->at.name.len)
        add_name(json, "at", &error->at.name);
    else if (error->at.has_id)
        add_topic_id(json, "at", error->at.id);
    if (error->has_partition)
        json_number(json, "partition", error->partition);
    json_close(json, '}');
}

static void add_errors(struct text *json, const struct summary *summary)
{
    if (!summary->error_count)
        return;
    json_open(json, "errors", '[');
    for (uint32_t i = 0; i < summary->error_count && i < ERRORS_KEPT; i++)
        add_error(json, &summary->errors[i]);
    json_close(json, ']');
    json_number(json, "error_count", summary->error_count);
}

static void add_exchange(struct text *json, const struct traffic_event *event)
{
    static const char *const outcomes[] = {
        [OUTCOME_ANSWERED] = "answered", [OUTCOME_UNWANTED] = "unwanted", [OUTCOME_NONE] = "none"};
    const struct summary *summary = event->summary;
    const struct exchange *exchange = &summary->exchange;
    const char *api = tables_api_name(exchange->api_key);
    if (exchange->node >= 0)
        json_number(json, "node", exchange->node);
    if (exchange->node == NODE_KBRIDGE)
        add_true(json, "by_kbridge");
    if (api)
        add_word(json, "api", api);
    json_number(json, "api_key", exchange->api_key);
    if (exchange->api_version >= 0)
        json_number(json, "version", exchange->api_version);
    json_number(json, "correlation_id", exchange->correlation_id);
    add_word(json, "outcome", outcomes[event->outcome]);
    json_number(json, "bytes_in", exchange->request_size);
    json_number(json, "bytes_out", exchange->response_size);
    if (event->outcome != OUTCOME_UNWANTED)
        json_thousandths(json, "ms", event->took_us);
    add_topics(json, summary);
    add_keys(json, summary);
    add_details(json, event);
    add_errors(json, summary);
    if (summary->told && event->who->told) {
        struct line told = {.len = 0};
        words_told(&told, event->who->told);
        json_string(json, "told", told.text);
    }
}

static void add_folded(struct text *json, const struct traffic_event *event)
{
    json_open(json, "folded", '{');
    json_number(json, "empty_fetches", event->folded->empty_fetches);
    json_number(json, "heartbeats", event->folded->heartbeats);
    json_thousandths(json, "ms", event->took_us);
    json_close(json, '}');
}

static void add_peer(struct text *json, const struct place *place)
{
    char text[SPELL_IP_ROOM];
    add_chars(json, "peer", text, spell_ip(text, &place->peer, place->peer_port));
}

void json_event(struct text *json, const char *key, const struct traffic_event *event)
{
    char time[SPELL_TIME_LEN];
    spell_time(time, event->wall_us);
    json_open(json, key, '{');
    add_chars(json, "time", time, sizeof time);
    if (event->connection)
        json_number(json, "connection", (int64_t)event->connection);
    add_peer(json, event->who->place);
    add_text(json, "client", event->who->client_id);
    add_text(json, "software", event->who->software);
    if (event->summary)
        add_exchange(json, event);
    if (event->folded)
        add_folded(json, event);
    if (event->left_out)
        json_number(json, "left_out", (int64_t)event->left_out);
    json_close(json, '}');
}
