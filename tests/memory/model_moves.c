/* SPDX-License-Identifier: Apache-2.0 */
/* The history of the truth, and what of it answers have told; see model_moves.h. */
#include "tests/memory/model_moves.h"

#include <stdio.h>

#include "proxy/kafka/keys.h"
#include "tests/memory/model.h"

enum { METADATA_WITH_IDS = 10 };

static uint32_t set_of(int thing)
{
    return thing == MODEL_NOBODY ? 0 : UINT32_C(1) << thing;
}

int model_thing_led(const struct model_cluster *cluster, const struct model_topic *topic, int partition)
{
    return (int)(topic - cluster->topics) * MODEL_PARTITIONS + partition;
}

/* The last letter is the number of the group. */
int model_thing_coordinated(uint8_t key_type, struct bytes key)
{
    int group = key.len ? key.at[key.len - 1] - '0' : MODEL_NOBODY;
    bool known = key_type <= COORDINATOR_TRANSACTION && group >= 0 && group < MODEL_GROUPS;
    return known ? MODEL_LED + key_type * MODEL_GROUPS + group : MODEL_NOBODY;
}

int model_moves_server(const struct model *model, int thing)
{
    const struct model_cluster *cluster = &model->cluster;
    if (thing < MODEL_LED)
        return cluster->topics[thing / MODEL_PARTITIONS].leaders[thing % MODEL_PARTITIONS];
    if (thing == MODEL_CONTROLLER)
        return cluster->controller;
    if (thing >= MODEL_HOMES)
        return cluster->brokers[thing - MODEL_HOMES].homes;
    char key[MODEL_GROUP_ROOM];
    int coordinated = thing - MODEL_LED;
    snprintf(key, sizeof key, MODEL_GROUP, coordinated % MODEL_GROUPS);
    return model_cluster_coordinator(cluster, (uint8_t)(coordinated / MODEL_GROUPS), bytes_of(key));
}

/* ---- the truth ---- */

static void note(struct model *model, int thing)
{
    struct model_thing *it = &model->things[thing];
    it->servers[it->count] = model_moves_server(model, thing);
    it->since[it->count++] = model->step;
}

void model_moves_begin(struct model *model)
{
    for (int thing = 0; thing < MODEL_THINGS; thing++) {
        model->things[thing] = (struct model_thing){.belief = {.dropped_at = MODEL_NOBODY}};
        note(model, thing);
    }
}

void model_moves_note(struct model *model)
{
    for (int thing = 0; thing < MODEL_THINGS; thing++) {
        const struct model_thing *it = &model->things[thing];
        if (it->servers[it->count - 1] != model_moves_server(model, thing))
            note(model, thing);
    }
}

bool model_moves_have_room(const struct model *model)
{
    for (int thing = 0; thing < MODEL_THINGS; thing++) {
        if (model->things[thing].count == MODEL_MOVES_MAX)
            return false;
    }
    return true;
}

static bool is_moveable(const struct model *model, int thing)
{
    bool room = model->things[thing].count < MODEL_MOVES_MAX;
    return room && (thing >= MODEL_LED || model->cluster.topics[thing / MODEL_PARTITIONS].exists);
}

static void move(struct model *model, int thing)
{
    struct model_cluster *cluster = &model->cluster;
    int to = (int)model_below(&model->random, (uint32_t)cluster->count);
    if (thing < MODEL_LED) {
        struct model_topic *topic = &cluster->topics[thing / MODEL_PARTITIONS];
        bool led = model_chance(&model->random, 90);
        topic->leaders[thing % MODEL_PARTITIONS] = led ? to : MODEL_NOBODY;
        topic->epochs[thing % MODEL_PARTITIONS]++;
    } else if (thing == MODEL_CONTROLLER) {
        cluster->controller = to;
    } else {
        cluster->turns[thing - MODEL_LED]++;
    }
}

