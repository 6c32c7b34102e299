/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation's birth and death, and what net calls in between; see conversation.h and parts.h.
 * Apart, because here the halves meet: requests (request.c), responses (reply.c), links (link.c). */
#include "proxy/bridge/parts.h"

#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

/* ---- birth and death ---- */

struct conversation *conversation_new(struct bridge *bridge, const struct orders *orders, void *net,
                                      const struct place *place)
{
    const struct allocator *allocator = bridge->allocator;
    struct conversation *conversation = allocator->resize(allocator->context, NULL, sizeof *conversation);
    if (!conversation)
        return NULL;
    *conversation = (struct conversation){
        .bridge = bridge,
        .orders = orders,
        .net = net,
        .request = {.held = {.allocator = allocator}, .route = {.name = {.allocator = allocator}}},
        .pendings = {.item_size = sizeof(struct pending)},
        .last_link = CLIENT,
        .telemetry = CLIENT,
        .sharing = CLIENT,
        .bound = NODE_UNKNOWN,
        .number = NUMBER_NONE,
        .has_client = place != NULL,
        .last_input_ms = bridge->now_ms,
    };
    if (place) {
        conversation->place = *place;
        conversation->told = told_decide(bridge->surroundings, &conversation->place);
        conversation->number = exact_number_at(&bridge->surroundings->exact, &place->local, place->port);
    }
    return conversation;
}

void conversation_free(struct conversation *conversation)
{
    const struct allocator *allocator = conversation->bridge->allocator;
    for (end_id id = 0; id < conversation->link_count; id++)
        link_free(conversation, link_at(conversation, id));
    if (conversation->links)
        allocator->resize(allocator->context, conversation->links, 0);
    if (conversation->sentence)
        allocator->resize(allocator->context, conversation->sentence, 0);
    sasl_wipe(&conversation->request.held);
    sasl_free(conversation);
    route_free(&conversation->request.route);
    ring_free(&conversation->pendings, allocator);
    sessions_free(&conversation->sessions, allocator);
    gather_free(conversation);
    allocator->resize(allocator->context, conversation, 0);
}

void *conversation_allocate(struct conversation *conversation, void *at, size_t size)
{
    const struct allocator *allocator = conversation->bridge->allocator;
    void *memory = allocator->resize(allocator->context, at, size);
    if (!memory)
        conversation_out_of_memory(conversation);
    return memory;
}

/* ---- the end ---- */

static void remember(struct conversation *conversation, enum reason reason, const struct sentence *sentence)
{
    const struct allocator *allocator = conversation->bridge->allocator;
    conversation->reason = (uint8_t)reason;
    if (sentence && sentence->len && !conversation->sentence)
        conversation->sentence = allocator->resize(allocator->context, NULL, sizeof *sentence);
    if (conversation->sentence)
        *conversation->sentence = sentence ? *sentence : (struct sentence){.len = 0};
}

void conversation_close(struct conversation *conversation, enum reason reason,
                        const struct sentence *sentence)
{
    if (conversation->closed)
        return;
    if (!conversation->doomed)
        remember(conversation, reason, sentence);
    conversation->closed = true;
    conversation->orders->close(conversation->net);
}

void conversation_shut_client(struct conversation *conversation, enum reason reason,
                              const struct sentence *sentence)
{
    remember(conversation, reason, sentence);
    conversation->client_shut = true;
    conversation->orders->shut(conversation->net, CLIENT);
}

void conversation_out_of_memory(struct conversation *conversation)
{
    conversation_close(conversation, REASON_OUT_OF_MEMORY, NULL);
}

void conversation_doom(struct conversation *conversation, uint32_t ticket, enum reason reason,
                       const struct sentence *sentence)
{
    bool sooner = !conversation->doomed || (int32_t)(ticket - conversation->doomed_at) < 0;
    if (!conversation->doomed)
        remember(conversation, reason, sentence);
    conversation->doomed = true;
    if (sooner)
        conversation->doomed_at = ticket;
    if (conversation->doomed_at == conversation->pendings.ticket)
        conversation_close(conversation, reason, sentence);
}

void conversation_finish(struct conversation *conversation, enum reason reason,
                         const struct sentence *sentence)
{
    const struct ring *pendings = &conversation->pendings;
    conversation_doom(conversation, pendings->ticket + pendings->count, reason, sentence);
}

