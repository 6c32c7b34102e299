/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: from the client's bytes to the link on which they go on.
 * Apart, because this is one half of the relay, and its states are those of one frame.
 *
 *     input of one call:  [ earlier frames, on their way | this frame so far .... | .......... ]
 *                                                        ^start                   ^cursor
 * Until it is known where the frame belongs, its bytes stay here: `start` to `cursor`, and in `held` what came with
 * earlier input. Then all of it goes at once, and the rest of the frame passes as it comes. */
#include "proxy/bridge/parts.h"
#include "proxy/bridge/place.h"
#include "proxy/bridge/refuse.h"
#include "proxy/kafka/foreign.h"
#include "proxy/kafka/keys.h"
#include "proxy/kafka/peek.h"
#include "proxy/kafka/skip.h"
#include "proxy/kafka/wire.h"

static void move(struct intake *intake, size_t len)
{
    intake->cursor.at += len;
    intake->cursor.len -= len;
}

/* Copies into head until it has `want` bytes. */
static bool gather(struct request *request, struct intake *intake, uint8_t want)
{
    size_t missing = (size_t)want - request->got;
    size_t len = intake->cursor.len < missing ? intake->cursor.len : missing;
    memcpy(request->head + request->got, intake->cursor.at, len);
    request->got = (uint8_t)(request->got + len);
    move(intake, len);
    return len == missing;
}

/* ---- what is seen on the way ---- */

static void add_text(char *text, struct bytes piece)
{
    size_t len = strlen(text);
    size_t room = WHO_ROOM - 1 - len;
    size_t add = piece.len < room ? piece.len : room;
    if (add)
        memcpy(text + len, piece.at, add);
    text[len + add] = 0;
}

/* Who the client is: said once, on its first requests. */
static void see_who(struct conversation *conversation, enum walk_step step, const struct walk_event *event)
{
    if (step != WALK_PIECE)
        return;
    if (event->field->role == ROLE_CLIENT_ID)
        add_text(conversation->client_id, event->piece);
    if (event->field->role == ROLE_SOFTWARE_NAME || event->field->role == ROLE_SOFTWARE_VERSION)
        add_text(conversation->software, event->piece);
    if (event->field->role == ROLE_SOFTWARE_NAME && event->left == 0)
        add_text(conversation->software, bytes_of(" "));
}

/* The only node is dialled at the bootstrap address, whatever it is called. */
static void see_node(struct conversation *conversation, int32_t node)
{
    bool names_node = conversation->request.exchange.api_key == API_API_VERSIONS;
    if (names_node && conversation_is_shared(conversation) &&
        view_broker_find(conversation->bridge->view, node))
        conversation->bound = node;
}

static bool see(struct conversation *conversation, enum walk_step step, const struct walk_event *event)
{
    struct request *request = &conversation->request;
    const struct facts *facts = &conversation->bridge->facts;
    if (!conversation->told_of_client)
        see_who(conversation, step, event);
    if (event->field->role == ROLE_ACKS) {
        request->acks_seen = true;
        request->unanswered = event->number == 0;
    }
    if (event->field->role == ROLE_NODE_ID)
        see_node(conversation, (int32_t)event->number);
    if (request->exchange.watched && facts->field && event->field->role != ROLE_SECRET)
        facts->field(facts->context, conversation, &request->exchange, REQUEST, step, event);
    return request->stage != REQUEST_BODY || route_see(&request->route, step, event);
}

/* ---- LENGTH, HEAD ---- */

static enum progress do_length(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    const _Atomic uint8_t *wants = conversation->bridge->facts.wants_fields;
    if (request->got == 0 && conversation->draining)
        return STOP;
    if (request->got == 0 && conversation->pendings.count >= conversation->bridge->limits.in_flight) {
        conversation_wait(conversation, WAIT_IN_FLIGHT);
        return STOP;
    }
    if (!gather(request, intake, LENGTH_SIZE))
        return STOP;
    uint32_t length = wire_uint32(request->head);
    uint32_t least = conversation->sasl_tokens ? 0 : HEAD_SIZE - LENGTH_SIZE;
    bool foreign = request->count == 0 && foreign_protocol((struct bytes){request->head, LENGTH_SIZE});
    if (length < least || length > conversation->bridge->limits.frame || foreign)
        return refuse_length(conversation, length);
    request->exchange = (struct exchange){
        .number = request->count++,
        .node = NODE_BOOTSTRAP,
        .request_size = LENGTH_SIZE + length,
        .watched = wants ? *wants : 0,
    };
    request->left = length;
    request->answer = ANSWER_FROM_LINK;
    request->walking = false;
    request->unanswered = false;
    request->asked = 0;
    request->link = CLIENT;
    request->stage = REQUEST_HEAD;
    return GO_ON;
}

