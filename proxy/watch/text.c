/* SPDX-License-Identifier: Apache-2.0 */
/* Columns first, then what differs from API to API; see text.h.
 *
 *     time  connection  client id  API version  node  bytes in  bytes out  time   topics, keys, records, errors */
#include "proxy/watch/text.h"

#include <inttypes.h>

#include "proxy/kafka/tables.h"
#include "proxy/watch/words.h"

/* Where columns begin, or, of numbers, where they end. */
enum {
    COLUMN_CONNECTION = 14,
    COLUMN_CLIENT_ID = 20,
    COLUMN_API = 39,
    COLUMN_NODE = 66,
    END_IN = 83,
    END_OUT = 94,
    END_TIME = 107,
    COLUMN_DETAILS = 109,
    CLIENT_ID_SHOWN = 17,
    TOPICS_SHOWN = 3,
    PARTITIONS_SHOWN = 4,
    KEYS_SHOWN = 2,
    ERRORS_SHOWN = 3,
    MEMBER_SHOWN = 24,
};

enum colour { COLOUR_NONE, COLOUR_FAINT, COLOUR_BOLD, COLOUR_RED, COLOUR_YELLOW, COLOUR_CYAN };

static void set_colour(struct line *line, bool colours, enum colour colour)
{
    static const char *const codes[] = {"0", "2", "1", "1;31", "33", "36"};
    if (colours)
        line_add_colour(line, codes[colour]);
}

/* ---- names ---- */

static void add_name(struct line *line, const struct name *name)
{
    line_add_foreign(line, (struct bytes){name->at, name->len}, NAME_KEPT);
    line_add(line, name->cut ? "…" : "");
}

void text_named(struct line *line, const struct named *named)
{
    if (named->name.len || !named->has_id)
        add_name(line, &named->name);
    else
        line_add_topic_id(line, named->id);
}

/* ---- what differs from API to API, each behind a comma ---- */

struct list {
    struct line *line;
    bool colours, begun;
};

static struct line *next(struct list *list)
{
    if (list->begun)
        line_add(list->line, ", ");
    list->begun = true;
    return list->line;
}

/* orders[0@17 1 2] */
static void add_partitions(struct line *line, const struct topic_summary *topic)
{
    if (!topic->partition_count)
        return;
    for (uint32_t i = 0; i < topic->partition_count && i < PARTITIONS_SHOWN; i++) {
        const struct partition_summary *partition = &topic->partitions[i];
        line_add_format(line, "%s%" PRId32, i ? " " : "[", partition->index);
        if (partition->offset != OFFSET_NONE)
            line_add_format(line, "@%" PRId64, partition->offset);
    }
    if (topic->partition_count > PARTITIONS_SHOWN)
        line_add_format(line, " +%" PRIu32, topic->partition_count - PARTITIONS_SHOWN);
    line_add(line, "]");
}

static void add_topics(struct list *list, const struct summary *summary)
{
    if (summary->all_topics)
        line_add(next(list), "all topics");
    for (uint32_t i = 0; i < summary->topic_count && i < TOPICS_SHOWN; i++) {
        struct line *line = next(list);
        set_colour(line, list->colours, COLOUR_CYAN);
        text_named(line, &summary->topics[i].topic);
        set_colour(line, list->colours, COLOUR_NONE);
        add_partitions(line, &summary->topics[i]);
    }
    if (summary->topic_count > TOPICS_SHOWN)
        line_add_format(next(list), "+%" PRIu32 " topics", summary->topic_count - TOPICS_SHOWN);
}

static void add_keys(struct list *list, const struct summary *summary)
{
    for (uint32_t i = 0; i < summary->key_count && i < KEYS_SHOWN; i++) {
        const struct key_summary *key = &summary->keys[i];
        struct line *line = next(list);
        line_add(line, words_key(key, summary->key_type));
        line_add(line, " ");
        add_name(line, &key->name);
        line_add(line, key->name.len ? "" : "(default)");
    }
    if (summary->key_count > KEYS_SHOWN)
        line_add_format(next(list), "+%" PRIu32, summary->key_count - KEYS_SHOWN);
}

