/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for clients and cutting them; see drain.h. */
#include "proxy/net/drain.h"

#include "proxy/net/connection.h"
#include "proxy/net/worker.h"

/* `end` may free the connection that it gets, but no other one. */
static void for_each(struct worker *worker, void (*end)(struct connection *connection))
{
    struct connection *next;
    for (struct connection *connection = worker->connections; connection; connection = next) {
        next = connection->next;
        end(connection);
    }
}

/* Clients whose conversation is not over. */
static uint32_t count_open(const struct worker *worker)
{
    uint32_t count = 0;
    for (const struct connection *connection = worker->connections; connection; connection = connection->next)
        count += connection->client && connection->state == CONNECTION_OPEN;
    return count;
}

static void say(const struct worker *worker, enum level level, uint32_t count, const char *what)
{
    struct sentence sentence = {0};
    if (count == 0 || worker->settings->drain_ms == 0)
        return;
    sentence_add_number(&sentence, count);
    sentence_add(&sentence, count == 1 ? " client" : " clients");
    sentence_add(&sentence, what);
    sentence_add_ms(&sentence, worker->settings->drain_ms);
    sentence_add(&sentence, ")");
    worker_say(worker, level, &sentence);
}

static void cut(struct connection *connection)
{
    connection_end(connection, REASON_STOPPING, "it was told to, and did not wait longer");
}

static void end_all(struct worker *worker, void (*end)(struct connection *connection))
{
    worker->cut_ms = UINT64_MAX;
    say(worker, LEVEL_WARN, count_open(worker),
        " cut with a request that is not answered (timeouts.drain = ");
    for_each(worker, end);
}

void drain_begin(struct worker *worker, uint64_t now_ms)
{
    if (worker->settings->drain_ms > 0)
        for_each(worker, connection_drain);
    uint32_t count = count_open(worker);
    if (count == 0 || worker->settings->drain_ms == 0) {
        end_all(worker, cut);
        return;
    }
    say(worker, LEVEL_INFO, count, " still to be answered (timeouts.drain = ");
    worker->cut_ms = now_ms + worker->settings->drain_ms;
    worker_wake_at(worker, worker->cut_ms);
}

void drain_tick(struct worker *worker, uint64_t now_ms)
{
    if (now_ms >= worker->cut_ms)
        end_all(worker, cut);
}

void drain_abandon(struct worker *worker)
{
    end_all(worker, connection_close);
}