/* It is known where it belongs. */
static enum progress end_body(struct conversation *conversation)
{
    conversation->request.stage = sasl_holds(conversation) ? REQUEST_WHOLE : REQUEST_PLACE;
    return GO_ON;
}

static enum progress begin_token(struct conversation *conversation)
{
    struct request *request = &conversation->request;
    if (request->exchange.request_size - LENGTH_SIZE > TOKEN_MAX)
        return refuse_token(conversation);
    request->exchange.api_key = API_SASL_AUTHENTICATE;
    request->exchange.api_version = -1;
    request->answer = ANSWER_TOKEN;
    route_begin(&request->route, ROUTE_CONNECTION);
    return end_body(conversation);
}

/* ApiVersions is read to its end: it tells the client's software, and from v5 on the node that it means (KIP-1242). So is
 * SaslHandshake, which may have to be repeated. */
static bool reads_whole(const struct conversation *conversation)
{
    enum { NAMES_NODE = 5 };
    const struct exchange *exchange = &conversation->request.exchange;
    if (exchange->api_key == API_SASL_HANDSHAKE)
        return sasl_applies(conversation, API_SASL_HANDSHAKE);
    return exchange->api_key == API_API_VERSIONS &&
           (!conversation->told_of_client || exchange->api_version >= NAMES_NODE);
}

/* True where something in the message is wanted: for the route, for acks, for the log. */
static bool wants_body(const struct conversation *conversation)
{
    const struct request *request = &conversation->request;
    return !request->route.known || !request->acks_seen || request->exchange.watched ||
           reads_whole(conversation);
}

static bool sees_all(const struct conversation *conversation)
{
    return !conversation->told_of_client || reads_whole(conversation);
}

/* Of most requests nothing else needs to be told but where they belong, whether they want an answer, and the rack. */
static uint64_t roles_of(const struct conversation *conversation)
{
    const struct request *request = &conversation->request;
    uint64_t needed =
        route_roles((enum route_by)request->route.by) | ROLE_SET(ROLE_ACKS) | ROLE_SET(ROLE_RACK_ID);
    return sees_all(conversation) ? WALK_ALL
                                  : needed | facts_roles(&conversation->bridge->facts, &request->exchange);
}

static struct bytes here_of(const struct request *request, const struct intake *intake)
{
    size_t len = intake->cursor.len < request->left ? intake->cursor.len : request->left;
    return (struct bytes){intake->cursor.at, len};
}

static bool is_decided(const struct conversation *conversation)
{
    const struct request *request = &conversation->request;
    return request->route.known && request->acks_seen && !reads_whole(conversation);
}

/* With several brokers behind one port the leader serves every fetch: a rack would make it name a follower
 * again and again, with no records. */
static bool blanks_rack(const struct conversation *conversation)
{
    return conversation->request.exchange.api_key == API_FETCH && conversation_is_shared(conversation);
}

/* False: the rack is not found in what is here. */
static bool blank_rack_at_a_glance(const struct request *request, const struct intake *intake)
{
    const struct exchange *exchange = &request->exchange;
    const struct message *message = tables_message(REQUEST, exchange->api_key);
    const struct field *row = &tables_fields[message->fields], *end = row + message->count;
    struct bytes here = here_of(request, intake);
    struct skip skip = skip_body(message, exchange->api_version, here, ROLE_SET(ROLE_RACK_ID));
    int64_t length = 0;
    const uint8_t *rack = skip_rows(&skip, here.at, &row, end);
    if (row == end)
        return true; /* this version has none */
    rack = row->role == ROLE_RACK_ID ? skip_length(&skip, rack, row, false, &length) : NULL;
    if (!rack || length > skip.end - rack)
        return false;
    if (length > 0)
        memset(intake->cursor.at + (rack - here.at), '-', (size_t)length);
    return true;
}

