/* SPDX-License-Identifier: Apache-2.0 */
/* Finding nodes that are told alike; see alike.h. */
#include "proxy/bridge/alike.h"

#include "proxy/bridge/parts.h"

/* Clients that are known to tell nodes apart by id. */
static bool knows_ids(const struct conversation *conversation)
{
    static const char *const by_id[] = {"apache-kafka-java ", "kgo "};
    for (size_t i = 0; i < sizeof by_id / sizeof *by_id; i++)
        if (strncmp(conversation->software, by_id[i], strlen(by_id[i])) == 0)
            return true;
    return false;
}

bool alike_matters(const struct conversation *conversation)
{
    bool several = view_kind(conversation->bridge->view) == VIEW_SEVERAL;
    return conversation->told.exact || (several && !knows_ids(conversation));
}

/* In order of their ids, so that what lies closer together than the variety needs no look. */
static bool find(const struct view *view, uint32_t variety, int32_t alike[2])
{
    size_t count = view_broker_count(view);
    for (size_t i = 0; i < count; i++) {
        uint32_t first = (uint32_t)view_broker_at(view, i)->id;
        for (size_t k = count; k-- > i + 1;) {
            uint32_t second = (uint32_t)view_broker_at(view, k)->id;
            if (second - first < variety)
                break;
            if ((second - first) % variety)
                continue;
            alike[0] = (int32_t)first;
            alike[1] = (int32_t)second;
            return true;
        }
    }
    return false;
}

#define LOSE ": clients that know nodes by their address (librdkafka before 2.10, kafkajs) lose records; "

static const char *remedy(const struct told *told)
{
    if (told->exact)
        return ", which serves neither: give listen.per-broker a range that has more ports";
    if (told_variety(told) == 1)
        return LOSE
            "tell them kbridge's name, which has a spelling for each (--advertise.network proxy:29092), "
            "or give each broker a port (--listen.per-broker 29093-29192)";
    return LOSE EXACT_REMEDY;
}

static void say(const struct conversation *conversation, const int32_t alike[2])
{
    const struct facts *facts = &conversation->bridge->facts;
    struct sentence sentence = {.len = 0};
    struct address address;
    told_address(&conversation->told, alike[0], &address);
    sentence_add(&sentence, "nodes ");
    sentence_add_number(&sentence, alike[0]);
    sentence_add(&sentence, " and ");
    sentence_add_number(&sentence, alike[1]);
    sentence_add(&sentence, " are both at ");
    sentence_add(&sentence, address.host);
    sentence_add(&sentence, ":");
    sentence_add_number(&sentence, address.port);
    sentence_add(&sentence, remedy(&conversation->told));
    if (facts->say)
        facts->say(facts->context, conversation, conversation->told.exact ? LEVEL_ERROR : LEVEL_WARN,
                   &sentence);
}

void alike_tell(struct conversation *conversation)
{
    int32_t *told = conversation->bridge->notes.alike;
    int32_t alike[2];
    if (!conversation->has_client || !alike_matters(conversation) ||
        !find(conversation->bridge->view, told_variety(&conversation->told), alike))
        return;
    if (told[0] == alike[0] && told[1] == alike[1])
        return;
    told[0] = alike[0];
    told[1] = alike[1];
    say(conversation, alike);
}
