/* SPDX-License-Identifier: Apache-2.0 */
/* Sends one request to all, and merges what they answer; see gather.h. */
#include "proxy/bridge/gather.h"

#include "proxy/bridge/parts.h"
#include "proxy/kafka/keys.h"

/* Not with bare tokens, nor SaslHandshake v0, behind which they come: their answers have no correlation id. */
static bool proves_again(const struct conversation *conversation, int16_t api_key)
{
    end_id targets[LINKS_MAX];
    int least = api_key == API_SASL_HANDSHAKE ? 1 : 0;
    return conversation->sasl && conversation->request.exchange.api_version >= least &&
           sasl_applies(conversation, api_key) && sasl_targets(conversation, targets) > 0;
}

bool gather_is_for(const struct conversation *conversation, int16_t api_key)
{
    bool known = view_broker_count(conversation->bridge->view) > 0;
    bool each = known && route_by_of(api_key) == ROUTE_EACH && conversation_is_shared(conversation);
    return each || proves_again(conversation, api_key);
}

/* The links of all brokers, dialled where they are not there yet; for SASL those that have been proven before. */
static size_t find_targets(struct conversation *conversation, end_id targets[LINKS_MAX])
{
    const struct view *view = conversation->bridge->view;
    size_t count = 0;
    if (route_by_of(conversation->request.exchange.api_key) == ROUTE_CONNECTION)
        return sasl_targets(conversation, targets);
    for (size_t i = 0; i < view_broker_count(view) && !conversation->closed; i++) {
        end_id link = link_to(conversation, view_broker_at(view, i)->id);
        if (link != CLIENT)
            targets[count++] = link;
    }
    return count;
}

/* A list without the groups of one broker would be a wrong one: all have to be there. */
static bool are_all_up(const struct conversation *conversation, const end_id *targets, size_t count)
{
    bool up = !conversation->closed;
    for (size_t i = 0; i < count; i++)
        up = up && link_is_up(link_at(conversation, targets[i]));
    return up;
}

static bool send_to_all(struct conversation *conversation, struct bytes frame, const end_id *targets,
                        size_t count)
{
    struct due due = {.ticket = conversation->pendings.ticket + conversation->pendings.count - 1,
                      .whose = DUE_PART};
    for (size_t i = 0; i < count; i++) {
        if (!link_owes(conversation, targets[i], due))
            return false;
        conversation_write(conversation, targets[i], frame);
        conversation->gathering->parts++;
    }
    return true;
}

bool gather_begin(struct conversation *conversation, struct bytes frame)
{
    const struct allocator *allocator = conversation->bridge->allocator;
    const struct exchange *exchange = &conversation->request.exchange;
    struct pending pending = {.exchange = *exchange, .link = CLIENT, .answer = ANSWER_GATHERED};
    if (conversation->gathering) {
        conversation_wait(conversation, WAIT_IN_FLIGHT);
        return false;
    }
    end_id targets[LINKS_MAX];
    size_t count = find_targets(conversation, targets);
    if (!are_all_up(conversation, targets, count)) {
        conversation_wait(conversation, WAIT_LINK);
        return false;
    }
    conversation->gathering = conversation_allocate(conversation, NULL, sizeof *conversation->gathering);
    if (!conversation->gathering)
        return false;
    *conversation->gathering = (struct gathering){.parts = 0};
    merge_begin(&conversation->gathering->merge, allocator, exchange->api_key, exchange->api_version);
    struct pending *place = ring_push(&conversation->pendings, allocator);
    if (!place) {
        conversation_out_of_memory(conversation);
        return false;
    }
    *place = pending;
    return send_to_all(conversation, frame, targets, count);
}

bool gather_part(struct link *link)
{
    struct conversation *conversation = link->conversation;
    struct span frame = {link->part.at, link->part.len};
    const char *wrong = merge_add(&conversation->gathering->merge, frame);
    buffer_free(&link->part);
    if (wrong == buffer_exhausted) {
        conversation_out_of_memory(conversation);
        return false;
    }
    if (wrong) {
        struct sentence sentence = {.len = 0};
        link_name(conversation, link, &sentence);
        sentence_add(&sentence, ": its answer to a question to all brokers cannot be read: ");
        sentence_add(&sentence, wrong);
        conversation_close(conversation, REASON_RESPONSE_MALFORMED, &sentence);
        return false;
    }
    conversation->gathering->parts--;
    return true;
}

bool gather_is_whole(const struct conversation *conversation)
{
    return conversation->gathering && conversation->gathering->parts == 0;
}

void gather_end(struct conversation *conversation)
{
    struct pending *pending = ring_first(&conversation->pendings);
    struct merge *merge = &conversation->gathering->merge;
    if (merge_end(merge)) {
        conversation_out_of_memory(conversation);
        return;
    }
    pending->exchange.response_size = (uint32_t)merge->answer.len;
    conversation_write(conversation, CLIENT, buffer_bytes(&merge->answer));
    sasl_answered(conversation, pending->exchange.api_key, !merge->failed);
    gather_free(conversation);
}

void gather_free(struct conversation *conversation)
{
    const struct allocator *allocator = conversation->bridge->allocator;
    if (!conversation->gathering)
        return;
    merge_free(&conversation->gathering->merge);
    allocator->resize(allocator->context, conversation->gathering, 0);
    conversation->gathering = NULL;
}