static void add_member(struct list *list, const struct summary *summary)
{
    if (summary->member.len) {
        line_add(next(list), "member ");
        line_add_foreign(list->line, (struct bytes){summary->member.at, summary->member.len}, MEMBER_SHOWN);
    }
    if (summary->has_generation && summary->generation >= 0)
        line_add_format(next(list), "generation %" PRId32, summary->generation);
    if (summary->has_producer)
        line_add_format(next(list), "producer %" PRId64 " epoch %d", summary->producer_id,
                        summary->producer_epoch);
    if (summary->has_committed)
        line_add(next(list), words_end(summary));
}

/* 3 records (1.2 KiB, zstd, transactional) */
static void add_records(struct list *list, const struct summary *summary)
{
    const struct batches *batches = &summary->batches;
    if (!summary->record_bytes)
        return;
    if (!batches->record_count) { /* only the beginning of a batch */
        line_add_size(next(list), summary->record_bytes);
        line_add(list->line, " of records");
        return;
    }
    line_add_format(next(list), "%" PRIu64 " record%s (", batches->record_count,
                    batches->record_count == 1 ? "" : "s");
    line_add_size(list->line, summary->record_bytes);
    for (unsigned i = COMPRESSION_NONE + 1; i < COMPRESSIONS; i++)
        if (batches->compressions >> i & 1)
            line_add_format(list->line, ", %s", batches_compression_name(i));
    line_add(list->line, batches->transactional ? ", transactional)" : ")");
}

static void add_wishes(struct list *list, const struct summary *summary)
{
    if (summary->has_acks && summary->acks < 0)
        line_add(next(list), "acks=all");
    else if (summary->has_acks)
        line_add_format(next(list), "acks=%d", summary->acks);
    if (summary->has_isolation && summary->isolation)
        line_add(next(list), words_isolation(summary));
}

static void add_error(struct list *list, const struct error_summary *error)
{
    struct line *line = next(list);
    const char *name = tables_error_name(error->code);
    if (error->at.name.len || error->at.has_id) {
        text_named(line, &error->at);
        if (error->has_partition)
            line_add_format(line, "-%" PRId32, error->partition);
        line_add(line, " ");
    }
    set_colour(line, list->colours, COLOUR_RED);
    if (name)
        line_add(line, name);
    else
        line_add_format(line, "error %d", error->code);
    set_colour(line, list->colours, COLOUR_NONE);
}

static void add_errors(struct list *list, const struct summary *summary)
{
    for (uint32_t i = 0; i < summary->error_count && i < ERRORS_SHOWN; i++)
        add_error(list, &summary->errors[i]);
    if (summary->error_count > ERRORS_SHOWN)
        line_add_format(next(list), "+%" PRIu32 " errors", summary->error_count - ERRORS_SHOWN);
}

static void add_outcome(struct list *list, enum outcome outcome)
{
    if (outcome == OUTCOME_UNWANTED)
        line_add(next(list), "no answer wanted");
    if (outcome == OUTCOME_NONE) {
        set_colour(next(list), list->colours, COLOUR_YELLOW);
        line_add(list->line, "no answer");
        set_colour(list->line, list->colours, COLOUR_NONE);
    }
}

