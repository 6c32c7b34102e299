/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison of one step with the facts; see facts.h. */
#include "tests/conformance/facts.h"

struct fact {
    struct bytes role, name, value;
    bool null;
};

/* What decides (Decisive.java), by its name there. */
static const char *const decisive[ROLE_COUNT] = {
    [ROLE_TOPIC_NAME] = "topic",
    [ROLE_TOPIC_ID] = "topic id",
    [ROLE_PARTITION] = "partition",
    [ROLE_LEADER_EPOCH] = "leader epoch",
    [ROLE_GROUP_ID] = "group",
    [ROLE_MEMBER_ID] = "member",
    [ROLE_TRANSACTIONAL_ID] = "transactional id",
    [ROLE_COORDINATOR_KEY] = "key",
    [ROLE_KEY_TYPE] = "key type",
    [ROLE_RESOURCE_TYPE] = "resource type",
    [ROLE_RESOURCE_NAME] = "resource",
    [ROLE_SESSION_ID] = "session id",
    [ROLE_SESSION_EPOCH] = "session epoch",
    [ROLE_ACKS] = "acks",
};

static uint32_t uint32_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static struct bytes skip(struct bytes bytes, size_t len)
{
    return (struct bytes){bytes.at + len, bytes.len - len};
}

static struct bytes next_text(struct bytes *facts)
{
    struct bytes text = {facts->at + 1, facts->at[0]};
    *facts = skip(*facts, 1 + text.len);
    return text;
}

/* Facts are whole: they come from our own generator. */
static struct fact next_fact(struct bytes *facts)
{
    struct fact fact = {.role = next_text(facts)};
    fact.name = next_text(facts);
    uint32_t len = uint32_at(facts->at);
    fact.null = len == UINT32_MAX;
    fact.value = (struct bytes){facts->at + 4, fact.null ? 0 : len};
    *facts = skip(*facts, 4 + fact.value.len);
    return fact;
}

static char lower(uint8_t letter)
{
    return (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
}

/* "LeaderEpoch" is "leader_epoch"; a name that is not told may be any. */
static bool same_name(struct bytes snake, const char *camel)
{
    if (snake.len == 0)
        return true;
    for (size_t i = 0; i < snake.len; i++) {
        if (snake.at[i] == '_')
            continue;
        if (!*camel || lower((uint8_t)*camel++) != (char)snake.at[i])
            return false;
    }
    return !*camel;
}

static bool same_value(const struct fact *fact, enum walk_step step, const struct walk_event *event)
{
    if (step == WALK_PIECE && event->null)
        return fact->null;
    struct bytes told = event->piece;
    uint8_t number[8];
    if (step == WALK_VALUE && event->field->kind != KIND_UUID) {
        for (int i = 0; i < 8; i++)
            number[i] = (uint8_t)((uint64_t)event->number >> (56 - 8 * i));
        told = (struct bytes){number, sizeof number};
    }
    return !fact->null && bytes_equal(fact->value, told);
}

static bool same_role(const struct fact *fact, enum direction direction, const struct walk_event *event)
{
    const char *role = direction == REQUEST ? decisive[event->field->role] : NULL;
    return bytes_equal(fact->role, bytes_of(role ? role : ""));
}

/* False, so that a check can end with it. */
static bool is_missed(const struct fact *fact, struct sentence *why)
{
    sentence_add(why, "it was never told, and decides: ");
    sentence_add_bytes(why, fact->role, fact->role.len);
    sentence_add(why, " ");
    sentence_add_bytes(why, fact->name, fact->name.len);
    return false;
}

bool facts_take(struct bytes *facts, enum direction direction, enum walk_step step,
                const struct walk_event *event, struct sentence *why)
{
    if ((step != WALK_VALUE && step != WALK_PIECE) || event->field->kind == KIND_RECORDS)
        return true;
    while (facts->len) {
        struct fact fact = next_fact(facts);
        if (same_role(&fact, direction, event) && same_name(fact.name, event->field->name) &&
            same_value(&fact, step, event))
            return true;
        if (fact.role.len)
            return is_missed(&fact, why);
    }
    sentence_add(why, "Kafka's classes have no such value there: ");
    sentence_add(why, event->field->name);
    return false;
}

bool facts_end(struct bytes facts, struct sentence *why)
{
    while (facts.len) {
        struct fact fact = next_fact(&facts);
        if (fact.role.len)
            return is_missed(&fact, why);
    }
    return true;
}
