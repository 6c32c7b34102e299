/* SPDX-License-Identifier: Apache-2.0 */
/* Topics in a list, found through two maps; partitions in an array of 8 bytes each, so that 100,000 take less
 * than 1 MiB. See leaders.h. */
#include "proxy/bridge/leaders.h"

enum { ID_SIZE = 16, FIRST_PARTITIONS = 4 };

struct leader {
    int32_t node; /* NODE_UNKNOWN: not known */
    int32_t epoch;
};

enum { PARTITIONS_MAX = LEADERS_BYTES_MAX / 2 / sizeof(struct leader) };

struct topic {
    struct topic *next, *previous;
    struct leader *partitions;
    int32_t room;
    uint32_t size; /* of this allocation */
    uint16_t name_len;
    bool has_id;
    uint8_t id[ID_SIZE];
    uint8_t name[]; /* name_len bytes; a topic that is known by its id only has none */
};

static struct bytes name_of(const struct topic *topic)
{
    return (struct bytes){topic->name, topic->name_len};
}

static struct bytes id_of(const struct topic *topic)
{
    return (struct bytes){topic->id, ID_SIZE};
}

static bool has_name(const void *item, const void *key)
{
    return bytes_equal(name_of(item), *(const struct bytes *)key);
}

static bool has_id(const void *item, const void *key)
{
    return bytes_equal(id_of(item), *(const struct bytes *)key);
}

static uint64_t hash_of(struct bytes bytes)
{
    return map_hash(MAP_HASH_FIRST, bytes);
}

/* An id of zeros means none, as everywhere in Kafka. */
static bool names_id(const struct topic_key *key)
{
    static const uint8_t none[ID_SIZE];
    return key->id.len == ID_SIZE && memcmp(key->id.at, none, ID_SIZE) != 0;
}

static struct topic *find_by_id(const struct leaders *leaders, const struct topic_key *key)
{
    return names_id(key) ? map_find(&leaders->by_id, hash_of(key->id), has_id, &key->id) : NULL;
}

static struct topic *find_by_name(const struct leaders *leaders, const struct topic_key *key)
{
    return key->name.len ? map_find(&leaders->by_name, hash_of(key->name), has_name, &key->name) : NULL;
}

static struct topic *find(const struct leaders *leaders, const struct topic_key *key)
{
    return names_id(key) ? find_by_id(leaders, key) : find_by_name(leaders, key);
}

/* ---- topics ---- */

static void drop(struct leaders *leaders, struct topic *topic)
{
    const struct allocator *allocator = leaders->allocator;
    if (topic->name_len)
        map_remove(&leaders->by_name, hash_of(name_of(topic)), topic);
    if (topic->has_id)
        map_remove(&leaders->by_id, hash_of(id_of(topic)), topic);
    if (topic->next)
        topic->next->previous = topic->previous;
    if (topic->previous)
        topic->previous->next = topic->next;
    else
        leaders->topics = topic->next;
    leaders->bytes -= topic->size + (size_t)topic->room * sizeof *topic->partitions;
    if (topic->partitions)
        allocator->resize(allocator->context, topic->partitions, 0);
    allocator->resize(allocator->context, topic, 0);
}

static void drop_all(struct leaders *leaders)
{
    while (leaders->topics)
        drop(leaders, leaders->topics);
}

static struct topic *make(const struct leaders *leaders, const struct topic_key *key)
{
    const struct allocator *allocator = leaders->allocator;
    size_t size = sizeof(struct topic) + key->name.len;
    struct topic *topic = allocator->resize(allocator->context, NULL, size);
    if (!topic)
        return NULL;
    *topic =
        (struct topic){.size = (uint32_t)size, .name_len = (uint16_t)key->name.len, .has_id = names_id(key)};
    if (key->name.len)
        memcpy(topic->name, key->name.at, key->name.len);
    if (topic->has_id)
        memcpy(topic->id, key->id.at, ID_SIZE);
    return topic;
}

