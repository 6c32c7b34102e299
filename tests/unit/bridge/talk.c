/* SPDX-License-Identifier: Apache-2.0 */
/* A net without sockets; see talk.h. */
#include "tests/unit/bridge/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct talk_end *end_of(struct talk *talk, end_id id)
{
    assert_in_range(id + 1, 0, TALK_LINKS);
    return id == CLIENT ? &talk->client : &talk->links[id];
}

static const char *name_of(end_id id)
{
    static const char *const names[] = {"client", "link 0", "link 1", "link 2", "link 3",
                                        "link 4", "link 5", "link 6", "link 7"};
    return names[id + 1];
}

/* ---------------------------------------------------------------- orders */

static uint32_t uint32_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void add_request(struct page *page, struct bytes frame)
{
    int key = frame.len >= 12 ? (int16_t)(frame.at[4] << 8 | frame.at[5]) : -1;
    const char *name = tables_api_name(key);
    if (frame.len < 12)
        page_add(page, "%zu bytes", frame.len);
    else if (name)
        page_add(page, "%s v%d #%d", name, (int16_t)(frame.at[6] << 8 | frame.at[7]),
                 (int)uint32_at(frame.at + 8));
    else
        page_add(page, "key %d v%d #%d", key, (int16_t)(frame.at[6] << 8 | frame.at[7]),
                 (int)uint32_at(frame.at + 8));
}

static void add_frame(struct talk *talk, end_id to, struct bytes frame)
{
    page_add(&talk->page, "%s <- ", name_of(to));
    if (talk->raw)
        page_add_bytes(&talk->page, frame);
    else if (to != CLIENT)
        add_request(&talk->page, frame);
    else
        page_add(&talk->page, "#%d, %zu bytes", (int)uint32_at(frame.at + 4), frame.len);
    page_add(&talk->page, "\n");
}

static void order_pass(void *net, end_id to, struct bytes bytes)
{
    struct talk *talk = net;
    struct talk_end *end = end_of(talk, to);
    assert_false(talk->over);
    assert_true(bytes.len > 0);
    assert_true(buffer_append(&end->sent, bytes));
    for (;;) {
        size_t len = end->sent.len - end->told;
        const uint8_t *at = end->sent.at + end->told;
        if (len < 4 || len < 4 + (size_t)uint32_at(at))
            return;
        add_frame(talk, to, (struct bytes){at, 4 + (size_t)uint32_at(at)});
        end->told += 4 + (size_t)uint32_at(at);
    }
}

static void order_dial(void *net, end_id link, const struct address *address)
{
    struct talk *talk = net;
    struct talk_end *end = end_of(talk, link);
    *end = (struct talk_end){.kept = end->kept, .sent = end->sent, .told = end->sent.len, .dialled = true};
    page_add(&talk->page, "dial %s: %s:%d\n", name_of(link), address->host, address->port);
}

static void order_read(void *net, end_id from, bool on)
{
    struct talk *talk = net;
    end_of(talk, from)->off = !on;
    end_of(talk, from)->stuck = end_of(talk, from)->stuck && !on;
    end_of(talk, from)->again = on;
    page_add(&talk->page, "%s %s\n", name_of(from), on ? "on" : "off");
}

static bool has_input(void *net, end_id link)
{
    const struct talk *talk = net;
    assert_true(end_of(net, link)->off);
    return talk->has_input;
}

static void order_shut(void *net, end_id to)
{
    struct talk *talk = net;
    page_add(&talk->page, "shut %s\n", name_of(to));
}

static void order_drop(void *net, end_id link)
{
    struct talk *talk = net;
    end_of(talk, link)->kept.len = 0;
    end_of(talk, link)->dropped = true;
    page_add(&talk->page, "drop %s\n", name_of(link));
}

static void order_close(void *net)
{
    static const char *const reasons[] = {
#define REASON(name, side, counter, text) #name,
        REASONS(REASON)
#undef REASON
    };
    struct talk *talk = net;
    assert_false(talk->over);
    talk->over = true;
    page_add(&talk->page, "close %s: %s\n", reasons[conversation_reason(talk->conversation)],
             conversation_sentence(talk->conversation));
}

static const struct orders orders = {
    .dial = order_dial,
    .pass = order_pass,
    .write = order_pass,
    .read = order_read,
    .has_input = has_input,
    .shut = order_shut,
    .drop = order_drop,
    .close = order_close,
};

/* ---------------------------------------------------------------- facts */

static void fact_client(void *context, const struct conversation *conversation)
{
    struct talk *talk = context;
    if (talk->tells_facts)
        page_add(&talk->page, "fact: client \"%s\" \"%s\"\n", conversation_client_id(conversation),
                 conversation_software(conversation));
}

