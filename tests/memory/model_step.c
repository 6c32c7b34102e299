/* SPDX-License-Identifier: Apache-2.0 */
/* One step: of all that can happen now, one thing does, by chance; where nothing can, what was held back. */
#include "tests/memory/model.h"

enum { CHOICES_MAX = 256 };

static void start(struct model_client *client)
{
    struct model *model = client->model;
    const struct place *place = client->prober ? NULL : &client->place;
    model_trace(model, "client %d: %s, for broker %d", client->number, place ? "comes" : "kbridge asks",
                place ? client->only : MODEL_NOBODY);
    client->conversation = conversation_new(&model->bridge, &model_orders, client, place);
    if (!client->conversation) {
        client->over = true;
        if (!model->memory.failed)
            model_fail(model, "client %d: no conversation, and memory was there", client->number);
        return;
    }
    client->in_call = client->prober;
    if (client->prober)
        conversation_ask_cluster(client->conversation);
    client->in_call = false;
}

/* ---- what can happen ---- */

enum happening { START, SEND, GIVE, END, RELEASE, DIALLED, BROKER_END, RESET };

struct choice {
    struct model_client *client;
    enum happening happening;
    int end;
};

struct choices {
    struct choice at[CHOICES_MAX];
    uint32_t count;
};

static void offer(struct choices *choices, bool possible, struct model_client *client,
                  enum happening happening, int end)
{
    if (possible && choices->count < CHOICES_MAX)
        choices->at[choices->count++] = (struct choice){client, happening, end};
}

static bool may_send(const struct model_client *client)
{
    bool more = !client->end.eof && !client->silent && client->sent < client->request_count;
    return more && !model_client_is_served(client) && client->sent - client->due < client->window;
}

static bool may_release(const struct model_link *link, bool lazy)
{
    const struct model_due *next = model_broker_next(link);
    return link->state == MODEL_LINK_UP && !link->end.eof && next && next->lazy == lazy;
}

/* A broker to which our half is shut closes when it has answered everything. */
static bool may_broker_end(const struct model_link *link)
{
    return link->state == MODEL_LINK_UP && link->end.shut && !link->end.eof && !model_broker_owes(link);
}

/* A broker that has closed answers what comes afterwards with a reset. */
static bool may_reset(const struct model_link *link)
{
    return link->state == MODEL_LINK_UP && link->end.eof_told && model_broker_owes(link);
}

static void offer_link(struct choices *choices, struct model_client *client, int i)
{
    struct model_link *link = &client->links[i];
    offer(choices, model_net_may_give(client, (end_id)i), client, GIVE, i);
    offer(choices, model_net_may_end(client, (end_id)i), client, END, i);
    offer(choices, may_release(link, false), client, RELEASE, i);
    offer(choices, may_broker_end(link), client, BROKER_END, i);
    offer(choices, may_reset(link), client, RESET, i);
    offer(choices, link->state == MODEL_LINK_DIALLED, client, DIALLED, i);
}

static void offer_all(struct choices *choices, struct model *model)
{
    choices->count = 0;
    for (int number = 0; number < model->client_count; number++) {
        struct model_client *client = &model->clients[number];
        if (client->over)
            continue;
        offer(choices, !client->conversation, client, START, 0);
        if (!client->conversation)
            continue;
        offer(choices, may_send(client), client, SEND, 0);
        offer(choices, model_net_may_give(client, CLIENT), client, GIVE, CLIENT);
        offer(choices, model_net_may_end(client, CLIENT), client, END, CLIENT);
        for (int i = 0; i < MODEL_LINKS_MAX; i++)
            offer_link(choices, client, i);
    }
}

static void send(struct model_client *client)
{
    struct model_request *request = &client->requests[client->sent++];
    const struct model *model = client->model;
    const struct model_request *begun = request->begun_by < 0 ? NULL : &client->requests[request->begun_by];
    request->session_known = begun && begun->consumed && client->faults == 0 && client->plan == 0;
    request->view_known = view_kind(model->view) == VIEW_SEVERAL && !client->exact;
    if (client->sent - 1 == client->names_node)
        client->bound = view_broker_find(model->view, model->cluster.brokers[request->broker].id) != NULL;
    request->sent_at = model->step;
    buffer_append(&client->end.inbox, buffer_bytes(&request->frame));
}

