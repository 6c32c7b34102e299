/* SPDX-License-Identifier: Apache-2.0 */
/* Frame by frame, in both directions; see dialogue.h. */
#include "proxy/watch/dialogue.h"

#include <stdlib.h>

#include "proxy/kafka/foreign.h"
#include "proxy/kafka/keys.h"
#include "proxy/kafka/wire.h"

enum { LENGTH_SIZE = 4, REQUEST_HEAD_SIZE = 12, RESPONSE_HEAD_SIZE = 8, AWAITED_FIRST = 16 };

/* STAGE_PASS: nothing in the rest of the frame is for anyone to see; STAGE_BLANK: nothing in it may be kept. */
enum stage { STAGE_HEAD, STAGE_HEADER, STAGE_BODY, STAGE_PASS, STAGE_BLANK };

static const uint64_t secret_roles = ROLE_SET(ROLE_SECRET) | ROLE_SET(ROLE_CHALLENGE);

void dialogue_begin(struct dialogue *dialogue, const struct hearing *hearing)
{
    *dialogue = (struct dialogue){.hearing = hearing};
}

void dialogue_free(struct dialogue *dialogue)
{
    free(dialogue->awaited);
    dialogue->awaited = NULL;
    dialogue->count = dialogue->room = 0;
}

/* ---- what is awaited ---- */

static void pop_awaited(struct dialogue *dialogue)
{
    dialogue->first++;
    dialogue->count--;
    if (dialogue->count == 0 && dialogue->room > AWAITED_FIRST)
        dialogue_free(dialogue);
    if (dialogue->count == 0)
        dialogue->first = 0;
}

static bool make_room(struct dialogue *dialogue)
{
    if (dialogue->first + dialogue->count < dialogue->room)
        return true;
    if (dialogue->first > dialogue->room / 2) {
        memmove(dialogue->awaited, dialogue->awaited + dialogue->first,
                dialogue->count * sizeof(struct awaited));
        dialogue->first = 0;
        return true;
    }
    uint32_t room = dialogue->room ? 2 * dialogue->room : AWAITED_FIRST;
    struct awaited *awaited = realloc(dialogue->awaited, room * sizeof *awaited);
    if (!awaited)
        return false;
    dialogue->awaited = awaited;
    dialogue->room = room;
    return true;
}

static void await(struct dialogue *dialogue, const struct exchange *exchange)
{
    if (dialogue->count == DIALOGUE_AWAITED_MAX || !make_room(dialogue)) {
        dialogue->lost = true;
        return;
    }
    dialogue->awaited[dialogue->first + dialogue->count++] = (struct awaited){
        .number = exchange->number,
        .request_size = exchange->request_size,
        .correlation_id = exchange->correlation_id,
        .node = exchange->node,
        .api_key = exchange->api_key,
        .api_version = exchange->api_version,
    };
}

/* Takes out the request that this answers. Those before it will have no answer here: bytes are missing. */
static bool take_awaited(struct dialogue *dialogue, int32_t correlation_id, struct exchange *exchange)
{
    const struct awaited *at = dialogue->awaited + dialogue->first;
    uint32_t index = 0;
    while (index < dialogue->count && at[index].api_version >= 0 &&
           at[index].correlation_id != correlation_id)
        index++;
    if (index == dialogue->count)
        return false;
    *exchange = (struct exchange){
        .number = at[index].number,
        .request_size = at[index].request_size,
        .correlation_id = at[index].correlation_id,
        .node = at[index].node,
        .api_key = at[index].api_key,
        .api_version = at[index].api_version,
    };
    for (uint32_t gone = 0; gone <= index; gone++)
        pop_awaited(dialogue);
    return true;
}

static bool awaits_token(const struct dialogue *dialogue)
{
    return dialogue->count && dialogue->awaited[dialogue->first].api_version < 0;
}

void dialogue_route(struct dialogue *dialogue, uint64_t number, int32_t node)
{
    for (uint32_t i = dialogue->count; i > 0; i--) {
        struct awaited *awaited = &dialogue->awaited[dialogue->first + i - 1];
        if (awaited->number == number)
            awaited->node = node;
        if (awaited->number <= number)
            return;
    }
}