/* Without memory it is walked, and the walk finds out. */
static bool peek_on(void *context, enum walk_step step, const struct walk_event *event)
{
    struct conversation *conversation = context;
    return see(conversation, step, event) && !is_decided(conversation);
}

/* True where it is decided by what is here; what was seen until then is seen again by a walk. */
static bool is_decided_at_a_glance(struct conversation *conversation, const struct intake *intake)
{
    const struct request *request = &conversation->request;
    const struct exchange *exchange = &request->exchange;
    const struct message *message = tables_message(REQUEST, exchange->api_key);
    return !sees_all(conversation) && !exchange->watched &&
           peek(message, exchange->api_version, roles_of(conversation), here_of(request, intake), peek_on,
                conversation) &&
           is_decided(conversation) &&
           (!blanks_rack(conversation) || blank_rack_at_a_glance(request, intake));
}

static enum progress begin_body(struct conversation *conversation, const struct intake *intake)
{
    struct request *request = &conversation->request;
    const struct message *message = tables_message(REQUEST, request->exchange.api_key);
    request->stage = REQUEST_BODY;
    request->walking = wants_body(conversation) && !is_decided_at_a_glance(conversation, intake);
    if (!request->walking)
        return end_body(conversation);
    walk_begin(&request->walk, message, request->exchange.api_version, request->left);
    request->walk.roles = roles_of(conversation);
    return GO_ON;
}

/* Where nobody wants to see the header, and it is here whole. */
static bool skip_header(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    struct bytes rest = here_of(request, intake);
    const struct exchange *exchange = &request->exchange;
    const uint8_t *behind = roles_of(conversation) & ROLE_SET(ROLE_CLIENT_ID)
                                ? NULL
                                : skip_request_header(exchange->api_key, exchange->api_version, rest);
    if (!behind)
        return false;
    request->left -= (uint32_t)(behind - rest.at);
    move(intake, (size_t)(behind - rest.at));
    return true;
}

static enum progress begin_known(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    const struct exchange *exchange = &request->exchange;
    bool exact = conversation_is_exact(conversation);
    bool one = view_kind(conversation->bridge->view) == VIEW_ONE && !exact;
    conversation->as_one =
        conversation->as_one || one; /* it is not read: should others register, it cannot be routed */
    route_begin(&request->route, one || exact ? ROUTE_ANY : route_by_of(exchange->api_key));
    request->route.has_epoch = route_names_epoch(exchange->api_key, exchange->api_version);
    request->acks_seen = exchange->api_key != API_PRODUCE;
    if (!wants_body(conversation) && conversation->told_of_client)
        return end_body(conversation);
    if (skip_header(conversation, intake))
        return begin_body(conversation, intake);
    int version = tables_header_version(REQUEST, exchange->api_key, exchange->api_version);
    walk_begin(&request->walk, &tables_request_header, version, exchange->request_size - LENGTH_SIZE);
    request->walk.roles = roles_of(conversation);
    struct span head = {request->head + LENGTH_SIZE, (size_t)request->got - LENGTH_SIZE};
    struct walk_event event;
    enum walk_step step;
    request->stage = REQUEST_HEADER;
    while ((step = walk_next(&request->walk, &head, &event)) > WALK_BAD)
        see(conversation, step, &event);
    return GO_ON;
}

static enum progress begin_unknown(struct conversation *conversation)
{
    struct request *request = &conversation->request;
    int16_t api_key = request->exchange.api_key;
    route_begin(&request->route, ROUTE_ANY);
    if (api_key == API_API_VERSIONS) {
        request->answer = ANSWER_VERSION_OWN;
        request->stage = REQUEST_PLACE;
        return GO_ON;
    }
    if (route_reads(api_key))
        return refuse_version(conversation);
    request->acks_seen = true;
    request->stage = REQUEST_PLACE;
    return GO_ON;
}