static void add_exchange(struct talk *talk, const char *what, const struct exchange *exchange)
{
    if (talk->tells_facts)
        page_add(&talk->page, "fact: %s %u key %d v%d #%d node %d, %u and %u bytes\n", what,
                 (unsigned)exchange->number, exchange->api_key, exchange->api_version,
                 exchange->correlation_id, exchange->node, exchange->request_size, exchange->response_size);
}

static void fact_request(void *context, const struct conversation *conversation,
                         const struct exchange *exchange)
{
    (void)conversation;
    add_exchange(context, "request", exchange);
}

static void fact_response(void *context, const struct conversation *conversation,
                          const struct exchange *exchange)
{
    (void)conversation;
    add_exchange(context, "response", exchange);
}

static void fact_field(void *context, const struct conversation *conversation,
                       const struct exchange *exchange, enum direction direction, enum walk_step step,
                       const struct walk_event *event)
{
    (void)conversation;
    struct talk *talk = context;
    if (step == WALK_VALUE)
        page_add(&talk->page, "fact: %s %u %s %d\n", direction == REQUEST ? "request" : "response",
                 (unsigned)exchange->number, event->field->name, (int)event->number);
}

static void fact_cluster(void *context, const struct view *view)
{
    struct talk *talk = context;
    page_add(&talk->page, "fact: cluster \"%s\" of %zu\n", view_cluster_id(view), view_broker_count(view));
}

static void fact_say(void *context, const struct conversation *conversation, enum level level,
                     const struct sentence *sentence)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    struct talk *talk = context;
    (void)conversation;
    if (talk->tells_facts)
        page_add(&talk->page, "fact: %s: %s\n", levels[level], sentence->text);
    if (talk->says)
        page_add(&talk->page, "say: %s\n", sentence->text);
}

/* ---------------------------------------------------------------- birth and death */

void talk_begin(struct talk *talk)
{
    *talk = (struct talk){
        .upstream = {{"kafka", 9092}, {"other", 9093}},
        .place = {.local_text = "127.0.0.1", .port = 29092, .peer = {{127, 0, 0, 1}, 4}},
        .surroundings = {.both_loopbacks = true},
    };
    memory_begin(&talk->memory, MEMORY_PLENTY);
    memory_begin(&talk->own, MEMORY_PLENTY);
    talk->bridge = (struct bridge){
        .allocator = &talk->memory.allocator,
        .surroundings = &talk->surroundings,
        .upstream = talk->upstream,
        .upstream_count = 1,
        .limits = {.frame = 1000000, .in_flight = 100, .wait_ms = 30000},
        .view = view_new(&talk->own.allocator),
        .facts = {talk, false, fact_client, fact_request, fact_field, fact_response, fact_cluster, fact_say,
                  NULL},
        .now_ms = 1000000,
    };
    for (int link = CLIENT; link < TALK_LINKS; link++) {
        end_id id = (end_id)link;
        end_of(talk, id)->kept.allocator = &talk->own.allocator;
        end_of(talk, id)->sent.allocator = &talk->own.allocator;
    }
}

void talk_connect(struct talk *talk)
{
    talk->conversation = conversation_new(&talk->bridge, &orders, talk, &talk->place);
    assert_non_null(talk->conversation);
}

void talk_connect_probe(struct talk *talk)
{
    talk->conversation = conversation_new(&talk->bridge, &orders, talk, NULL);
    assert_non_null(talk->conversation);
}

void talk_end(struct talk *talk)
{
    conversation_free(talk->conversation);
    bridge_close(&talk->bridge);
    for (int link = CLIENT; link < TALK_LINKS; link++) {
        end_id id = (end_id)link;
        buffer_free(&end_of(talk, id)->kept);
        buffer_free(&end_of(talk, id)->sent);
    }
    memory_end(&talk->memory);
    memory_end(&talk->own);
}

void talk_learn_brokers(struct talk *talk, int count)
{
    struct view_broker brokers[TALK_LINKS] = {{.id = 0}};
    for (int i = 0; i < count; i++) {
        brokers[i].id = i + 1;
        brokers[i].advertised.port = 9091 + i;
        (void)snprintf(brokers[i].advertised.host, HOST_ROOM, "kafka%d", i + 1);
    }
    assert_true(view_learn_brokers(talk->bridge.view, brokers, (size_t)count));
}

void talk_learn_leader(struct talk *talk, const char *topic, int32_t partition, int32_t leader)
{
    struct topic_key key = {.name = bytes_of(topic)};
    view_learn_leader(talk->bridge.view, &key, partition, leader, 0);
}

/* ---------------------------------------------------------------- what arrives */

static void use(struct buffer *kept, size_t used)
{
    kept->len -= used;
    memmove(kept->at, kept->at + used, kept->len);
}

