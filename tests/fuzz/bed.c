/* SPDX-License-Identifier: Apache-2.0 */
/* A net of queues; see bed.h. */
#include "tests/fuzz/bed.h"

#include <stdio.h>
#include <stdlib.h>

/* What one frame may cost beside the bytes that wait: the zone with addresses, a request without a place. */
enum { MEMORY_MAX = 16 << 20 };

static void check(bool holds, const char *claim)
{
    if (holds)
        return;
    fprintf(stderr, "this does not hold: %s\n", claim);
    abort();
}

static struct bed_end *end_of(struct bed *bed, end_id id)
{
    check(id >= CLIENT && id < LINKS_MAX, "an order is about an end that there is");
    return id == CLIENT ? &bed->client : &bed->links[id];
}

static struct bed_end *open_end(struct bed *bed, end_id id)
{
    struct bed_end *end = end_of(bed, id);
    check(bed->in_call && !bed->over, "orders come during a call, and none after close");
    check(end->open, "what is sent or read is open");
    return end;
}

/* ---------------------------------------------------------------- orders */

static void order_dial(void *net, end_id link, const struct address *address)
{
    struct bed *bed = net;
    struct bed_end *end = end_of(bed, link);
    check(bed->in_call && !bed->over, "a dial comes during a call");
    check(!end->open && !end->dialled, "a link is dialled when it is free");
    check(address->host[0] && address->port > 0, "an address can be dialled");
    end->dialled = true;
}

static void order_write(void *net, end_id to, struct bytes bytes)
{
    struct bed *bed = net;
    check(!open_end(bed, to)->shut, "nothing is sent behind a half-close");
    check(bytes.len > 0, "something is sent");
    for (size_t i = 0; i < bytes.len; i++)
        bed->passed += bytes.at[i] ^ i;
}

static void order_pass(void *net, end_id to, struct bytes part)
{
    struct bed *bed = net;
    bool inside = part.at >= bed->input.at && part.at + part.len <= bed->input.at + bed->input.len;
    check(inside, "what is passed lies in the input");
    order_write(net, to, part);
}

static void order_read(void *net, end_id from, bool on)
{
    struct bed_end *end = open_end(net, from);
    end->paused = !on;
    end->again = on;
    end->waiting = end->waiting && !on;
}

static bool has_input(void *net, end_id from)
{
    const struct bed_end *end = open_end(net, from);
    check(end->paused, "who is read tells by itself");
    return end->queue.len > 0;
}

static void order_shut(void *net, end_id to)
{
    struct bed_end *end = open_end(net, to);
    check(!end->shut, "an end is shut once");
    end->shut = true;
}

static void empty(struct bed_end *end)
{
    struct buffer queue = end->queue;
    *end = (struct bed_end){.queue = queue};
    end->queue.len = 0;
}

static void order_drop(void *net, end_id link)
{
    struct bed *bed = net;
    struct bed_end *end = end_of(bed, link);
    check(bed->in_call && link != CLIENT && (end->open || end->dialled), "what is dropped is there");
    empty(end);
}

static void order_close(void *net)
{
    struct bed *bed = net;
    check(bed->in_call && !bed->over, "close comes once, during a call");
    bed->over = true;
}

static const struct orders orders = {
    .dial = order_dial,
    .pass = order_pass,
    .write = order_write,
    .read = order_read,
    .has_input = has_input,
    .shut = order_shut,
    .drop = order_drop,
    .close = order_close,
};

/* ---------------------------------------------------------------- calls */

/* Bytes of their own, of exactly this size, so that ASan sees a read beyond them. */
static void give(struct bed *bed, end_id from, struct bed_end *end)
{
    size_t len = end->queue.len;
    uint8_t *input = malloc(len);
    check(input, "there is memory");
    memcpy(input, end->queue.at, len);
    bed->input = (struct bytes){input, len};
    bed->in_call = true;
    end->again = false;
    size_t used = conversation_input(bed->conversation, from, (struct span){input, len});
    bed->in_call = false;
    bed->input = (struct bytes){NULL, 0};
    check(used <= len, "no more is used than was given");
    if (end->open) {
        end->queue.len -= used;
        memmove(end->queue.at, input + used, end->queue.len);
        end->waiting = used < len && !end->again;
    }
    free(input);
}

static bool has_something(const struct bed_end *end)
{
    return end->open && end->queue.len > 0 && !end->paused && !end->waiting;
}

static void answer_dial(struct bed *bed, end_id link)
{
    struct bed_end *end = &bed->links[link];
    end->dialled = false;
    bed->in_call = true;
    if (bed->dials_fail) {
        conversation_link_failed(bed->conversation, link, REASON_BROKER_UNREACHABLE, "connection refused");
    } else {
        end->open = true;
        conversation_link_up(bed->conversation, link);
    }
    bed->in_call = false;
}