int32_t dialogue_node(const struct dialogue *dialogue)
{
    const struct ear *ear = &dialogue->ears[RESPONSE];
    if (ear->stage != STAGE_HEAD)
        return ear->exchange.node;
    return dialogue->count ? dialogue->awaited[dialogue->first].node : NODE_BOOTSTRAP;
}

/* ---- the head ---- */

/* A field with one of these roles, at any depth; the tables know of each row what is within it. */
static bool holds(const struct message *message, int version, uint64_t roles)
{
    const struct field *field = tables_fields + message->fields, *end = field + message->count;
    while (field < end && !(version_in(version, field->first, field->last) && field->roles & roles))
        field++;
    return field < end;
}

/* The version by which a response is read: what nobody here knows is answered in v0 form (KIP-511). */
static int version_of_response(const struct exchange *exchange)
{
    bool unknown =
        exchange->api_key == API_API_VERSIONS && !tables_knows(API_API_VERSIONS, exchange->api_version);
    return unknown ? 0 : exchange->api_version;
}

/* What is looked for in this frame: without anybody who wants fields, only what must be blanked or decides about answers. */
static uint64_t roles_of(const struct dialogue *dialogue, enum direction direction,
                         const struct message *message, int version)
{
    if (dialogue->hearing->field)
        return WALK_ALL;
    uint64_t roles = secret_roles | (direction == REQUEST ? ROLE_SET(ROLE_ACKS) : 0);
    return holds(message, version, roles) ? roles : 0;
}

static void begin_walk(struct dialogue *dialogue, enum direction direction, int version, uint32_t behind)
{
    struct ear *ear = &dialogue->ears[direction];
    const struct message *message = tables_message(direction, ear->exchange.api_key);
    if (!tables_knows(ear->exchange.api_key, version)) {
        ear->stage = STAGE_BLANK;
        return;
    }
    if (!roles_of(dialogue, direction, message, version)) {
        ear->stage = STAGE_PASS;
        return;
    }
    const struct message *header = direction == REQUEST ? &tables_request_header : &tables_response_header;
    walk_begin(&ear->walk, header, tables_header_version(direction, ear->exchange.api_key, version),
               ear->left + behind);
    ear->stage = STAGE_HEADER;
}

static void tell(const struct dialogue *dialogue, enum direction direction, enum walk_step step,
                 const struct walk_event *event)
{
    const struct hearing *hearing = dialogue->hearing;
    const struct ear *ear = &dialogue->ears[direction];
    if (hearing->field && ear->is_told && !(ROLE_SET(event->field->role) & secret_roles))
        hearing->field(hearing->context, &ear->exchange, direction, step, event);
}

/* The header's walk begins with what lies in the head. */
static void walk_head(struct dialogue *dialogue, enum direction direction)
{
    struct ear *ear = &dialogue->ears[direction];
    struct span head = {ear->head + LENGTH_SIZE, (size_t)ear->got - LENGTH_SIZE};
    struct walk_event event;
    enum walk_step step;
    while (ear->stage == STAGE_HEADER && (step = walk_next(&ear->walk, &head, &event)) > WALK_BAD)
        tell(dialogue, direction, step, &event);
}

static void begin_token(struct dialogue *dialogue)
{
    struct ear *ear = &dialogue->ears[REQUEST];
    ear->exchange.api_key = API_SASL_AUTHENTICATE;
    ear->exchange.api_version = -1;
    ear->stage = STAGE_BLANK;
}

static void begin_request(struct dialogue *dialogue)
{
    struct ear *ear = &dialogue->ears[REQUEST];
    struct exchange *exchange = &ear->exchange;
    *exchange = (struct exchange){
        .number = dialogue->number++, .node = NODE_BOOTSTRAP, .request_size = ear->left + ear->got};
    ear->is_told = true;
    struct bytes head = {ear->head, ear->got};
    bool token = dialogue->tokens && !foreign_fits_header(head, exchange->request_size - LENGTH_SIZE);
    if (token) {
        begin_token(dialogue);
    } else {
        exchange->api_key = wire_int16(ear->head + LENGTH_SIZE);
        exchange->api_version = wire_int16(ear->head + LENGTH_SIZE + 2);
        exchange->correlation_id = (int32_t)wire_uint32(ear->head + LENGTH_SIZE + 4);
        dialogue->tokens = exchange->api_key == API_SASL_HANDSHAKE && exchange->api_version == 0;
        begin_walk(dialogue, REQUEST, exchange->api_version, (uint32_t)ear->got - LENGTH_SIZE);
    }
    await(dialogue, exchange);
    if (dialogue->hearing->request)
        dialogue->hearing->request(dialogue->hearing->context, exchange);
    walk_head(dialogue, REQUEST);
}

