/* SPDX-License-Identifier: Apache-2.0 */
/* What kbridge asks the cluster itself.
 * Apart, because a question goes only to a link with nothing pending (a broker serves one request of a connection
 * after the other: behind a long poll an answer takes seconds, behind JoinGroup minutes), and because its
 * answer never reaches the client. */
#include "proxy/bridge/parts.h"
#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

enum {
    OWN_CORRELATION_ID = 0x6b627267, /* any: nothing else is under way on that link */
    METADATA_NO_TOPICS = 1,
    METADATA_WITH_NO_CREATE = 4,
    METADATA_BY_ID = 12,
    COORDINATOR_WITH_TYPE = 1
};

/* The newest version that both the tables and the brokers have; `unsaid` while no broker has said what it has. */
static int16_t version_for(const struct view *view, int16_t api_key, int16_t unsaid)
{
    int16_t newest = tables_message(REQUEST, api_key)->last;
    int offered = view_version_max(view, api_key);
    if (offered < 0)
        return unsaid;
    if (offered < newest)
        return (int16_t)offered;
    return newest;
}

static const char *write_cluster(struct buffer *to, const struct exchange *exchange)
{
    const struct given givens[] = {given_array(ROLE_TOPICS, NULL, 0), given_number(ROLE_AUTO_CREATE, 0)};
    return write_request(to, exchange->api_key, exchange->api_version, exchange->correlation_id,
                         (struct givens){givens, 2});
}

/* Before v4 a question about a topic would create it: then all topics are asked for. */
static const char *write_topic(struct buffer *to, const struct exchange *exchange, const struct route *route)
{
    struct topic_key key = route_topic(route);
    const struct given all = given_null(ROLE_TOPICS);
    if (exchange->api_version < METADATA_WITH_NO_CREATE)
        return write_request(to, exchange->api_key, exchange->api_version, exchange->correlation_id,
                             (struct givens){&all, 1});
    struct given name = key.id.len ? given_null(ROLE_TOPIC_NAME) : given_bytes(ROLE_TOPIC_NAME, key.name);
    const struct given topic[] = {name, given_bytes(ROLE_TOPIC_ID, key.id)};
    const struct givens topics[] = {{topic, key.id.len ? 2 : 1}};
    const struct given givens[] = {given_array(ROLE_TOPICS, topics, 1), given_number(ROLE_AUTO_CREATE, 0)};
    return write_request(to, exchange->api_key, exchange->api_version, exchange->correlation_id,
                         (struct givens){givens, 2});
}

static const char *write_coordinator(struct buffer *to, const struct exchange *exchange,
                                     const struct route *route, uint8_t key_type)
{
    const struct given givens[] = {given_bytes(ROLE_COORDINATOR_KEY, buffer_bytes(&route->name)),
                                   given_number(ROLE_KEY_TYPE, key_type)};
    return write_request(to, exchange->api_key, exchange->api_version, exchange->correlation_id,
                         (struct givens){givens, 2});
}

static const char *write_question(struct conversation *conversation, struct buffer *to)
{
    const struct view *view = conversation->bridge->view;
    struct question *question = &conversation->question;
    const struct route *route = &conversation->request.route;
    struct exchange *exchange = &question->exchange;
    *exchange = (struct exchange){.correlation_id = OWN_CORRELATION_ID};
    switch (question->ask) {
    case ASK_VERSIONS:
        exchange->api_key = API_API_VERSIONS;
        return write_request(to, API_API_VERSIONS, 0, OWN_CORRELATION_ID, (struct givens){NULL, 0});
    case ASK_TOPIC:
        exchange->api_key = API_METADATA;
        exchange->api_version =
            version_for(view, API_METADATA, route->has_id ? METADATA_BY_ID : METADATA_WITH_NO_CREATE);
        return write_topic(to, exchange, route);
    case ASK_COORDINATOR:
        exchange->api_key = API_FIND_COORDINATOR;
        exchange->api_version = version_for(view, API_FIND_COORDINATOR, COORDINATOR_WITH_TYPE);
        return write_coordinator(to, exchange, route, question->key_type);
    default:
        exchange->api_key = API_METADATA;
        exchange->api_version = version_for(view, API_METADATA, METADATA_NO_TOPICS);
        return write_cluster(to, exchange);
    }
}

static void send(struct conversation *conversation)
{
    struct question *question = &conversation->question;
    struct buffer frame = {.allocator = conversation->bridge->allocator};
    const char *wrong = write_question(conversation, &frame);
    if (wrong) {
        conversation_out_of_memory(conversation);
    } else if (link_owes(conversation, question->link, (struct due){.whose = DUE_OWN})) {
        question->sent = true;
        conversation->bridge->notes.questions++;
        conversation_write(conversation, question->link, buffer_bytes(&frame));
    }
    buffer_free(&frame);
}

