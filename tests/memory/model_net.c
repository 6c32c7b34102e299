/* SPDX-License-Identifier: Apache-2.0 */
/* What proxy/net does, without sockets: carries out orders, gives input in pieces of any size, keeps what is left
 * unused and gives it again when it is ordered to. Every order is checked against what is allowed at that moment. */
#include "tests/memory/model.h"

#include <stdlib.h>

struct model_end *model_net_end(struct model_client *client, end_id id)
{
    return id == CLIENT ? &client->end : &client->links[id].end;
}

static const char *name_of(end_id id)
{
    static const char *const names[] = {"client", "link 0", "link 1", "link 2", "link 3", "link 4",
                                        "link 5", "link 6", "link 7", "link 8", "link 9"};
    return names[id + 1];
}

/* ---- orders ---- */

/* Orders come only during a call, none comes after close, and each is about an end that is there. */
static bool is_allowed(struct model_client *client, end_id id, const char *order)
{
    if (!client->in_call)
        model_fail(client->model, "client %d: order %s outside of any call", client->number, order);
    else if (client->closed)
        model_fail(client->model, "client %d: order %s after close", client->number, order);
    else if (id < CLIENT || id >= MODEL_LINKS_MAX || (id == CLIENT && client->prober))
        model_fail(client->model, "client %d: order %s about end %d", client->number, order, id);
    return !client->model->failed;
}

static bool is_open(struct model_client *client, end_id id, const char *order)
{
    if (!is_allowed(client, id, order))
        return false;
    if (id != CLIENT && client->links[id].state != MODEL_LINK_UP)
        model_fail(client->model, "client %d: order %s about %s, which is not up", client->number, order,
                   name_of(id));
    return !client->model->failed;
}

static void order_dial(void *net, end_id id, const struct address *address)
{
    struct model_client *client = net;
    if (!is_allowed(client, id, "dial") || id == CLIENT)
        return;
    struct model_link *link = &client->links[id];
    if (link->state != MODEL_LINK_NONE)
        model_fail(client->model, "client %d: %s is dialled and was not dropped", client->number,
                   name_of(id));
    link->state = MODEL_LINK_DIALLED;
    link->address = *address;
    link->broker = model_cluster_at(&client->model->cluster, address);
    model_trace(client->model, "client %d: dial %s: %s:%d, broker %d", client->number, name_of(id),
                address->host, (int)address->port, link->broker);
    if (client->model->cluster.count == 1 && address->port != client->model->cluster.bootstrap.port)
        model_fail(client->model,
                   "client %d: the one broker is dialled at another than the bootstrap address",
                   client->number);
    if (link->broker == MODEL_NOBODY && !model_changes_allow_dial(client->model, address))
        model_fail(client->model, "client %d: nobody listens at %s:%d", client->number, address->host,
                   (int)address->port);
}

static void send_to(struct model_client *client, end_id to, struct bytes bytes, const char *order)
{
    if (!is_open(client, to, order))
        return;
    if (model_net_end(client, to)->shut) {
        model_fail(client->model, "client %d: order %s for %s, which is shut", client->number, order,
                   name_of(to));
        return;
    }
    if (to == CLIENT)
        model_client_take(client, bytes);
    else
        model_broker_take(client, to, bytes);
}

static void order_pass(void *net, end_id to, struct bytes part)
{
    struct model_client *client = net;
    const struct span *running = &client->running;
    if (!running->at || part.at < running->at || part.at + part.len > running->at + running->len)
        model_fail(client->model, "client %d: pass of %zu bytes that are not in the input", client->number,
                   part.len);
    else
        send_to(client, to, part, "pass");
}

static void order_write(void *net, end_id to, struct bytes bytes)
{
    send_to(net, to, bytes, "write");
}

