/* SPDX-License-Identifier: Apache-2.0 */
/* Columns first, then what differs from API to API; see text.h.
 *
 *     time  client  "client id"  API version  node  bytes in  bytes out  time  topics, keys, errors */
#include "proxy/watch/text.h"

#include <inttypes.h>

#include "proxy/kafka/tables.h"

enum {
    COLUMN_CLIENT_ID = 47,
    COLUMN_API = 66,
    COLUMN_NODE = 90,
    COLUMN_IN = 98,
    COLUMN_OUT = 112,
    COLUMN_TIME = 127,
    CLIENT_ID_SHOWN = 32,
};

/* ---- names ---- */

/* As Kafka's tools write it: base64 for URLs, without padding. */
static void add_id(struct line *line, const uint8_t *id)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    enum { DIGITS = 22, BITS = 6 };
    for (size_t i = 0; i < DIGITS; i++) {
        size_t bit = i * BITS, byte = bit / 8;
        unsigned pair = (unsigned)id[byte] << 8 | (byte + 1 < TOPIC_ID_SIZE ? id[byte + 1] : 0U);
        line_add_format(line, "%c", digits[pair >> (16 - BITS - bit % 8) & 63]);
    }
}

static void add_name(struct line *line, const struct name *name)
{
    line_add_foreign(line, (struct bytes){name->at, name->len}, NAME_KEPT);
    line_add(line, name->cut ? "…" : "");
}

static void add_named(struct line *line, const struct named *named)
{
    if (named->name.len || !named->has_id)
        add_name(line, &named->name);
    else
        add_id(line, named->id);
}

/* ---- what differs from API to API, each behind a comma ---- */

struct list {
    struct line *line;
    bool begun;
};

static struct line *next(struct list *list)
{
    if (list->begun)
        line_add(list->line, ", ");
    list->begun = true;
    return list->line;
}

static void add_partitions(struct line *line, const struct topic_summary *topic)
{
    if (!topic->partition_count)
        return;
    for (uint32_t i = 0; i < topic->partition_count && i < PARTITIONS_KEPT; i++)
        line_add_format(line, "%s%" PRId32, i ? " " : "[", topic->partitions[i]);
    if (topic->partition_count > PARTITIONS_KEPT)
        line_add_format(line, " +%" PRIu32, topic->partition_count - PARTITIONS_KEPT);
    line_add(line, "]");
}

static void add_topics(struct list *list, const struct summary *summary)
{
    if (summary->all_topics)
        line_add(next(list), "all topics");
    for (uint32_t i = 0; i < summary->topic_count && i < TOPICS_KEPT; i++) {
        struct line *line = next(list);
        add_named(line, &summary->topics[i].topic);
        add_partitions(line, &summary->topics[i]);
    }
    if (summary->topic_count > TOPICS_KEPT)
        line_add_format(next(list), "+%" PRIu32 " topics", summary->topic_count - TOPICS_KEPT);
}

static const char *resource_word(int8_t type)
{
    switch (type) {
    case 2:
        return "topic";
    case 4:
        return "broker";
    case 8:
        return "broker logger";
    case 16:
        return "client metrics";
    case 32:
        return "group";
    default:
        return "resource";
    }
}

static const char *coordinator_word(int8_t type)
{
    static const char *const words[] = {"group", "transactional id", "share group"};
    return type >= 0 && type <= 2 ? words[type] : "key";
}

static const char *key_word(const struct key_summary *key, int8_t key_type)
{
    switch (key->role) {
    case ROLE_GROUP_ID:
        return "group";
    case ROLE_TRANSACTIONAL_ID:
        return "transactional id";
    case ROLE_COORDINATOR_KEY:
        return coordinator_word(key_type);
    case ROLE_RESOURCE_NAME:
        return resource_word(key->type);
    default:
        return "mechanism";
    }
}

static void add_keys(struct list *list, const struct summary *summary)
{
    for (uint32_t i = 0; i < summary->key_count && i < KEYS_KEPT; i++) {
        const struct key_summary *key = &summary->keys[i];
        struct line *line = next(list);
        line_add(line, key_word(key, summary->key_type));
        line_add(line, " ");
        add_name(line, &key->name);
        line_add(line, key->name.len ? "" : "(default)");
    }
    if (summary->key_count > KEYS_KEPT)
        line_add_format(next(list), "+%" PRIu32, summary->key_count - KEYS_KEPT);
}

