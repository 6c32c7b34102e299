/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison of one step with the facts; see facts.h. */
#include "tests/conformance/facts.h"

struct fact {
    struct bytes name, value;
    bool null;
};

static uint32_t uint32_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static struct bytes skip(struct bytes bytes, size_t len)
{
    return (struct bytes){bytes.at + len, bytes.len - len};
}

/* Facts are whole: they come from our own generator. */
static struct fact next_fact(struct bytes *facts)
{
    struct fact fact = {.name = {facts->at + 1, facts->at[0]}};
    *facts = skip(*facts, 1 + fact.name.len);
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

bool facts_take(struct bytes *facts, enum walk_step step, const struct walk_event *event)
{
    if ((step != WALK_VALUE && step != WALK_PIECE) || event->field->kind == KIND_RECORDS)
        return true;
    while (facts->len) {
        struct fact fact = next_fact(facts);
        if (same_name(fact.name, event->field->name) && same_value(&fact, step, event))
            return true;
    }
    return false;
}
