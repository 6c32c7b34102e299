/* SPDX-License-Identifier: Apache-2.0 */
/* From the number of a socket to the node, and to its link; see bind.h. */
#include "proxy/bridge/bind.h"

#include "proxy/bridge/parts.h"
#include "proxy/bridge/refuse.h"

/* The living nodes with this number: the first, and how many there are. */
static size_t find_nodes(const struct conversation *conversation, int32_t *first)
{
    const struct bridge *bridge = conversation->bridge;
    size_t count = 0;
    for (size_t i = view_broker_count(bridge->view); i-- > 0;) {
        int32_t id = view_broker_at(bridge->view, i)->id;
        if (exact_number(&bridge->surroundings->exact, id) != conversation->number)
            continue;
        *first = id;
        count++;
    }
    return count;
}

/* Before anything is known of the cluster, what is about the connection itself goes to any broker: where clients have to
 * authenticate, kbridge can only ask on a connection that has done so. */
static bool is_provisional(const struct conversation *conversation)
{
    bool unknown = view_broker_count(conversation->bridge->view) == 0;
    return unknown && route_by_of(conversation->request.exchange.api_key) == ROUTE_CONNECTION;
}

/* What any broker has answered cannot be taken back: the next connection is right from its first request on. */
static bool was_provisional(const struct conversation *conversation)
{
    return conversation->last_link != CLIENT && view_kind(conversation->bridge->view) == VIEW_SEVERAL;
}

/* False: the client waits, or the conversation is over. */
static bool bind(struct conversation *conversation)
{
    int32_t node = NODE_UNKNOWN;
    size_t count = find_nodes(conversation, &node);
    if (count == 0 && question_ask_cluster(conversation)) {
        conversation_wait(conversation, WAIT_ANSWER);
        return false;
    }
    if (count != 1) {
        refuse_number(conversation, count);
        return false;
    }
    if (was_provisional(conversation)) {
        refuse_provisional(conversation, node);
        return false;
    }
    /* The only one is dialled at the bootstrap address, and stays there when others come. */
    bool one = view_kind(conversation->bridge->view) == VIEW_ONE;
    conversation->bound = one ? NODE_BOOTSTRAP : node;
    return true;
}

end_id bind_link(struct conversation *conversation)
{
    bool any = conversation->number == NUMBER_NONE ||
               (conversation->bound == NODE_UNKNOWN && is_provisional(conversation));
    if (any)
        return link_to(conversation, NODE_BOOTSTRAP);
    if (conversation->bound == NODE_UNKNOWN && !bind(conversation))
        return CLIENT;
    return link_to(conversation, conversation->bound);
}
