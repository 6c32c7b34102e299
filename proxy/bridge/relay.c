/* SPDX-License-Identifier: Apache-2.0 */
/* A client of a forward: its bytes go to one target and back as they are.
 * Apart, because nothing here is read, ordered or learned: what is not Kafka gets its way, and the same care.
 *
 *   DIALING ──up──► UP                          the client is not read before
 *    failed▼  ▲
 *       WAITING ──upstream.wait is over──► the client's connection ends
 */
#include "proxy/bridge/parts.h"

enum { TARGET = 0 }; /* the one link */

static void add_target(const struct conversation *conversation, struct sentence *sentence)
{
    const struct address *target = conversation->relay.target;
    bool is_ipv6 = strchr(target->host, ':') != NULL;
    sentence_add(sentence, is_ipv6 ? "[" : "");
    sentence_add(sentence, target->host);
    sentence_add(sentence, is_ipv6 ? "]:" : ":");
    sentence_add_number(sentence, target->port);
}

static void say(const struct conversation *conversation, enum level level, const struct sentence *sentence)
{
    const struct facts *facts = &conversation->bridge->facts;
    if (facts->say)
        facts->say(facts->context, conversation, level, sentence);
}

/* ---- the dial ---- */

static void dial(struct conversation *conversation)
{
    conversation->relay.state = RELAY_DIALING;
    conversation->orders->dial(conversation->net, TARGET, conversation->relay.target);
}

void conversation_forward(struct conversation *conversation, const struct address *target)
{
    conversation->relay.target = target;
    conversation->orders->read(conversation->net, CLIENT, false);
    dial(conversation);
}

const struct address *conversation_target(const struct conversation *conversation)
{
    return conversation->relay.target;
}

void relay_up(struct conversation *conversation)
{
    struct relay *relay = &conversation->relay;
    if (relay->retry.until_ms) {
        struct sentence sentence = {.len = 0};
        add_target(conversation, &sentence);
        sentence_add(&sentence, " is there");
        say(conversation, LEVEL_INFO, &sentence);
    }
    relay->state = RELAY_UP;
    conversation->orders->read(conversation->net, CLIENT, true);
}

static void say_waiting(const struct conversation *conversation, const char *why)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "waits for the target of its forward, at most ");
    sentence_add_ms(&sentence, conversation->bridge->limits.wait_ms);
    sentence_add(&sentence, " (upstream.wait): ");
    sentence_add(&sentence, why);
    say(conversation, LEVEL_WARN, &sentence);
}

static void give_up(struct conversation *conversation, enum reason reason, const char *why)
{
    const struct relay *relay = &conversation->relay;
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, why);
    if (relay->retry.until_ms) {
        sentence_add(&sentence, "; tried for ");
        sentence_add_ms(&sentence, conversation->bridge->limits.wait_ms);
        sentence_add(&sentence, " (upstream.wait)");
    }
    conversation_close(conversation, reason, &sentence);
}

void relay_failed(struct conversation *conversation, enum reason reason, const char *why)
{
    const struct bridge *bridge = conversation->bridge;
    struct relay *relay = &conversation->relay;
    bool first = !relay->retry.until_ms;
    if (reason == REASON_LOOP) {
        give_up(conversation, REASON_TARGET_LOOP, why);
    } else if (!retry_failed(&relay->retry, bridge->now_ms, bridge->limits.wait_ms)) {
        give_up(conversation, REASON_TARGET_UNREACHABLE, why);
    } else {
        relay->state = RELAY_WAITING;
        if (first)
            say_waiting(conversation, why);
    }
}

/* When it is quiet enough to end it without cutting an answer; only while draining. */
static uint64_t quiet_at_ms(const struct relay *relay)
{
    if (relay->state != RELAY_UP)
        return 0;
    return relay->awaits ? UINT64_MAX : relay->spoken_ms + RELAY_QUIET_MS;
}

uint64_t relay_due_ms(const struct conversation *conversation)
{
    const struct relay *relay = &conversation->relay;
    if (conversation->draining)
        return quiet_at_ms(relay);
    return relay->state == RELAY_WAITING ? relay->retry.at_ms : UINT64_MAX;
}

void relay_drain(struct conversation *conversation)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "it was told to");
    if (conversation->bridge->now_ms >= quiet_at_ms(&conversation->relay))
        conversation_close(conversation, REASON_STOPPING, &sentence);
}

void relay_tick(struct conversation *conversation)
{
    if (conversation->draining)
        relay_drain(conversation);
    else if (conversation->bridge->now_ms >= relay_due_ms(conversation))
        dial(conversation);
}

/* ---- bytes ---- */

/* Only now: who checks that the port is open, and goes, is of no interest. */
static void tell_of_client(struct conversation *conversation)
{
    const struct facts *facts = &conversation->bridge->facts;
    if (!conversation->told_of_client && facts->client)
        facts->client(facts->context, conversation);
    conversation->told_of_client = true;
}

size_t relay_input(struct conversation *conversation, end_id from, struct bytes input)
{
    if (conversation->relay.state != RELAY_UP)
        return 0;
    tell_of_client(conversation);
    conversation->relay.awaits = from == CLIENT;
    conversation->relay.spoken_ms = conversation->bridge->now_ms;
    if (from == CLIENT)
        conversation->bytes_from_client += input.len;
    conversation_pass(conversation, from == CLIENT ? TARGET : CLIENT, input);
    return input.len;
}

/* ---- the end ---- */

/* Half-close passes through; whoever was first is the one who ended it. */
void relay_eof(struct conversation *conversation, end_id from)
{
    struct sentence sentence = {.len = 0};
    add_target(conversation, &sentence);
    if (from != CLIENT && conversation->client_eof) {
        conversation_close(conversation, REASON_CLIENT_CLOSED, NULL);
    } else if (from != CLIENT) {
        conversation_shut_client(conversation, REASON_TARGET_CLOSED, &sentence);
    } else if (conversation->client_shut) {
        conversation_close(conversation, REASON_TARGET_CLOSED, &sentence);
    } else {
        conversation->client_eof = true;
        conversation->orders->shut(conversation->net, TARGET);
    }
}

void relay_broken(struct conversation *conversation, const char *why)
{
    struct sentence sentence = {.len = 0};
    add_target(conversation, &sentence);
    sentence_add(&sentence, ": ");
    sentence_add(&sentence, why);
    conversation_close(conversation, REASON_TARGET_LOST, &sentence);
}
