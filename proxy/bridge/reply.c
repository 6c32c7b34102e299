/* SPDX-License-Identifier: Apache-2.0 */
/* Responses: from a link's bytes to the client, or to kbridge itself.
 * Apart, because this is the other half of the relay: whose answer is it, is it due, what becomes of it. */
#include "proxy/bridge/alike.h"
#include "proxy/bridge/parts.h"
#include "proxy/kafka/foreign.h"
#include "proxy/kafka/keys.h"
#include "proxy/kafka/skip.h"
#include "proxy/kafka/wire.h"

enum { RESPONSE_HEAD_SIZE = 8 }; /* length, correlation id */

static bool refuse(struct link *link, enum reason reason, struct sentence *what)
{
    struct sentence sentence = {.len = 0};
    link_name(link->conversation, link, &sentence);
    sentence_add(&sentence, ": ");
    sentence_add(&sentence, what->text);
    conversation_close(link->conversation, reason, &sentence);
    return false;
}

/* ---- what the walker shows ---- */

/* An address of a node's own leads somewhere only while it is listened on. */
static bool is_listened_on(const struct conversation *conversation, int32_t node_id)
{
    const struct bridge *bridge = conversation->bridge;
    const struct exact *exact = conversation->told.exact;
    return !exact || !bridge->listen || bridge->listen(bridge->net, exact_number(exact, node_id));
}

static void refuse_to_tell(struct link *link, const struct address *address)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "a node is to be told as ");
    sentence_add(&sentence, address->host);
    sentence_add(&sentence, ":");
    sentence_add_number(&sentence, address->port);
    sentence_add(&sentence, ", where kbridge cannot listen: give listen.per-broker a range of ports");
    conversation_close(link->conversation, REASON_LIMIT, &sentence);
    link->failed = true;
}

static void tell(void *context, int32_t node_id, struct address *address)
{
    struct link *link = context;
    const struct conversation *conversation = link->conversation;
    told_address(&conversation->told, alike_matters(conversation) ? node_id : 0, address);
    if (link->whose == DUE_CLIENT && !is_listened_on(conversation, node_id))
        refuse_to_tell(link, address);
}

static void say_not_offered(struct conversation *conversation)
{
    struct bridge *bridge = conversation->bridge;
    struct sentence sentence = {.len = 0};
    if (bridge->notes.not_offered || !bridge->facts.say)
        return;
    bridge->notes.not_offered = true;
    sentence_add(&sentence, "DescribeLogDirs and AlterReplicaLogDirs are not offered while several brokers "
                            "share the port, since they do not say which one they mean; " EXACT_REMEDY);
    bridge->facts.say(bridge->facts.context, NULL, LEVEL_INFO, &sentence);
}

/* Both ends are limited to the versions that kbridge reads; keys that it does not read stay as they are. */
static bool offer(void *context, int16_t api_key, int16_t *min, int16_t *max)
{
    struct conversation *conversation = ((const struct link *)context)->conversation;
    if (conversation_is_shared(conversation) && route_is_lost(api_key)) {
        say_not_offered(conversation);
        return false;
    }
    const struct message *message = tables_message(REQUEST, api_key);
    if (!message || !route_reads(api_key))
        return true;
    if (*min < message->first)
        *min = message->first;
    if (*max > message->last)
        *max = message->last;
    return *min <= *max;
}

static void see(void *context, enum walk_step step, const struct walk_event *event)
{
    struct link *link = context;
    const struct facts *facts = &link->conversation->bridge->facts;
    if (!link->failed && !learn_see(link, step, event)) /* half an answer must not be learned */
        link->failed = true;
    sasl_see(link, step, event);
    if (!link->exchange.watched || !facts->field)
        return;
    bool secret = event->field->role == ROLE_CHALLENGE || event->field->role == ROLE_SECRET;
    if (link->whose == DUE_CLIENT && !secret)
        facts->field(facts->context, link->conversation, &link->exchange, RESPONSE, step, event);
}

