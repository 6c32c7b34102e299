/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation that knows no Kafka: it passes all bytes between its client and one link.
 * A header, because its functions are those of the real conversation: only a test that includes it links it. It also
 * shows that net/ needs nothing of Kafka. What it does is said by the script that facts.context points to. */
#ifndef KBRIDGE_TESTS_NET_RELAY_H
#define KBRIDGE_TESTS_NET_RELAY_H

#include <stdlib.h>

#include "tests/unit/net/rig.h"

struct conversation {
    struct bridge *bridge;
    const struct orders *orders;
    void *net;
    struct script *script;
    struct place place;
    const struct address *target;                   /* of a forward */
    bool dialled, up, closed, paused[2], at_eof[2]; /* [0]: the client */
    uint16_t attempt;
    enum reason reason;
    char sentence[SENTENCE_ROOM];
};

static void relay_close(struct conversation *relay, enum reason reason, const char *sentence)
{
    if (relay->closed)
        return;
    relay->closed = true;
    relay->reason = reason;
    strcpy(relay->sentence, sentence);
    relay->orders->close(relay->net);
}

static void relay_dial(struct conversation *relay)
{
    const struct bridge *bridge = relay->bridge;
    relay->dialled = true;
    relay->orders->dial(relay->net, 0, &bridge->upstream[relay->attempt++ % bridge->upstream_count]);
}

struct conversation *conversation_new(struct bridge *bridge, const struct orders *orders, void *net,
                                      const struct place *place)
{
    struct script *script = bridge->facts.context;
    struct conversation *relay = script->no_memory ? NULL : calloc(1, sizeof *relay);
    if (!relay)
        return NULL;
    *relay = (struct conversation){.bridge = bridge, .orders = orders, .net = net, .script = script};
    relay->script->born++;
    if (place)
        relay->place = *place;
    return relay;
}

void conversation_free(struct conversation *relay)
{
    relay->script->freed++;
    relay->script->reason = relay->reason;
    strcpy(relay->script->sentence, relay->sentence);
    free(relay);
}

void conversation_end(struct conversation *relay, enum reason reason, const char *sentence)
{
    relay_close(relay, reason, sentence);
}

/* Where the script says that nothing is under way. */
void conversation_drain(struct conversation *relay)
{
    if (!relay->script->awaits)
        relay_close(relay, REASON_STOPPING, "drained");
}

void conversation_forward(struct conversation *relay, const struct address *target)
{
    relay->target = target;
    relay->dialled = true;
    relay->orders->dial(relay->net, 0, target);
}

const struct address *conversation_target(const struct conversation *relay)
{
    return relay->target;
}

void conversation_ask_cluster(struct conversation *relay)
{
    relay_dial(relay);
}

enum reason conversation_reason(const struct conversation *relay)
{
    return relay->reason;
}

const char *conversation_sentence(const struct conversation *relay)
{
    return relay->sentence;
}

#include "tests/unit/net/relay_calls.h"

#endif