static void add_records(struct list *list, const struct summary *summary)
{
    if (summary->record_bytes) {
        line_add_size(next(list), summary->record_bytes);
        line_add(list->line, " of records");
    }
    if (summary->has_acks && summary->acks < 0)
        line_add(next(list), "acks=all");
    else if (summary->has_acks)
        line_add_format(next(list), "acks=%d", summary->acks);
}

static void add_error(struct line *line, const struct error_summary *error)
{
    const char *name = tables_error_name(error->code);
    if (error->at.name.len || error->at.has_id) {
        add_named(line, &error->at);
        if (error->has_partition)
            line_add_format(line, "-%" PRId32, error->partition);
        line_add(line, " ");
    }
    if (name)
        line_add(line, name);
    else
        line_add_format(line, "error %d", error->code);
}

static void add_errors(struct list *list, const struct summary *summary)
{
    for (uint32_t i = 0; i < summary->error_count && i < ERRORS_KEPT; i++)
        add_error(next(list), &summary->errors[i]);
    if (summary->error_count > ERRORS_KEPT)
        line_add_format(next(list), "+%" PRIu32 " errors", summary->error_count - ERRORS_KEPT);
}

static void add_outcome(struct list *list, enum outcome outcome)
{
    if (outcome == OUTCOME_UNWANTED)
        line_add(next(list), "no answer wanted");
    if (outcome == OUTCOME_NONE)
        line_add(next(list), "no answer");
}

/* ---- the columns ---- */

static void add_api(struct line *line, const struct exchange *exchange)
{
    const char *name = tables_api_name(exchange->api_key);
    if (name)
        line_add(line, name);
    else
        line_add_format(line, "api key %d", exchange->api_key);
    if (exchange->api_version >= 0)
        line_add_format(line, " v%d", exchange->api_version);
    else /* behind SaslHandshake v0 */
        line_add(line, " token");
}

static void add_node(struct line *line, const struct summary *summary)
{
    if (!summary->sent)
        line_add(line, "not sent");
    else if (summary->exchange.node == NODE_KBRIDGE)
        line_add(line, "kbridge");
    else if (summary->exchange.node < 0)
        line_add(line, "node ?");
    else
        line_add_format(line, "node %" PRId32, summary->exchange.node);
}

static void add_client(struct line *line, const struct who *who)
{
    line_add_ip(line, &who->place->peer, who->place->peer_port);
    line_pad(line, COLUMN_CLIENT_ID);
    line_add(line, "\"");
    line_add_foreign(line, bytes_of(who->client_id), CLIENT_ID_SHOWN);
    line_add(line, "\"");
}

/* A number, its last digit in the column where the next one begins. */
static void add_right(struct line *line, const struct line *number, size_t end)
{
    line_pad(line, end > number->len ? end - number->len : 0);
    line_add(line, number->text);
}

static void add_bytes_column(struct line *line, uint32_t size, const char *direction, size_t end)
{
    struct line number = {.len = 0};
    line_add_size(&number, size);
    line_add(&number, direction);
    add_right(line, &number, end);
}

static void add_time_column(struct line *line, uint64_t took_us, enum outcome outcome, size_t end)
{
    struct line number = {.len = 0};
    if (outcome == OUTCOME_UNWANTED)
        line_add(&number, "-");
    else
        line_add_format(&number, "%" PRIu64 ".%03u ms", took_us / 1000, (unsigned)(took_us % 1000));
    add_right(line, &number, end);
}

void text_about(struct line *line, const struct traffic_event *event)
{
    struct list list = {.line = line};
    add_topics(&list, event->summary);
    add_keys(&list, event->summary);
    add_records(&list, event->summary);
    add_errors(&list, event->summary);
    add_outcome(&list, event->outcome);
    if (event->left_out)
        line_add_format(next(&list), "(%" PRIu64 " exchanges before it not shown: too many at the same time)",
                        event->left_out);
}

void text_event(struct line *line, const struct traffic_event *event)
{
    const struct summary *summary = event->summary;
    line_add_time(line, event->wall_us);
    line_add(line, " ");
    add_client(line, event->who);
    line_pad(line, COLUMN_API);
    add_api(line, &summary->exchange);
    line_pad(line, COLUMN_NODE);
    add_node(line, summary);
    add_bytes_column(line, summary->exchange.request_size, " in", COLUMN_OUT - 1);
    add_bytes_column(line, summary->exchange.response_size, " out", COLUMN_TIME - 1);
    add_time_column(line, event->took_us, event->outcome, COLUMN_TIME + 12);
    struct line details = {.len = 0};
    text_about(&details, event);
    line_add(line, details.len ? "  " : "");
    line_add(line, details.text);
    line_end(line);
}