static void happen(const struct choice *choice)
{
    struct model_client *client = choice->client;
    switch (choice->happening) {
    case START:
        start(client);
        break;
    case SEND:
        send(client);
        break;
    case GIVE:
        model_net_give(client, (end_id)choice->end);
        break;
    case END:
        model_net_eof(client, (end_id)choice->end);
        break;
    case RELEASE:
        model_broker_release(client, choice->end);
        break;
    case DIALLED:
        model_net_dialled(client, choice->end, client->loop);
        client->loop = false;
        break;
    case BROKER_END:
        client->links[choice->end].end.eof = true;
        break;
    case RESET:
        client->faults |= MODEL_BROKER_LOST;
        model_net_break(client, (end_id)choice->end);
        break;
    }
}

/* ---- what happens when nothing else can ---- */

static bool release_lazy(struct model_client *client)
{
    for (int i = 0; i < MODEL_LINKS_MAX; i++) {
        if (may_release(&client->links[i], true)) {
            model_broker_release(client, i);
            return true;
        }
    }
    return false;
}

static bool wake(struct model_client *client)
{
    bool was_stalled = client->stalled;
    client->stalled = false;
    return was_stalled || release_lazy(client);
}

/* A client that has everything goes, and so does one that is told that nothing more will come; one that fell silent
 * goes at last. */
static bool go(struct model_client *client)
{
    bool ready = model_client_is_served(client) || client->silent || client->end.shut;
    if (client->prober || client->end.eof || !ready)
        return false;
    client->end.eof = true;
    return true;
}

static bool pass_time(struct model *model)
{
    uint64_t due_ms = UINT64_MAX;
    for (int i = 0; i < model->client_count; i++) {
        const struct model_client *client = &model->clients[i];
        uint64_t own_ms = client->over ? UINT64_MAX : conversation_due_ms(client->conversation);
        due_ms = own_ms < due_ms ? own_ms : due_ms;
    }
    if (due_ms == UINT64_MAX)
        return false;
    if (due_ms > model->bridge.now_ms)
        model->bridge.now_ms = due_ms;
    model_trace(model, "it is %llu ms", (unsigned long long)model->bridge.now_ms);
    for (int i = 0; i < model->client_count; i++) {
        if (!model->clients[i].over)
            model_net_tick(&model->clients[i]);
    }
    return true;
}

static bool hurry_faults(struct model_client *client)
{
    unsigned before = client->plan;
    client->plan_step = 0;
    model_fault_happen(client);
    return client->plan != before;
}

/* One after the other, for any client: what was held back, faults that found no occasion, time, the end. */
static bool stir(struct model *model)
{
    static bool (*const stirs[])(struct model_client *) = {wake, hurry_faults};
    for (size_t s = 0; s < sizeof stirs / sizeof *stirs; s++) {
        for (int i = 0; i < model->client_count; i++) {
            if (!model->clients[i].over && stirs[s](&model->clients[i]))
                return true;
        }
    }
    if (pass_time(model))
        return true;
    for (int i = 0; i < model->client_count; i++) {
        if (!model->clients[i].over && go(&model->clients[i]))
            return true;
    }
    return false;
}

static void disturb(struct model *model)
{
    struct model_client *client = &model->clients[model_below(&model->random, (uint32_t)model->client_count)];
    if (client->over || !client->conversation)
        return;
    if (model_chance(&model->random, 4))
        model_moves_happen(model);
    if (model_chance(&model->random, 3))
        model_changes_happen(model);
    if (model->cluster.hidden && model_chance(&model->random, 2))
        model->cluster.hidden = false;
    if (model_chance(&model->random, 2))
        client->stalled = !client->stalled;
    if (client->plan && model->step >= client->plan_step)
        model_fault_happen(client);
    if (!client->closed && model_chance(&model->random, 1))
        go(client);
}

bool model_step(struct model *model)
{
    struct choices choices;
    bool moves = true;
    offer_all(&choices, model);
    if (choices.count)
        happen(&choices.at[model_below(&model->random, choices.count)]);
    else
        moves = stir(model);
    disturb(model);
    return moves;
}
