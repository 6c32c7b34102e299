/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits for the probe, and what it is told; see ready.h. */
#include "proxy/admin/ready.h"

#include <http_parser.h>

#include "proxy/admin/answer.h"

enum {
    FRESH_MS = 1000,  /* what was found out so long ago still holds */
    ANSWER_MS = 3000, /* for an answer of Kafka */
};

bool ready_is(const struct worker *worker, struct sentence *why)
{
    const struct probe *probe = &worker->probe;
    *why = (struct sentence){.len = 0};
    if (probe->answered_ms && probe->why.len == 0)
        return true;
    if (probe->why.len)
        *why = probe->why;
    else
        sentence_add(why, "no answer has come yet");
    return false;
}

static void tell(struct http_connection *connection, bool is_ready, const char *why)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, is_ready ? "Kafka answers." : "Kafka does not answer: ");
    sentence_add(&sentence, why);
    sentence_add(&sentence, is_ready ? "" : ".");
    answer_sentence(connection, is_ready ? HTTP_STATUS_OK : HTTP_STATUS_SERVICE_UNAVAILABLE, sentence.text);
}

/* What is known since then is an answer. False: nothing is. */
static bool tell_what_is_known(const struct worker *worker, struct http_connection *connection,
                               uint64_t since_ms)
{
    const struct probe *probe = &worker->probe;
    struct sentence why;
    bool is_ready = ready_is(worker, &why);
    bool known = is_ready ? probe->answered_ms >= since_ms : probe->missed_ms && probe->missed_ms >= since_ms;
    if (known)
        tell(connection, is_ready, why.text);
    return known;
}

bool ready_ask(struct ready *ready, struct http_connection *connection)
{
    uint64_t now_ms = worker_now_ms(ready->worker);
    struct ready_waiter *waiter = ready->waiters, *end = ready->waiters + HTTP_CONNECTIONS_MAX;
    if (tell_what_is_known(ready->worker, connection, now_ms > FRESH_MS ? now_ms - FRESH_MS : 0))
        return false;
    while (waiter < end && waiter->connection)
        waiter++;
    if (waiter == end) {
        answer_sentence(connection, HTTP_STATUS_SERVICE_UNAVAILABLE, "Too many ask this already.");
        return false;
    }
    *waiter = (struct ready_waiter){connection, now_ms};
    probe_ask(&ready->worker->probe);
    return true;
}

static void look_at(const struct worker *worker, struct ready_waiter *waiter)
{
    struct http_connection *connection = waiter->connection;
    bool late = worker_now_ms(worker) >= waiter->asked_ms + ANSWER_MS;
    if (!tell_what_is_known(worker, connection, waiter->asked_ms) && !late)
        return;
    waiter->connection = NULL;
    if (late) /* does nothing where it has its answer */
        tell(connection, false, "no answer came within 3 s");
}

void ready_look(struct ready *ready)
{
    for (struct ready_waiter *at = ready->waiters; at < ready->waiters + HTTP_CONNECTIONS_MAX; at++)
        if (at->connection)
            look_at(ready->worker, at);
}

bool ready_is_awaited(const struct ready *ready)
{
    for (const struct ready_waiter *at = ready->waiters; at < ready->waiters + HTTP_CONNECTIONS_MAX; at++)
        if (at->connection)
            return true;
    return false;
}

void ready_forget(struct ready *ready, const struct http_connection *connection)
{
    for (struct ready_waiter *at = ready->waiters; at < ready->waiters + HTTP_CONNECTIONS_MAX; at++)
        if (at->connection == connection)
            at->connection = NULL;
}
