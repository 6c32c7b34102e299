/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong in a run, and what a conversation that it happens to still owes: the reason for its end must be one
 * that something has given it, and every answer that was there before must have reached the client. */
#include "tests/memory/model.h"

enum { STEP_LAST = 400, FOREVER = 1000000 };

/* ---- what has to be delivered nevertheless ---- */

static void excuse(struct model_client *client, int request)
{
    if (request < client->must_deliver)
        client->must_deliver = request;
}

/* Requests that are whole in the first `len` bytes from the client. */
static int count_whole(const struct model_client *client, size_t len)
{
    int count = 0;
    for (size_t end = 0; count < client->sent; count++) {
        end += client->requests[count].frame.len;
        if (end > len)
            break;
    }
    return count;
}

static int count_placed(const struct model_client *client)
{
    int count = client->due;
    for (int i = count; i < client->sent; i++) {
        if (client->requests[i].link != MODEL_NOBODY)
            count = i + 1;
    }
    return count;
}

/* The first request whose answer cannot come any more, when link `number` ends behind the first `len` bytes of its
 * stream; what was not on its way to any link yet may be lost as well. */
static void excuse_link(struct model_client *client, int number, size_t len)
{
    const struct model_link *link = &client->links[number];
    excuse(client, count_placed(client));
    for (uint32_t i = 0; i < link->due_count; i++) {
        const struct model_due *due = &link->dues[(link->first_due + i) % MODEL_DUES_MAX];
        if (due->request >= 0 && (!due->released || due->end > len))
            excuse(client, due->request);
    }
}

/* ---- faults ---- */

/* By preference one that owes an answer. */
static int choose_link(struct model_client *client)
{
    struct model_random *random = &client->model->random;
    bool owing = model_chance(random, 70);
    int found = MODEL_NOBODY;
    uint32_t count = 0;
    for (int i = 0; i < MODEL_LINKS_MAX; i++) {
        const struct model_link *link = &client->links[i];
        bool fits = !owing || model_broker_owes(link);
        if (link->state == MODEL_LINK_UP && !link->end.eof && fits && model_below(random, ++count) == 0)
            found = i;
    }
    return found;
}

/* Cuts what is on its way at a random byte. */
static void cut(struct model *model, struct model_end *end)
{
    size_t waiting = end->inbox.len - end->inbox_at;
    if (waiting && model_chance(&model->random, 60))
        end->inbox.len -= model_below(&model->random, (uint32_t)waiting + 1);
}

static bool leave_client(struct model_client *client)
{
    if (client->end.eof)
        return false;
    cut(client->model, &client->end);
    client->end.eof = true;
    excuse(client, count_whole(client, client->end.inbox.len));
    return true;
}

static bool silence_client(struct model_client *client)
{
    if (client->end.eof)
        return false;
    cut(client->model, &client->end);
    client->silent = true;
    excuse(client, count_whole(client, client->end.inbox.len));
    return true;
}

static bool lose_client(struct model_client *client)
{
    excuse(client, 0);
    model_net_break(client, CLIENT);
    return true;
}

static bool leave_broker(struct model_client *client)
{
    int number = choose_link(client);
    if (number == MODEL_NOBODY)
        return false;
    struct model_end *end = &client->links[number].end;
    cut(client->model, end);
    end->eof = true;
    excuse_link(client, number, end->inbox.len);
    return true;
}

static bool lose_broker(struct model_client *client)
{
    int number = choose_link(client);
    if (number == MODEL_NOBODY)
        return false;
    excuse_link(client, number, client->links[number].consumed);
    model_net_break(client, (end_id)number);
    return true;
}

static bool has_tokens(const struct model_client *client)
{
    for (int i = 0; i < client->request_count; i++) {
        if (client->requests[i].kind == MODEL_TOKEN)
            return true;
    }
    return false;
}