static void order_read(void *net, end_id from, bool on)
{
    struct model_client *client = net;
    if (!is_open(client, from, "read"))
        return;
    struct model_end *end = model_net_end(client, from);
    end->wanted = on;
    end->again = on;
    model_trace(client->model, "client %d: read %s %s", client->number, name_of(from), on ? "on" : "off");
}

static bool has_input(void *net, end_id id)
{
    struct model_client *client = net;
    if (!is_open(client, id, "has_input"))
        return false;
    const struct model_end *end = model_net_end(client, id);
    if (end->wanted)
        model_fail(client->model, "client %d: has_input of %s, which is read", client->number, name_of(id));
    return end->rest || end->inbox_at < end->inbox.len;
}

static void order_shut(void *net, end_id to)
{
    struct model_client *client = net;
    if (!is_open(client, to, "shut"))
        return;
    struct model_end *end = model_net_end(client, to);
    if (end->shut)
        model_fail(client->model, "client %d: %s is shut twice", client->number, name_of(to));
    end->shut = true;
    model_trace(client->model, "client %d: shut %s", client->number, name_of(to));
}

static void empty(struct model_end *end)
{
    buffer_free(&end->inbox);
    free(end->rest);
    *end = (struct model_end){.inbox = {.allocator = end->inbox.allocator}};
}

static void order_drop(void *net, end_id id)
{
    struct model_client *client = net;
    if (!is_allowed(client, id, "drop") || id == CLIENT)
        return;
    struct model_link *link = &client->links[id];
    if (link->state == MODEL_LINK_NONE)
        model_fail(client->model, "client %d: drop of %s, which is not there", client->number, name_of(id));
    model_broker_forget(client, id);
    empty(&link->end);
    link->state = MODEL_LINK_NONE;
    model_trace(client->model, "client %d: drop %s", client->number, name_of(id));
}

static void order_close(void *net)
{
    struct model_client *client = net;
    if (!client->in_call || client->closed)
        model_fail(client->model, "client %d: order close %s", client->number,
                   client->closed ? "twice" : "outside of any call");
    client->closed = true;
    for (int i = 0; i < MODEL_LINKS_MAX; i++)
        model_moves_lost(client->model, &client->links[i]);
}

const struct orders model_orders = {
    .dial = order_dial,
    .pass = order_pass,
    .write = order_write,
    .read = order_read,
    .has_input = has_input,
    .shut = order_shut,
    .drop = order_drop,
    .close = order_close,
};

/* ---- calls ---- */

bool model_net_may_give(const struct model_client *client, end_id id)
{
    const struct model_end *end = model_net_end((struct model_client *)(uintptr_t)client, id);
    if (!end->wanted || (id != CLIENT && (client->stalled || client->links[id].state != MODEL_LINK_UP)))
        return false;
    return end->rest ? end->again : end->inbox_at < end->inbox.len;
}

/* The rest, and behind it some of what has come since; on the heap and exactly as long as it is, so that the
 * sanitizer sees every byte too far, and every byte kept too long. */
static struct span make_input(struct model_client *client, struct model_end *end)
{
    struct model_random *random = &client->model->random;
    size_t waiting = end->inbox.len - end->inbox_at;
    size_t more = 1 + model_below(random, client->chunk_most);
    if (end->rest && model_chance(random, 70))
        more = 0;
    if (more > waiting)
        more = waiting;
    struct span input = {malloc(end->rest_len + more), end->rest_len + more};
    if (end->rest)
        memcpy(input.at, end->rest, end->rest_len);
    if (more)
        memcpy(input.at + end->rest_len, end->inbox.at + end->inbox_at, more);
    end->inbox_at += more;
    return input;
}

static void keep_rest(struct model_end *end, struct span input, size_t used)
{
    free(end->rest);
    end->rest_len = input.len - used;
    end->rest = end->rest_len ? malloc(end->rest_len) : NULL;
    if (end->rest)
        memcpy(end->rest, input.at + used, end->rest_len);
    if (used == 0)
        end->again =
            false; /* as net does: who uses nothing is not asked again until it orders it once more */
}