static void begin_response(struct dialogue *dialogue)
{
    struct ear *ear = &dialogue->ears[RESPONSE];
    bool token = awaits_token(dialogue);
    int32_t correlation_id = token ? 0 : (int32_t)wire_uint32(ear->head + LENGTH_SIZE);
    ear->is_told = take_awaited(dialogue, correlation_id, &ear->exchange);
    ear->exchange.response_size = ear->left + ear->got;
    ear->stage = STAGE_BLANK;
    if (token || !ear->is_told)
        return;
    begin_walk(dialogue, RESPONSE, version_of_response(&ear->exchange), (uint32_t)ear->got - LENGTH_SIZE);
    walk_head(dialogue, RESPONSE);
}

static uint8_t head_size(const struct dialogue *dialogue, enum direction direction)
{
    if (direction == REQUEST)
        return dialogue->tokens ? DIALOGUE_HEAD_ROOM : REQUEST_HEAD_SIZE;
    return awaits_token(dialogue) ? LENGTH_SIZE : RESPONSE_HEAD_SIZE;
}

static bool is_possible(const struct dialogue *dialogue, const struct ear *ear, enum direction direction)
{
    uint32_t length = wire_uint32(ear->head), least = head_size(dialogue, direction) - LENGTH_SIZE;
    bool token = direction == REQUEST && dialogue->tokens,
         first = direction == REQUEST && dialogue->number == 0;
    bool foreign = first && foreign_protocol((struct bytes){ear->head, LENGTH_SIZE});
    return length <= INT32_MAX && (token || length >= least) && !foreign;
}

/* Copies into head until it has `want` bytes. */
static bool gather(struct ear *ear, struct span *cursor, size_t want)
{
    size_t missing = want > ear->got ? want - ear->got : 0;
    size_t len = cursor->len < missing ? cursor->len : missing;
    memcpy(ear->head + ear->got, cursor->at, len);
    ear->got = (uint8_t)(ear->got + len);
    cursor->at += len;
    cursor->len -= len;
    return len == missing;
}

/* What comes behind the length may belong to a token: it is blanked, unless the head is here whole and is none. */
static void blank_token_head(struct dialogue *dialogue, uint8_t *from, const uint8_t *to, bool in_one_piece)
{
    struct ear *ear = &dialogue->ears[REQUEST];
    size_t len = (size_t)(to - from);
    if (ear->stage == STAGE_HEAD || ear->stage == STAGE_BLANK || !in_one_piece)
        memset(from, 0, len);
}

static void hear_head(struct dialogue *dialogue, enum direction direction, struct span *cursor)
{
    struct ear *ear = &dialogue->ears[direction];
    if (!gather(ear, cursor, LENGTH_SIZE))
        return;
    uint32_t length = wire_uint32(ear->head);
    uint32_t want = head_size(dialogue, direction);
    bool may_be_token = direction == REQUEST && dialogue->tokens, in_one_piece = ear->got == LENGTH_SIZE;
    if (!is_possible(dialogue, ear, direction)) {
        dialogue->lost = true;
        return;
    }
    if (want > length + LENGTH_SIZE)
        want = length + LENGTH_SIZE;
    uint8_t *from = cursor->at;
    bool whole = gather(ear, cursor, want);
    ear->left = length + LENGTH_SIZE - ear->got;
    if (whole && direction == REQUEST)
        begin_request(dialogue);
    else if (whole)
        begin_response(dialogue);
    if (may_be_token)
        blank_token_head(dialogue, from, cursor->at, in_one_piece);
}

/* ---- the rest ---- */

/* acks=0: nothing will answer it. */
static void see_acks(struct dialogue *dialogue, const struct walk_event *event)
{
    struct ear *ear = &dialogue->ears[REQUEST];
    bool last = dialogue->count &&
                dialogue->awaited[dialogue->first + dialogue->count - 1].number == ear->exchange.number;
    if (event->number == 0 && last)
        dialogue->count--;
    ear->exchange.response_size = 0;
    ear->unanswered = event->number == 0;
    if (!dialogue->hearing->field)
        ear->stage = STAGE_PASS;
}

