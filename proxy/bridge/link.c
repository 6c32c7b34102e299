/* SPDX-License-Identifier: Apache-2.0 */
/* Links: one connection of a client to one node of the cluster.
 * Apart, because their states are one list with one function that changes them.
 *
 *                              ┌──► PROVING ──► the client is proven there (sasl.h)
 *                              │       │
 *   IDLE ──needed──► DIALING ──up──► UP ──the broker closes──► CLOSING ──► (the client's connection ends, or IDLE)
 *                      │  ▲           └──it owed an answer──► GONE ──► the client's connection ends
 *              failed  ▼  │ retry.at_ms
 *                    WAITING ──upstream.wait is over──► the client's connection ends
 */
#include "proxy/bridge/late.h"
#include "proxy/bridge/parts.h"

static const bool edges[LINK_GONE + 1][LINK_GONE + 1] = {
    [LINK_IDLE] = {[LINK_DIALING] = true},
    [LINK_DIALING] = {[LINK_WAITING] = true, [LINK_PROVING] = true, [LINK_UP] = true},
    [LINK_PROVING] = {[LINK_UP] = true, [LINK_GONE] = true},
    [LINK_WAITING] = {[LINK_DIALING] = true},
    [LINK_UP] = {[LINK_CLOSING] = true, [LINK_GONE] = true, [LINK_IDLE] = true},
    [LINK_CLOSING] = {[LINK_GONE] = true, [LINK_IDLE] = true},
};

static bool change_state(struct link *link, enum link_state to)
{
    bool allowed = edges[link->state][to];
    if (allowed)
        link->state = (uint8_t)to;
    return allowed;
}

struct link *link_at(const struct conversation *conversation, end_id link)
{
    return conversation->links[link];
}

bool link_is_up(const struct link *link)
{
    return link->state == LINK_UP || link->state == LINK_CLOSING;
}

/* ---- which address ---- */

/* Host names have no case. */
static bool is_same_host(const char *a, const char *b)
{
    while (*a && (*a == *b || ((*a ^ *b) == ('a' ^ 'A') && (*a | 0x20) >= 'a' && (*a | 0x20) <= 'z'))) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool is_loopback_name(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || is_same_host(host, "localhost") || strcmp(host, "::1") == 0;
}

/* What the broker advertises, except where a rule says otherwise, or where that cannot be right. */
static struct address address_of_broker(const struct bridge *bridge, const struct view_broker *broker)
{
    const struct address *bootstrap = &bridge->upstream[0];
    struct address address = broker->advertised;
    for (size_t i = 0; i < bridge->redirect_count; i++) {
        const struct redirect *redirect = &bridge->redirects[i];
        if (redirect->advertised.port == address.port &&
            is_same_host(redirect->advertised.host, address.host))
            return redirect->dialled;
    }
    if (is_loopback_name(address.host) && !is_loopback_name(bootstrap->host))
        memcpy(address.host, bootstrap->host, sizeof address.host);
    return address;
}

/* For any node: one bootstrap address after the other, and with several brokers then each that is known, since the one
 * that was named may be the one that is down. */
static struct address address_of(const struct conversation *conversation, int32_t node)
{
    const struct bridge *bridge = conversation->bridge;
    bool several = view_kind(bridge->view) == VIEW_SEVERAL;
    const struct view_broker *broker = node < 0 || !several ? NULL : view_broker_find(bridge->view, node);
    size_t known = several ? view_broker_count(bridge->view) : 0;
    size_t turn = conversation->bootstrap % (bridge->upstream_count + known);
    if (!broker && turn < bridge->upstream_count)
        return bridge->upstream[turn];
    if (!broker)
        broker = view_broker_at(bridge->view, turn - bridge->upstream_count);
    return address_of_broker(bridge, broker);
}

void link_name(const struct conversation *conversation, const struct link *link, struct sentence *sentence)
{
    struct address address = address_of(conversation, link->node);
    sentence_add(sentence, link->node < 0 ? "the broker at " : "node ");
    if (link->node >= 0) {
        sentence_add_number(sentence, link->node);
        sentence_add(sentence, " at ");
    }
    sentence_add(sentence, address.host);
    sentence_add(sentence, ":");
    sentence_add_number(sentence, address.port);
}

/* ---- open ---- */

static void dial(struct conversation *conversation, end_id id)
{
    struct link *link = link_at(conversation, id);
    if (!change_state(link, LINK_DIALING))
        return;
    struct address address = address_of(conversation, link->node);
    conversation->orders->dial(conversation->net, id, &address);
}

static end_id refuse_link(struct conversation *conversation)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "one client uses more than ");
    sentence_add_number(&sentence, LINKS_MAX);
    sentence_add(&sentence, " brokers");
    conversation_close(conversation, REASON_LIMIT, &sentence);
    return CLIENT;
}