void model_moves_happen(struct model *model)
{
    int thing = (int)model_below(&model->random, MODEL_HOMES);
    if (!model->cluster.moves || !is_moveable(model, thing))
        return;
    move(model, thing);
    note(model, thing);
    model_trace(model, "thing %d moves to broker %d", thing, model_moves_server(model, thing));
}

/* ---- what answers tell ---- */

static uint32_t homes_of(const struct model *model)
{
    return ((UINT32_C(1) << model->cluster.count) - 1) << MODEL_HOMES;
}

static uint32_t partitions_of(const struct model *model, const struct model_topic *topic)
{
    uint32_t told = 0;
    for (int partition = 0; topic && topic->exists && partition < MODEL_PARTITIONS; partition++)
        if (topic->leaders[partition] != MODEL_NOBODY)
            told |= set_of(model_thing_led(&model->cluster, topic, partition));
    return told;
}

static uint32_t told_by_metadata(const struct model *model, const struct model_asked *asked)
{
    const struct model_cluster *cluster = &model->cluster;
    uint32_t told = homes_of(model) | (asked->api_version > 0 ? set_of(MODEL_CONTROLLER) : 0);
    for (uint32_t i = 0; i < asked->count; i++)
        told |= partitions_of(model, model_cluster_topic(cluster, asked->names[i], asked->ids[i]));
    bool all = asked->all || (asked->api_version == 0 && asked->count == 0);
    for (int i = 0; all && i < MODEL_TOPICS; i++)
        told |= partitions_of(model, &cluster->topics[i]);
    return told;
}

/* Of clients' own questions for coordinators nothing is learned: the answer does not say whether it is about a group. */
static uint32_t told_by(const struct model *model, const struct model_request *request,
                        const struct model_asked *asked)
{
    if (asked->api_key == API_METADATA)
        return told_by_metadata(model, asked);
    if (asked->api_key == API_DESCRIBE_CLUSTER)
        return homes_of(model) | set_of(MODEL_CONTROLLER);
    if (asked->api_key != API_FIND_COORDINATOR || request)
        return 0;
    int thing = model_thing_coordinated(asked->key_type, asked->names[0]);
    return thing != MODEL_NOBODY && model_moves_server(model, thing) != MODEL_NOBODY ? set_of(thing) : 0;
}

static uint32_t topic_of(int thing)
{
    return ((UINT32_C(1) << MODEL_PARTITIONS) - 1) << (thing / MODEL_PARTITIONS * MODEL_PARTITIONS);
}

/* What is known of a topic by one id goes with the first answer that has another one, and of these there may be nothing in it. */
static uint32_t leaderless(const struct model *model)
{
    uint32_t found = 0;
    for (int thing = 0; model->cluster.changes && thing < MODEL_LED; thing++)
        if (model_moves_server(model, thing) == MODEL_NOBODY)
            found |= set_of(thing);
    return found;
}

static uint32_t reborn(const struct model *model)
{
    uint32_t found = 0;
    for (int thing = 0; thing < MODEL_LED; thing++)
        if (model->cluster.topics[thing / MODEL_PARTITIONS].life)
            found |= set_of(thing);
    return found;
}

struct model_news model_moves_news(const struct model *model, const struct model_request *request,
                                   const struct model_asked *asked, bool refused)
{
    struct model_news news = {.made_at = model->step};
    if (refused)
        news.dropped =
            model_changes_unknown_id(model, request) ? topic_of(request->thing) : set_of(request->thing);
    news.told = refused ? set_of(request->thing) : told_by(model, request, asked);
    if (asked->api_key == API_METADATA && asked->api_version >= METADATA_WITH_IDS)
        news.dropped |= leaderless(model);
    else
        news.perhaps = news.told & reborn(model);
    news.told &= ~news.perhaps;
    return news;
}

static void believe_part(const struct model *model, const struct model_news *news, int thing,
                         struct model_belief *belief)
{
    if ((news->told | news->perhaps) & set_of(thing) && news->made_at < belief->made_at)
        belief->made_at = news->made_at;
    if (news->dropped & set_of(thing))
        belief->dropped_at = model->step;
}