/* In place of an answer, or where none is due. Bare tokens have no correlation id, by which it could be told. */
static bool send_garbage(struct model_client *client)
{
    static const uint8_t wrong_id[] = {0, 0, 0, 4, 0xde, 0xad, 0xbe, 0xef};
    static const uint8_t wrong_length[] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0};
    const struct bytes choices[] = {{wrong_id, 8},
                                    {wrong_length, 8},
                                    bytes_of("HTTP/1.1 400 \r\n"),
                                    {(const uint8_t *)"\x15\x03\x03\0\2\2\50", 7}};
    int number = has_tokens(client) ? MODEL_NOBODY : choose_link(client);
    if (number == MODEL_NOBODY)
        return false;
    struct model_link *link = &client->links[number];
    const struct model_due *next = model_broker_next(link);
    size_t before = link->end.inbox.len;
    buffer_append(&link->end.inbox, choices[model_below(&client->model->random, 4)]);
    link->end.eof = true;
    excuse_link(client, number, before);
    bool part = next && next->request >= 0 && client->requests[next->request].kind == MODEL_GATHERED;
    if (!next || next->request < 0 || part) /* no client waits for it: it ends at once */
        excuse(client, 0);
    return true;
}

static bool end_it(struct model_client *client)
{
    excuse(client, 0);
    client->in_call = true;
    conversation_end(client->conversation, REASON_STOPPING, "kbridge was told to stop");
    client->in_call = false;
    return true;
}

static bool loop_next(struct model_client *client)
{
    excuse(client, 0);
    client->loop = true;
    return true;
}

/* From now on: the first dials of every broker fail, some for ever. */
static bool refuse_dials(struct model_client *client)
{
    static const uint32_t refusals[] = {0, 0, 1, 3, 8, FOREVER};
    struct model *model = client->model;
    for (int i = 0; i < model->cluster.count; i++)
        model->cluster.brokers[i].dials_refused = refusals[model_below(&model->random, 6)];
    for (int i = 0; i < model->client_count; i++) {
        excuse(&model->clients[i], 0);
        model->clients[i].faults |= MODEL_UNREACHABLE;
    }
    return true;
}

static bool nothing(struct model_client *client)
{
    (void)client;
    return true;
}

static const struct {
    unsigned fault;
    const char *name;
    bool (*happen)(struct model_client *client); /* false: not possible now */
} faults[] = {
    {MODEL_CLIENT_LEFT, "the client closes its half", leave_client},
    {MODEL_CLIENT_LOST, "the client is lost", lose_client},
    {MODEL_BROKER_LEFT, "a broker closes", leave_broker},
    {MODEL_BROKER_LOST, "a broker is lost", lose_broker},
    {MODEL_UNREACHABLE, "brokers refuse dials", refuse_dials},
    {MODEL_LOOP, "a dial leads back", loop_next},
    {MODEL_GARBAGE, "a broker sends garbage", send_garbage},
    {MODEL_HOSTILE, "the client sends a bad request", nothing},
    {MODEL_ENDED, "it is ended from outside", end_it},
    {MODEL_STANDSTILL, "the client falls silent", silence_client},
};

enum { FAULT_COUNT = sizeof faults / sizeof *faults };

/* Most runs have one fault at most: then it is known exactly what must be delivered. */
void model_fault_plan(struct model_client *client)
{
    struct model_random *random = &client->model->random;
    uint32_t dice = model_below(random, 100);
    int count = dice < 35 ? 0 : dice < 90 ? 1 : 2;
    for (int i = 0; i < count; i++) {
        bool link_ends = model_chance(random, 25);
        client->plan |= link_ends ? MODEL_BROKER_LOST : faults[model_below(random, FAULT_COUNT)].fault;
    }
    client->plan_step = model_chance(random, 20) ? 0 : (int)model_below(random, STEP_LAST);
}

void model_fault_happen(struct model_client *client)
{
    for (size_t i = 0; i < FAULT_COUNT && !client->closed; i++) {
        if (!(client->plan & faults[i].fault) || !faults[i].happen(client))
            continue;
        model_trace(client->model, "client %d: %s", client->number, faults[i].name);
        client->plan &= ~faults[i].fault;
        client->faults |= faults[i].fault;
        return;
    }
}

