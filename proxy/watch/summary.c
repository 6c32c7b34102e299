/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers a summary from the walker's steps; see summary.h.
 *
 *     Topics ELEMENT   ErrorCode   Name   Partitions ELEMENT   Index   ErrorCode … END   ELEMENT …
 *     └─ scope "topics" ─────────────── ▲ └─ scope "partitions" ──────────────── ▲       ▲
 *                        whose error is told when its element ends, with the names known by then */
#include "proxy/watch/summary.h"

#include "proxy/kafka/keys.h"
#include "proxy/watch/excerpt.h"

void gathering_begin(struct gathering *gathering, const struct exchange *exchange)
{
    /* The lists behind are most of it, and few requests use more than their first element. */
    memset(gathering, 0, offsetof(struct gathering, summary.topics));
    gathering->summary.exchange = *exchange;
    gathering->keeps_topics = gathering->keeps_keys = true;
    gathering->scopes[gathering->depth++] = (struct scope){.open = true};
}

/* ---- scopes ---- */

static struct scope *top(struct gathering *gathering)
{
    return gathering->depth <= SCOPES ? &gathering->scopes[gathering->depth - 1] : NULL;
}

static struct scope *nearest(struct gathering *gathering, enum role role)
{
    size_t depth = gathering->depth < SCOPES ? gathering->depth : SCOPES;
    while (depth-- > 0)
        if (gathering->scopes[depth].role == role)
            return &gathering->scopes[depth];
    return NULL;
}

static bool is_key(enum role role)
{
    return role == ROLE_GROUP_ID || role == ROLE_TRANSACTIONAL_ID || role == ROLE_COORDINATOR_KEY ||
           role == ROLE_RESOURCE_NAME || role == ROLE_MECHANISM;
}

static bool is_name(enum role role)
{
    return role == ROLE_TOPIC_NAME || is_key(role);
}

/* Arrays whose elements are a scope: of structs, and of bare names. */
static bool makes_scope(const struct field *field)
{
    if (!field->is_array)
        return false;
    if (field->kind != KIND_STRUCT)
        return is_name(field->role) || field->role == ROLE_TOPIC_ID;
    return field->role == ROLE_TOPICS || field->role == ROLE_PARTITIONS || field->role == ROLE_GROUPS ||
           field->role == ROLE_RESOURCES || field->role == ROLE_COORDINATORS;
}

static uint8_t scope_role(const struct field *field)
{
    bool topics = field->role == ROLE_TOPIC_NAME || field->role == ROLE_TOPIC_ID;
    return topics ? ROLE_TOPICS : field->role;
}

static void tell_error(struct gathering *gathering, struct scope *scope)
{
    struct summary *summary = &gathering->summary;
    int16_t code = scope->error;
    scope->error = 0;
    if (!code || summary->error_count++ >= ERRORS_KEPT)
        return;
    struct error_summary *error = &summary->errors[summary->error_count - 1];
    *error = (struct error_summary){.code = code};
    if (scope->role == ROLE_NONE)
        return;
    const struct scope *topic = scope->role == ROLE_PARTITIONS ? nearest(gathering, ROLE_TOPICS) : scope;
    error->has_partition = scope->has_partition;
    error->partition = scope->partition;
    if (topic)
        error->at = topic->named;
}

static void close_element(struct gathering *gathering, struct scope *scope)
{
    if (!scope->open)
        return;
    tell_error(gathering, scope);
    if (scope->topic && gathering->keeps_topics)
        scope->topic->topic = scope->named;
    if (scope->role == ROLE_TOPICS) {
        gathering->has_passed = true;
        gathering->passed = scope->named;
    }
    scope->open = false;
}

static bool is_same(const struct named *a, const struct named *b)
{
    if (a->has_id && b->has_id && memcmp(a->id, b->id, TOPIC_ID_SIZE) == 0)
        return true;
    struct bytes name_a = {a->name.at, a->name.len}, name_b = {b->name.at, b->name.len};
    return name_a.len && bytes_equal(name_a, name_b);
}

/* The topic of the element in the summary, also where an answer speaks of one that the request has named. NULL: none. */
static struct topic_summary *kept_topic(struct gathering *gathering, struct scope *scope)
{
    struct summary *summary = &gathering->summary;
    if (scope->topic || gathering->keeps_topics)
        return scope->topic;
    for (uint32_t i = 0; i < summary->topic_count && i < TOPICS_KEPT && !scope->topic; i++)
        if (is_same(&summary->topics[i].topic, &scope->named))
            scope->topic = &summary->topics[i];
    return scope->topic;
}

static void open_element(struct gathering *gathering, struct scope *scope)
{
    struct summary *summary = &gathering->summary;
    close_element(gathering, scope);
    *scope = (struct scope){.role = scope->role, .open = true};
    if (scope->role != ROLE_TOPICS || !gathering->keeps_topics)
        return;
    if (summary->topic_count < TOPICS_KEPT) {
        scope->topic = &summary->topics[summary->topic_count];
        scope->topic->topic = (struct named){.has_id = false};
        scope->topic->partition_count = 0;
    }
    summary->topic_count++;
}

