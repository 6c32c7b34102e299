/* SPDX-License-Identifier: Apache-2.0 */
/* The process around the workers: limits, signals, threads, exit code; see server.h.
 *
 *     main thread  ── worker 0 ── signals ──┐ stop            worker 0 ends last: until then a second signal finds
 *     thread       ── worker 1 ◄────────────┤                 somebody who hears it
 *     thread       ── worker 2 ◄────────────┘ … ──ended──► worker 0 */
#include "proxy/net/server.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "proxy/net/worker.h"

static const int stop_signals[] = {SIGTERM, SIGINT};
enum { STOP_SIGNALS = sizeof stop_signals / sizeof *stop_signals };

struct server;

/* A worker with what its thread needs. */
struct post {
    struct worker worker;
    struct server *server;
    uv_async_t call;     /* from another thread: it has to stop, or one that it waits for has ended */
    uv_thread_t thread;  /* not of the first, which has the main thread */
    uint32_t stop_count; /* how often it was stopped, of the server's */
    bool has_thread;
};

struct server {
    const struct server_settings *settings;
    struct totals totals;
    struct post *posts;
    uint32_t post_count; /* those that are open */
    _Atomic uint32_t stop_count;
    const struct server_settings *_Atomic latest; /* those of the last SIGHUP */
    uv_signal_t signals[STOP_SIGNALS], toggle, reload;
};

static void raise_file_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == files.rlim_max)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* What stalled readers have cost goes back to the system when they are gone. */
static void tune_memory(uint32_t worker_count)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_ARENA_MAX, (int)worker_count);
#endif
}

/* ---- stopping ---- */

static void stop_as_often_as_told(struct post *post)
{
    for (; post->stop_count < post->server->stop_count; post->stop_count++)
        worker_stop(&post->worker);
}

static void adopt_latest(struct post *post)
{
    const struct server_settings *latest = post->server->latest;
    if (post->worker.settings != latest)
        worker_adopt(&post->worker, latest);
}

static void on_call(uv_async_t *call)
{
    struct post *post = call->data;
    adopt_latest(post);
    stop_as_often_as_told(post);
    worker_rest(&post->worker);
}

/* In the thread of the first. */
static void stop_all(struct server *server)
{
    server->stop_count++;
    for (uint32_t i = 1; i < server->post_count; i++)
        uv_async_send(&server->posts[i].call);
    stop_as_often_as_told(&server->posts[0]);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct server *server = handle->data;
    const struct worker *worker = &server->posts[0].worker;
    struct sentence sentence = {0};
    sentence_add(&sentence, number == SIGINT ? "SIGINT" : "SIGTERM");
    sentence_add(&sentence, worker->stopping ? ": closing everything now" : ": stopping");
    worker_say(worker, LEVEL_INFO, &sentence);
    stop_all(server);
}

static void on_toggle(uv_signal_t *handle, int number)
{
    const struct server *server = handle->data;
    (void)number;
    if (server->settings->toggle)
        server->settings->toggle(server->settings->facts.context);
}

/* In the thread of the first. */
static void on_reload(uv_signal_t *handle, int number)
{
    struct server *server = handle->data;
    const struct server_settings *settings = server->settings;
    const struct server_settings *latest =
        settings->reload ? settings->reload(settings->reload_context) : NULL;
    (void)number;
    if (!latest)
        return;
    server->latest = latest;
    for (uint32_t i = 1; i < server->post_count; i++)
        uv_async_send(&server->posts[i].call);
    adopt_latest(&server->posts[0]);
}

static void watch_signals(struct server *server)
{
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < STOP_SIGNALS; i++) {
        uv_signal_init(&server->posts[0].worker.loop, &server->signals[i]);
        server->signals[i].data = server;
        uv_signal_start(&server->signals[i], on_signal, stop_signals[i]);
    }
    uv_signal_init(&server->posts[0].worker.loop, &server->toggle);
    server->toggle.data = server;
    uv_signal_start(&server->toggle, on_toggle, SIGUSR1);
    uv_signal_init(&server->posts[0].worker.loop, &server->reload);
    server->reload.data = server;
    uv_signal_start(&server->reload, on_reload, SIGHUP);
}

static void forget_signals(struct server *server)
{
    for (int i = 0; i < STOP_SIGNALS; i++)
        uv_close((uv_handle_t *)&server->signals[i], NULL);
    uv_close((uv_handle_t *)&server->toggle, NULL);
    uv_close((uv_handle_t *)&server->reload, NULL);
}

/* ---- the workers ---- */

static bool open_all(struct server *server)
{
    while (server->post_count < server->settings->worker_count) {
        struct post *post = &server->posts[server->post_count];
        if (!worker_open(&post->worker, server->settings, &server->totals))
            return false;
        post->server = server;
        post->call.data = post;
        uv_async_init(&post->worker.loop, &post->call, on_call);
        server->post_count++;
    }
    return true;
}

static bool start_all(struct server *server)
{
    const struct worker *first = &server->posts[0].worker;
    for (uint32_t i = 0; i < server->post_count; i++)
        if (!worker_start(&server->posts[i].worker, i > 0 ? first : NULL))
            return false;
    return true;
}

static void run_post(void *context)
{
    struct post *post = context, *first = post->server->posts;
    worker_run(&post->worker);
    if (post == first)
        return;
    first->worker.awaited--;
    uv_async_send(&first->call);
}

/* One that gets no thread takes its turn in this one, where it only has to end. */
static bool run_all(struct server *server)
{
    struct post *first = server->posts;
    bool all = true;
    first->worker.awaited = server->post_count - 1;
    for (struct post *post = first + 1; post < first + server->post_count; post++) {
        post->has_thread = uv_thread_create(&post->thread, run_post, post) == 0;
        if (post->has_thread)
            continue;
        all = false;
        stop_all(server);
        run_post(post);
    }
    run_post(first);
    for (struct post *post = first + 1; post < first + server->post_count; post++)
        if (post->has_thread)
            uv_thread_join(&post->thread);
    return all;
}

static bool close_all(struct server *server)
{
    bool clean = true;
    for (uint32_t i = 0; i < server->post_count; i++) {
        uv_close((uv_handle_t *)&server->posts[i].call, NULL);
        clean = worker_close(&server->posts[i].worker) && clean;
    }
    return clean;
}

static int serve(struct server *server)
{
    bool started = open_all(server);
    if (server->post_count == 0)
        return EXIT_FAILURE;
    watch_signals(server);
    started = started && start_all(server);
    if (!started)
        stop_all(server);
    bool ran = run_all(server);
    forget_signals(server);
    bool clean = close_all(server);
    return started && ran && clean ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* There is no worker yet that could say it. */
static void say_starved(const struct server_settings *settings)
{
    struct sentence sentence = {0};
    sentence_add(&sentence, "kbridge cannot start: out of memory");
    if (settings->facts.say)
        settings->facts.say(settings->facts.context, NULL, LEVEL_ERROR, &sentence);
}

int server_run(const struct server_settings *settings)
{
    struct server server = {.settings = settings, .latest = settings};
    server.posts = calloc(settings->worker_count, sizeof *server.posts);
    if (!server.posts) {
        say_starved(settings);
        return EXIT_FAILURE;
    }
    raise_file_limit();
    tune_memory(settings->worker_count);
    totals_open(&server.totals, settings->worker_count);
    int code = serve(&server);
    free(server.posts);
    return code;
}