/* ---- the end ---- */

/* Which faults allow which reason. */
static const unsigned allowed[REASON_COUNT] = {
    [REASON_CLIENT_LOST] = MODEL_CLIENT_LOST,
    [REASON_HEADER_TIMEOUT] = MODEL_STANDSTILL,
    [REASON_BROKER_CLOSED] = MODEL_BROKER_LEFT | MODEL_GARBAGE,
    [REASON_BROKER_LOST] = MODEL_BROKER_LOST,
    [REASON_BROKER_UNREACHABLE] = MODEL_UNREACHABLE,
    [REASON_BROKER_FOREIGN] = MODEL_GARBAGE,
    [REASON_RESPONSE_MALFORMED] = MODEL_GARBAGE,
    [REASON_RESPONSE_UNEXPECTED] = MODEL_GARBAGE,
    [REASON_LOOP] = MODEL_LOOP,
    [REASON_STOPPING] = MODEL_ENDED,
};

static bool was_shut(const struct model_client *client)
{
    for (int i = 0; i < MODEL_LINKS_MAX; i++) {
        if (client->links[i].end.shut)
            return true;
    }
    return false;
}

static bool is_right(const struct model_client *client, enum reason reason)
{
    const struct model_request *last = client->sent ? &client->requests[client->sent - 1] : NULL;
    if (reason == REASON_OUT_OF_MEMORY)
        return client->model->memory.failed > 0;
    if (reason == REASON_CLIENT_CLOSED)
        return client->prober || client->end.eof_told;
    if (last && last->kind == MODEL_BAD && reason == last->reason)
        return true;
    if (reason ==
        REASON_BROKER_SASL) /* what a broker does to questions of somebody who has not proven himself */
        return client->prober && client->faults & MODEL_BROKER_LOST;
    if (reason == REASON_BROKER_CLOSED && was_shut(client))
        return true;
    if (reason == REASON_SEVERAL_BROKERS)
        return client->model->cluster.grows || (client->exact && client->model->memory.failed > 0);
    if (reason == REASON_ROUTE_UNKNOWN) /* a view that memory was too short for */
        return client->model->memory.failed > 0;
    return (allowed[reason] & client->faults) != 0;
}

static void check_facts(struct model_client *client)
{
    int expected = 0, sent = 0; /* kbridge answers the others itself */
    for (int i = 0; i < client->request_count; i++) {
        const struct model_request *request = &client->requests[i];
        bool told = request->kind != MODEL_BAD;
        expected += told;
        sent += told && request->kind != MODEL_REFUSED;
        if (told && !request->told_response)
            model_fail(client->model, "client %d: facts.response never came for request %d", client->number,
                       i);
    }
    if (client->facts_requests != expected || client->facts_client != (sent > 0))
        model_fail(client->model, "client %d: %d facts.request for %d requests, %d facts.client",
                   client->number, client->facts_requests, expected, client->facts_client);
}

void model_fault_check_end(struct model_client *client)
{
    struct model *model = client->model;
    enum reason reason = conversation_reason(client->conversation);
    const char *sentence = conversation_sentence(client->conversation);
    bool served = model_client_is_served(client);
    model_trace(model, "client %d: ends, %s (%s)", client->number, reason_row(reason)->counter, sentence);
    if (!is_right(client, reason))
        model_fail(model, "client %d: ended with %s (%s), and nothing of the kind has happened",
                   client->number, reason_row(reason)->counter, sentence);
    if (client->due < client->must_deliver && !model->memory.failed)
        model_fail(model, "client %d: ended with %s (%s) after %d responses, and %d were to be delivered",
                   client->number, reason_row(reason)->counter, sentence, client->due, client->must_deliver);
    if (client->prober)
        return;
    if (conversation_bytes_to_client(client->conversation) != client->taken ||
        conversation_bytes_from_client(client->conversation) > client->used)
        model_fail(model, "client %d: it counts its bytes wrong", client->number);
    if (served && client->faults == 0 && reason == REASON_CLIENT_CLOSED)
        check_facts(client);
}
