/* SPDX-License-Identifier: Apache-2.0 */
/* PLACE: a request that has said where it belongs gets its link, or waits for it; see place.h. */
#include "proxy/bridge/place.h"

#include "proxy/bridge/alike.h"
#include "proxy/bridge/bind.h"
#include "proxy/bridge/parts.h"
#include "proxy/bridge/refuse.h"
#include "proxy/kafka/keys.h"

static void tell_of_client(struct conversation *conversation)
{
    const struct facts *facts = &conversation->bridge->facts;
    if (conversation->told_of_client)
        return;
    conversation->told_of_client = true;
    alike_tell(conversation);
    if (facts->client)
        facts->client(facts->context, conversation);
}

/* Any node: by preference the one that this connection has used last, else one that it has. */
static int32_t any_node(const struct conversation *conversation)
{
    end_id any = conversation->last_link;
    for (end_id id = 0; any == CLIENT && id < conversation->link_count; id++)
        if (link_at(conversation, id)->state == LINK_UP && link_at(conversation, id)->node != NODE_QUESTIONS)
            any = id;
    return any == CLIENT ? NODE_BOOTSTRAP : link_at(conversation, any)->node;
}

static end_id find_telemetry(struct conversation *conversation)
{
    if (conversation->telemetry == CLIENT)
        conversation->telemetry = (int16_t)link_to(conversation, any_node(conversation));
    return conversation->telemetry;
}

/* A share session goes on where it lives, whatever it names: at the leader, if it has one there, else where the last one was used, whose
 * broker says who leads. CLIENT: kbridge knows of none. */
static end_id find_share_session(const struct conversation *conversation, int32_t leader)
{
    for (end_id id = 0; id < conversation->link_count; id++)
        if (link_at(conversation, id)->shares && link_at(conversation, id)->node == leader)
            return id;
    return conversation->sharing;
}

static void keep_share_session(struct conversation *conversation, end_id link)
{
    if (!conversation->request.route.goes_on)
        link_at(conversation, link)->shares = true;
    if (link_at(conversation, link)->shares)
        conversation->sharing = link;
}

static end_id find_route(struct conversation *conversation)
{
    struct request *request = &conversation->request;
    if (view_kind(conversation->bridge->view) == VIEW_ONE)
        return link_to(conversation, any_node(conversation));
    bool bound = conversation->bound != NODE_UNKNOWN;
    int32_t node = bound ? conversation->bound : route_node(&request->route, conversation->bridge->view);
    if (request->route.by == ROUTE_SESSION && conversation_is_shared(conversation))
        return sessions_find(&conversation->sessions, request->route.session_id);
    end_id session = CLIENT;
    if (request->route.goes_on && !bound)
        session = find_share_session(conversation, node);
    if (session != CLIENT)
        return session;
    if (question_ask_for(conversation, node)) {
        conversation_wait(conversation, WAIT_ANSWER);
        return CLIENT;
    }
    if (request->route.by == ROUTE_TELEMETRY && !bound)
        return find_telemetry(conversation);
    bool known = view_broker_find(conversation->bridge->view, node) != NULL;
    return link_to(conversation, known ? node : any_node(conversation));
}

/* The link, CLIENT while it is not there (the client waits, or the conversation is over). */
static end_id find_link(struct conversation *conversation)
{
    bool exact = conversation_is_exact(conversation);
    end_id link = CLIENT;
    if (exact)
        link = bind_link(conversation);
    else
        link = find_route(conversation);
    if (link != CLIENT && !link_is_up(link_at(conversation, link))) {
        conversation_wait(conversation, WAIT_LINK);
        return CLIENT;
    }
    return link;
}

static bool push(struct conversation *conversation, end_id link)
{
    struct request *request = &conversation->request;
    struct due due = {.ticket = conversation->pendings.ticket + conversation->pendings.count};
    struct pending *pending = ring_push(&conversation->pendings, conversation->bridge->allocator);
    if (!pending) {
        conversation_out_of_memory(conversation);
        return false;
    }
    *pending = (struct pending){
        .exchange = request->exchange,
        .coordinator = route_coordinator(&request->route),
        .link = link,
        .answer = request->answer,
    };
    return link == CLIENT || link_owes(conversation, link, due);
}