/* Gives each end what it has, until all is used or waits. */
static void pump(struct talk *talk)
{
    int turns = 0;
    for (end_id id = CLIENT; id < TALK_LINKS && !talk->over; id++) {
        struct talk_end *end = end_of(talk, id);
        if (!end->kept.len || end->off || end->stuck)
            continue;
        struct span input = pages_copy(buffer_bytes(&end->kept));
        end->again = false;
        size_t used = conversation_input(talk->conversation, id, input);
        assert_in_range(used, 0, input.len);
        if (!end->dropped)
            use(&end->kept, used);
        end->stuck = used < input.len && !end->again;
        assert_true(++turns < 1000000);
        free(input.at);
        id = CLIENT - 1; /* it may have made others readable */
    }
}

void talk_send(struct talk *talk, end_id from, struct bytes bytes)
{
    size_t cut = talk->cut == TALK_BYTEWISE ? bytes.len : talk->cut < bytes.len ? talk->cut : 0;
    talk->longest = bytes.len > talk->longest ? bytes.len : talk->longest;
    for (size_t done = 0; done < bytes.len;) {
        struct bytes part = {bytes.at + done, pages_next(done, bytes.len, cut)};
        assert_true(buffer_append(&end_of(talk, from)->kept, part));
        pump(talk);
        done += part.len;
    }
}

void talk_send_hex(struct talk *talk, end_id from, const char *hex)
{
    struct span bytes = pages_bytes(hex);
    talk_send(talk, from, (struct bytes){bytes.at, bytes.len});
    free(bytes.at);
}

typedef const char *write_fn(struct buffer *to, int key, int version, int32_t correlation_id,
                             struct givens givens);

static void send_written(struct talk *talk, end_id from, write_fn *write, int key, int version,
                         int32_t correlation_id, struct givens givens)
{
    struct buffer frame = {.allocator = &talk->own.allocator};
    const char *bad = write(&frame, key, version, correlation_id, givens);
    if (bad)
        fail_msg("not written: %s", bad);
    talk_send(talk, from, buffer_bytes(&frame));
    buffer_free(&frame);
}

void talk_request(struct talk *talk, int key, int version, int32_t correlation_id, struct givens givens)
{
    send_written(talk, CLIENT, write_request, key, version, correlation_id, givens);
}

void talk_answer(struct talk *talk, end_id link, int key, int version, int32_t correlation_id,
                 struct givens givens)
{
    send_written(talk, link, write_response, key, version, correlation_id, givens);
}

void talk_up(struct talk *talk, end_id link)
{
    assert_true(end_of(talk, link)->dialled);
    conversation_link_up(talk->conversation, link);
    pump(talk);
}

void talk_failed(struct talk *talk, end_id link, enum reason reason, const char *why)
{
    assert_true(end_of(talk, link)->dialled);
    conversation_link_failed(talk->conversation, link, reason, why);
    pump(talk);
}

void talk_eof(struct talk *talk, end_id from)
{
    assert_int_equal(end_of(talk, from)->kept.len, 0);
    conversation_eof(talk->conversation, from);
    pump(talk);
}

void talk_broken(struct talk *talk, end_id end, const char *why)
{
    conversation_broken(talk->conversation, end, why);
    pump(talk);
}

void talk_tick(struct talk *talk, uint64_t now_ms)
{
    talk->bridge.now_ms = now_ms;
    conversation_tick(talk->conversation);
    pump(talk);
}

/* ---------------------------------------------------------------- what came of it */

void talk_expect(struct talk *talk, const char *claim, const char *expected)
{
    page_expect(claim, &talk->page, expected);
    talk->page = (struct page){.len = 0};
}

void talk_expect_sent(struct talk *talk, const char *claim, end_id to, const char *hex)
{
    static struct page expected, got;
    expected = got = (struct page){.len = 0};
    struct span bytes = pages_bytes(hex);
    page_add_bytes(&expected, (struct bytes){bytes.at, bytes.len});
    page_add_bytes(&got, buffer_bytes(&end_of(talk, to)->sent));
    page_expect(claim, &got, expected.text);
    free(bytes.at);
}

void talk_every_way(const char *claim, void (*scene)(struct talk *talk), const char *expected)
{
    static struct talk talk;
    size_t longest = 1;
    for (size_t cut = 0; cut <= longest; cut++) {
        talk_begin(&talk);
        talk.cut = cut == longest ? TALK_BYTEWISE : cut;
        scene(&talk);
        longest = talk.longest;
        char name[256];
        (void)snprintf(name, sizeof name, "%s, cut %zu", claim, cut);
        talk_expect(&talk, name, expected);
        talk_end(&talk);
    }
}
