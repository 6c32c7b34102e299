/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets and what they name; see model_place.h. */
#include "tests/memory/model_place.h"

#include <stdio.h>

#include "tests/memory/model.h"

enum {
    SHARED_PORT = 29092,
    FIRST_PORT = 30000,
    LAST_PORT = 30199 /* no two brokers of a model have one number */
};

static const struct place places[] = {
    {.peer = {{127, 0, 0, 1}, 4},
     .local = {{127, 0, 0, 1}, 4},
     .local_text = "127.0.0.1",
     .port = SHARED_PORT},
    {.peer = {{10, 1, 2, 3}, 4}, .local = {{10, 1, 2, 9}, 4}, .local_text = "10.1.2.9", .port = SHARED_PORT},
};

/* As the probe has, before clients come; a cluster that grows is not one of which all sockets are known. */
static void tell_view(struct model *model)
{
    struct view_broker brokers[MODEL_BROKERS_MAX];
    const struct model_cluster *cluster = &model->cluster;
    for (int i = 0; i < cluster->count; i++)
        brokers[i] = (struct view_broker){cluster->brokers[i].id, cluster->brokers[i].advertised};
    view_learn_brokers(model->view, brokers, (size_t)cluster->count);
}

void model_place_mode(struct model *model)
{
    struct exact *exact = &model->surroundings.exact;
    uint32_t dice = model_below(&model->random, 100);
    if (dice >= 20 || model->cluster.grows || !model->view)
        return;
    *exact = dice < 10 ? (struct exact){EXACT_PORTS, FIRST_PORT, LAST_PORT}
                       : (struct exact){.mode = EXACT_LOOPBACK};
    tell_view(model);
}

/* As exact.h draws it. */
static void go_to(struct place *place, const struct exact *exact, int32_t node_id)
{
    if (exact->mode == EXACT_PORTS) {
        place->port = (uint16_t)(FIRST_PORT + node_id);
        return;
    }
    place->local = (struct ip){{127, 0, 1, (uint8_t)node_id}, 4};
    snprintf(place->local_text, sizeof place->local_text, "127.0.1.%d", (int)node_id);
}

/* On the socket for all, any broker will do for the first question: where the others are. */
void model_place_choose(struct model_client *client)
{
    struct model *model = client->model;
    const struct model_cluster *cluster = &model->cluster;
    const struct exact *exact = &model->surroundings.exact;
    client->place = places[model_below(&model->random, 2)];
    client->only = MODEL_NOBODY;
    bool from_elsewhere = client->place.peer.at[0] != 127;
    if (exact->mode == EXACT_OFF || (exact->mode == EXACT_LOOPBACK && from_elsewhere))
        return;
    client->exact = true;
    if (model_chance(&model->random, 20))
        return;
    client->only = (int)model_below(&model->random, (uint32_t)cluster->count);
    go_to(&client->place, exact, cluster->brokers[client->only].id);
}