static void open_array(struct gathering *gathering, const struct field *field)
{
    gathering->depth++;
    struct scope *scope = top(gathering);
    if (scope)
        *scope = (struct scope){.role = scope_role(field)};
}

/* All topics are asked for with null, in Metadata v0 with an empty array. */
static void see_all_topics(struct gathering *gathering, bool null)
{
    const struct exchange *exchange = &gathering->summary.exchange;
    if (gathering->direction == REQUEST && exchange->api_key == API_METADATA)
        gathering->summary.all_topics =
            null || (exchange->api_version == 0 && !gathering->summary.topic_count);
}

static void leave_scope(struct gathering *gathering)
{
    struct scope *scope = top(gathering);
    if (scope)
        close_element(gathering, scope);
    gathering->depth--;
}

static void close_array(struct gathering *gathering, const struct field *field, bool null)
{
    leave_scope(gathering);
    if (scope_role(field) == ROLE_TOPICS)
        see_all_topics(gathering, null);
}

/* ---- values ---- */

void name_append(struct name *name, struct bytes piece)
{
    size_t room = NAME_KEPT - (size_t)name->len;
    size_t len = piece.len < room ? piece.len : room;
    if (len)
        memcpy(name->at + name->len, piece.at, len);
    name->len = (uint8_t)(name->len + len);
    name->cut = name->cut || len < piece.len;
}

static void add_key(struct gathering *gathering, enum role role, const struct name *name)
{
    struct summary *summary = &gathering->summary;
    /* A resource without a name is the default of all of its type. */
    if (!gathering->keeps_keys || (!name->len && role != ROLE_RESOURCE_NAME))
        return;
    if (summary->key_count < KEYS_KEPT)
        summary->keys[summary->key_count] =
            (struct key_summary){.role = (uint8_t)role, .type = gathering->resource_type, .name = *name};
    summary->key_count++;
}

static void see_name(struct gathering *gathering, const struct walk_event *event)
{
    struct scope *scope = top(gathering);
    if (!scope)
        return;
    name_append(&scope->named.name, event->piece);
    if (event->left == 0 && is_key(event->field->role))
        add_key(gathering, event->field->role, &scope->named.name);
}

static void see_topic_id(struct gathering *gathering, struct bytes id)
{
    static const uint8_t none[TOPIC_ID_SIZE];
    struct scope *scope = top(gathering);
    if (!scope || id.len != TOPIC_ID_SIZE || memcmp(id.at, none, TOPIC_ID_SIZE) == 0)
        return;
    memcpy(scope->named.id, id.at, TOPIC_ID_SIZE);
    scope->named.has_id = true;
}

static void see_partition(struct gathering *gathering, int32_t partition)
{
    struct scope *scope = top(gathering);
    if (scope && scope->role == ROLE_PARTITIONS) {
        scope->partition = partition;
        scope->has_partition = true;
    }
    scope = nearest(gathering, ROLE_TOPICS);
    if (!scope || !scope->topic || !gathering->keeps_topics)
        return;
    struct topic_summary *topic = scope->topic;
    if (topic->partition_count < PARTITIONS_KEPT)
        topic->partitions[topic->partition_count] = (struct partition_summary){partition, OFFSET_NONE};
    topic->partition_count++;
}

/* It stands behind the partition's index. */
static void see_offset(struct gathering *gathering, int64_t offset)
{
    const struct scope *partition = top(gathering);
    struct scope *scope = nearest(gathering, ROLE_TOPICS);
    struct topic_summary *topic = scope ? kept_topic(gathering, scope) : NULL;
    if (!topic || !partition || !partition->has_partition || offset < 0)
        return;
    for (uint32_t i = 0; i < topic->partition_count && i < PARTITIONS_KEPT; i++)
        if (topic->partitions[i].index == partition->partition)
            topic->partitions[i].offset = offset;
}

static void see_generation(struct gathering *gathering, int32_t generation)
{
    struct summary *summary = &gathering->summary;
    summary->has_generation = true;
    summary->generation = generation;
    if (gathering->direction == REQUEST)
        summary->generation_asked = generation;
}

/* A second error of one element (ShareFetch has two) comes behind its names. */
static void see_error(struct gathering *gathering, int16_t code)
{
    struct scope *scope = top(gathering);
    if (!scope || gathering->direction == REQUEST)
        return;
    if (!code)
        return;
    tell_error(gathering, scope);
    scope->error = code;
}