static void see(struct dialogue *dialogue, enum direction direction, enum walk_step step,
                const struct walk_event *event, uint8_t *behind)
{
    if (step == WALK_PIECE && ROLE_SET(event->field->role) & secret_roles && event->piece.len)
        memset(behind - event->piece.len, 0, event->piece.len);
    if (event->field->role == ROLE_ACKS && direction == REQUEST && step == WALK_VALUE)
        see_acks(dialogue, event);
    tell(dialogue, direction, step, event);
}

/* The header is through: the body begins. */
static void begin_body(struct dialogue *dialogue, enum direction direction)
{
    struct ear *ear = &dialogue->ears[direction];
    const struct exchange *exchange = &ear->exchange;
    const struct message *message = tables_message(direction, exchange->api_key);
    int version = direction == REQUEST ? exchange->api_version : version_of_response(exchange);
    walk_begin(&ear->walk, message, version, ear->left);
    ear->walk.roles = roles_of(dialogue, direction, message, version);
    ear->stage = STAGE_BODY;
}

static void hear_walked(struct dialogue *dialogue, enum direction direction, struct span *cursor)
{
    struct ear *ear = &dialogue->ears[direction];
    enum stage stage = (enum stage)ear->stage;
    struct walk_event event;
    while (ear->stage == stage) {
        size_t before = cursor->len;
        enum walk_step step = walk_next(&ear->walk, cursor, &event);
        ear->left -= (uint32_t)(before - cursor->len);
        if (step == WALK_MORE)
            return;
        if (step > WALK_BAD)
            see(dialogue, direction, step, &event, cursor->at);
        else if (step == WALK_DONE && stage == STAGE_HEADER)
            begin_body(dialogue, direction);
        else
            ear->stage = STAGE_BLANK; /* what follows, if anything, the tables do not know */
    }
}

static void hear_rest(struct ear *ear, struct span *cursor)
{
    if (ear->stage == STAGE_BLANK)
        memset(cursor->at, 0, cursor->len);
    cursor->at += cursor->len;
    ear->left -= (uint32_t)cursor->len;
    cursor->len = 0;
}

static void end_frame(struct dialogue *dialogue, enum direction direction)
{
    struct ear *ear = &dialogue->ears[direction];
    const struct hearing *hearing = dialogue->hearing;
    bool over = direction == RESPONSE || ear->unanswered;
    if (over && ear->is_told && hearing->response)
        hearing->response(hearing->context, &ear->exchange);
    dialogue_skip(dialogue, direction);
}

static size_t hear_lost(struct span input)
{
    memset(input.at, 0, input.len);
    return input.len;
}

/* Of one frame: what lies behind it is for the next call. */
static size_t hear_frame(struct dialogue *dialogue, enum direction direction, struct span input)
{
    struct ear *ear = &dialogue->ears[direction];
    struct span cursor = input;
    if (ear->stage == STAGE_HEAD)
        hear_head(dialogue, direction, &cursor);
    if (dialogue->lost || ear->stage == STAGE_HEAD)
        return (size_t)(cursor.at - input.at);
    if (cursor.len > ear->left)
        cursor.len = ear->left;
    while (cursor.len && (ear->stage == STAGE_HEADER || ear->stage == STAGE_BODY))
        hear_walked(dialogue, direction, &cursor);
    hear_rest(ear, &cursor);
    if (ear->left == 0)
        end_frame(dialogue, direction);
    return (size_t)(cursor.at - input.at);
}

size_t dialogue_hear(struct dialogue *dialogue, enum direction direction, struct span input)
{
    size_t used = dialogue->lost ? 0 : hear_frame(dialogue, direction, input);
    return dialogue->lost ? hear_lost(input) : used;
}

bool dialogue_is_between(const struct dialogue *dialogue, enum direction direction)
{
    const struct ear *ear = &dialogue->ears[direction];
    return ear->stage == STAGE_HEAD && ear->got == 0;
}

void dialogue_skip(struct dialogue *dialogue, enum direction direction)
{
    struct ear *ear = &dialogue->ears[direction];
    ear->stage = STAGE_HEAD;
    ear->got = 0;
    ear->unanswered = false;
}
