/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences of refused requests; see refuse.h. */
#include "proxy/bridge/refuse.h"

#include "proxy/bridge/parts.h"
#include "proxy/kafka/foreign.h"

static enum progress refuse(struct conversation *conversation, enum reason reason, struct sentence *sentence)
{
    conversation_finish(conversation, reason, sentence);
    return STOP;
}

enum progress refuse_length(struct conversation *conversation, uint32_t length)
{
    struct request *request = &conversation->request;
    struct bytes first = {request->head, LENGTH_SIZE};
    const char *protocol = foreign_protocol(first);
    struct sentence sentence = {.len = 0};
    if (protocol) {
        sentence_add(&sentence, "it speaks ");
        sentence_add(&sentence, protocol);
        sentence_add(&sentence, " to a plaintext Kafka port: ");
        sentence_add(&sentence, foreign_remedy(first));
        return refuse(conversation, REASON_CLIENT_FOREIGN, &sentence);
    }
    sentence_add_number(&sentence, (int32_t)length);
    sentence_add(&sentence, " bytes (they look like \"");
    sentence_add_bytes(&sentence, first, LENGTH_SIZE);
    sentence_add(&sentence, "\"), where 8 to limits.frame = ");
    sentence_add_number(&sentence, conversation->bridge->limits.frame);
    bool possible = length >= HEAD_SIZE - LENGTH_SIZE && length <= INT32_MAX;
    sentence_add(&sentence,
                 possible ? " are allowed: either this is no Kafka client, or limits.frame is too small "
                            "for it"
                          : " are allowed: this is no Kafka client");
    return refuse(conversation, REASON_FRAME_SIZE, &sentence);
}

static void name_request(const struct exchange *exchange, struct sentence *sentence)
{
    const char *name = tables_api_name(exchange->api_key);
    sentence_add(sentence, name ? name : "api key ");
    if (!name)
        sentence_add_number(sentence, exchange->api_key);
    sentence_add(sentence, " v");
    sentence_add_number(sentence, exchange->api_version);
}

enum progress refuse_version(struct conversation *conversation)
{
    const struct exchange *exchange = &conversation->request.exchange;
    const struct message *message = tables_message(REQUEST, exchange->api_key);
    struct sentence sentence = {.len = 0};
    name_request(exchange, &sentence);
    sentence_add(&sentence, " is not in the versions that this kbridge reads, ");
    sentence_add_number(&sentence, message->first);
    sentence_add(&sentence, " to ");
    sentence_add_number(&sentence, message->last);
    sentence_add(&sentence, "; clients that ask with ApiVersions first are told so; else update kbridge");
    return refuse(conversation, REASON_REQUEST_VERSION, &sentence);
}

enum progress refuse_body(struct conversation *conversation, const char *what, const struct field *field)
{
    struct sentence sentence = {.len = 0};
    name_request(&conversation->request.exchange, &sentence);
    sentence_add(&sentence, " of ");
    sentence_add_number(&sentence, conversation->request.exchange.request_size);
    sentence_add(&sentence, " bytes cannot be read: ");
    if (field) {
        sentence_add(&sentence, "at ");
        sentence_add(&sentence, field->name);
        sentence_add(&sentence, ", ");
    }
    sentence_add(&sentence, what);
    return refuse(conversation, REASON_REQUEST_MALFORMED, &sentence);
}

enum progress refuse_token(struct conversation *conversation)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "a SASL token of ");
    sentence_add_number(&sentence, conversation->request.exchange.request_size - LENGTH_SIZE);
    sentence_add(&sentence, " bytes, where at most ");
    sentence_add_number(&sentence, TOKEN_MAX);
    sentence_add(&sentence, " are allowed");
    return refuse(conversation, REASON_FRAME_SIZE, &sentence);
}

enum progress refuse_sasl(struct conversation *conversation)
{
    const char *mechanism = sasl_mechanism(conversation);
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "it authenticates with ");
    sentence_add_bytes(&sentence, bytes_of(mechanism), WHO_ROOM);
    sentence_add(&sentence, ", which proves it to one broker only, and the cluster has ");
    sentence_add_number(&sentence, (int64_t)view_broker_count(conversation->bridge->view));
    sentence_add(&sentence, ": let it use PLAIN or OAUTHBEARER (with tokens below 64 KiB), or " EXACT_REMEDY);
    return refuse(conversation, REASON_SASL_UNREPEATABLE, &sentence);
}

enum progress refuse_lost(struct conversation *conversation)
{
    struct sentence sentence = {.len = 0};
    name_request(&conversation->request.exchange, &sentence);
    sentence_add(&sentence,
                 " does not say which broker it means, and the cluster has several: " EXACT_REMEDY);
    return refuse(conversation, REASON_ROUTE_UNKNOWN, &sentence);
}

static void name_socket(const struct conversation *conversation, struct sentence *sentence)
{
    sentence_add(sentence, "it came to ");
    sentence_add(sentence, conversation->place.local_text);
    sentence_add(sentence, ":");
    sentence_add_number(sentence, conversation->place.port);
}

void refuse_number(struct conversation *conversation, size_t count)
{
    const struct bridge *bridge = conversation->bridge;
    struct sentence sentence = {.len = 0};
    name_socket(conversation, &sentence);
    sentence_add(&sentence, ", which means the node whose id is ");
    sentence_add_number(&sentence, conversation->number);
    sentence_add(&sentence, " modulo ");
    sentence_add_number(&sentence, exact_size(&bridge->surroundings->exact));
    sentence_add(&sentence, count == 0 ? " (listen.per-broker), and the cluster has none"
                                       : ", and the cluster has several: give listen.per-broker a range that "
                                         "has more ports");
    refuse(conversation, REASON_ROUTE_UNKNOWN, &sentence);
}

void refuse_provisional(struct conversation *conversation, int32_t node)
{
    struct sentence sentence = {.len = 0};
    name_socket(conversation, &sentence);
    sentence_add(&sentence, " before kbridge knew the cluster; when it comes again it gets node ");
    sentence_add_number(&sentence, node);
    refuse(conversation, REASON_SEVERAL_BROKERS, &sentence);
}

enum progress refuse_unknown_cluster(struct conversation *conversation)
{
    struct sentence sentence = {.len = 0};
    name_request(&conversation->request.exchange, &sentence);
    sentence_add(&sentence,
                 " has to be answered by every broker, and the cluster did not say which there are");
    return refuse(conversation, REASON_ROUTE_UNKNOWN, &sentence);
}