static void see_number(struct summary *summary, enum role role, int64_t number)
{
    switch (role) {
    case ROLE_ACKS:
        summary->has_acks = true;
        summary->acks = (int16_t)number;
        break;
    case ROLE_KEY_TYPE:
        summary->key_type = (int8_t)number;
        break;
    case ROLE_ISOLATION:
        summary->has_isolation = true;
        summary->isolation = (int8_t)number;
        break;
    case ROLE_PRODUCER_ID:
        summary->has_producer = number >= 0;
        summary->producer_id = number;
        break;
    case ROLE_PRODUCER_EPOCH:
        summary->producer_epoch = (int16_t)number;
        break;
    case ROLE_COMMITTED:
        summary->has_committed = true;
        summary->committed = number;
        break;
    default:
        break;
    }
}

static void see_value(struct gathering *gathering, const struct walk_event *event)
{
    switch (event->field->role) {
    case ROLE_PARTITION:
        see_partition(gathering, (int32_t)event->number);
        break;
    case ROLE_TOPIC_ID:
        see_topic_id(gathering, event->piece);
        break;
    case ROLE_ERROR_CODE:
        see_error(gathering, (int16_t)event->number);
        break;
    case ROLE_RESOURCE_TYPE:
        gathering->resource_type = (int8_t)event->number;
        break;
    case ROLE_OFFSET:
        see_offset(gathering, event->number);
        break;
    case ROLE_GENERATION:
        see_generation(gathering, (int32_t)event->number);
        break;
    case ROLE_PORT: /* 0 and -1 are no address, and pass as they are */
        if (gathering->direction == RESPONSE && event->number > 0)
            gathering->summary.told = true;
        break;
    default:
        see_number(&gathering->summary, event->field->role, event->number);
        break;
    }
}

/* ---- steps ---- */

void gathering_end(struct gathering *gathering)
{
    while (gathering->depth)
        leave_scope(gathering);
}

static void turn(struct gathering *gathering)
{
    gathering_end(gathering);
    gathering->direction = RESPONSE;
    gathering->depth = 1;
    gathering->scopes[0] = (struct scope){.open = true};
    gathering->keeps_topics = gathering->summary.topic_count == 0;
    gathering->keeps_keys = gathering->summary.key_count == 0;
}

static void begin_records(struct gathering *gathering)
{
    static const struct named unknown;
    struct summary *summary = &gathering->summary;
    const struct scope *topic = nearest(gathering, ROLE_TOPICS),
                       *partition = nearest(gathering, ROLE_PARTITIONS);
    batches_next(&summary->batches);
    if (summary->excerpt)
        excerpt_begin(summary->excerpt, topic ? &topic->named : &unknown,
                      partition ? partition->partition : 0);
}

static void see_begin(struct gathering *gathering, const struct field *field)
{
    struct scope *scope = top(gathering);
    if (field->role == ROLE_RECORDS)
        begin_records(gathering);
    if (field->role == ROLE_MEMBER_ID)
        gathering->summary.member = (struct name){.len = 0}; /* that of the answer, where it gives one */
    if (makes_scope(field))
        open_array(gathering, field);
    else if (!field->is_array && scope && is_name(field->role))
        scope->named.name = (struct name){.len = 0};
}

static void see_piece(struct gathering *gathering, const struct walk_event *event)
{
    struct summary *summary = &gathering->summary;
    if (event->field->role == ROLE_RECORDS) {
        summary->record_bytes += event->piece.len;
        batches_feed(&summary->batches, event->piece);
        if (summary->excerpt)
            excerpt_add(summary->excerpt, event->piece);
    }
    if (event->field->role == ROLE_MEMBER_ID)
        name_append(&summary->member, event->piece);
    if (is_name(event->field->role))
        see_name(gathering, event);
}

/* The topic in whose element the walk is, where both its name and its id have passed. */
static const struct named *known_topic(struct gathering *gathering, const struct walk_event *event)
{
    const struct scope *scope = top(gathering);
    bool last =
        event->field->role == ROLE_TOPIC_ID || (event->field->role == ROLE_TOPIC_NAME && event->left == 0);
    bool both = last && scope && scope->role == ROLE_TOPICS && scope->named.has_id && scope->named.name.len;
    return both ? &scope->named : NULL;
}

const struct named *gathering_see(struct gathering *gathering, enum direction direction, enum walk_step step,
                                  const struct walk_event *event)
{
    struct scope *scope;
    if (direction < gathering->direction) /* a broker may answer before it has read all */
        return NULL;
    if (direction > gathering->direction)
        turn(gathering);
    switch (step) {
    case WALK_BEGIN:
        see_begin(gathering, event->field);
        return NULL;
    case WALK_ELEMENT:
        scope = top(gathering);
        if (scope && makes_scope(event->field))
            open_element(gathering, scope);
        return NULL;
    case WALK_END:
        if (makes_scope(event->field))
            close_array(gathering, event->field, event->null);
        return NULL;
    case WALK_PIECE:
        see_piece(gathering, event);
        return known_topic(gathering, event);
    case WALK_VALUE:
        see_value(gathering, event);
        return known_topic(gathering, event);
    default:
        return NULL;
    }
}
