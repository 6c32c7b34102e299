/* SPDX-License-Identifier: Apache-2.0 */
/* Members in the order of the schema; see json.h. */
#include "proxy/watch/json.h"

#include "proxy/kafka/tables.h"
#include "proxy/watch/words.h"

/* ---- pieces ---- */

static void add(struct json *json, const char *text, size_t len)
{
    if (len > JSON_ROOM - json->len)
        len = JSON_ROOM - json->len;
    memcpy(json->text + json->len, text, len);
    json->len += len;
}

static void add_text(struct json *json, const char *text)
{
    add(json, text, strlen(text));
}

static void add_number(struct json *json, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0)
        add(json, "-", 1);
    add(json, digits + at, sizeof digits - at);
}

/* How many bytes the character at `at` has in UTF-8; 0: it is none. */
static size_t character_size(struct bytes bytes)
{
    uint8_t first = bytes.at[0];
    size_t size = first < 0x80                    ? 1
                  : first >= 0xc2 && first < 0xe0 ? 2
                  : first >= 0xe0 && first < 0xf0 ? 3
                                                  : 0;
    if (first >= 0xf0 && first < 0xf5)
        size = 4;
    if (!size || size > bytes.len)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((bytes.at[i] & 0xc0) != 0x80)
            return 0;
    bool surrogate = first == 0xed && bytes.at[1] >= 0xa0;
    bool overlong = (first == 0xe0 && bytes.at[1] < 0xa0) || (first == 0xf0 && bytes.at[1] < 0x90);
    bool beyond = first == 0xf4 && bytes.at[1] >= 0x90;
    return surrogate || overlong || beyond ? 0 : size;
}

static void add_escaped(struct json *json, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    const char text[] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
    if (byte == '"' || byte == '\\') {
        add(json, "\\", 1);
        add(json, (const char *)&byte, 1);
    } else {
        add(json, text, sizeof text);
    }
}

