/* SPDX-License-Identifier: Apache-2.0 */
/* What the conversation tells whoever watches: of each request once, of each response once, and of nothing else. */
#include "tests/memory/model.h"

static struct model_client *client_of(const struct conversation *conversation)
{
    return conversation_net(conversation);
}

static void fact_client(void *context, const struct conversation *conversation)
{
    (void)context;
    client_of(conversation)->facts_client++;
}

static struct model_request *request_of(struct model_client *client, const struct exchange *exchange,
                                        const char *fact)
{
    if (exchange->number < (uint64_t)client->sent)
        return &client->requests[exchange->number];
    model_fail(client->model, "client %d: %s of request %d, which was not sent", client->number, fact,
               (int)exchange->number);
    return NULL;
}

static void fact_request(void *context, const struct conversation *conversation,
                         const struct exchange *exchange)
{
    (void)context;
    struct model_client *client = client_of(conversation);
    const struct model_request *request = request_of(client, exchange, "facts.request");
    client->facts_requests++;
    if (request && exchange->request_size != request->frame.len)
        model_fail(client->model, "client %d: facts.request tells %d bytes of request %d, which has %zu",
                   client->number, (int)exchange->request_size, (int)exchange->number, request->frame.len);
}

static void fact_response(void *context, const struct conversation *conversation,
                          const struct exchange *exchange)
{
    (void)context;
    struct model_client *client = client_of(conversation);
    struct model_request *request = request_of(client, exchange, "facts.response");
    if (request && request->told_response)
        model_fail(client->model, "client %d: facts.response came twice for request %d", client->number,
                   (int)exchange->number);
    if (request)
        request->told_response = true;
}

static void fact_field(void *context, const struct conversation *conversation,
                       const struct exchange *exchange, enum direction direction, enum walk_step step,
                       const struct walk_event *event)
{
    (void)context;
    (void)direction;
    request_of(client_of(conversation), exchange, "facts.field");
    if (step <= WALK_BAD || !event->field || event->field->role == ROLE_NONE)
        model_fail(client_of(conversation)->model, "facts.field with step %d", step);
}

struct facts model_facts(struct model *model, bool wants_fields)
{
    static const _Atomic uint8_t yes = 1;
    return (struct facts){
        .context = model,
        .wants_fields = wants_fields ? &yes : NULL,
        .client = fact_client,
        .request = fact_request,
        .field = fact_field,
        .response = fact_response,
    };
}
