/* SPDX-License-Identifier: Apache-2.0 */
/* Topics and brokers that are not what they were; see model_changes.h. */
#include "tests/memory/model.h"

enum { NEW_PORTS = 100 };

/* ---- topics ---- */

static void delete_topic(struct model_topic *topic)
{
    topic->exists = false;
    for (int p = 0; p < MODEL_PARTITIONS; p++)
        topic->leaders[p] = MODEL_NOBODY;
}

/* Its epochs begin anew, lower than those of the one before. */
static void create_topic(struct model *model, struct model_topic *topic)
{
    topic->exists = true;
    topic->life = 1;
    topic->born_at = model->step;
    model_cluster_topic_id((int)(topic - model->cluster.topics), 1, topic->id);
    for (int p = 0; p < MODEL_PARTITIONS; p++) {
        topic->leaders[p] = (int)model_below(&model->random, (uint32_t)model->cluster.count);
        topic->epochs[p] = 0;
    }
}

static bool remake_topic(struct model *model)
{
    struct model_topic *topic = &model->cluster.topics[model_below(&model->random, MODEL_TOPICS)];
    if (topic->life)
        return false;
    if (topic->exists)
        delete_topic(topic);
    else
        create_topic(model, topic);
    model_trace(model, "%s is %s", topic->name, topic->exists ? "created" : "deleted");
    return true;
}

bool model_changes_unknown_id(const struct model *model, const struct model_request *request)
{
    if (request->life == MODEL_NOBODY || request->thing == MODEL_NOBODY)
        return false;
    const struct model_topic *topic = &model->cluster.topics[request->thing / MODEL_PARTITIONS];
    return !topic->exists || request->life != topic->life;
}

bool model_changes_unfindable(const struct model *model, const struct model_request *request,
                              const struct model_belief *belief)
{
    if (request->life == MODEL_NOBODY)
        return false;
    const struct model_topic *topic = &model->cluster.topics[request->thing / MODEL_PARTITIONS];
    bool young = topic->life && (topic->born_at >= request->sent_at || topic->born_at >= belief->made_at);
    return request->life != topic->life || young;
}

/* ---- brokers ---- */

static bool join(struct model *model)
{
    struct model_cluster *cluster = &model->cluster;
    if (cluster->count == MODEL_BROKERS_MAX)
        return false;
    cluster->brokers[cluster->count++].joined_at = model->step;
    model_trace(model, "broker %d joins", cluster->count - 1);
    return true;
}

static void lose_links(struct model_client *client, int broker)
{
    for (int i = 0; i < MODEL_LINKS_MAX; i++) {
        const struct model_link *link = &client->links[i];
        bool there = client->conversation && !client->over && !client->closed;
        if (there && link->state == MODEL_LINK_UP && link->broker == broker && !link->end.eof_told)
            model_net_break(client, (end_id)i);
    }
}

bool model_changes_strange(const struct model *model, int broker, int sent_at,
                           const struct model_belief beliefs[MODEL_THINGS])
{
    int joined_at = model->cluster.brokers[broker].joined_at;
    return joined_at != MODEL_NOBODY &&
           (joined_at >= sent_at || joined_at >= beliefs[MODEL_HOMES + broker].made_at);
}

/* Whoever goes to where it was ends, and comes again. */
static bool rehouse(struct model *model)
{
    int number = (int)model_below(&model->random, (uint32_t)model->cluster.count);
    struct model_broker *broker = &model->cluster.brokers[number];
    if (!model->cluster.rehouses || broker->homes)
        return false;
    broker->homes++;
    broker->left = broker->dialled;
    broker->advertised.port += NEW_PORTS;
    broker->dialled.port += NEW_PORTS;
    model_trace(model, "broker %d comes back at port %d", number, (int)broker->dialled.port);
    for (int i = 0; i < model->client_count; i++) {
        struct model_client *client = &model->clients[i];
        client->must_deliver = 0;
        client->faults |= MODEL_UNREACHABLE | MODEL_BROKER_LOST;
        lose_links(client, number);
    }
    return true;
}

bool model_changes_allow_dial(const struct model *model, const struct address *address)
{
    int broker = model_cluster_left(&model->cluster, address);
    struct model_belief beliefs[MODEL_THINGS];
    model_moves_beliefs(model, beliefs);
    return broker != MODEL_NOBODY &&
           (model->memory.failed || model_moves_allow(model, MODEL_HOMES + broker, beliefs, 0, 0));
}

/* ---- one of them ---- */

void model_changes_happen(struct model *model)
{
    static bool (*const changes[])(struct model * model) = {remake_topic, remake_topic, join, rehouse};
    uint32_t choice = model_below(&model->random, sizeof changes / sizeof *changes);
    if (model->cluster.changes && model_moves_have_room(model) && changes[choice](model))
        model_moves_note(model);
}
