/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the client's proof, repeats it, wipes it; see sasl.h. */
#include "proxy/bridge/sasl.h"

#include "proxy/bridge/parts.h"
#include "proxy/kafka/keys.h"

enum { MECHANISM_ROOM = 32 };

struct kept_frame {
    struct buffer bytes;
    struct exchange exchange;
};

struct sasl {
    struct kept_frame handshake, token; /* the proof: two frames, as the client has sent them */
    bool accepted;                      /* a broker has taken it */
    bool lost;                          /* a broker has taken a token that was too long to be kept */
    char mechanism[MECHANISM_ROOM];
};

/* ---- the secret ---- */

static void wipe(void *at, size_t len)
{
    volatile uint8_t *byte = at; /* volatile: else what nobody reads again need not be written */
    while (len--)
        *byte++ = 0;
}

void sasl_wipe(struct buffer *buffer)
{
    if (buffer->at)
        wipe(buffer->at, buffer->room);
    buffer_free(buffer);
}

static void forget_proof(struct sasl *sasl)
{
    sasl_wipe(&sasl->handshake.bytes);
    sasl_wipe(&sasl->token.bytes);
    sasl->accepted = false;
    sasl->lost = false;
    sasl->mechanism[0] = 0;
}

void sasl_free(struct conversation *conversation)
{
    const struct allocator *allocator = conversation->bridge->allocator;
    if (!conversation->sasl)
        return;
    forget_proof(conversation->sasl);
    allocator->resize(allocator->context, conversation->sasl, 0);
    conversation->sasl = NULL;
}

/* ---- requests ---- */

static bool is_exchange(int api_key)
{
    return api_key == API_SASL_HANDSHAKE || api_key == API_SASL_AUTHENTICATE;
}

bool sasl_applies(const struct conversation *conversation, int api_key)
{
    bool one = view_kind(conversation->bridge->view) == VIEW_ONE || conversation->bound != NODE_UNKNOWN ||
               conversation_is_exact(conversation);
    return is_exchange(api_key) && !one && conversation->has_client;
}

static bool is_repeatable(const struct sasl *sasl)
{
    return strcmp(sasl->mechanism, "PLAIN") == 0 || strcmp(sasl->mechanism, "OAUTHBEARER") == 0;
}

bool sasl_holds(const struct conversation *conversation)
{
    const struct exchange *exchange = &conversation->request.exchange;
    const struct sasl *sasl = conversation->sasl;
    return exchange->api_key == API_SASL_AUTHENTICATE && sasl_applies(conversation, exchange->api_key) &&
           sasl && is_repeatable(sasl) && exchange->request_size <= SASL_FRAME_MAX;
}

bool sasl_must_refuse(const struct conversation *conversation)
{
    const struct sasl *sasl = conversation->sasl;
    bool begins =
        conversation->request.exchange.api_key == API_SASL_HANDSHAKE; /* the broker may say no by itself */
    return sasl && !begins && conversation_is_shared(conversation) && (sasl->lost || !is_repeatable(sasl));
}

bool sasl_must_wait(const struct conversation *conversation)
{
    const struct sasl *sasl = conversation->sasl;
    bool proves = is_exchange(conversation->request.exchange.api_key);
    return sasl && !sasl->accepted && !sasl->lost && !proves && conversation->pendings.count > 0;
}

size_t sasl_targets(const struct conversation *conversation, end_id targets[LINKS_MAX])
{
    size_t count = 0;
    for (end_id id = 0; id < conversation->link_count; id++)
        if (link_at(conversation, id)->state == LINK_UP && link_at(conversation, id)->session_ends)
            targets[count++] = id;
    return count;
}

const char *sasl_mechanism(const struct conversation *conversation)
{
    return conversation->sasl ? conversation->sasl->mechanism : "";
}

/* What cannot be read has no mechanism, and so nothing of it is repeated. */
static void read_mechanism(struct sasl *sasl, const struct kept_frame *handshake)
{
    const struct exchange *exchange = &handshake->exchange;
    int version = tables_header_version(REQUEST, exchange->api_key, exchange->api_version);
    struct span cursor = {handshake->bytes.at + LENGTH_SIZE, handshake->bytes.len - LENGTH_SIZE};
    struct walk walk;
    struct walk_event event;
    enum walk_step step;
    size_t len = 0;
    walk_begin(&walk, &tables_request_header, version, (uint32_t)cursor.len);
    while (walk_next(&walk, &cursor, &event) > WALK_BAD)
        ;
    walk_begin(&walk, tables_message(REQUEST, exchange->api_key), exchange->api_version, walk.left);
    while ((step = walk_next(&walk, &cursor, &event)) > WALK_BAD) {
        if (step != WALK_PIECE || event.field->role != ROLE_MECHANISM)
            continue;
        len = event.piece.len < MECHANISM_ROOM ? event.piece.len : MECHANISM_ROOM - 1;
        memcpy(sasl->mechanism, event.piece.at, len);
    }
    sasl->mechanism[len] = 0;
}

