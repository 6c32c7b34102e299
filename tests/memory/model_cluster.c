/* SPDX-License-Identifier: Apache-2.0 */
/* How a cluster is thrown together from random numbers; see model_cluster.h. */
#include "tests/memory/model_cluster.h"

#include <stdio.h>

enum { PORT_FIRST = 9092 };

static struct address address_of(const char *host, int32_t port)
{
    struct address address = {.port = port};
    snprintf(address.host, sizeof address.host, "%s", host);
    return address;
}

/* Brokers that advertise localhost are reached at the same port of the bootstrap host. */
static void make_brokers(struct model_cluster *cluster, struct model_random *random)
{
    bool localhost = model_chance(random, 30);
    int32_t id = model_between(random, 0, 2);
    for (int i = 0; i < MODEL_BROKERS_MAX; i++) { /* also those that join later */
        struct model_broker *broker = &cluster->brokers[i];
        char host[32];
        snprintf(host, sizeof host, "kafka-%d.example", (int)id);
        int32_t port = PORT_FIRST + i;
        broker->id = id;
        broker->joined_at = MODEL_NOBODY;
        broker->advertised = address_of(localhost ? "localhost" : host, port);
        broker->dialled = address_of(localhost ? "bootstrap.example" : host, port);
        id += model_between(random, 1, 40);
    }
}

void model_cluster_topic_id(int topic, int life, uint8_t id[MODEL_TOPIC_ID_SIZE])
{
    memset(id, (life ? 'A' : 'a') + topic, MODEL_TOPIC_ID_SIZE);
}

static void make_topics(struct model_cluster *cluster, struct model_random *random)
{
    for (int i = 0; i < MODEL_TOPICS; i++) {
        struct model_topic *topic = &cluster->topics[i];
        snprintf(topic->name, sizeof topic->name, "topic-%d", i);
        model_cluster_topic_id(i, 0, topic->id);
        topic->exists = model_chance(random, 90);
        for (int p = 0; p < MODEL_PARTITIONS; p++) {
            bool led = model_chance(random, 90);
            topic->leaders[p] = led ? (int)model_below(random, (uint32_t)cluster->count) : MODEL_NOBODY;
            topic->epochs[p] = model_between(random, 0, 9);
        }
    }
}

void model_cluster_make(struct model_cluster *cluster, struct model_random *random)
{
    static const int16_t metadata_versions[] = {13, 13, 13, 12, 12, 10, 9, 4, 1};
    *cluster = (struct model_cluster){.count = model_chance(random, 25) ? 1 : model_between(random, 2, 5)};
    make_brokers(cluster, random);
    make_topics(cluster, random);
    cluster->grows = cluster->hidden = cluster->count > 1 && model_chance(random, 8);
    cluster->moves = cluster->count > 1 && !cluster->grows && model_chance(random, 50);
    cluster->changes = cluster->moves && model_chance(random, 50);
    cluster->rehouses = cluster->changes && model_chance(random, 30);
    cluster->first = (int)model_below(random, (uint32_t)cluster->count);
    cluster->controller = (int)model_below(random, (uint32_t)cluster->count);
    cluster->bootstrap = address_of("bootstrap.example", 29092);
    uint32_t choices = sizeof metadata_versions / sizeof *metadata_versions;
    cluster->metadata_max = metadata_versions[model_below(random, choices)];
    cluster->coordinator_max = (int16_t)model_between(random, 1, 6);
}

static bool is_same(const struct address *a, const struct address *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

int model_cluster_at(const struct model_cluster *cluster, const struct address *address)
{
    if (is_same(address, &cluster->bootstrap))
        return cluster->first;
    for (int i = 0; i < cluster->count; i++) {
        if (is_same(address, &cluster->brokers[i].dialled))
            return i;
    }
    return MODEL_NOBODY;
}

int model_cluster_left(const struct model_cluster *cluster, const struct address *address)
{
    for (int i = 0; i < cluster->count; i++) {
        if (cluster->brokers[i].homes && is_same(address, &cluster->brokers[i].left))
            return i;
    }
    return MODEL_NOBODY;
}

const struct model_topic *model_cluster_topic(const struct model_cluster *cluster, struct bytes name,
                                              struct bytes id)
{
    for (int i = 0; i < MODEL_TOPICS; i++) {
        const struct model_topic *topic = &cluster->topics[i];
        bool same_id = bytes_equal(id, (struct bytes){topic->id, sizeof topic->id});
        if (same_id || (name.len && bytes_equal(name, bytes_of(topic->name))))
            return topic;
    }
    return NULL;
}

int model_cluster_coordinator(const struct model_cluster *cluster, uint8_t key_type, struct bytes key)
{
    uint32_t sum = key_type;
    for (size_t i = 0; i < key.len; i++)
        sum = sum * 31 + key.at[i];
    uint32_t group = key.len ? (uint32_t)key.at[key.len - 1] - '0' : MODEL_GROUPS;
    if (key_type <= COORDINATOR_TRANSACTION && group < MODEL_GROUPS)
        sum += cluster->turns[key_type * MODEL_GROUPS + group];
    return sum % 8 == 0 ? MODEL_NOBODY : (int)(sum % (uint32_t)cluster->count);
}
