/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a connection; see connection.h. */
#include "proxy/net/connection.h"

#include <stdlib.h>

#include "proxy/net/call.h"
#include "proxy/net/dial.h"
#include "proxy/net/orders.h"
#include "proxy/net/sockaddr.h"
#include "proxy/net/worker.h"

/* ---- birth and death ---- */

static struct connection *connection_new(struct worker *worker)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->worker = worker;
    connection->deadline_ms = UINT64_MAX;
    connection->next = worker->connections;
    if (connection->next)
        connection->next->previous = connection;
    worker->connections = connection;
    return connection;
}

static void connection_free(struct connection *connection)
{
    struct worker *worker = connection->worker;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        worker->connections = connection->next;
    free(connection->links);
    free(connection);
    worker_rest(worker);
}

void connection_released(struct end *end)
{
    struct connection *connection = end->connection;
    connection->handle_count--;
    if (connection->handle_count == 0 && connection->state == CONNECTION_CLOSED)
        connection_free(connection);
}

/* The conversation is over, and those who watch are told. */
static void part(struct connection *connection)
{
    struct worker *worker = connection->worker;
    struct conversation *conversation = connection->conversation;
    if (!conversation)
        return;
    connection->conversation = NULL;
    if (connection->client) {
        worker->totals->counters.ended[conversation_reason(conversation)]++;
        if (worker->settings->gone)
            worker->settings->gone(worker->settings->facts.context, conversation);
    } else {
        probe_over(&worker->probe, conversation);
    }
    conversation_free(conversation);
}

static void close_links(struct connection *connection)
{
    for (uint16_t i = 0; i < connection->link_room; i++) {
        if (connection->links[i])
            end_close(connection->links[i]);
        connection->links[i] = NULL;
    }
}

void connection_close(struct connection *connection)
{
    if (connection->state == CONNECTION_CLOSED)
        return;
    connection->state = CONNECTION_CLOSED;
    part(connection);
    if (connection->counted)
        connection->worker->totals->client_count--;
    connection->counted = false;
    close_links(connection);
    if (connection->client)
        end_close(connection->client);
    if (connection->handle_count == 0)
        worker_wake_at(connection->worker, 0); /* connection_tick frees it: our caller may still use it */
}

/* ---- the end of a conversation: FLUSHING, LINGERING ---- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void set_deadline(struct connection *connection, uint64_t after_ms)
{
    uint64_t due_ms = worker_now_ms(connection->worker) + after_ms;
    connection->deadline_ms = earlier(connection->deadline_ms, due_ms);
    worker_wake_at(connection->worker, connection->deadline_ms);
}

static void linger(struct connection *connection)
{
    if (connection->client->at_eof || connection->client->error) {
        connection_close(connection);
        return;
    }
    set_deadline(connection, LINGER_MS);
    connection->state = CONNECTION_LINGERING;
}

void connection_finish(struct connection *connection)
{
    struct end *client = connection->client;
    if (!client || client->state != END_OPEN || (client->at_eof && client->queued == 0)) {
        connection_close(connection);
        return;
    }
    set_deadline(connection, connection->worker->stopping ? STOP_MS : FLUSH_MS);
    connection->state = CONNECTION_FLUSHING;
    close_links(connection);
    end_keep_rest(client, (struct bytes){0});
    end_read(client, !client->at_eof);
    end_shut(client);
    if (client->state != END_OPEN)
        connection_close(connection);
    else if (client->shut == SHUT_DONE)
        linger(connection);
}

void connection_shut(struct end *end)
{
    struct connection *connection = end->connection;
    if (connection->state == CONNECTION_FLUSHING && end == connection->client)
        linger(connection);
}

/* ---- from outside ---- */

void connection_end(struct connection *connection, enum reason reason, const char *sentence)
{
    if (connection->state == CONNECTION_OPEN) {
        conversation_end(call_begin(connection), reason, sentence);
        call_end(connection);
    } else if (connection->state != CONNECTION_CLOSED) {
        set_deadline(connection, STOP_MS);
    }
}

void connection_drain(struct connection *connection)
{
    if (connection->state == CONNECTION_OPEN && connection->client) {
        conversation_drain(call_begin(connection));
        call_end(connection);
    } else {
        connection_end(connection, REASON_STOPPING, "it was told to");
    }
}

/* ---- accept and probe ---- */

/* A client that has sent nothing yet has no link, but its place is taken: else those who come later would leave it none. */
static bool has_room(const struct worker *worker, uint32_t client_count)
{
    const struct totals *totals = worker->totals;
    uint32_t promised = client_count * SOCKETS_PER_CLIENT, open = totals->socket_count;
    uint32_t taken = open > promised ? open : promised;
    return client_count < worker->settings->connections_max &&
           taken + SOCKETS_PER_CLIENT <= totals->socket_max;
}