/* ---- begin ---- */

/* A SASL token that came without a header. */
static bool is_bare(const struct exchange *exchange)
{
    return exchange->api_version < 0;
}

static bool refuse_foreign(struct link *link, const char *protocol)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "it speaks ");
    sentence_add(&sentence, protocol);
    sentence_add(&sentence, ", and kbridge needs a plaintext Kafka listener there");
    return refuse(link, REASON_BROKER_FOREIGN, &sentence);
}

static bool refuse_length(struct link *link, uint32_t length)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "a response of ");
    sentence_add_number(&sentence, (int32_t)length);
    sentence_add(&sentence, " bytes is impossible");
    return refuse(link, REASON_RESPONSE_MALFORMED, &sentence);
}

static bool check_correlation(struct link *link, int32_t expected)
{
    int32_t correlation_id = (int32_t)wire_uint32(link->head + LENGTH_SIZE);
    if (correlation_id == expected)
        return true;
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "it answered correlation id ");
    sentence_add_number(&sentence, correlation_id);
    sentence_add(&sentence, " where ");
    sentence_add_number(&sentence, expected);
    sentence_add(&sentence, " was due");
    return refuse(link, REASON_RESPONSE_UNEXPECTED, &sentence);
}

static bool begin_learning(struct link *link, struct bytes key, uint8_t key_type)
{
    if (learn_begin(link, key, key_type))
        return true;
    conversation_out_of_memory(link->conversation);
    return false;
}

static bool begin_own(struct link *link)
{
    struct conversation *conversation = link->conversation;
    const struct question *question = &conversation->question;
    link->exchange = question->exchange;
    if (!check_correlation(link, question->exchange.correlation_id))
        return false;
    rewrite_begin_reading(&link->rewrite, &link->rules, conversation->bridge->allocator,
                          link->exchange.api_key, link->exchange.api_version, link->left);
    link->rewriting = true;
    return begin_learning(link, buffer_bytes(&conversation->request.route.name), question->key_type);
}

static bool begin_proof(struct link *link)
{
    link->exchange = *sasl_exchange(link);
    link->challenged = is_bare(&link->exchange) && link->left > LENGTH_SIZE;
    link->rewriting = !is_bare(&link->exchange);
    if (link->rewriting)
        rewrite_begin_reading(&link->rewrite, &link->rules, link->conversation->bridge->allocator,
                              link->exchange.api_key, link->exchange.api_version, link->left);
    return !link->rewriting || check_correlation(link, link->exchange.correlation_id);
}

/* True where the answer need not be walked: nothing in it is changed, and of what nearly all of its kind say there is nothing to learn
 * but the session of a Fetch. `frame`: the answer, or empty where it does not lie in the input whole. */
static bool passes_at_a_glance(struct link *link, bool learns, struct bytes frame)
{
    const struct exchange *exchange = &link->exchange;
    struct gist gist = {.has_error = false};
    if (!rewrite_is_in_tags(exchange->api_key, exchange->api_version))
        return false;
    if (!learns && rewrite_mode_of(exchange->api_key, exchange->api_version) == REWRITE_NOTHING)
        return true;
    if (!frame.len || !skip_response(exchange->api_key, exchange->api_version, frame, learns ? &gist : NULL))
        return false;
    if (!learns)
        return true;
    learn_session(link, gist.session_id);
    return !gist.has_error;
}