static bool is_taken_in_part(const struct model_link *link, const struct model_due *due)
{
    size_t taken = link->end.in_call ? link->end.inbox_at : link->consumed;
    return due->released && due->end - due->bytes.len < taken && due->end > link->consumed;
}

static void believe_link(const struct model *model, const struct model_link *link, int thing,
                         struct model_belief *belief)
{
    for (uint32_t i = 0; i < link->due_count; i++) {
        const struct model_due *due = &link->dues[(link->first_due + i) % MODEL_DUES_MAX];
        if (is_taken_in_part(link, due))
            believe_part(model, &due->news, thing, belief);
    }
}

/* Of two answers that come in at once, on two links, either may be the one that is believed in the end. */
static void mix(struct model_link *link, const struct model_news *news)
{
    for (uint32_t i = 0; i < link->due_count; i++) {
        struct model_due *due = &link->dues[(link->first_due + i) % MODEL_DUES_MAX];
        uint32_t both = (due->news.told | due->news.perhaps) & (news->told | news->perhaps);
        bool mixes = both && news->made_at < due->news.made_at;
        if (mixes && is_taken_in_part(link, due))
            due->news.made_at = news->made_at;
    }
}

/* An older answer may come later, and may be believed again where it has no epochs. */
void model_moves_learned(struct model *model, const struct model_news *news)
{
    for (int thing = 0; thing < MODEL_THINGS; thing++) {
        struct model_belief *belief = &model->things[thing].belief;
        bool lowers = news->perhaps & set_of(thing) && news->made_at < belief->made_at;
        if (news->told & set_of(thing) || lowers)
            belief->made_at = news->made_at;
        if (news->dropped & set_of(thing))
            belief->dropped_at = model->step;
    }
    for (int i = 0; i < model->client_count; i++)
        for (int link = 0; link < MODEL_LINKS_MAX; link++)
            mix(&model->clients[i].links[link], news);
}

void model_moves_unreachable(struct model_client *client)
{
    for (int i = 0; i < client->sent; i++) {
        const struct model_request *request = &client->requests[i];
        if (request->link == MODEL_NOBODY && request->thing != MODEL_NOBODY)
            client->model->things[request->thing].belief.dropped_at = client->model->step;
    }
}

void model_moves_lost(struct model *model, const struct model_link *link)
{
    for (int thing = 0; thing < MODEL_THINGS; thing++)
        believe_link(model, link, thing, &model->things[thing].belief);
}

void model_moves_beliefs(const struct model *model, struct model_belief beliefs[MODEL_THINGS])
{
    for (int thing = 0; thing < MODEL_THINGS; thing++) {
        beliefs[thing] = model->things[thing].belief;
        for (int i = 0; i < model->client_count; i++)
            for (int link = 0; link < MODEL_LINKS_MAX; link++)
                believe_link(model, &model->clients[i].links[link], thing, &beliefs[thing]);
    }
}

/* ---- what is right ---- */

/* A request for which kbridge has asked once is not held for a second question: where the answer was dropped meanwhile, any
 * broker may say so. A move becomes true at the end of its step, so an answer of that step still tells what was before. */
bool model_moves_allow(const struct model *model, int thing, const struct model_belief beliefs[MODEL_THINGS],
                       int sent_at, int broker)
{
    const struct model_thing *it = &model->things[thing];
    const struct model_belief *belief = &beliefs[thing];
    if (belief->dropped_at >= sent_at)
        return true;
    for (int i = 0; i < it->count; i++) {
        int server = it->servers[i];
        bool was_so = i + 1 == it->count || it->since[i + 1] >= belief->made_at;
        bool any = server == MODEL_NOBODY ||
                   (thing < MODEL_HOMES && model_changes_strange(model, server, sent_at, beliefs));
        if (was_so && (any || server == broker))
            return true;
    }
    return false;
}