static enum progress do_head(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    uint32_t want = conversation->sasl_tokens ? TOKEN_HEAD_SIZE : HEAD_SIZE;
    if (want > request->exchange.request_size)
        want = request->exchange.request_size;
    bool whole = gather(request, intake, (uint8_t)want);
    request->left = request->exchange.request_size - request->got;
    if (!whole)
        return STOP;
    struct bytes head = {request->head, request->got};
    if (conversation->sasl_tokens && !foreign_fits_header(head, request->exchange.request_size - LENGTH_SIZE))
        return begin_token(conversation);
    conversation->sasl_tokens = false;
    request->exchange.api_key = wire_int16(request->head + LENGTH_SIZE);
    request->exchange.api_version = wire_int16(request->head + LENGTH_SIZE + 2);
    request->exchange.correlation_id = (int32_t)wire_uint32(request->head + LENGTH_SIZE + 4);
    bool known = tables_knows(request->exchange.api_key, request->exchange.api_version);
    return known ? begin_known(conversation, intake) : begin_unknown(conversation);
}

/* ---- HEADER, BODY ---- */

/* One step of the walk, counted off the frame. */
static enum walk_step walk(struct request *request, struct intake *intake, struct walk_event *event)
{
    size_t len = intake->cursor.len < request->left ? intake->cursor.len : request->left;
    struct span input = {intake->cursor.at, len};
    enum walk_step step = walk_next(&request->walk, &input, event);
    size_t used = len - input.len;
    request->left -= (uint32_t)used;
    move(intake, used);
    return step;
}

static enum progress do_header(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    struct walk_event event;
    enum walk_step step;
    while ((step = walk(request, intake, &event)) > WALK_BAD)
        see(conversation, step, &event);
    if (step == WALK_MORE)
        return STOP;
    if (step == WALK_BAD)
        return refuse_body(conversation, request->walk.bad, event.field);
    return begin_body(conversation, intake);
}

static void blank_rack(const struct conversation *conversation, const struct intake *intake,
                       enum walk_step step, const struct walk_event *event)
{
    if (step == WALK_PIECE && event->field->role == ROLE_RACK_ID && blanks_rack(conversation))
        memset(intake->cursor.at - event->piece.len, '-', event->piece.len);
}

static enum progress do_body(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    while (!is_decided(conversation)) {
        struct walk_event event;
        enum walk_step step = walk(request, intake, &event);
        if (step == WALK_MORE)
            return STOP;
        if (step == WALK_BAD)
            return refuse_body(conversation, request->walk.bad, event.field);
        if (step == WALK_DONE) {
            request->walking = false;
            break;
        }
        blank_rack(conversation, intake, step, &event);
        if (!see(conversation, step, &event)) {
            conversation_out_of_memory(conversation);
            return STOP;
        }
    }
    request->walking = request->walking && (request->exchange.watched || blanks_rack(conversation));
    if (!sees_all(conversation) && !request->exchange.watched)
        request->walk.roles = ROLE_SET(ROLE_RACK_ID);
    return end_body(conversation);
}

/* ---- WHOLE ---- */

/* Room for all of it at once: a buffer that grows leaves copies behind, which nobody would wipe. */
static enum progress do_whole(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    size_t len = intake->cursor.len < request->left ? intake->cursor.len : request->left;
    request->walking = false; /* nothing in it is for anyone to see */
    if (!buffer_reserve(&request->held, request->exchange.request_size - request->held.len)) {
        conversation_out_of_memory(conversation);
        return STOP;
    }
    move(intake, len);
    request->left -= (uint32_t)len;
    if (request->left)
        return STOP;
    request->stage = REQUEST_PLACE;
    return GO_ON;
}

/* ---- REST, SKIP ---- */

static void end_request(struct conversation *conversation)
{
    struct request *request = &conversation->request;
    const struct facts *facts = &conversation->bridge->facts;
    request->stage = REQUEST_LENGTH;
    request->got = 0;
    if (request->unanswered && facts->response)
        facts->response(facts->context, conversation, &request->exchange);
}