/* `frame`: as above. */
static bool begin_client(struct link *link, struct pending *pending, struct bytes frame)
{
    const struct bridge *bridge = link->conversation->bridge;
    struct exchange *exchange = &pending->exchange;
    exchange->response_size = link->left;
    link->exchange = *exchange;
    link->rewriting = false;
    link->challenged = pending->answer == ANSWER_TOKEN && link->left > LENGTH_SIZE;
    if (pending->answer == ANSWER_TOKEN)
        return true;
    if (!check_correlation(link, exchange->correlation_id))
        return false;
    if (!tables_knows(exchange->api_key, exchange->api_version))
        return true;
    link->coordinator = pending->coordinator;
    bool hears = learn_wants(link->conversation, exchange->api_key);
    bool learns = hears && view_kind(bridge->view) != VIEW_ONE;
    bool proves = sasl_applies(link->conversation, exchange->api_key);
    bool shows = exchange->watched || proves;
    bool shows_all = learns || proves || (hears && exchange->watched);
    uint64_t seen = shows_all ? WALK_ALL : facts_roles(&bridge->facts, exchange);
    link->rewriting = shows || !passes_at_a_glance(link, learns, frame);
    if (!link->rewriting)
        return true;
    rewrite_begin(&link->rewrite, &link->rules, bridge->allocator, exchange->api_key, exchange->api_version,
                  link->left, seen);
    return begin_learning(link, (struct bytes){NULL, 0}, 0);
}

static bool begin_part(struct link *link, const struct pending *pending)
{
    link->rewriting = false;
    return check_correlation(link, pending->exchange.correlation_id);
}

static bool begin_reply(struct link *link, const struct due *due, struct bytes frame)
{
    uint32_t length = wire_uint32(link->head);
    link->left = LENGTH_SIZE + length;
    link->in_reply = true;
    link->whose = due->whose;
    link->heard = true;
    link->sasl_error = ERROR_NONE;
    link->rules = (struct rewrite_rules){.tell = tell, .offer = offer, .see = see, .context = link};
    if (due->whose == DUE_OWN)
        return begin_own(link);
    if (due->whose == DUE_PROOF)
        return begin_proof(link);
    if (due->whose == DUE_PART)
        return begin_part(link, ring_at(&link->conversation->pendings, due->ticket));
    return begin_client(link, ring_at(&link->conversation->pendings, due->ticket), frame);
}

/* ---- pass ---- */

static bool keep_part(struct link *link, struct bytes part)
{
    struct sentence what = {.len = 0};
    sentence_add(&what, "its answer to a question to all brokers has more than 64 MiB");
    if (link->part.len + part.len > MERGE_MAX)
        return refuse(link, REASON_RESPONSE_MALFORMED, &what);
    if (buffer_append(&link->part, part))
        return true;
    conversation_out_of_memory(link->conversation);
    return false;
}

static bool rewrite(struct link *link, struct span part, struct rewrite_output *output)
{
    struct sentence why = {.len = 0};
    if (rewrite_feed(&link->rewrite, part, output, &why))
        return true;
    return refuse(link, link->rewrite.starved ? REASON_OUT_OF_MEMORY : REASON_RESPONSE_MALFORMED, &why);
}

static bool feed(struct link *link, struct span part, bool in_input)
{
    struct conversation *conversation = link->conversation;
    struct rewrite_output output = {.pass = {part.at, part.len}};
    link->left -= (uint32_t)part.len;
    if (link->rewriting && !rewrite(link, part, &output))
        return false;
    if (link->failed) {
        conversation_out_of_memory(conversation);
        return false;
    }
    if (link->whose == DUE_OWN || link->whose == DUE_PROOF)
        return true;
    if (link->whose == DUE_PART)
        return keep_part(link, output.pass);
    if (output.own.len)
        conversation_write(conversation, CLIENT, output.own);
    if (output.pass.len && in_input)
        conversation_pass(conversation, CLIENT, output.pass);
    else if (output.pass.len)
        conversation_write(conversation, CLIENT, output.pass);
    return true;
}