static end_id make(struct conversation *conversation, int32_t node)
{
    if (conversation->link_count == LINKS_MAX)
        return refuse_link(conversation);
    size_t size = ((size_t)conversation->link_count + 1) * sizeof(struct link *);
    struct link **links = conversation_allocate(conversation, conversation->links, size);
    if (!links)
        return CLIENT;
    conversation->links = links;
    struct link *link = conversation_allocate(conversation, NULL, sizeof *link);
    if (!link)
        return CLIENT;
    *link =
        (struct link){.conversation = conversation, .node = node, .dues = {.item_size = sizeof(struct due)}};
    link->part.allocator = conversation->bridge->allocator;
    link->id = conversation->link_count;
    links[link->id] = link;
    return conversation->link_count++;
}

end_id link_to(struct conversation *conversation, int32_t node)
{
    end_id id = 0;
    while (id < conversation->link_count && link_at(conversation, id)->node != node)
        id++;
    if (id == conversation->link_count)
        id = make(conversation, node);
    if (id != CLIENT && link_at(conversation, id)->state == LINK_IDLE)
        dial(conversation, id);
    return id;
}

end_id link_for_question(struct conversation *conversation)
{
    for (end_id id = 0; id < conversation->link_count; id++) {
        struct link *link = link_at(conversation, id);
        if (link->state == LINK_UP && link->dues.count == 0)
            return id;
    }
    /* On a first request no link is there yet: one to the bootstrap address will be of use later. */
    return link_to(conversation, conversation->link_count ? NODE_QUESTIONS : NODE_BOOTSTRAP);
}

/* ---- order ---- */

bool link_owes(struct conversation *conversation, end_id id, struct due due)
{
    struct due *place = ring_push(&link_at(conversation, id)->dues, conversation->bridge->allocator);
    if (!place) {
        conversation_out_of_memory(conversation);
        return false;
    }
    *place = due;
    link_read_if_due(conversation, id);
    return true;
}

void link_read_if_due(struct conversation *conversation, end_id id)
{
    struct link *link = link_at(conversation, id);
    const struct due *due = ring_first(&link->dues);
    bool unread = due && due->whose == DUE_CLIENT && due->ticket != conversation->pendings.ticket;
    if (unread == link->unread || !link_is_up(link))
        return;
    link->unread = unread;
    late_begin(link, unread);
    conversation->orders->read(conversation->net, id, !unread);
}

/* ---- the answers to a dial ---- */

static void go_on(struct conversation *conversation)
{
    question_advance(conversation);
    conversation_go_on(conversation, WAIT_LINK);
}

void conversation_link_up(struct conversation *conversation, end_id id)
{
    if (conversation->closed)
        return;
    if (conversation->relay.target) {
        relay_up(conversation);
        return;
    }
    struct link *link = link_at(conversation, id);
    bool proves = sasl_must_prove(conversation);
    if (!change_state(link, proves ? LINK_PROVING : LINK_UP))
        return;
    link->retry = (struct retry){.at_ms = 0};
    if (proves)
        sasl_prove(link);
    else
        go_on(conversation);
}

void link_proven(struct conversation *conversation, end_id id)
{
    if (change_state(link_at(conversation, id), LINK_UP))
        go_on(conversation);
}

/* While no broker at all can be reached clients are held; a dead broker of a living cluster ends them at once, since
 * clients fail over faster that way. */
static bool may_wait(const struct conversation *conversation, struct link *link)
{
    const struct bridge *bridge = conversation->bridge;
    if (view_kind(bridge->view) == VIEW_SEVERAL && link->node >= 0)
        return false;
    return retry_failed(&link->retry, bridge->now_ms, bridge->limits.wait_ms);
}

/* Who could not be reached; `why`, which follows, tells what was dialled. */
static void add_advertised(const struct conversation *conversation, const struct link *link,
                           struct sentence *sentence)
{
    const struct view_broker *broker =
        link->node < 0 ? NULL : view_broker_find(conversation->bridge->view, link->node);
    if (!broker)
        return;
    sentence_add(sentence, "node ");
    sentence_add_number(sentence, broker->id);
    sentence_add(sentence, ", which advertises ");
    sentence_add(sentence, broker->advertised.host);
    sentence_add(sentence, ":");
    sentence_add_number(sentence, broker->advertised.port);
    sentence_add(sentence, ", was dialled at ");
}

void conversation_link_failed(struct conversation *conversation, end_id id, enum reason reason,
                              const char *why)
{
    if (conversation->closed)
        return;
    if (conversation->relay.target) {
        relay_failed(conversation, reason, why);
        return;
    }
    struct link *link = link_at(conversation, id);
    if (!change_state(link, LINK_WAITING))
        return;
    conversation->bootstrap++;
    if (reason != REASON_LOOP && may_wait(conversation, link))
        return;
    if (link->node >= 0 && conversation->wait == WAIT_LINK)
        route_forget(&conversation->request.route, conversation->bridge->view);
    struct sentence sentence = {.len = 0};
    add_advertised(conversation, link, &sentence);
    sentence_add(&sentence, why);
    if (link->retry.until_ms) {
        sentence_add(&sentence, "; tried for ");
        sentence_add_ms(&sentence, conversation->bridge->limits.wait_ms);
        sentence_add(&sentence, " (upstream.wait)");
    }
    conversation_close(conversation, reason, &sentence);
}

