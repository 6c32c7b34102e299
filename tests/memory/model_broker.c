/* SPDX-License-Identifier: Apache-2.0 */
/* The far end of a link: puts together the frames that are sent to it, knows each again as a request of the client
 * or as a question of kbridge's own, checks that it belongs here, and owes an answer. */
#include "tests/memory/model.h"
#include "tests/memory/model_answer.h"
#include "tests/memory/model_asked.h"

#include <stdio.h>

#include "proxy/kafka/keys.h"

enum { LENGTH_SIZE = 4 };

static struct model_due *due_at(struct model_link *link, uint32_t index)
{
    return &link->dues[(link->first_due + index) % MODEL_DUES_MAX];
}

/* What lies in the input of the running call counts as taken. */
bool model_broker_owes(const struct model_link *link)
{
    const struct model_end *end = &link->end;
    size_t taken = end->inbox_at - (end->in_call ? 0 : end->rest_len);
    for (uint32_t i = 0; i < link->due_count; i++) {
        const struct model_due *due = &link->dues[(link->first_due + i) % MODEL_DUES_MAX];
        if (!due->released || due->end > taken)
            return true;
    }
    return false;
}

/* ---- which request is it ---- */

/* Unchanged, but for the rack of a Fetch: with several brokers behind one port it would name a follower. */
static bool is_frame_of(const struct model_client *client, const struct model_request *request,
                        struct bytes frame)
{
    bool several = client->model->cluster.count > 1 && !client->exact;
    bool must_blank = several && request->view_known && client->names_node == MODEL_NOBODY;
    bool blanked = several && request->blanked.len && bytes_equal(buffer_bytes(&request->blanked), frame);
    bool plain = bytes_equal(buffer_bytes(&request->frame), frame);
    return blanked || (plain && !(request->blanked.len && must_blank));
}

/* Tokens may be equal; then the first that was not sent yet. Nothing that was not in the inbox can come. */
static int find_request(const struct model_client *client, struct bytes frame, int broker)
{
    for (int i = 0; i < client->sent; i++) {
        const struct model_request *request = &client->requests[i];
        bool gets_it =
            request->kind == MODEL_GATHERED ? !(request->parts >> broker & 1) : request->link == MODEL_NOBODY;
        if (gets_it && is_frame_of(client, request, frame))
            return i;
    }
    return MODEL_NOBODY;
}

/* The first request that had to be sent before request `number`, and was not; MODEL_NOBODY: none. */
static int find_overtaken(const struct model_client *client, int number)
{
    for (int i = 0; i < number; i++) {
        const struct model_request *before = &client->requests[i];
        bool own = before->kind == MODEL_REFUSED || before->begun_by != MODEL_NOBODY;
        if (before->link == MODEL_NOBODY && !own)
            return i;
    }
    return MODEL_NOBODY;
}

/* A client may choose the correlation id of kbridge's own questions, and ask the same a little later. */
static bool is_twin(const struct model_client *client, int number)
{
    return client->requests[number].correlation_id == MODEL_OWN_CORRELATION_ID &&
           find_overtaken(client, number) != MODEL_NOBODY;
}

static void check_order(struct model_client *client, int number)
{
    int overtaken = find_overtaken(client, number);
    if (overtaken != MODEL_NOBODY)
        model_fail(client->model, "client %d: request %d was sent before request %d", client->number, number,
                   overtaken);
}

static int first_of(unsigned brokers)
{
    int first = 0;
    while (!(brokers >> first & 1))
        first++;
    return first;
}

/* The session's broker, the one that the client has named, or the one that the request itself names; MODEL_NOBODY: any. */
static int right_broker(const struct model_client *client, int number, const struct model_link *link)
{
    const struct model_request *request = &client->requests[number];
    int broker = link->broker;
    if (client->exact)
        return client->only;
    bool named = client->names_node != MODEL_NOBODY && number >= client->names_node;
    int node = named ? client->requests[client->names_node].broker : MODEL_NOBODY;
    if (named && (client->bound || broker == node))
        return node;
    if (named && number == client->names_node)
        return MODEL_NOBODY;
    if (request->begun_by != MODEL_NOBODY)
        return request->view_known ? client->requests[request->begun_by].came_to : MODEL_NOBODY;
    if (request->telemetry)
        return client->faults ? MODEL_NOBODY : client->telemetry;
    if (request->goes_on && client->shares)
        return client->faults || client->shares >> broker & 1 ? MODEL_NOBODY : first_of(client->shares);
    if (request->thing == MODEL_NOBODY)
        return request->broker;
    if (model_changes_unfindable(client->model, request, &link->beliefs[request->thing]))
        return MODEL_NOBODY;
    bool allowed = model_moves_allow(client->model, request->thing, link->beliefs, request->sent_at, broker);
    return allowed ? broker : model_moves_server(client->model, request->thing);
}

