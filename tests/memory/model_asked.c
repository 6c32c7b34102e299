/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a whole request for the few things that model brokers answer to. */
#include "tests/memory/model_asked.h"

enum { LENGTH_SIZE = 4, HEAD_SIZE = 12 };

static void see(struct model_asked *asked, const struct walk_event *event, enum walk_step step)
{
    uint32_t last = asked->count ? asked->count - 1 : 0;
    bool room = asked->count < sizeof asked->names / sizeof *asked->names;
    switch (event->field->role) {
    case ROLE_CLIENT_ID:
        if (step == WALK_PIECE)
            asked->client_id = event->piece;
        break;
    case ROLE_TOPICS:
        asked->all |= event->null;
        /* fall through */
    case ROLE_COORDINATOR_KEY:
        if (step == (event->field->is_array ? WALK_ELEMENT : WALK_BEGIN) && room)
            asked->count++;
        if (event->field->role == ROLE_COORDINATOR_KEY && step == WALK_PIECE)
            asked->names[asked->count - 1] = event->piece;
        break;
    case ROLE_TOPIC_NAME:
        if (step == WALK_PIECE)
            asked->names[last] = event->piece;
        break;
    case ROLE_TOPIC_ID:
        asked->ids[last] = event->piece;
        break;
    case ROLE_KEY_TYPE:
        asked->key_type = (uint8_t)event->number;
        break;
    case ROLE_AUTO_CREATE:
        asked->auto_create = (int)event->number;
        break;
    default:
        break;
    }
}

static void walk(struct model_asked *asked, const struct message *message, int version, struct span *input)
{
    struct walk state;
    struct walk_event event;
    enum walk_step step;
    walk_begin(&state, message, version, (uint32_t)input->len);
    while ((step = walk_next(&state, input, &event)) > WALK_BAD)
        see(asked, &event, step);
}

static uint32_t number_at(const uint8_t *at, int size)
{
    uint32_t number = 0;
    for (int i = 0; i < size; i++)
        number = number << 8 | at[i];
    return number;
}

/* The pieces point into `frame`, which is whole: names come in one piece. */
struct model_asked model_asked_read(struct bytes frame)
{
    struct model_asked asked = {.auto_create = -1, .api_key = -1};
    if (frame.len < HEAD_SIZE)
        return asked;
    asked.api_key = (int16_t)number_at(frame.at + 4, 2);
    asked.api_version = (int16_t)number_at(frame.at + 6, 2);
    asked.correlation_id = (int32_t)number_at(frame.at + 8, 4);
    if (!tables_knows(asked.api_key, asked.api_version))
        return asked;
    int header = tables_header_version(REQUEST, asked.api_key, asked.api_version);
    struct span input = {(uint8_t *)(uintptr_t)frame.at + LENGTH_SIZE, frame.len - LENGTH_SIZE};
    walk(&asked, &tables_request_header, header, &input);
    walk(&asked, tables_message(REQUEST, asked.api_key), asked.api_version, &input);
    return asked;
}