void model_net_give(struct model_client *client, end_id id)
{
    struct model *model = client->model;
    struct model_end *end = model_net_end(client, id);
    struct span input = make_input(client, end);
    if (client->chunk_most > 10) /* else there is nothing but these lines */
        model_trace(model, "client %d: %s gives %zu bytes", client->number, name_of(id), input.len);
    end->again = false;
    client->running = input;
    client->in_call = end->in_call = true;
    size_t used = conversation_input(client->conversation, id, input);
    client->in_call = end->in_call = false;
    client->running = (struct span){NULL, 0};
    if (used > input.len) {
        model_fail(model, "client %d: %s: %zu of %zu bytes were used", client->number, name_of(id), used,
                   input.len);
        used = input.len;
    }
    if (conversation_in_flight(client->conversation) > model->bridge.limits.in_flight)
        model_fail(model, "client %d: %u requests are in flight, more than limits.in_flight", client->number,
                   (unsigned)conversation_in_flight(client->conversation));
    if (used < input.len)
        model_trace(model, "client %d: %s: %zu of %zu bytes were used", client->number, name_of(id), used,
                    input.len);
    if (id == CLIENT || client->links[id].state == MODEL_LINK_UP)
        keep_rest(end, input, used);
    free(input.at);
    if (id == CLIENT)
        client->used += used;
    else if (client->links[id].state == MODEL_LINK_UP && !client->closed) {
        client->links[id].consumed += used;
        model_broker_consumed(client, id);
    }
}

bool model_net_may_end(const struct model_client *client, end_id id)
{
    const struct model_end *end = model_net_end((struct model_client *)(uintptr_t)client, id);
    bool up = id == CLIENT ? !client->prober : client->links[id].state == MODEL_LINK_UP;
    return up && end->eof && !end->eof_told && end->wanted && !end->rest && end->inbox_at == end->inbox.len;
}

void model_net_eof(struct model_client *client, end_id id)
{
    model_trace(client->model, "client %d: end of %s", client->number, name_of(id));
    model_net_end(client, id)->eof_told = true;
    client->in_call = true;
    conversation_eof(client->conversation, id);
    client->in_call = false;
}

void model_net_break(struct model_client *client, end_id id)
{
    model_trace(client->model, "client %d: %s breaks", client->number, name_of(id));
    struct model_end *end = model_net_end(client, id);
    empty(end);
    end->eof_told = true;
    if (id != CLIENT)
        client->links[id].state = MODEL_LINK_BROKEN;
    client->in_call = true;
    conversation_broken(client->conversation, id, "connection reset by peer");
    client->in_call = false;
}

void model_net_dialled(struct model_client *client, int number, bool loop)
{
    struct model_link *link = &client->links[number];
    struct model_cluster *cluster = &client->model->cluster;
    link->broker = model_cluster_at(cluster, &link->address); /* it may have gone meanwhile */
    struct model_broker *broker = link->broker < 0 ? NULL : &cluster->brokers[link->broker];
    bool refused = loop || !broker || broker->dials_refused > 0;
    if (broker && broker->dials_refused)
        broker->dials_refused--;
    link->state = refused ? MODEL_LINK_NONE : MODEL_LINK_UP;
    link->end.wanted = !refused;
    model_trace(client->model, "client %d: %s %s", client->number, name_of((end_id)number),
                refused ? "cannot be reached" : "is up");
    if (refused)
        model_moves_unreachable(client);
    client->in_call = true;
    if (refused)
        conversation_link_failed(client->conversation, (end_id)number,
                                 loop ? REASON_LOOP : REASON_BROKER_UNREACHABLE, "192.0.2.1:9092: refused");
    else
        conversation_link_up(client->conversation, (end_id)number);
    client->in_call = false;
}

void model_net_tick(struct model_client *client)
{
    client->in_call = true;
    conversation_tick(client->conversation);
    client->in_call = false;
}