/* A view that memory was too short for knows less than it was told, and then any broker may be asked. */
static void check_place(struct model_client *client, int number, const struct model_link *link)
{
    char name[48];
    int broker = link->broker;
    const struct model *model = client->model;
    bool excused = model->memory.failed || model->cluster.count == 1 || model->cluster.grows;
    int right = right_broker(client, number, link);
    model_request_name(&client->requests[number], name);
    if (right != MODEL_NOBODY && right != broker && !excused)
        model_fail(client->model, "client %d: %s came to broker %d and belongs to broker %d", client->number,
                   name, broker, right);
}

static void check_question(struct model_client *client, int number, const struct model_asked *asked)
{
    struct model *model = client->model;
    const struct model_link *link = &client->links[number];
    bool ours = bytes_equal(asked->client_id, bytes_of("kbridge"));
    bool key = asked->api_key == API_METADATA || asked->api_key == API_FIND_COORDINATOR ||
               asked->api_key == API_API_VERSIONS;
    if (!ours || !key)
        model_fail(model, "client %d: link %d got a frame (api key %d) that nobody has sent", client->number,
                   number, asked->api_key);
    if (!link->idle_at_frame)
        model_fail(model, "client %d: a question went to link %d, which still owes an answer", client->number,
                   number);
    bool may_create = asked->api_key == API_METADATA && asked->names[0].len && asked->auto_create != 0;
    if (may_create)
        model_fail(model, "client %d: a question of kbridge's own may create a topic", client->number);
}

/* What the client proves to one broker is repeated at the others, as it came; MODEL_NOBODY: the frame is none of it. */
static int find_proof(const struct model_client *client, struct bytes frame)
{
    for (int i = client->proof - 1; client->proof != MODEL_NOBODY && i <= client->proof; i++)
        if (i < client->sent && bytes_equal(buffer_bytes(&client->requests[i].frame), frame))
            return i;
    return MODEL_NOBODY;
}

/* The handshake, then the token, then all else: a broker closes on anything before. */
static void check_proof(struct model_client *client, int number, struct bytes frame)
{
    struct model_link *link = &client->links[number];
    int found = find_proof(client, frame);
    bool accepted = client->proof != MODEL_NOBODY && client->requests[client->proof].consumed;
    if (found != MODEL_NOBODY && found == client->proof - 1 + link->proofs)
        link->proofs++;
    else if (found != MODEL_NOBODY || (accepted && link->proofs < 2))
        model_fail(client->model, "client %d: link %d has %d frames of the proof, and gets another one",
                   client->number, number, link->proofs);
}

/* ---- answers ---- */

/* `request` is whose answer it is, MODEL_NOBODY for kbridge's own; `like` is the request that the frame repeats. */
static void owe(struct model_client *client, int number, int request, int like, struct bytes frame)
{
    struct model *model = client->model;
    struct model_link *link = &client->links[number];
    if (link->due_count == MODEL_DUES_MAX) {
        model_fail(model, "client %d: link %d got more requests than there are", client->number, number);
        return;
    }
    struct model_due *due = due_at(link, link->due_count++);
    *due = (struct model_due){.bytes = {.allocator = &model->own.allocator}, .request = request};
    struct model_request *asked = like < 0 ? NULL : &client->requests[like];
    bool may_be_slow = asked && (asked->api_key == API_FETCH || asked->api_key == 11);
    due->lazy = may_be_slow && model_chance(&model->random, 30);
    bool first_part = request >= 0 && asked->expected.len == 0;
    due->news =
        model_answer(client, asked, link->broker, frame, &due->bytes, first_part ? &asked->expected : NULL);
}