static struct topic *add(struct leaders *leaders, const struct topic_key *key)
{
    const struct allocator *allocator = leaders->allocator;
    bool nameable = key->name.len <= UINT16_MAX && (key->name.len || names_id(key));
    struct topic *topic = nameable ? make(leaders, key) : NULL;
    if (!topic)
        return NULL;
    leaders->bytes += topic->size;
    bool by_name = topic->name_len && map_put(&leaders->by_name, allocator, hash_of(name_of(topic)), topic);
    bool by_id = topic->has_id && map_put(&leaders->by_id, allocator, hash_of(id_of(topic)), topic);
    topic->next = leaders->topics;
    if (topic->next)
        topic->next->previous = topic;
    leaders->topics = topic;
    if (by_name == (topic->name_len > 0) && by_id == topic->has_id)
        return topic;
    if (!by_name)
        topic->name_len = 0;
    topic->has_id = by_id;
    drop(leaders, topic);
    return NULL;
}

/* A topic that was known by its name only. */
static struct topic *adopt_id(struct leaders *leaders, struct topic *topic, const struct topic_key *key)
{
    if (!map_put(&leaders->by_id, leaders->allocator, hash_of(key->id), topic))
        return NULL;
    memcpy(topic->id, key->id.at, ID_SIZE);
    topic->has_id = true;
    return topic;
}

/* The same topic, by both that are given: a name with another id than before is another topic, and so is an id that
 * was known without a name. */
static struct topic *find_exactly(struct leaders *leaders, const struct topic_key *key)
{
    struct topic *by_id = find_by_id(leaders, key);
    struct topic *by_name = find_by_name(leaders, key);
    if (!names_id(key) || by_name == by_id)
        return by_name;
    if (by_name && !by_name->has_id && !by_id)
        return adopt_id(leaders, by_name, key);
    if (by_name)
        drop(leaders, by_name);
    if (!by_id || key->name.len == 0)
        return by_id;
    drop(leaders, by_id);
    return NULL;
}

/* ---- partitions ---- */

static bool make_room(struct leaders *leaders, struct topic *topic, int32_t partition)
{
    const struct allocator *allocator = leaders->allocator;
    int32_t room = topic->room ? topic->room : FIRST_PARTITIONS;
    while (room <= partition)
        room *= 2;
    if (room == topic->room)
        return true;
    size_t size = (size_t)room * sizeof *topic->partitions;
    struct leader *partitions = allocator->resize(allocator->context, topic->partitions, size);
    if (!partitions)
        return false;
    leaders->bytes += (size_t)(room - topic->room) * sizeof *partitions;
    topic->partitions = partitions;
    for (; topic->room < room; topic->room++)
        partitions[topic->room] = (struct leader){NODE_UNKNOWN, -1};
    return true;
}

static struct leader *leader_of(const struct topic *topic, int32_t partition)
{
    return topic && partition >= 0 && partition < topic->room ? &topic->partitions[partition] : NULL;
}

int32_t leaders_find(const struct leaders *leaders, const struct topic_key *key, int32_t partition,
                     int32_t *epoch)
{
    const struct leader *leader = leader_of(find(leaders, key), partition);
    if (epoch)
        *epoch = leader ? leader->epoch : -1;
    return leader ? leader->node : NODE_UNKNOWN;
}

/* A topic without an id may have been made anew under its name: there the newest answer counts, whatever its epoch. */
static bool is_older(const struct topic *topic, const struct leader *leader, int32_t epoch)
{
    return topic->has_id && leader->node != NODE_UNKNOWN && epoch >= 0 && epoch < leader->epoch;
}

void leaders_learn(struct leaders *leaders, const struct topic_key *key, int32_t partition, int32_t node,
                   int32_t epoch)
{
    if (node < 0 || partition < 0 || partition >= PARTITIONS_MAX)
        return;
    if (leaders->bytes > LEADERS_BYTES_MAX)
        drop_all(leaders);
    struct topic *topic = find_exactly(leaders, key);
    if (!topic)
        topic = add(leaders, key);
    if (!topic || !make_room(leaders, topic, partition))
        return;
    struct leader *leader = &topic->partitions[partition];
    if (!is_older(topic, leader, epoch))
        *leader = (struct leader){node, epoch};
}

void leaders_forget(struct leaders *leaders, const struct topic_key *key, int32_t partition)
{
    struct leader *leader = leader_of(find(leaders, key), partition);
    if (leader)
        *leader = (struct leader){NODE_UNKNOWN, -1};
}

void leaders_forget_topic(struct leaders *leaders, const struct topic_key *key)
{
    struct topic *topic = find(leaders, key);
    if (topic)
        drop(leaders, topic);
}

void leaders_free(struct leaders *leaders)
{
    drop_all(leaders);
    map_free(&leaders->by_name, leaders->allocator);
    map_free(&leaders->by_id, leaders->allocator);
}
