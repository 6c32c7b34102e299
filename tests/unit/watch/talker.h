/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation that is nothing but its accessors.
 * Apart, because what watches conversations is tested without the bridge; a test includes it once. */
#ifndef KBRIDGE_TESTS_UNIT_WATCH_TALKER_H
#define KBRIDGE_TESTS_UNIT_WATCH_TALKER_H

#include "proxy/bridge/conversation.h"

struct conversation {
    struct place place;
    struct told told;
    const struct address *target;
    const char *client_id, *software, *sentence;
    enum reason reason;
    uint64_t from, to;
    uint32_t in_flight;
    void *watched, *counts;
};

enum reason conversation_reason(const struct conversation *conversation)
{
    return conversation->reason;
}

const char *conversation_sentence(const struct conversation *conversation)
{
    return conversation->sentence;
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

const struct address *conversation_target(const struct conversation *conversation)
{
    return conversation->target;
}

const struct place *conversation_place(const struct conversation *conversation)
{
    return &conversation->place;
}

uint64_t conversation_bytes_from_client(const struct conversation *conversation)
{
    return conversation->from;
}

uint64_t conversation_bytes_to_client(const struct conversation *conversation)
{
    return conversation->to;
}

uint32_t conversation_in_flight(const struct conversation *conversation)
{
    return conversation->in_flight;
}

void *conversation_counts(const struct conversation *conversation)
{
    return conversation->counts;
}

void **conversation_watched(const struct conversation *conversation, enum watcher watcher)
{
    (void)watcher;
    return (void **)(uintptr_t)&conversation->watched;
}

#endif