static bool is_plain(uint8_t byte)
{
    return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

/* What is no UTF-8 becomes the replacement character, byte by byte. */
static void add_string(struct json *json, struct bytes bytes)
{
    add(json, "\"", 1);
    while (bytes.len) {
        size_t size = 0;
        while (size < bytes.len && is_plain(bytes.at[size]))
            size++;
        add(json, (const char *)bytes.at, size);
        bytes.at += size;
        bytes.len -= size;
        if (!bytes.len)
            break;
        size = character_size(bytes);
        if (size == 1)
            add_escaped(json, bytes.at[0]);
        else
            add(json, size ? (const char *)bytes.at : "\xef\xbf\xbd", size ? size : 3);
        bytes.at += size ? size : 1;
        bytes.len -= size ? size : 1;
    }
    add(json, "\"", 1);
}

/* ,"name": */
static void add_member(struct json *json, const char *name)
{
    add_text(json, json->text[json->len - 1] == '{' ? "\"" : ",\"");
    add_text(json, name);
    add_text(json, "\":");
}

static void member_text(struct json *json, const char *name, const char *text)
{
    add_member(json, name);
    add_string(json, bytes_of(text ? text : ""));
}

static void member_number(struct json *json, const char *name, int64_t number)
{
    add_member(json, name);
    add_number(json, number);
}

static void member_true(struct json *json, const char *name)
{
    add_member(json, name);
    add_text(json, "true");
}

static void member_name(struct json *json, const char *member, const struct name *name)
{
    add_member(json, member);
    add_string(json, (struct bytes){name->at, name->len});
}

static void member_line(struct json *json, const char *name, const struct line *line)
{
    member_text(json, name, line->text);
}

static void begin_element(struct json *json)
{
    if (json->text[json->len - 1] != '[')
        add(json, ",", 1);
}

/* ---- parts of an exchange ---- */

static void add_named(struct json *json, const struct named *named)
{
    if (named->name.len)
        member_name(json, "name", &named->name);
    if (named->has_id) {
        struct line id = {.len = 0};
        words_topic_id(&id, named->id);
        member_line(json, "id", &id);
    }
}

static void add_topic(struct json *json, const struct topic_summary *topic)
{
    add_text(json, "{");
    add_named(json, &topic->topic);
    add_member(json, "partitions");
    add_text(json, "[");
    for (uint32_t i = 0; i < topic->partition_count && i < PARTITIONS_KEPT; i++) {
        begin_element(json);
        add_text(json, "{\"partition\":");
        add_number(json, topic->partitions[i].index);
        if (topic->partitions[i].offset != OFFSET_NONE)
            member_number(json, "offset", topic->partitions[i].offset);
        add_text(json, "}");
    }
    add_text(json, "]");
    member_number(json, "partition_count", topic->partition_count);
    add_text(json, "}");
}

static void add_topics(struct json *json, const struct summary *summary)
{
    if (summary->all_topics)
        member_true(json, "all_topics");
    if (!summary->topic_count)
        return;
    add_member(json, "topics");
    add_text(json, "[");
    for (uint32_t i = 0; i < summary->topic_count && i < TOPICS_KEPT; i++) {
        begin_element(json);
        add_topic(json, &summary->topics[i]);
    }
    add_text(json, "]");
    member_number(json, "topic_count", summary->topic_count);
}

static void add_keys(struct json *json, const struct summary *summary)
{
    if (!summary->key_count)
        return;
    add_member(json, "keys");
    add_text(json, "[");
    for (uint32_t i = 0; i < summary->key_count && i < KEYS_KEPT; i++) {
        begin_element(json);
        add_text(json, "{");
        member_text(json, "kind", words_key(&summary->keys[i], summary->key_type));
        member_name(json, "name", &summary->keys[i].name);
        add_text(json, "}");
    }
    add_text(json, "]");
    member_number(json, "key_count", summary->key_count);
}

static void add_records(struct json *json, const struct summary *summary)
{
    const struct batches *batches = &summary->batches;
    if (!summary->record_bytes)
        return;
    add_member(json, "records");
    add_text(json, "{");
    member_number(json, "bytes", (int64_t)summary->record_bytes);
    member_number(json, "count", (int64_t)batches->record_count);
    add_member(json, "compression");
    add_text(json, "[");
    for (unsigned i = 0; i < COMPRESSIONS; i++) {
        if (!(batches->compressions >> i & 1))
            continue;
        begin_element(json);
        add_string(json, bytes_of(batches_compression_name(i)));
    }
    add_text(json, "]");
    if (batches->transactional)
        member_true(json, "transactional");
    add_text(json, "}");
}

static void add_details(struct json *json, const struct summary *summary)
{
    if (summary->member.len)
        member_name(json, "member", &summary->member);
    if (summary->has_generation)
        member_number(json, "generation", summary->generation);
    if (summary->has_producer) {
        add_member(json, "producer");
        add_text(json, "{\"id\":");
        add_number(json, summary->producer_id);
        member_number(json, "epoch", summary->producer_epoch);
        add_text(json, "}");
    }
    if (summary->has_committed)
        member_text(json, "transaction", words_end(summary));
    if (summary->has_isolation)
        member_text(json, "isolation", words_isolation(summary));
    if (summary->has_acks)
        member_number(json, "acks", summary->acks);
    add_records(json, summary);
}

static void add_error(struct json *json, const struct error_summary *error)
{
    struct line at = {.len = 0};
    const char *name = tables_error_name(error->code);
    add_text(json, "{\"code\":");
    add_number(json, error->code);
    if (name)
        member_text(json, "name", name);
    if (error->at.name.len) {
        member_name(json, "at", &error->at.name);
    } else if (error->at.has_id) {
        words_topic_id(&at, error->at.id);
        member_line(json, "at", &at);
    }
    if (error->has_partition)
        member_number(json, "partition", error->partition);
    add_text(json, "}");
}

static void add_errors(struct json *json, const struct summary *summary)
{
    if (!summary->error_count)
        return;
    add_member(json, "errors");
    add_text(json, "[");
    for (uint32_t i = 0; i < summary->error_count && i < ERRORS_KEPT; i++) {
        begin_element(json);
        add_error(json, &summary->errors[i]);
    }
    add_text(json, "]");
    member_number(json, "error_count", summary->error_count);
}

/* 1.234, without the cost of floating point. */
static void add_ms(struct json *json, uint64_t us)
{
    const char digits[] = {'.', (char)('0' + us / 100 % 10), (char)('0' + us / 10 % 10),
                           (char)('0' + us % 10)};
    add_member(json, "ms");
    add_number(json, (int64_t)(us / 1000));
    add(json, digits, sizeof digits);
}

static void add_exchange(struct json *json, const struct traffic_event *event)
{
    static const char *const outcomes[] = {
        [OUTCOME_ANSWERED] = "answered", [OUTCOME_UNWANTED] = "unwanted", [OUTCOME_NONE] = "none"};
    const struct summary *summary = event->summary;
    const struct exchange *exchange = &summary->exchange;
    const char *api = tables_api_name(exchange->api_key);
    if (exchange->node >= 0)
        member_number(json, "node", exchange->node);
    if (exchange->node == NODE_KBRIDGE)
        member_true(json, "by_kbridge");
    if (api)
        member_text(json, "api", api);
    member_number(json, "api_key", exchange->api_key);
    if (exchange->api_version >= 0)
        member_number(json, "version", exchange->api_version);
    member_text(json, "outcome", outcomes[event->outcome]);
    member_number(json, "bytes_in", exchange->request_size);
    member_number(json, "bytes_out", exchange->response_size);
    if (event->outcome != OUTCOME_UNWANTED)
        add_ms(json, event->took_us);
    add_topics(json, summary);
    add_keys(json, summary);
    add_details(json, summary);
    add_errors(json, summary);
    if (summary->told && event->who->told) {
        struct line told = {.len = 0};
        words_told(&told, event->who->told);
        member_line(json, "told", &told);
    }
}

static void add_folded(struct json *json, const struct traffic_event *event)
{
    add_member(json, "folded");
    add_text(json, "{\"empty_fetches\":");
    add_number(json, event->folded->empty_fetches);
    member_number(json, "heartbeats", event->folded->heartbeats);
    add_ms(json, event->took_us);
    add_text(json, "}");
}

void json_event(struct json *json, const struct traffic_event *event)
{
    struct line time = {.len = 0}, peer = {.len = 0};
    json->len = 0;
    add_text(json, "{");
    line_add_time(&time, event->wall_us);
    member_line(json, "time", &time);
    if (event->connection)
        member_number(json, "connection", (int64_t)event->connection);
    line_add_ip(&peer, &event->who->place->peer, event->who->place->peer_port);
    member_line(json, "peer", &peer);
    member_text(json, "client", event->who->client_id);
    member_text(json, "software", event->who->software);
    if (event->summary)
        add_exchange(json, event);
    if (event->folded)
        add_folded(json, event);
    if (event->left_out)
        member_number(json, "left_out", (int64_t)event->left_out);
    add_text(json, "}\n");
}