static bool has_lost_session(const struct conversation *conversation)
{
    const struct route *route = &conversation->request.route;
    return route->by == ROUTE_SESSION && conversation_is_shared(conversation) &&
           sessions_find(&conversation->sessions, route->session_id) == CLIENT;
}

static enum progress answer_ourselves(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    const struct facts *facts = &conversation->bridge->facts;
    request->exchange.node = NODE_KBRIDGE;
    if (!push(conversation, CLIENT))
        return STOP;
    if (facts->request)
        facts->request(facts->context, conversation, &request->exchange);
    buffer_free(&request->held);
    intake->start = intake->cursor.at;
    request->stage = REQUEST_SKIP;
    conversation_advance(conversation);
    return GO_ON;
}

/* All that came of it so far is in request.held. */
static bool hold(struct conversation *conversation, struct intake *intake)
{
    struct bytes part = {intake->start, (size_t)(intake->cursor.at - intake->start)};
    if (!buffer_append(&conversation->request.held, part)) {
        conversation_out_of_memory(conversation);
        return false;
    }
    intake->start = intake->cursor.at;
    return true;
}

/* It is here whole: its body was walked to the end. */
static enum progress place_everywhere(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    const struct facts *facts = &conversation->bridge->facts;
    if (request->left)
        return refuse_body(conversation, "more follows than it has fields", NULL);
    if (!hold(conversation, intake) || !gather_begin(conversation, buffer_bytes(&request->held)))
        return STOP;
    if (facts->request)
        facts->request(facts->context, conversation, &request->exchange);
    if (!sasl_keep(conversation))
        return STOP;
    buffer_free(&request->held);
    request->stage = REQUEST_SKIP;
    return GO_ON;
}

/* The client has been told that nothing more will come: only the broker that said so may get what it still sends. */
static bool is_too_late(const struct conversation *conversation)
{
    const struct request *request = &conversation->request;
    bool one = view_kind(conversation->bridge->view) == VIEW_ONE;
    return conversation->client_shut && (!one || request->answer == ANSWER_VERSION_OWN);
}

enum progress place_request(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    const struct facts *facts = &conversation->bridge->facts;
    const struct view *view = conversation->bridge->view;
    if (is_too_late(conversation)) {
        conversation_close(conversation, conversation_reason(conversation), conversation->sentence);
        return STOP;
    }
    if (sasl_must_refuse(conversation))
        return refuse_sasl(conversation);
    if (route_is_lost(request->exchange.api_key) && conversation_is_shared(conversation))
        return refuse_lost(conversation);
    if (sasl_must_wait(conversation)) {
        conversation_wait(conversation, WAIT_IN_FLIGHT);
        return STOP;
    }
    if (has_lost_session(conversation))
        request->answer = ANSWER_SESSION_OWN;
    if (request->answer == ANSWER_VERSION_OWN || request->answer == ANSWER_SESSION_OWN)
        return answer_ourselves(conversation, intake);
    tell_of_client(conversation);
    if (gather_is_for(conversation, request->exchange.api_key))
        return place_everywhere(conversation, intake);
    end_id link = find_link(conversation);
    if (link == CLIENT)
        return STOP;
    if (request->route.by == ROUTE_EACH && view_broker_count(view) == 0)
        return refuse_unknown_cluster(conversation);
    request->link = link;
    conversation->last_link = link;
    if (request->route.shares)
        keep_share_session(conversation, link);
    bool one = view_kind(view) == VIEW_ONE;
    conversation->as_one = one && !conversation_is_exact(conversation);
    request->exchange.node = one ? view_broker_at(view, 0)->id : link_at(conversation, link)->node;
    if (conversation->as_one && conversation->link_count == 1)
        sasl_free(conversation);
    if (!request->unanswered && !push(conversation, link))
        return STOP;
    if (request->exchange.api_key == API_SASL_HANDSHAKE && request->exchange.api_version == 0)
        conversation->sasl_tokens = true;
    if (facts->request)
        facts->request(facts->context, conversation, &request->exchange);
    if (sasl_applies(conversation, request->exchange.api_key) && !hold(conversation, intake))
        return STOP;
    if (request->held.len)
        conversation_write(conversation, link, buffer_bytes(&request->held));
    if (!sasl_keep(conversation))
        return STOP;
    buffer_free(&request->held);
    request->stage = REQUEST_REST;
    return GO_ON;
}