static struct sasl *begin(struct conversation *conversation)
{
    const struct buffer none = {.allocator = conversation->bridge->allocator};
    if (conversation->sasl) {
        forget_proof(conversation->sasl);
        return conversation->sasl;
    }
    conversation->sasl = conversation_allocate(conversation, NULL, sizeof *conversation->sasl);
    if (conversation->sasl)
        *conversation->sasl = (struct sasl){.handshake = {.bytes = none}, .token = {.bytes = none}};
    return conversation->sasl;
}

static void move_held(struct request *request, struct kept_frame *to)
{
    sasl_wipe(&to->bytes);
    to->bytes = request->held;
    to->exchange = request->exchange;
    request->held = (struct buffer){.allocator = to->bytes.allocator};
}

bool sasl_keep(struct conversation *conversation)
{
    struct request *request = &conversation->request;
    int16_t api_key = request->exchange.api_key;
    bool begins = api_key == API_SASL_HANDSHAKE && sasl_applies(conversation, api_key);
    if (begins && !begin(conversation))
        return false;
    if (begins && request->left == 0) {
        move_held(request, &conversation->sasl->handshake);
        read_mechanism(conversation->sasl, &conversation->sasl->handshake);
    }
    if (request->left == 0 && sasl_holds(conversation))
        move_held(request, &conversation->sasl->token);
    if (api_key == API_SASL_AUTHENTICATE) {
        sasl_wipe(&request->held);
        wipe(request->head, sizeof request->head);
    }
    return true;
}

/* ---- answers ---- */

void sasl_see(struct link *link, enum walk_step step, const struct walk_event *event)
{
    if (!is_exchange(link->exchange.api_key))
        return;
    if (event->field->role == ROLE_ERROR_CODE)
        link->sasl_error = (int16_t)event->number;
    if (event->field->role == ROLE_CHALLENGE && step == WALK_PIECE && event->piece.len)
        link->challenged = true;
    if (event->field->role == ROLE_SESSION_LIFETIME)
        link->session_ends = event->number > 0;
}

bool sasl_is_accepted(const struct link *link)
{
    return link->sasl_error == ERROR_NONE && !link->challenged;
}

/* A challenge is OAUTHBEARER's way to say no; SCRAM and GSSAPI, which go on behind one, are not kept. */
void sasl_answered(struct conversation *conversation, int16_t api_key, bool accepted)
{
    struct sasl *sasl = conversation->sasl;
    if (!sasl || api_key != API_SASL_AUTHENTICATE)
        return;
    sasl->accepted = accepted && sasl->token.bytes.len > 0;
    sasl->lost = accepted && !sasl->accepted;
    if (!accepted)
        sasl_wipe(&sasl->token.bytes);
}

/* ---- further links ---- */

bool sasl_must_prove(const struct conversation *conversation)
{
    return conversation->sasl && conversation->sasl->accepted;
}

static const struct kept_frame *frame_of(const struct link *link)
{
    const struct sasl *sasl = link->conversation->sasl;
    return link->shaken ? &sasl->token : &sasl->handshake;
}

void sasl_prove(struct link *link)
{
    if (link_owes(link->conversation, link->id, (struct due){.whose = DUE_PROOF}))
        conversation_write(link->conversation, link->id, buffer_bytes(&frame_of(link)->bytes));
}

const struct exchange *sasl_exchange(const struct link *link)
{
    return &frame_of(link)->exchange;
}

static void refuse_proof(const struct link *link)
{
    struct conversation *conversation = link->conversation;
    const char *error = tables_error_name(link->sasl_error);
    struct sentence sentence = {.len = 0};
    link_name(conversation, link, &sentence);
    sentence_add(&sentence, " answered ");
    if (link->challenged)
        sentence_add(&sentence, "with a challenge");
    else if (error)
        sentence_add(&sentence, error);
    else
        sentence_add_number(&sentence, link->sasl_error);
    sentence_add(&sentence, " to the client's authentication (");
    sentence_add(&sentence, conversation->sasl->mechanism);
    sentence_add(
        &sentence,
        "), which kbridge has repeated there: all brokers have to accept the same credentials, and a "
        "token has to be valid still");
    conversation_finish(conversation, REASON_SASL_REFUSED, &sentence);
}

void sasl_proof_answered(struct link *link)
{
    if (!sasl_is_accepted(link)) {
        refuse_proof(link);
    } else if (!link->shaken) {
        link->shaken = true;
        sasl_prove(link);
    } else {
        link->shaken = false;
        link_proven(link->conversation, link->id);
    }
}