/* Until everybody waits. A dial that fails is repeated only when its time has come, so this ends. */
static void settle(struct bed *bed)
{
    for (end_id id = CLIENT; id < LINKS_MAX && !bed->over; id++) {
        struct bed_end *end = end_of(bed, id);
        if (has_something(end))
            give(bed, id, end);
        else if (end->dialled)
            answer_dial(bed, id);
        else
            continue;
        id = CLIENT - 1; /* it may have made others readable */
    }
    check(bed->memory.bytes < MEMORY_MAX, "memory is bounded");
}

void bed_input(struct bed *bed, end_id from, const uint8_t *at, size_t len)
{
    struct bed_end *end = end_of(bed, from);
    if (bed->over || !end->open || end->eof || len == 0)
        return;
    check(buffer_append(&end->queue, (struct bytes){at, len}), "there is memory");
    settle(bed);
}

void bed_eof(struct bed *bed, end_id from)
{
    struct bed_end *end = end_of(bed, from);
    if (bed->over || !end->open || end->eof || end->queue.len > 0 || end->paused)
        return;
    end->eof = true;
    bed->in_call = true;
    conversation_eof(bed->conversation, from);
    bed->in_call = false;
    settle(bed);
}

void bed_broken(struct bed *bed, end_id id)
{
    struct bed_end *end = end_of(bed, id);
    if (bed->over || !end->open)
        return;
    bed->in_call = true;
    conversation_broken(bed->conversation, id, "connection reset by peer");
    bed->in_call = false;
    settle(bed);
}

void bed_wait(struct bed *bed, uint32_t ms)
{
    bed->bridge.now_ms += ms;
    if (bed->over || conversation_due_ms(bed->conversation) > bed->bridge.now_ms)
        return;
    bed->in_call = true;
    conversation_tick(bed->conversation);
    bed->in_call = false;
    settle(bed);
}

/* ---------------------------------------------------------------- birth and death */

static void learn_brokers(struct view *view, int count)
{
    enum { MOST = 8 };
    struct view_broker brokers[MOST] = {{.id = 0}};
    for (int i = 0; i < count && i < MOST; i++) {
        brokers[i].id = i + 1;
        brokers[i].advertised.port = 9091 + i;
        (void)snprintf(brokers[i].advertised.host, HOST_ROOM, "kafka%d", i + 1);
    }
    if (count > 0)
        view_learn_brokers(view, brokers, (size_t)(count < MOST ? count : MOST));
}

void bed_begin(struct bed *bed, int brokers, uint16_t exact_port)
{
    *bed = (struct bed){
        .upstream = {"kafka", 9092},
        .place = {.local_text = "127.0.0.1", .port = BED_PORT, .peer = {{127, 0, 0, 1}, 4}},
        .surroundings = {.both_loopbacks = true},
        .client.open = true,
    };
    if (exact_port) {
        bed->place.port = exact_port;
        bed->surroundings.exact = (struct exact){EXACT_PORTS, BED_FIRST_PORT, BED_FIRST_PORT + 9};
    }
    model_memory_begin(&bed->memory);
    model_memory_begin(&bed->own);
    bed->client.queue.allocator = &bed->own.allocator;
    for (int link = 0; link < LINKS_MAX; link++)
        bed->links[link].queue.allocator = &bed->own.allocator;
    bed->bridge = (struct bridge){
        .allocator = &bed->memory.allocator,
        .surroundings = &bed->surroundings,
        .upstream = &bed->upstream,
        .upstream_count = 1,
        .limits = {.frame = 1 << 20, .in_flight = 10, .header_ms = 30000, .wait_ms = 30000},
        .view = view_new(&bed->memory.allocator),
        .now_ms = 1000,
    };
    learn_brokers(bed->bridge.view, brokers);
    bed->conversation = conversation_new(&bed->bridge, &orders, bed, &bed->place);
    check(bed->conversation, "there is memory");
}

void bed_end(struct bed *bed)
{
    if (!bed->over) {
        bed->in_call = true;
        conversation_end(bed->conversation, REASON_STOPPING, "the input is at its end");
        bed->in_call = false;
    }
    conversation_free(bed->conversation);
    bridge_close(&bed->bridge);
    buffer_free(&bed->client.queue);
    for (int link = 0; link < LINKS_MAX; link++)
        buffer_free(&bed->links[link].queue);
    check(bed->memory.blocks == 0 && bed->own.blocks == 0, "all memory comes back");
}