void conversation_end(struct conversation *conversation, enum reason reason, const char *text)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, text);
    conversation_close(conversation, reason, &sentence);
}

void conversation_drain(struct conversation *conversation)
{
    conversation->draining = true;
    if (conversation->relay.target)
        relay_drain(conversation);
    else
        request_drain(conversation);
}

bool conversation_is_exact(const struct conversation *conversation)
{
    return conversation->number != NUMBER_NONE || conversation->told.exact;
}

bool conversation_is_shared(const struct conversation *conversation)
{
    return view_kind(conversation->bridge->view) == VIEW_SEVERAL && conversation->bound == NODE_UNKNOWN &&
           !conversation_is_exact(conversation);
}

/* ---- orders ---- */

void conversation_write(struct conversation *conversation, end_id to, struct bytes bytes)
{
    if (to == CLIENT)
        conversation->bytes_to_client += bytes.len;
    conversation->orders->write(conversation->net, to, bytes);
}

void conversation_pass(struct conversation *conversation, end_id to, struct bytes part)
{
    if (to == CLIENT)
        conversation->bytes_to_client += part.len;
    conversation->orders->pass(conversation->net, to, part);
}

void conversation_wait(struct conversation *conversation, enum wait wait)
{
    if (conversation->wait == WAIT_NOTHING && wait != WAIT_NOTHING && !conversation->closed)
        conversation->orders->read(conversation->net, CLIENT, false);
    conversation->wait = (uint8_t)wait;
}

static bool is_through(const struct conversation *conversation)
{
    return conversation->client_eof && conversation->pendings.count == 0 &&
           conversation->wait == WAIT_NOTHING;
}

/* A request that is here whole needs no further input to go on. */
void conversation_go_on(struct conversation *conversation, enum wait wait)
{
    bool is_over = conversation->closed || conversation->doomed;
    if (conversation->wait != wait || is_over || !conversation->has_client)
        return;
    uint8_t nothing[1]; /* no bytes, but an address: sanitizers mind arithmetic on NULL */
    conversation->wait = WAIT_NOTHING;
    request_input(conversation, (struct span){nothing, 0});
    if (is_through(conversation))
        conversation_close(conversation, REASON_CLIENT_CLOSED, NULL);
    else if (conversation->wait == WAIT_NOTHING && !conversation->closed)
        conversation->orders->read(conversation->net, CLIENT, true);
}

/* ---- order ---- */

/* An ApiVersions request of a version that nobody here knows is answered as a broker does: in v0 form, with the
 * error and the versions of this one key, so that the client can ask again (KIP-511). */
static const char *write_versions(struct conversation *conversation, struct buffer *frame,
                                  const struct exchange *exchange)
{
    int newest = tables_message(REQUEST, API_API_VERSIONS)->last;
    int offered = view_version_max(conversation->bridge->view, API_API_VERSIONS);
    const struct given key[] = {
        given_number(ROLE_API_KEY, API_API_VERSIONS), given_number(ROLE_MIN_VERSION, 0),
        given_number(ROLE_MAX_VERSION, offered >= 0 && offered < newest ? offered : newest)};
    const struct givens keys[] = {{key, 3}};
    const struct given givens[] = {given_number(ROLE_ERROR_CODE, ERROR_UNSUPPORTED_VERSION),
                                   given_array(ROLE_API_KEYS, keys, 1)};
    return write_response(frame, API_API_VERSIONS, 0, exchange->correlation_id, (struct givens){givens, 2});
}

static const char *write_error(struct buffer *frame, const struct exchange *exchange, int16_t error)
{
    const struct given given = given_number(ROLE_ERROR_CODE, error);
    return write_response(frame, exchange->api_key, exchange->api_version, exchange->correlation_id,
                          (struct givens){&given, 1});
}

static void write_own_answer(struct conversation *conversation, struct pending *pending)
{
    if (pending->answer == ANSWER_GATHERED) {
        gather_end(conversation);
        return;
    }
    struct buffer frame = {.allocator = conversation->bridge->allocator};
    const char *wrong = pending->answer == ANSWER_VERSION_OWN
                            ? write_versions(conversation, &frame, &pending->exchange)
                            : write_error(&frame, &pending->exchange, ERROR_FETCH_SESSION_ID_NOT_FOUND);
    pending->exchange.response_size = (uint32_t)frame.len;
    if (wrong)
        conversation_out_of_memory(conversation);
    else
        conversation_write(conversation, CLIENT, buffer_bytes(&frame));
    buffer_free(&frame);
}