uint64_t link_due_ms(const struct link *link)
{
    return link->state == LINK_WAITING ? link->retry.at_ms : late_due_ms(link);
}

void link_tick(struct conversation *conversation, end_id id)
{
    struct link *link = link_at(conversation, id);
    if (link->state != LINK_WAITING)
        late_tick(conversation, link);
    else if (conversation->bridge->now_ms >= link->retry.at_ms)
        dial(conversation, id);
}

/* ---- the end ---- */

static void forget(struct conversation *conversation, end_id id)
{
    struct link *link = link_at(conversation, id);
    change_state(link, LINK_IDLE);
    rewrite_end(&link->rewrite);
    learn_free(link);
    link->heard = false;
    link->shares = false;
    buffer_free(&link->part);
    link->in_reply = false;
    link->unread = false;
    link->session_ends = false;
    link->got = 0;
    link->dues.count = 0;
    conversation->orders->drop(conversation->net, id);
    sessions_forget_link(&conversation->sessions, id);
    if (conversation->last_link == id)
        conversation->last_link = CLIENT;
    if (conversation->telemetry == id)
        conversation->telemetry = CLIENT;
    if (conversation->sharing == id)
        conversation->sharing = CLIENT;
}

/* The only one that serves the client, that is. */
static bool is_only_link(const struct conversation *conversation, const struct link *link)
{
    if (link->node == NODE_QUESTIONS)
        return false;
    for (end_id id = 0; id < conversation->link_count; id++) {
        const struct link *other = link_at(conversation, id);
        if (other != link && other->node != NODE_QUESTIONS && other->state != LINK_IDLE)
            return false;
    }
    return true;
}

static bool find_client_due(const struct link *link, struct due *found)
{
    for (uint32_t i = 0; i < link->dues.count; i++) {
        *found = *(const struct due *)ring_at(&link->dues, link->dues.ticket + i);
        if (found->whose == DUE_CLIENT || found->whose == DUE_PART)
            return true;
    }
    return false;
}

static void tell_why(struct conversation *conversation, const struct link *link, const char *why,
                     struct sentence *sentence)
{
    link_name(conversation, link, sentence);
    sentence_add(sentence, ": ");
    sentence_add(sentence, why);
    if (link->dues.count) {
        sentence_add(sentence, ", with ");
        sentence_add_number(sentence, link->dues.count);
        sentence_add(sentence, link->dues.count == 1 ? " request not answered" : " requests not answered");
    }
    if (link->state == LINK_PROVING)
        sentence_add(sentence, " (the client's authentication, repeated there)");
    if (link->dues.count && !link->heard && view_kind(conversation->bridge->view) == VIEW_UNKNOWN)
        sentence_add(sentence,
                     "; so end ZooKeeper, a listener for TLS, and a forwarded port behind which nobody "
                     "listens: what must be there is a plaintext listener of a Kafka broker");
}

/* Half-close passes through: the client may still send, and sees the end when it has read everything. */
static void shut_client(struct conversation *conversation, struct link *link, enum reason reason,
                        const struct sentence *sentence)
{
    if (reason != REASON_BROKER_CLOSED || conversation->client_eof || !conversation->has_client ||
        !change_state(link, LINK_CLOSING)) {
        conversation_close(conversation, reason, sentence);
        return;
    }
    conversation_shut_client(conversation, reason, sentence);
}

/* With acks=0 nothing is owed for it, and yet half a request is lost. */
static bool is_in_request(const struct conversation *conversation, end_id id)
{
    return conversation->request.stage == REQUEST_REST && conversation->request.link == id;
}

void link_gone(struct conversation *conversation, end_id id, enum reason reason, const char *why)
{
    struct link *link = link_at(conversation, id);
    struct sentence sentence = {.len = 0};
    struct due due;
    tell_why(conversation, link, why, &sentence);
    /* A broker that wants SASL closes in order; one that dies may break the connection. */
    if (question_is_unproven(conversation) && reason == REASON_BROKER_CLOSED)
        reason = REASON_BROKER_SASL;
    bool owed = find_client_due(link, &due);
    bool owed_own = link->dues.count && !owed;
    if (conversation->client_eof) { /* what it did not wait for is not missed */
        reason = REASON_CLIENT_CLOSED;
        sentence.len = 0;
    }
    bool lost = owed || owed_own || is_in_request(conversation, id);
    if (lost)
        change_state(link, LINK_GONE);
    if (owed)
        conversation_doom(conversation, due.ticket, reason, &sentence);
    else if (lost)
        conversation_finish(conversation, reason, &sentence);
    else if (link->state != LINK_UP)
        conversation_close(conversation, reason, &sentence);
    else if (is_only_link(conversation, link))
        shut_client(conversation, link, reason, &sentence);
    else
        forget(conversation, id);
}

void link_free(struct conversation *conversation, struct link *link)
{
    const struct allocator *allocator = conversation->bridge->allocator;
    rewrite_end(&link->rewrite);
    learn_free(link);
    buffer_free(&link->part);
    ring_free(&link->dues, allocator);
    allocator->resize(allocator->context, link, 0);
}