static void add_details(struct list *list, const struct traffic_event *event)
{
    const struct summary *summary = event->summary;
    add_topics(list, summary);
    add_keys(list, summary);
    add_member(list, summary);
    add_records(list, summary);
    add_wishes(list, summary);
    if (summary->told && event->who->told) {
        line_add(next(list), "told ");
        words_told(list->line, event->who->told);
    }
    add_errors(list, summary);
    add_outcome(list, event->outcome);
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

/* The time of day: 10:15:02.643, then whose line it is. */
static void add_begin(struct line *line, const struct traffic_event *event, bool colours)
{
    enum { TIME_AT = 11, TIME_LEN = 12 };
    struct line time = {.len = 0};
    line_add_time(&time, event->wall_us);
    set_colour(line, colours, COLOUR_FAINT);
    line_add_format(line, "%.*s", TIME_LEN, time.text + TIME_AT);
    set_colour(line, colours, COLOUR_NONE);
    line_pad(line, COLUMN_CONNECTION);
    if (event->connection)
        line_add_format(line, "#%" PRIu64, event->connection);
    line_pad(line, COLUMN_CLIENT_ID);
    line_add_foreign(line, bytes_of(event->who->client_id), CLIENT_ID_SHOWN);
    line_pad(line, COLUMN_API);
}

/* A number, its last digit in the column where the next one begins. */
static void add_right(struct line *line, const struct line *number, size_t end)
{
    line_pad(line, end > number->len ? end - number->len : 0);
    line_add(line, number->text);
}

static void add_bytes_column(struct line *line, uint32_t size, size_t end)
{
    struct line number = {.len = 0};
    line_add_size(&number, size);
    add_right(line, &number, end);
}

static void add_time_column(struct line *line, const struct traffic_event *event)
{
    struct line number = {.len = 0};
    uint64_t us = event->took_us;
    if (event->outcome == OUTCOME_UNWANTED)
        line_add(&number, "-");
    else
        line_add_format(&number, "%" PRIu64 ".%02u ms", us / 1000, (unsigned)(us / 10 % 100));
    add_right(line, &number, END_TIME);
}

static void add_count(struct list *list, uint32_t count, const char *one, const char *more)
{
    if (count)
        line_add_format(next(list), "%" PRIu32 " %s", count, count == 1 ? one : more);
}

static void add_folded(struct line *line, const struct traffic_event *event)
{
    struct list list = {.line = line};
    add_count(&list, event->folded->empty_fetches, "empty fetch", "empty fetches");
    add_count(&list, event->folded->heartbeats, "heartbeat", "heartbeats");
    line_add_format(line, " in %" PRIu64 ".%u s", event->took_us / 1000000,
                    (unsigned)(event->took_us / 100000 % 10));
}

void text_about(struct line *line, const struct traffic_event *event)
{
    struct list list = {.line = line};
    if (event->summary)
        add_details(&list, event);
    if (event->folded)
        add_folded(line, event);
}

static void add_exchange(struct line *line, const struct traffic_event *event, bool colours)
{
    const struct summary *summary = event->summary;
    set_colour(line, colours, summary->error_count ? COLOUR_RED : COLOUR_BOLD);
    add_api(line, &summary->exchange);
    set_colour(line, colours, COLOUR_NONE);
    line_pad(line, COLUMN_NODE);
    add_node(line, summary);
    add_bytes_column(line, summary->exchange.request_size, END_IN);
    add_bytes_column(line, summary->exchange.response_size, END_OUT);
    add_time_column(line, event);
    line_pad(line, COLUMN_DETAILS);
    size_t len = line->len;
    struct list list = {.line = line, .colours = colours};
    add_details(&list, event);
    while (line->len == len && line->text[line->len - 1] == ' ')
        line->text[len = --line->len] = 0;
}

void text_event(struct line *line, const struct traffic_event *event, bool colours)
{
    add_begin(line, event, colours);
    if (event->summary)
        add_exchange(line, event, colours);
    if (event->folded)
        add_folded(line, event);
    if (event->left_out)
        line_add_format(line, "  (before it %" PRIu64 " not shown: too many at the same time)",
                        event->left_out);
    line_end(line);
}

void text_connection(struct line *line, const struct traffic_event *event, bool colours)
{
    enum { SOFTWARE_SHOWN = 64 };
    const struct who *who = event->who;
    add_begin(line, event, colours);
    set_colour(line, colours, COLOUR_FAINT);
    line_add(line, "from ");
    line_add_ip(line, &who->place->peer, who->place->peer_port);
    if (who->software && *who->software) {
        line_add(line, ", ");
        line_add_foreign(line, bytes_of(who->software), SOFTWARE_SHOWN);
    }
    set_colour(line, colours, COLOUR_NONE);
    line_end(line);
}

void text_day(struct line *line, uint64_t wall_us, bool colours)
{
    enum { DATE_LEN = 10 };
    struct line time = {.len = 0};
    line_add_time(&time, wall_us);
    set_colour(line, colours, COLOUR_FAINT);
    line_add_format(line, "%.*s UTC", DATE_LEN, time.text);
    line_pad(line, COLUMN_CLIENT_ID);
    line_add(line, "client");
    line_pad(line, COLUMN_API);
    line_add(line, "request");
    line_pad(line, COLUMN_NODE);
    line_add(line, "to");
    add_right(line, &(struct line){.len = 2, .text = "in"}, END_IN);
    add_right(line, &(struct line){.len = 3, .text = "out"}, END_OUT);
    add_right(line, &(struct line){.len = 4, .text = "took"}, END_TIME);
    line_pad(line, COLUMN_DETAILS);
    line_add(line, "about");
    set_colour(line, colours, COLOUR_NONE);
    line_end(line);
}