/* The first answer, where it is not a link's, and is due now; else NULL. */
static struct pending *ours_due(const struct conversation *conversation)
{
    struct pending *first = ring_first(&conversation->pendings);
    if (!first || first->link != CLIENT || conversation->closed)
        return NULL;
    return first->answer != ANSWER_GATHERED || gather_is_whole(conversation) ? first : NULL;
}

static void answer_ours(struct conversation *conversation, struct pending *first)
{
    const struct facts *facts = &conversation->bridge->facts;
    write_own_answer(conversation, first);
    if (!conversation->closed && facts->response)
        facts->response(facts->context, conversation, &first->exchange);
    ring_pop(&conversation->pendings);
}

void conversation_answered(struct conversation *conversation)
{
    ring_pop(&conversation->pendings);
    conversation_advance(conversation);
}

void conversation_advance(struct conversation *conversation)
{
    struct pending *ours;
    while ((ours = ours_due(conversation)))
        answer_ours(conversation, ours);
    if (conversation->doomed && conversation->doomed_at == conversation->pendings.ticket)
        conversation_close(conversation, REASON_BROKER_CLOSED, NULL);
    if (is_through(conversation))
        conversation_close(conversation, REASON_CLIENT_CLOSED, NULL);
    if (conversation->closed)
        return;
    if (conversation->link_count > 1)
        for (end_id id = 0; id < conversation->link_count; id++)
            link_read_if_due(conversation, id);
    conversation_go_on(conversation, WAIT_IN_FLIGHT);
}

/* ---- what net calls ---- */

size_t conversation_input(struct conversation *conversation, end_id from, struct span input)
{
    if (conversation->closed)
        return input.len;
    if (conversation->relay.target)
        return relay_input(conversation, from, (struct bytes){input.at, input.len});
    if (from != CLIENT)
        return reply_input(conversation, from, input);
    if (conversation->wait != WAIT_NOTHING || conversation->doomed)
        return 0;
    size_t used = request_input(conversation, input);
    conversation->bytes_from_client += used;
    conversation->last_input_ms = conversation->bridge->now_ms;
    return used;
}

void conversation_eof(struct conversation *conversation, end_id from)
{
    if (conversation->closed)
        return;
    if (conversation->relay.target) {
        relay_eof(conversation, from);
        return;
    }
    if (from != CLIENT) {
        link_gone(conversation, from, REASON_BROKER_CLOSED, "it closed the connection");
        return;
    }
    conversation->client_eof = true;
    if (conversation->client_shut) {
        conversation_close(conversation, conversation_reason(conversation), conversation->sentence);
        return;
    }
    if (is_through(conversation)) {
        conversation_close(conversation, REASON_CLIENT_CLOSED, NULL);
        return;
    }
    for (end_id id = 0; id < conversation->link_count; id++)
        if (link_is_up(link_at(conversation, id)))
            conversation->orders->shut(conversation->net, id);
}

void conversation_broken(struct conversation *conversation, end_id end, const char *why)
{
    if (conversation->closed)
        return;
    if (end == CLIENT)
        conversation_end(conversation, REASON_CLIENT_LOST, why);
    else if (conversation->relay.target)
        relay_broken(conversation, why);
    else
        link_gone(conversation, end, REASON_BROKER_LOST, why);
}

/* When a client that began a request and sends no more is given up. While something is in flight the reason may be a
 * broker that takes no more, so that the client is not read. */
static uint64_t header_due_ms(const struct conversation *conversation)
{
    const struct request *request = &conversation->request;
    bool begun = request->stage < REQUEST_PLACE && request->got > 0;
    if (!begun || conversation->pendings.count || conversation->wait != WAIT_NOTHING)
        return UINT64_MAX;
    return conversation->last_input_ms + conversation->bridge->limits.header_ms;
}

