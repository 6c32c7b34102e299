/* SPDX-License-Identifier: Apache-2.0 */
/* The process around the worker: limits, signals, exit code; see server.h. */
#include "proxy/net/server.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "proxy/net/worker.h"

static const int stop_signals[] = {SIGTERM, SIGINT};
enum { STOP_SIGNALS = sizeof stop_signals / sizeof *stop_signals };

struct server {
    struct worker worker;
    uv_signal_t signals[STOP_SIGNALS];
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
static void tune_memory(void)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_ARENA_MAX, 1);
#endif
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct worker *worker = worker_of_loop(handle->loop);
    struct sentence sentence = {0};
    sentence_add(&sentence, number == SIGINT ? "SIGINT" : "SIGTERM");
    sentence_add(&sentence, worker->stopping ? ": closing everything now" : ": stopping");
    worker_say(worker, LEVEL_INFO, &sentence);
    worker_stop(worker);
}

static void watch_signals(struct server *server)
{
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < STOP_SIGNALS; i++) {
        uv_signal_init(&server->worker.loop, &server->signals[i]);
        uv_signal_start(&server->signals[i], on_signal, stop_signals[i]);
    }
}

static void forget_signals(struct server *server)
{
    for (int i = 0; i < STOP_SIGNALS; i++)
        uv_close((uv_handle_t *)&server->signals[i], NULL);
}

static int serve(struct server *server)
{
    if (!worker_open(&server->worker, server->worker.settings))
        return EXIT_FAILURE;
    watch_signals(server);
    bool started = worker_start(&server->worker);
    if (!started)
        worker_stop(&server->worker);
    worker_run(&server->worker);
    forget_signals(server);
    bool clean = worker_close(&server->worker);
    return started && clean ? EXIT_SUCCESS : EXIT_FAILURE;
}

int server_run(const struct server_settings *settings)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return EXIT_FAILURE;
    raise_file_limit();
    tune_memory();
    server->worker.settings = settings;
    int code = serve(server);
    free(server);
    return code;
}