static void walk_rest(struct conversation *conversation, struct intake *intake)
{
    struct request *request = &conversation->request;
    while (request->walking) {
        struct walk_event event;
        enum walk_step step = walk(request, intake, &event);
        if (step == WALK_MORE)
            return;
        if (step <= WALK_BAD) {
            request->walking = false; /* the broker may know better, and only the log wanted more */
            return;
        }
        blank_rack(conversation, intake, step, &event);
        see(conversation, step, &event);
    }
}

static enum progress pass_rest(struct conversation *conversation, struct intake *intake, bool on)
{
    struct request *request = &conversation->request;
    size_t len = intake->cursor.len < request->left ? intake->cursor.len : request->left;
    move(intake, len);
    request->left -= (uint32_t)len;
    struct bytes part = {intake->start, (size_t)(intake->cursor.at - intake->start)};
    if (on && part.len)
        conversation_pass(conversation, request->link, part);
    intake->start = intake->cursor.at;
    if (request->left)
        return STOP;
    end_request(conversation);
    return GO_ON;
}

static enum progress do_rest(struct conversation *conversation, struct intake *intake)
{
    walk_rest(conversation, intake);
    return pass_rest(conversation, intake, true);
}

static enum progress do_skip(struct conversation *conversation, struct intake *intake)
{
    return pass_rest(conversation, intake, false);
}

/* ---- the loop ---- */

typedef enum progress stage_fn(struct conversation *, struct intake *);

static stage_fn *const stages[] = {
    [REQUEST_LENGTH] = do_length, [REQUEST_HEAD] = do_head,   [REQUEST_HEADER] = do_header,
    [REQUEST_BODY] = do_body,     [REQUEST_WHOLE] = do_whole, [REQUEST_PLACE] = place_request,
    [REQUEST_REST] = do_rest,     [REQUEST_SKIP] = do_skip,
};

/* What is neither on its way nor dropped is kept until the next call. */
static void keep(struct conversation *conversation, const struct intake *intake)
{
    struct request *request = &conversation->request;
    struct bytes rest = {intake->start, (size_t)(intake->cursor.at - intake->start)};
    if (request->stage < REQUEST_PLACE && request->held.len + rest.len > HELD_MAX)
        refuse_body(conversation, "its first 68 KiB do not tell where it belongs", NULL);
    else if (!buffer_append(&request->held, rest))
        conversation_out_of_memory(conversation);
}

static bool has_become_several(struct conversation *conversation)
{
    const struct bridge *bridge = conversation->bridge;
    if (view_kind(bridge->view) != VIEW_SEVERAL || !conversation->as_one)
        return false;
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "it has ");
    sentence_add_number(&sentence, (int64_t)view_broker_count(bridge->view));
    sentence_add(&sentence, " brokers now, and this connection was served as if it had one");
    conversation_close(conversation, REASON_SEVERAL_BROKERS, &sentence);
    return true;
}

/* A frame that is in whole, or waits, needs no further input; nor does what has just found its way. */
static bool has_work(const struct request *request, const struct intake *intake)
{
    bool unpassed = request->stage > REQUEST_PLACE && intake->start != intake->cursor.at;
    return intake->cursor.len || request->stage == REQUEST_PLACE || unpassed ||
           (request->stage != REQUEST_LENGTH && request->left == 0);
}

/* What no broker has seen yet is dropped: the client asks again where it comes to next. */
void request_drain(struct conversation *conversation)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "it was told to");
    if (conversation->request.stage <= REQUEST_PLACE)
        conversation_finish(conversation, REASON_STOPPING, &sentence);
}

size_t request_input(struct conversation *conversation, struct span input)
{
    struct request *request = &conversation->request;
    struct intake intake = {.cursor = input, .start = input.at};
    enum progress progress = has_become_several(conversation) ? STOP : GO_ON;
    while (progress == GO_ON && !conversation->closed && has_work(request, &intake))
        progress = stages[request->stage](conversation, &intake);
    if (conversation->draining)
        request_drain(conversation);
    if (conversation->closed)
        return input.len;
    keep(conversation, &intake);
    return (size_t)(intake.cursor.at - input.at);
}
