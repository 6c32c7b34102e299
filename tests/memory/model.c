/* SPDX-License-Identifier: Apache-2.0 */
/* One seed from beginning to end: at each step one of the things that can happen now does. See model.h. */
#include "tests/memory/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS_MAX = 200000, FRAME_MAX = 1 << 16 };

void model_fail(struct model *model, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!model->failed)
        vsnprintf(model->failure, sizeof model->failure, format, arguments);
    va_end(arguments);
    model->failed = true;
}

void model_trace(struct model *model, const char *format, ...)
{
    char *line = model->trace[model->traced++ % MODEL_TRACE_LINES];
    int len = snprintf(line, MODEL_LINE_ROOM, "%5d ", model->step);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + len, MODEL_LINE_ROOM - (size_t)len, format, arguments);
    va_end(arguments);
    if (model->loud)
        fprintf(stderr, "%s\n", line);
}

/* ---- begin ---- */

static void make_client(struct model *model, int number)
{
    static const uint32_t chunks[] = {1, 7, 64, 1000, 100000};
    struct model_client *client = &model->clients[number];
    const struct allocator *allocator = &model->own.allocator;
    *client = (struct model_client){
        .model = model,
        .number = number,
        .end = {.inbox = {.allocator = allocator}, .wanted = true},
        .chunk_most = chunks[model_below(&model->random, 5)],
        .names_node = MODEL_NOBODY,
        .proof = MODEL_NOBODY,
        .telemetry = MODEL_NOBODY,
        .window = model_chance(&model->random, 30) ? 1 : model_between(&model->random, 2, 20),
        .prober = model_chance(&model->random, 10),
    };
    for (int i = 0; i < MODEL_LINKS_MAX; i++) {
        client->links[i].end.inbox.allocator = allocator;
        client->links[i].frame.allocator = allocator;
    }
    model_place_choose(client);
    if (client->prober)
        return;
    model_fault_plan(client);
    model_requests_make(client);
    const struct model_request *last = &client->requests[client->request_count - 1];
    client->must_deliver = client->request_count - (last->kind == MODEL_BAD);
    if (model->cluster.grows)
        client->must_deliver = 0;
}

static void make_bridge(struct model *model)
{
    model->surroundings.both_loopbacks = model_chance(&model->random, 50);
    model->bridge = (struct bridge){
        .allocator = &model->memory.allocator,
        .surroundings = &model->surroundings,
        .upstream = &model->cluster.bootstrap,
        .upstream_count = 1,
        .limits = {.frame = FRAME_MAX,
                   .in_flight = (uint32_t)model_between(&model->random, 1, 30),
                   .header_ms = 30000,
                   .wait_ms = 30000},
        .view = model->view,
        .facts = model_facts(model, model_chance(&model->random, 30)),
        .now_ms = 1000,
    };
}

static bool begin(struct model *model, uint64_t seed, size_t fail_at)
{
    bool loud = model->loud;
    memset(model, 0, sizeof *model);
    model->loud = loud;
    model->random.state = seed;
    model_memory_begin(&model->own);
    model_memory_begin(&model->memory);
    model->memory.fail_at = fail_at;
    model_cluster_make(&model->cluster, &model->random);
    model_moves_begin(model);
    model->view = view_new(&model->memory.allocator);
    make_bridge(model);
    model_place_mode(model);
    model->client_count = model_between(&model->random, 1, MODEL_CLIENTS_MAX);
    for (int i = 0; i < model->client_count; i++)
        make_client(model, i);
    return model->view != NULL;
}

/* ---- end ---- */

static void finish(struct model_client *client)
{
    model_fault_check_end(client);
    conversation_free(client->conversation);
    client->over = true;
}

static void release_client(struct model_client *client)
{
    if (client->conversation && !client->over)
        conversation_free(client->conversation);
    model_client_free(client);
    buffer_free(&client->end.inbox);
    free(client->end.rest);
    for (int i = 0; i < MODEL_LINKS_MAX; i++) {
        model_broker_forget(client, i);
        buffer_free(&client->links[i].end.inbox);
        free(client->links[i].end.rest);
    }
}

static void end(struct model *model)
{
    for (int i = 0; i < model->client_count; i++)
        release_client(&model->clients[i]);
    bridge_close(&model->bridge);
    if (model->memory.blocks)
        model_fail(model, "%zu blocks (%zu bytes) were not given back", model->memory.blocks,
                   model->memory.bytes);
    if (model->own.blocks)
        model_fail(model, "the model leaks %zu blocks", model->own.blocks);
}

static bool is_over(const struct model *model)
{
    for (int i = 0; i < model->client_count; i++) {
        if (!model->clients[i].over)
            return false;
    }
    return true;
}

static void tell_stuck(struct model *model)
{
    for (int i = 0; i < model->client_count; i++) {
        const struct model_client *client = &model->clients[i];
        if (!client->over)
            model_fail(model, "client %d: nothing moves: %d of %d requests sent, %d answered, %u in flight%s",
                       i, client->sent, client->request_count, client->due,
                       (unsigned)conversation_in_flight(client->conversation),
                       client->end.wanted ? "" : ", not read");
    }
}

bool model_run(struct model *model, uint64_t seed, size_t fail_at)
{
    bool begun = begin(model, seed, fail_at);
    for (; begun && !model->failed && !is_over(model); model->step++) {
        if (!model_step(model))
            tell_stuck(model);
        for (int i = 0; i < model->client_count; i++) {
            if (model->clients[i].closed && !model->clients[i].over)
                finish(&model->clients[i]);
        }
        if (model->step > STEPS_MAX)
            model_fail(model, "no end after %d steps", model->step);
    }
    end(model);
    return !model->failed;
}
