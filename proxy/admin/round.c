/* SPDX-License-Identifier: Apache-2.0 */
/* Adding up; see round.h. */
#include "proxy/admin/round.h"

#include <stdlib.h>

static void add(struct round_post *post)
{
    struct sum *sum = &post->round->sum;
    census_add(&sum->census, post->worker);
    meter_add(&sum->meter, &post->meter);
    post->round->show(sum, post->worker);
}

static void finish(struct round *round)
{
    round->runs = false;
    round->done(round->context);
}

static void on_told(uv_async_t *told)
{
    finish(told->data);
}

static void on_call(uv_async_t *call)
{
    struct round_post *post = call->data;
    struct round *round = post->round;
    uv_mutex_lock(&round->lock);
    add(post);
    bool last = --round->awaited == 0;
    uv_mutex_unlock(&round->lock);
    if (last)
        uv_async_send(&round->told);
}

static bool empty(struct sum *sum)
{
    text_free(&sum->connections);
    meter_end(&sum->meter);
    sum->connection_count = 0;
    sum->census = (struct census){.clients = 0};
    return meter_begin(&sum->meter, (struct clocks){.context = NULL});
}

bool round_new(struct round *round, uint32_t worker_count, struct clocks clocks)
{
    bool fine = empty(&round->sum);
    round->posts = calloc(worker_count, sizeof *round->posts);
    for (uint32_t i = 0; round->posts && i < worker_count; i++)
        fine = meter_begin(&round->posts[i].meter, clocks) && fine;
    round->post_count = 0;
    return uv_mutex_init(&round->lock) == 0 && fine && round->posts;
}

void round_free(struct round *round)
{
    for (uint32_t i = 0; i < round->post_count; i++)
        meter_end(&round->posts[i].meter);
    free(round->posts);
    meter_end(&round->sum.meter);
    text_free(&round->sum.connections);
    uv_mutex_destroy(&round->lock);
}

void round_open(struct round *round, struct worker *worker)
{
    bool first = round->post_count == 0;
    struct round_post *post = &round->posts[round->post_count++];
    post->round = round;
    post->worker = worker;
    post->call.data = post;
    worker->bridge.counts = &post->meter;
    round->told.data = first ? round : round->told.data;
    uv_async_init(&worker->loop, first ? &round->told : &post->call, first ? on_told : on_call);
}

void round_close(struct round *round, const struct worker *worker)
{
    for (struct round_post *post = round->posts; post < round->posts + round->post_count; post++) {
        uv_handle_t *handle = (uv_handle_t *)(post == round->posts ? &round->told : &post->call);
        if (post->worker == worker && !uv_is_closing(handle))
            uv_close(handle, NULL);
    }
}

void round_begin(struct round *round)
{
    round->number++;
    round->runs = true;
    if (!empty(&round->sum)) /* out of memory: the numbers before are given again, as far as they are there */
        return;
    uv_mutex_lock(&round->lock);
    round->awaited = round->post_count;
    for (struct round_post *post = round->posts + 1; post < round->posts + round->post_count; post++)
        uv_async_send(&post->call);
    add(round->posts);
    bool last = --round->awaited == 0;
    uv_mutex_unlock(&round->lock);
    if (last)
        finish(round);
}
