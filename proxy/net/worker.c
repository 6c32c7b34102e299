/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, running and ending a worker, and its one timer; see worker.h. */
#include "proxy/net/worker.h"

#include "proxy/heap.h"
#include "proxy/net/connection.h"
#include "proxy/net/drain.h"
#include "proxy/net/node_sockets.h"

void worker_say(const struct worker *worker, enum level level, const struct sentence *sentence)
{
    const struct facts *facts = &worker->settings->facts;
    if (facts->say)
        facts->say(facts->context, NULL, level, sentence);
}

static void say(const struct worker *worker, const char *text, const char *more)
{
    struct sentence sentence = {0};
    sentence_add(&sentence, text);
    sentence_add(&sentence, more);
    worker_say(worker, LEVEL_ERROR, &sentence);
}

/* ---- time ---- */

uint64_t worker_now_ms(const struct worker *worker)
{
    return uv_now(&worker->loop);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The list may lose the connection that is ticked, but no other one. */
static void tick_connections(struct worker *worker, uint64_t now_ms)
{
    struct connection *next;
    for (struct connection *connection = worker->connections; connection; connection = next) {
        next = connection->next;
        if (connection_due_ms(connection) <= now_ms)
            connection_tick(connection, now_ms);
    }
}

static uint64_t connections_due_ms(const struct worker *worker)
{
    uint64_t due_ms = UINT64_MAX;
    for (const struct connection *connection = worker->connections; connection; connection = connection->next)
        due_ms = earlier(due_ms, connection_due_ms(connection));
    return due_ms;
}

static void on_timer(uv_timer_t *timer)
{
    struct worker *worker = worker_of_loop(timer->loop);
    uint64_t now_ms = worker_now_ms(worker);
    worker->wake_ms = UINT64_MAX;
    worker->woke_ms = now_ms;
    listeners_tick(&worker->listeners, now_ms);
    probe_tick(&worker->probe, now_ms);
    read_buffer_tick(&worker->read_buffer, now_ms);
    tick_connections(worker, now_ms);
    drain_tick(worker, now_ms);
    worker_wake_at(worker, connections_due_ms(worker));
    worker_wake_at(worker, worker->cut_ms);
    worker_wake_at(worker, listeners_due_ms(&worker->listeners));
    worker_wake_at(worker, probe_due_ms(&worker->probe));
    worker_wake_at(worker, read_buffer_due_ms(&worker->read_buffer));
}

void worker_wake_at(struct worker *worker, uint64_t due_ms)
{
    if (due_ms >= worker->wake_ms)
        return;
    uint64_t now_ms = worker_now_ms(worker);
    uint64_t at_ms = due_ms < worker->woke_ms + WAKE_STEP_MS ? worker->woke_ms + WAKE_STEP_MS : due_ms;
    worker->wake_ms = at_ms;
    uv_timer_start(&worker->timer, on_timer, at_ms > now_ms ? at_ms - now_ms : 0, 0);
}

/* ---- beginning ---- */

static bool take_memory(struct worker *worker)
{
    const struct server_settings *settings = worker->settings;
    worker->bridge = (struct bridge){
        .allocator = &heap_allocator,
        .surroundings = &worker->surroundings.seen,
        .upstream = settings->upstream,
        .upstream_count = settings->upstream_count,
        .redirects = settings->redirects,
        .redirect_count = settings->redirect_count,
        .limits = settings->limits,
        .view = view_new(&heap_allocator),
        .facts = settings->facts,
        .net = worker,
    };
    bool got = outbox_open(&worker->outbox);
    got = read_buffer_open(&worker->read_buffer) && got;
    return got && worker->bridge.view;
}

static void give_memory(struct worker *worker)
{
    listeners_free(&worker->listeners);
    outbox_close(&worker->outbox);
    read_buffer_close(&worker->read_buffer);
    bridge_close(&worker->bridge);
}

bool worker_open(struct worker *worker, const struct server_settings *settings, struct totals *totals)
{
    *worker =
        (struct worker){.settings = settings, .totals = totals, .wake_ms = UINT64_MAX, .cut_ms = UINT64_MAX};
    int status = take_memory(worker) ? uv_loop_init(&worker->loop) : UV_ENOMEM;
    if (status < 0) {
        say(worker, "kbridge cannot start: ", uv_strerror(status));
        give_memory(worker);
        return false;
    }
    worker->loop.data = worker;
    uv_timer_init(&worker->loop, &worker->timer);
    return true;
}

static bool listen_somewhere(struct worker *worker, const struct worker *first)
{
    if (first)
        return listeners_join(&worker->listeners, worker, &first->listeners);
    bool listens = listeners_open(&worker->listeners, worker) && node_sockets_open(worker);
    worker->listeners.joins = worker->settings->worker_count > 1;
    return listens;
}

bool worker_start(struct worker *worker, const struct worker *first)
{
    const struct server_settings *settings = worker->settings;
    if (!listen_somewhere(worker, first))
        return false;
    surroundings_open(&worker->surroundings, settings->rules, settings->rule_count,
                      listeners_serve_both_loopbacks(&worker->listeners), worker_now_ms(worker));
    worker->surroundings.seen.exact = settings->exact;
    names_ask(worker);
    if (settings->exact.mode == EXACT_LOOPBACK)
        worker->bridge.listen = node_sockets_listen;
    if (settings->upstream_count > 1)
        view_learn_several(worker->bridge.view);
    probe_start(&worker->probe, worker);
    const struct beside *beside = &settings->beside;
    return !beside->open || beside->open(beside->context, worker);
}

void worker_adopt(struct worker *worker, const struct server_settings *settings)
{
    struct surroundings *seen = &worker->surroundings.seen;
    worker->settings = settings;
    worker->bridge.redirects = settings->redirects;
    worker->bridge.redirect_count = settings->redirect_count;
    worker->bridge.limits = settings->limits;
    seen->rules = settings->rules;
    seen->rule_count = settings->rule_count;
}

/* ---- running and ending ---- */

void worker_run(struct worker *worker)
{
    uv_run(&worker->loop, UV_RUN_DEFAULT);
}

/* Not left to libuv, which would wait for names being resolved, and for the timer. */
void worker_rest(struct worker *worker)
{
    if (worker->stopping && !worker->connections && worker->awaited == 0)
        uv_stop(&worker->loop);
}

void worker_stop(struct worker *worker)
{
    bool again = worker->stopping;
    worker->stopping = true;
    if (worker->settings->beside.close)
        worker->settings->beside.close(worker->settings->beside.context, worker);
    probe_stop(&worker->probe);
    listeners_close(&worker->listeners);
    if (again)
        drain_abandon(worker);
    else
        drain_begin(worker, worker_now_ms(worker));
    worker_rest(worker);
}

bool worker_close(struct worker *worker)
{
    uint32_t questions = worker->question_count;
    uv_close((uv_handle_t *)&worker->timer, NULL);
    uv_run(&worker->loop, UV_RUN_NOWAIT);
    int status = uv_loop_close(&worker->loop);
    give_memory(worker);
    if (status < 0 && questions == 0)
        say(worker, "a handle of the event loop was never closed: ", uv_strerror(status));
    return status == 0 || questions > 0;
}