static void end_reply(struct link *link)
{
    struct conversation *conversation = link->conversation;
    const struct facts *facts = &conversation->bridge->facts;
    if (link->rewriting) {
        rewrite_end(&link->rewrite);
        learn_end(link);
    }
    link->in_reply = false;
    link->got = 0;
    ring_pop(&link->dues);
    if (link->whose == DUE_OWN) {
        question_answered(conversation);
        return;
    }
    if (link->whose == DUE_PROOF) {
        sasl_proof_answered(link);
        return;
    }
    if (link->whose == DUE_PART) {
        if (gather_part(link))
            conversation_advance(conversation);
        return;
    }
    if (facts->response)
        facts->response(facts->context, conversation, &link->exchange);
    sasl_answered(conversation, link->exchange.api_key, sasl_is_accepted(link));
    conversation_answered(conversation);
}

/* ---- the loop ---- */

static uint8_t head_size(const struct link *link, const struct due *due)
{
    const struct conversation *conversation = link->conversation;
    const struct pending *pending =
        due->whose == DUE_CLIENT ? ring_at(&conversation->pendings, due->ticket) : NULL;
    bool token =
        due->whose == DUE_PROOF ? is_bare(sasl_exchange(link)) : pending && pending->answer == ANSWER_TOKEN;
    return token ? LENGTH_SIZE : RESPONSE_HEAD_SIZE;
}

static bool refuse_unexpected(struct link *link, struct span cursor)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "it sent \"");
    sentence_add_bytes(&sentence, (struct bytes){cursor.at, cursor.len}, 16);
    sentence_add(&sentence, "\" and nothing was asked");
    return refuse(link, REASON_RESPONSE_UNEXPECTED, &sentence);
}

/* The head of the next response. False: it is not whole, not due, or wrong. */
static bool take_head(struct link *link, struct span *cursor)
{
    struct conversation *conversation = link->conversation;
    const struct due *due = ring_first(&link->dues);
    if (!due)
        return refuse_unexpected(link, *cursor);
    if (due->whose == DUE_CLIENT && due->ticket != conversation->pendings.ticket) {
        link_read_if_due(conversation, link->id);
        return false;
    }
    uint8_t size = head_size(link, due);
    uint8_t before = link->got;
    size_t missing = (size_t)size - before;
    size_t len = cursor->len < missing ? cursor->len : missing;
    memcpy(link->head + before, cursor->at, len);
    link->got = (uint8_t)(before + len);
    cursor->at += len;
    cursor->len -= len;
    if (link->got < LENGTH_SIZE)
        return false;
    uint32_t length = wire_uint32(link->head);
    const char *protocol = link->heard ? NULL : foreign_protocol((struct bytes){link->head, LENGTH_SIZE});
    if (protocol)
        return refuse_foreign(link, protocol);
    if (length + LENGTH_SIZE < size || length > INT32_MAX)
        return refuse_length(link, length);
    bool whole = before == 0 && length + LENGTH_SIZE - size <= cursor->len;
    struct bytes frame = {cursor->at - len, whole ? length + LENGTH_SIZE : 0};
    if (link->got < size || !begin_reply(link, due, frame))
        return false;
    if (before)
        return feed(link, (struct span){link->head, size}, false);
    cursor->at -= len; /* it lies in the input whole: it passes with the rest */
    cursor->len += len;
    return true;
}

static bool take_rest(struct link *link, struct span *cursor)
{
    size_t len = cursor->len < link->left ? cursor->len : link->left;
    struct span part = {cursor->at, len};
    cursor->at += len;
    cursor->len -= len;
    return len == 0 || feed(link, part, true);
}

size_t reply_input(struct conversation *conversation, end_id id, struct span input)
{
    struct link *link = link_at(conversation, id);
    struct span cursor = input;
    while (cursor.len && !conversation->closed) {
        if (!link->in_reply && !take_head(link, &cursor))
            break;
        if (!take_rest(link, &cursor))
            break;
        if (link->left == 0 && link->in_reply)
            end_reply(link);
    }
    return conversation->closed ? input.len : (size_t)(cursor.at - input.at);
}
