/* SPDX-License-Identifier: Apache-2.0 */
/* What net/ calls while bytes flow through the relay.
 * Apart from relay.h, whose second half it is, because a header is short. */
#ifndef KBRIDGE_TESTS_NET_RELAY_CALLS_H
#define KBRIDGE_TESTS_NET_RELAY_CALLS_H

#include "tests/unit/net/relay.h"

/* Whole, or in pieces that are passed and written in turn. */
static void relay_send(const struct conversation *relay, end_id to, struct bytes bytes)
{
    size_t shred = relay->script->shred;
    for (unsigned turn = 0; bytes.len; turn++) {
        size_t some = shred ? 1 + (size_t)rand() % shred : bytes.len;
        struct bytes piece = {bytes.at, some < bytes.len ? some : bytes.len};
        (turn % 2 ? relay->orders->write : relay->orders->pass)(relay->net, to, piece);
        bytes = (struct bytes){bytes.at + piece.len, bytes.len - piece.len};
    }
}

size_t conversation_input(struct conversation *relay, end_id from, struct span input)
{
    size_t sip = relay->script->sip, used = sip && sip < input.len ? 1 + (size_t)rand() % sip : input.len;
    end_id to = from == CLIENT ? 0 : CLIENT;
    if (from == CLIENT && relay->script->farewell) {
        relay->orders->write(relay->net, CLIENT, bytes_of(relay->script->farewell));
        relay_close(relay, REASON_LIMIT, "farewell");
        return 0;
    }
    if (!relay->dialled)
        relay_dial(relay);
    if (used < input.len || !relay->up) {
        relay->orders->read(relay->net, from, false);
        relay->paused[from != CLIENT] = true;
    }
    if (!relay->up)
        return 0;
    relay_send(relay, to, (struct bytes){input.at, used});
    return used;
}

void conversation_eof(struct conversation *relay, end_id from)
{
    relay->at_eof[from != CLIENT] = true;
    if (!relay->up || relay->at_eof[from == CLIENT])
        relay_close(relay, REASON_CLIENT_CLOSED, "");
    else
        relay->orders->shut(relay->net, from == CLIENT ? 0 : CLIENT);
}

void conversation_broken(struct conversation *relay, end_id end, const char *why)
{
    relay_close(relay, end == CLIENT ? REASON_CLIENT_LOST : REASON_BROKER_LOST, why);
}

uint64_t conversation_due_ms(const struct conversation *relay)
{
    return relay->up && (relay->paused[0] || relay->paused[1]) ? relay->bridge->now_ms : UINT64_MAX;
}

void conversation_tick(struct conversation *relay)
{
    for (int i = 0; i < 2; i++)
        if (relay->paused[i])
            relay->orders->read(relay->net, i ? 0 : CLIENT, true);
    relay->paused[0] = relay->paused[1] = false;
}

void conversation_link_up(struct conversation *relay, end_id link)
{
    relay->up = true;
    conversation_tick(relay);
    if (relay->place.peer.len == 0)
        relay_close(relay, relay->script->wants_sasl ? REASON_BROKER_SASL : REASON_CLIENT_CLOSED, "");
    (void)link;
}

void conversation_link_failed(struct conversation *relay, end_id link, enum reason reason, const char *why)
{
    strcpy(relay->script->dial_failure, why);
    if (relay->script->redials-- > 0)
        relay_dial(relay);
    else
        relay_close(relay, reason, why);
    (void)link;
}

#endif