/* When what pipelining made the queues grow by is given back: an idle connection owns next to nothing. */
static uint64_t rest_due_ms(const struct conversation *conversation)
{
    enum { IDLE_MS = 1000 };
    bool spacious = ring_is_spacious(&conversation->pendings);
    return spacious ? conversation->last_input_ms + IDLE_MS : UINT64_MAX;
}

static void rest(struct conversation *conversation)
{
    const struct allocator *allocator = conversation->bridge->allocator;
    ring_free(&conversation->pendings, allocator);
    for (end_id id = 0; id < conversation->link_count; id++)
        if (ring_is_spacious(&link_at(conversation, id)->dues))
            ring_free(&link_at(conversation, id)->dues, allocator);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t conversation_due_ms(const struct conversation *conversation)
{
    if (conversation->relay.target)
        return relay_due_ms(conversation);
    uint64_t due_ms = earlier(header_due_ms(conversation), rest_due_ms(conversation));
    for (end_id id = 0; id < conversation->link_count; id++)
        due_ms = earlier(due_ms, link_due_ms(link_at(conversation, id)));
    return due_ms;
}

static void end_standstill(struct conversation *conversation)
{
    const struct request *request = &conversation->request;
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "nothing came for ");
    sentence_add_ms(&sentence, conversation->bridge->limits.header_ms);
    sentence_add(&sentence, " (timeouts.header) behind \"");
    size_t shown = conversation->sasl_tokens ? LENGTH_SIZE : sizeof request->head; /* a token is a secret */
    sentence_add_bytes(&sentence, (struct bytes){request->head, request->got}, shown);
    sentence_add(&sentence,
                 "\": either this is no Kafka client, or what lies between it and kbridge stands still");
    conversation_close(conversation, REASON_HEADER_TIMEOUT, &sentence);
}

void conversation_tick(struct conversation *conversation)
{
    if (conversation->relay.target)
        relay_tick(conversation);
    else if (conversation->bridge->now_ms >= header_due_ms(conversation))
        end_standstill(conversation);
    if (conversation->bridge->now_ms >= rest_due_ms(conversation))
        rest(conversation);
    for (end_id id = 0; id < conversation->link_count && !conversation->closed; id++)
        link_tick(conversation, id);
}

/* ---- what is known of it ---- */

enum reason conversation_reason(const struct conversation *conversation)
{
    return (enum reason)conversation->reason;
}

const char *conversation_sentence(const struct conversation *conversation)
{
    return conversation->sentence ? conversation->sentence->text : "";
}

const char *conversation_client_id(const struct conversation *conversation)
{
    return conversation->client_id;
}

const char *conversation_software(const struct conversation *conversation)
{
    return conversation->software;
}

const struct told *conversation_told(const struct conversation *conversation)
{
    return &conversation->told;
}

const struct place *conversation_place(const struct conversation *conversation)
{
    return &conversation->place;
}

void *conversation_net(const struct conversation *conversation)
{
    return conversation->net;
}

uint64_t conversation_bytes_from_client(const struct conversation *conversation)
{
    return conversation->bytes_from_client;
}

uint64_t conversation_bytes_to_client(const struct conversation *conversation)
{
    return conversation->bytes_to_client;
}

uint32_t conversation_in_flight(const struct conversation *conversation)
{
    return conversation->pendings.count;
}

uint64_t conversation_last_input_ms(const struct conversation *conversation)
{
    return conversation->last_input_ms;
}

bool conversation_is_held(const struct conversation *conversation)
{
    return conversation->wait == WAIT_LINK;
}

bool conversation_link(const struct conversation *conversation, size_t index, struct link_fact *fact)
{
#define LINK_WORD(name, word) word,
    static const char *const words[] = {LINK_STATES(LINK_WORD)};
#undef LINK_WORD
    if (index >= (size_t)conversation->link_count)
        return false;
    const struct link *link = link_at(conversation, (end_id)index);
    *fact = (struct link_fact){link->node < 0 ? NODE_BOOTSTRAP : link->node, words[link->state]};
    return true;
}

/* The conversation is theirs to read only; these places in it are not the conversation's. */
void **conversation_watched(const struct conversation *conversation, enum watcher watcher)
{
    return (void **)(uintptr_t)&conversation->watched[watcher];
}

void *conversation_counts(const struct conversation *conversation)
{
    return conversation->bridge->counts;
}