/* Taken before it is looked at, so that two workers do not both take the last one. */
static bool take_place(struct worker *worker)
{
    uint32_t before = worker->totals->client_count++;
    if (has_room(worker, before))
        return true;
    worker->totals->client_count--;
    return false;
}

static void find_place(const uv_tcp_t *tcp, struct place *place)
{
    union sockaddr_ip peer = {0}, local = {0};
    int peer_len = sizeof peer, local_len = sizeof local;
    uv_tcp_getpeername(tcp, &peer.any, &peer_len);
    uv_tcp_getsockname(tcp, &local.any, &local_len);
    *place = (struct place){
        .peer = sockaddr_to_ip(&peer.any),
        .local = sockaddr_to_ip(&local.any),
        .peer_port = sockaddr_port(&peer.any),
        .port = sockaddr_port(&local.any),
    };
    sockaddr_text(&local.any, place->local_text);
}

/* Its socket is open; now it needs a conversation. `target`: of a forward, or NULL. */
static void welcome(struct connection *connection, const struct address *target)
{
    struct worker *worker = connection->worker;
    struct place place;
    end_open(connection->client);
    find_place(&connection->client->tcp, &place);
    if (surroundings_meet(&worker->surroundings, &place.peer, worker_now_ms(worker)))
        names_ask(worker);
    worker->bridge.now_ms = worker_now_ms(worker);
    connection->conversation = conversation_new(&worker->bridge, &connection_orders, connection, &place);
    if (!connection->conversation) {
        worker->totals->counters.refused_memory++;
        connection_close(connection);
        return;
    }
    worker->totals->counters.accepted++;
    connection->unsettled = true;
    if (target)
        conversation_forward(connection->conversation, target);
    call_end(connection);
}

/* NULL: there is no room for it. */
/* Its place is taken; given back if there is no memory. */
static struct connection *connection_new_client(struct worker *worker)
{
    struct connection *connection = connection_new(worker);
    if (connection)
        connection->client = end_new(connection, CLIENT);
    if (connection && connection->client) {
        connection->counted = true;
        return connection;
    }
    if (connection)
        connection_free(connection);
    worker->totals->client_count--;
    return NULL;
}

enum accept connection_accept(struct listener *listener)
{
    struct worker *worker = listener->worker;
    if (!take_place(worker))
        return ACCEPT_FULL;
    struct connection *connection = connection_new_client(worker);
    if (!connection)
        return ACCEPT_NO_MEMORY;
    if (uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&connection->client->tcp) < 0)
        connection_close(connection);
    else
        welcome(connection, listener->target);
    return ACCEPTED;
}

struct connection *connection_new_probe(struct worker *worker)
{
    struct connection *connection = connection_new(worker);
    if (!connection)
        return NULL;
    worker->bridge.now_ms = worker_now_ms(worker);
    connection->conversation = conversation_new(&worker->bridge, &connection_orders, connection, NULL);
    if (!connection->conversation) {
        connection_free(connection);
        return NULL;
    }
    conversation_ask_cluster(connection->conversation);
    call_end(connection);
    return connection;
}

void connection_heard(const struct connection *connection, enum direction direction, struct bytes bytes)
{
    const struct server_settings *settings = connection->worker->settings;
    const struct conversation *conversation = connection->conversation;
    if (settings->heard && conversation && !conversation_target(conversation))
        settings->heard(settings->facts.context, conversation, direction, bytes);
}

/* ---- time ---- */

uint64_t connection_due_ms(const struct connection *connection)
{
    if (connection->state == CONNECTION_CLOSED)
        return connection->handle_count ? UINT64_MAX : 0;
    if (connection->state != CONNECTION_OPEN)
        return connection->deadline_ms;
    uint64_t due_ms = conversation_due_ms(connection->conversation);
    for (uint16_t i = 0; i < connection->link_room; i++)
        if (connection->links[i] && connection->links[i]->dial)
            due_ms = earlier(due_ms, dial_due_ms(connection->links[i]->dial));
    return due_ms;
}

static void tick_open(struct connection *connection, uint64_t now_ms)
{
    for (uint16_t i = 0; i < connection->link_room; i++)
        if (connection->links[i] && connection->links[i]->dial)
            dial_tick(connection->links[i]->dial, now_ms);
    if (conversation_due_ms(connection->conversation) > now_ms)
        return;
    conversation_tick(call_begin(connection));
    call_end(connection);
}

void connection_tick(struct connection *connection, uint64_t now_ms)
{
    if (connection->state == CONNECTION_OPEN)
        tick_open(connection, now_ms);
    else if (connection->state == CONNECTION_CLOSED && connection->handle_count == 0)
        connection_free(connection);
    else if (now_ms >= connection->deadline_ms)
        connection_close(connection);
}