static void take_frame(struct model_client *client, int number, struct bytes frame)
{
    struct model *model = client->model;
    struct model_link *link = &client->links[number];
    int found = find_request(client, frame, link->broker);
    check_proof(client, number, frame);
    if (found == MODEL_NOBODY && find_proof(client, frame) != MODEL_NOBODY) {
        model_trace(model, "client %d: link %d (broker %d) gets the proof again", client->number, number,
                    link->broker);
        owe(client, number, MODEL_NOBODY, find_proof(client, frame), frame);
        return;
    }
    if (found == MODEL_NOBODY || is_twin(client, found)) {
        struct model_asked asked = model_asked_read(frame);
        model_trace(model, "client %d: link %d (broker %d) is asked by kbridge: %s v%d", client->number,
                    number, link->broker, tables_api_name(asked.api_key), asked.api_version);
        check_question(client, number, &asked);
        if (!model->failed)
            owe(client, number, MODEL_NOBODY, MODEL_NOBODY, frame);
        return;
    }
    struct model_request *request = &client->requests[found];
    char name[48];
    model_request_name(request, name);
    model_trace(model, "client %d: link %d (broker %d) gets request %d: %s, thing %d", client->number, number,
                link->broker, found, name, request->thing);
    request->link = number;
    request->came_to = link->broker;
    request->parts |= 1U << link->broker;
    check_order(client, found);
    check_place(client, found, link);
    if (request->telemetry)
        client->telemetry = link->broker;
    if (request->shares && !request->goes_on)
        client->shares |= 1U << link->broker;
    if (!request->unanswered)
        owe(client, number, found, found, frame);
}

static size_t frame_size(const struct buffer *frame)
{
    if (frame->len < LENGTH_SIZE)
        return SIZE_MAX;
    const uint8_t *at = frame->at;
    return LENGTH_SIZE + ((size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]);
}

static void begin_frame(const struct model *model, struct model_link *link)
{
    link->idle_at_frame = !model_broker_owes(link);
    model_moves_beliefs(model, link->beliefs);
}

void model_broker_take(struct model_client *client, int number, struct bytes bytes)
{
    struct model_link *link = &client->links[number];
    if (link->frame.len == 0)
        begin_frame(client->model, link);
    buffer_append(&link->frame, bytes);
    while (frame_size(&link->frame) <= link->frame.len && !client->model->failed) {
        struct buffer whole = link->frame;
        size_t size = frame_size(&whole);
        link->frame = (struct buffer){.allocator = whole.allocator};
        take_frame(client, number, (struct bytes){whole.at, size});
        begin_frame(client->model, link);
        buffer_append(&link->frame, (struct bytes){whole.at + size, whole.len - size});
        buffer_free(&whole);
    }
}

static struct model_due *find_unreleased(const struct model_link *link)
{
    for (uint32_t i = 0; i < link->due_count; i++) {
        struct model_due *due = due_at((struct model_link *)(uintptr_t)link, i);
        if (!due->released)
            return due;
    }
    return NULL;
}

const struct model_due *model_broker_next(const struct model_link *link)
{
    return find_unreleased(link);
}

void model_broker_release(struct model_client *client, int number)
{
    struct model_link *link = &client->links[number];
    struct model_due *due = find_unreleased(link);
    buffer_append(&link->end.inbox, buffer_bytes(&due->bytes));
    link->released += due->bytes.len;
    due->end = link->released;
    due->released = true;
    model_trace(client->model, "client %d: link %d answers %s%d (%zu bytes)", client->number, number,
                due->request < 0 ? "kbridge " : "request ", due->request, due->bytes.len);
}

void model_broker_consumed(struct model_client *client, int number)
{
    struct model_link *link = &client->links[number];
    while (link->due_count) {
        struct model_due *due = due_at(link, 0);
        if (!due->released || due->end > link->consumed)
            return;
        if (due->request >= 0)
            client->requests[due->request].consumed = true;
        model_moves_learned(client->model, &due->news);
        buffer_free(&due->bytes);
        link->first_due++;
        link->due_count--;
    }
}

void model_broker_forget(struct model_client *client, int number)
{
    struct model_link *link = &client->links[number];
    model_moves_lost(client->model, link);
    for (uint32_t i = 0; i < link->due_count; i++)
        buffer_free(&due_at(link, i)->bytes);
    link->due_count = 0;
    link->released = 0;
    link->consumed = 0;
    link->proofs = 0;
    buffer_free(&link->frame);
}