static void ask(struct conversation *conversation, enum ask what)
{
    struct question *question = &conversation->question;
    if (question->ask != ASK_NOTHING)
        return;
    question->ask = (uint8_t)what;
    question->sent = false;
    question->link = link_for_question(conversation);
    question_advance(conversation);
}

void question_advance(struct conversation *conversation)
{
    const struct question *question = &conversation->question;
    if (question->ask == ASK_NOTHING || question->sent || question->link == CLIENT || conversation->closed)
        return;
    if (link_is_up(link_at(conversation, question->link)))
        send(conversation);
}

static bool was_asked(const struct request *request, enum ask what)
{
    return request->asked >> what & 1;
}

/* A node that is routed to, but that nobody has told the address of. */
static bool is_stranger(const struct view *view, int32_t node)
{
    return node >= 0 && view_kind(view) != VIEW_ONE && !view_broker_find(view, node);
}

/* What has to be known before the request can go to `node`. Addresses are spelled by how many brokers there are, and
 * some requests go to all of them: for these the cluster has to be known in any case. */
static enum ask find_gap(const struct conversation *conversation, int32_t node)
{
    const struct request *request = &conversation->request;
    const struct view *view = conversation->bridge->view;
    const struct exchange *exchange = &request->exchange;
    bool tells = rewrite_mode_of(exchange->api_key, exchange->api_version) == REWRITE_ADDRESSES;
    bool by_name = request->route.by == ROUTE_GROUP || request->route.by == ROUTE_TRANSACTION;
    bool whole = tells || by_name || request->route.by == ROUTE_EACH;
    if ((whole && view_broker_count(view) == 0 && !was_asked(request, ASK_CLUSTER)) ||
        is_stranger(view, node))
        return ASK_CLUSTER;
    if (node != NODE_UNKNOWN)
        return ASK_NOTHING;
    if (request->route.by == ROUTE_LEADER)
        return ASK_TOPIC;
    return by_name ? ASK_COORDINATOR : ASK_CLUSTER;
}

bool question_ask_for(struct conversation *conversation, int32_t node)
{
    const struct request *request = &conversation->request;
    enum ask gap = find_gap(conversation, node);
    if (gap == ASK_NOTHING || was_asked(request, gap))
        return false;
    bool by_group = request->route.by == ROUTE_GROUP;
    conversation->question.key_type = by_group ? COORDINATOR_GROUP : COORDINATOR_TRANSACTION;
    ask(conversation, gap);
    return true;
}

bool question_ask_cluster(struct conversation *conversation)
{
    if (was_asked(&conversation->request, ASK_CLUSTER))
        return false;
    ask(conversation, ASK_CLUSTER);
    return true;
}

void conversation_ask_cluster(struct conversation *conversation)
{
    conversation->question.for_cluster = true;
    ask(conversation, ASK_VERSIONS);
}

bool question_is_unproven(const struct conversation *conversation)
{
    return conversation->question.for_cluster && conversation->question.ask == ASK_CLUSTER;
}

/* Every broker has Metadata, and the controllers of KRaft have not: they would close the connection without a word. */
static bool is_controller(const struct view *view)
{
    return view_api_count(view) > 0 && view_version_max(view, API_METADATA) < 0;
}

static void refuse_controller(struct conversation *conversation)
{
    struct sentence sentence = {.len = 0};
    link_name(conversation, link_at(conversation, conversation->question.link), &sentence);
    sentence_add(&sentence,
                 ": it does not offer Metadata, so it is a KRaft controller; what must be there is a "
                 "plaintext listener of a broker");
    conversation_close(conversation, REASON_BROKER_FOREIGN, &sentence);
}

/* One question for each key: where the answer does not tell, any broker tells the client what is wrong. */
void question_answered(struct conversation *conversation)
{
    struct question *question = &conversation->question;
    enum ask asked = question->ask;
    question->ask = ASK_NOTHING;
    if (!question->for_cluster) {
        conversation->request.asked |= (uint8_t)(1U << asked);
        conversation->request.route.epoch = -1; /* the newest that can be known is known now */
        conversation_go_on(conversation, WAIT_ANSWER);
    } else if (asked == ASK_VERSIONS && is_controller(conversation->bridge->view)) {
        refuse_controller(conversation);
    } else if (asked == ASK_VERSIONS) {
        ask(conversation, ASK_CLUSTER);
    } else {
        conversation_close(conversation, REASON_CLIENT_CLOSED, NULL);
    }
}
