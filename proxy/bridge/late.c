/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for answers that wait, and telling of them; see late.h. */
#include "proxy/bridge/late.h"

#include "proxy/bridge/parts.h"

void late_begin(struct link *link, bool unread)
{
    link->looked_ms = unread ? link->conversation->bridge->now_ms : 0;
    link->came_ms = 0;
}

uint64_t late_due_ms(const struct link *link)
{
    return link->unread && link->looked_ms ? link->looked_ms + LATE_STEP_MS : UINT64_MAX;
}

static void add_exchange(const struct conversation *conversation, const struct pending *pending,
                         struct sentence *sentence)
{
    const char *name = tables_api_name(pending->exchange.api_key);
    sentence_add(sentence, name ? name : "a request");
    sentence_add(sentence, " by ");
    if (pending->link == CLIENT)
        sentence_add(sentence, "all brokers");
    else
        link_name(conversation, link_at(conversation, pending->link), sentence);
}

static void say(struct conversation *conversation, const struct pending *waits)
{
    const struct facts *facts = &conversation->bridge->facts;
    struct sentence sentence = {.len = 0};
    const struct pending *first = ring_first(&conversation->pendings);
    if (conversation->told_of_late || !first || !facts->say)
        return;
    conversation->told_of_late = true;
    sentence_add(&sentence, "the answer to ");
    add_exchange(conversation, waits, &sentence);
    sentence_add(&sentence, " has waited for 1 s behind that to ");
    add_exchange(conversation, first, &sentence);
    sentence_add(&sentence, "; so far ");
    sentence_add_number(&sentence, (int64_t)conversation->bridge->notes.late_answers);
    sentence_add(&sentence, " have. To avoid that, " EXACT_REMEDY);
    facts->say(facts->context, conversation, LEVEL_WARN, &sentence);
}

void late_tick(struct conversation *conversation, struct link *link)
{
    struct bridge *bridge = conversation->bridge;
    const struct due *due = ring_first(&link->dues);
    if (bridge->now_ms < late_due_ms(link) || !due)
        return;
    link->looked_ms = bridge->now_ms;
    bool came = conversation->orders->has_input(conversation->net, link->id);
    if (!came || !link->came_ms)
        link->came_ms = came ? bridge->now_ms : 0;
    if (!came || bridge->now_ms - link->came_ms < LATE_MS)
        return;
    link->looked_ms = 0;
    bridge->notes.late_answers++;
    say(conversation, ring_at(&conversation->pendings, due->ticket));
}
