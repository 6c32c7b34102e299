/* SPDX-License-Identifier: Apache-2.0 */
/* Every call of a conversation, and what has to follow it; see call.h. */
#include "proxy/net/call.h"

#include "proxy/net/worker.h"

struct conversation *call_begin(struct connection *connection)
{
    connection->worker->bridge.now_ms = worker_now_ms(connection->worker);
    return connection->conversation;
}

static bool has_queued_links(const struct connection *connection)
{
    for (uint16_t i = 0; i < connection->link_room; i++)
        if (connection->links[i] && connection->links[i]->queued)
            return true;
    return false;
}

/* An end is read only while those that its bytes go to have taken all that came before. */
static bool may_read(const struct connection *connection, const struct end *end)
{
    if (end == connection->client)
        return !has_queued_links(connection);
    return !connection->client || connection->client->queued == 0;
}

static void give(struct end *end, struct span input)
{
    struct connection *connection = end->connection;
    end->again = false;
    size_t used = conversation_input(call_begin(connection), end->id, input);
    outbox_flush(&connection->worker->outbox);
    if (end->state == END_CLOSING)
        return;
    if (used < input.len)
        connection->unsettled = true;
    if (used == 0)
        end->again = false; /* whoever wants it again without using any of it would be asked for ever */
    if (!end_keep_rest(end, (struct bytes){input.at + used, input.len - used}))
        connection->starved = connection->unsettled = true;
}

static void tell_end(struct end *end)
{
    struct conversation *conversation = call_begin(end->connection);
    end->told = true;
    if (!end->error) {
        conversation_eof(conversation, end->id);
    } else {
        end->state = END_BROKEN;
        conversation_broken(conversation, end->id, uv_strerror(end->error));
    }
    outbox_flush(&end->connection->worker->outbox);
}

static void settle_end(struct connection *connection, struct end *end)
{
    if (!end || end->state == END_DIALLING)
        return;
    if (end->state == END_BROKEN && !end->told)
        tell_end(end);
    else if (end->state == END_OPEN && end->rest && end->again && may_read(connection, end))
        give(end, (struct span){end->rest, end->rest_len});
    if (end->state == END_OPEN)
        end_read(end, end->wanted && !end->rest && !end->told && may_read(connection, end));
}

/* Carries out what has to wait until a call is over; each round may lead to further calls. */
static void settle(struct connection *connection)
{
    while (connection->unsettled && !connection->over) {
        connection->unsettled = false;
        settle_end(connection, connection->client);
        for (uint16_t i = 0; i < connection->link_room && !connection->over; i++)
            settle_end(connection, connection->links[i]);
        if (connection->starved && !connection->over) {
            conversation_end(call_begin(connection), REASON_OUT_OF_MEMORY,
                             "there was none for one of its orders");
            outbox_flush(&connection->worker->outbox);
            return;
        }
    }
}

void call_end(struct connection *connection)
{
    outbox_flush(&connection->worker->outbox);
    if (connection->unsettled)
        settle(connection);
    if (connection->over)
        connection_finish(connection);
    else
        worker_wake_at(connection->worker, conversation_due_ms(connection->conversation));
}

void call_received(struct end *end, struct span input)
{
    struct connection *connection = end->connection;
    struct read_buffer *buffer = &connection->worker->read_buffer;
    if (connection->state != CONNECTION_OPEN)
        return;
    if (end == connection->client)
        connection_heard(connection, REQUEST, (struct bytes){input.at, input.len});
    give(end, input);
    call_end(connection);
    bool passed_on = end->reading;
    read_buffer_done(buffer, input.len, passed_on, worker_now_ms(connection->worker));
}

void call_ended(struct end *end)
{
    struct connection *connection = end->connection;
    if (connection->state == CONNECTION_OPEN) {
        tell_end(end);
        call_end(connection);
    } else if (end->error || connection->state == CONNECTION_LINGERING) {
        connection_close(connection);
    }
}

void call_drained(struct end *end)
{
    struct connection *connection = end->connection;
    if (connection->state == CONNECTION_OPEN) {
        connection->unsettled = true;
        call_end(connection);
    } else if (end->error) {
        connection_close(connection);
    }
}

void call_dialled(struct end *end)
{
    struct connection *connection = end->connection;
    connection->unsettled = true;
    conversation_link_up(call_begin(connection), end->id);
    call_end(connection);
}

void call_not_dialled(struct end *end, enum reason reason, const char *why)
{
    struct connection *connection = end->connection;
    connection->links[end->id] = NULL;
    end_close(end);
    bool kafka = !conversation_target(connection->conversation);
    connection->worker->totals->counters.dial_failed += kafka;
    if (kafka)
        probe_missed(&connection->worker->probe, connection->client == NULL, reason, why);
    conversation_link_failed(call_begin(connection), end->id, reason, why);
    call_end(connection);
}
