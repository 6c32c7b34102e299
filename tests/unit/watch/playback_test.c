/* SPDX-License-Identifier: Apache-2.0 */
/* A small recording, read as it is, in other byte orders and dress, with each byte changed and cut at each place. */
#include "proxy/watch/playback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/kafka/keys.h"
#include "proxy/watch/pcapng.h"
#include "proxy/watch/segment.h"
#include "tests/unit/watch/page.h"
#include "tests/unit/watch/wire.h"

enum { FILE_ROOM = 8192, CLIENT_PORT = 50000, PORT = 9092, METADATA = 26, TOOK_US = 1500 };

struct file {
    uint8_t at[FILE_ROOM];
    size_t len;
    uint64_t wall_us;
    uint32_t number[2];
};

static struct playback *playback;
static struct exchange last;
static uint64_t took_us;

static int begin(void **state)
{
    (void)state;
    playback = malloc(sizeof *playback);
    return playback ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    free(playback);
    return 0;
}

/* ---- the file ---- */

static void add_segment(struct file *file, enum direction direction, uint8_t flags,
                        const struct wire *payload, const char *comment)
{
    const struct ip client = {{172, 18, 0, 1}, 4}, server = {{172, 18, 0, 2}, 4};
    bool asks = direction == REQUEST;
    const struct segment segment = {
        .from = asks ? &client : &server,
        .to = asks ? &server : &client,
        .from_port = asks ? CLIENT_PORT : PORT,
        .to_port = asks ? PORT : CLIENT_PORT,
        .number = file->number[direction],
        .flags = flags,
        .len = payload->len,
    };
    uint8_t *head = file->at + file->len;
    size_t headers = segment_write(head + PCAPNG_HEAD, &segment), len = headers + payload->len;
    memcpy(head + PCAPNG_HEAD + headers, payload->at, payload->len);
    size_t tail = pcapng_packet_tail(head + PCAPNG_HEAD + len, len, comment);
    pcapng_packet_head(head, file->wall_us, len, tail);
    file->len += PCAPNG_HEAD + len + tail;
    file->number[direction] += (uint32_t)payload->len + (flags & (SEGMENT_SYN | SEGMENT_FIN) ? 1 : 0);
    file->wall_us += TOOK_US;
}

static struct wire metadata(enum direction direction)
{
    struct wire frame = {.len = 0};
    wire_32(&frame, METADATA - 4);
    if (direction == REQUEST) {
        wire_16(&frame, API_METADATA);
        wire_16(&frame, 0);
    }
    wire_32(&frame, 7);
    if (direction == REQUEST)
        wire_string(&frame, "app");
    wire_zeros(&frame, METADATA - frame.len);
    return frame;
}

static struct file recording(void)
{
    const struct wire nothing = {.len = 0}, asked = metadata(REQUEST), answered = metadata(RESPONSE);
    struct file file = {.wall_us = PAGE_TIME};
    file.len = pcapng_begin(file.at, "kbridge test", "a comment");
    add_segment(&file, REQUEST, SEGMENT_SYN, &nothing, "connected");
    add_segment(&file, RESPONSE, SEGMENT_SYN | SEGMENT_ACK, &nothing, "");
    add_segment(&file, REQUEST, SEGMENT_PUSH | SEGMENT_ACK, &asked, "");
    add_segment(&file, RESPONSE, SEGMENT_PUSH | SEGMENT_ACK, &answered, "node 3");
    add_segment(&file, REQUEST, SEGMENT_FIN | SEGMENT_ACK, &nothing, "went");
    add_segment(&file, RESPONSE, SEGMENT_FIN | SEGMENT_ACK, &nothing, "");
    return file;
}

/* ---- hearing it ---- */

static void take(void *context, const struct traffic_event *event)
{
    (void)context;
    if (event->summary)
        last = event->summary->exchange;
    took_us = event->took_us;
}

/* True where it was read to its end. */
static bool play(const void *at, size_t len)
{
    static struct taker taker;
    struct sentence why = {.len = 0};
    uint8_t *copy = malloc(len);
    memcpy(copy, at, len);
    FILE *file = fmemopen(copy, len, "rb");
    assert_non_null(file);
    taker = (struct taker){.filter.all = true, .take = take};
    playback_begin(playback);
    assert_true(traffic_add(&playback->traffic, &taker));
    bool whole = playback_file(playback, file, &why);
    assert_int_equal(whole, why.len == 0); /* who cannot go on says why */
    playback_end(playback);
    fclose(file);
    free(copy);
    return whole;
}

static void test_a_recording_gives_its_exchange_with_node_and_time(void **state)
{
    struct file file = recording();
    (void)state;
    assert_true(play(file.at, file.len));
    assert_int_equal(playback->heard, 1);
    assert_int_equal(playback->missing_bytes, 0);
    assert_int_equal(last.api_key, API_METADATA);
    assert_int_equal(last.node, 3);
    assert_int_equal(last.request_size, METADATA);
    assert_int_equal(last.response_size, METADATA);
    assert_int_equal(took_us, TOOK_US);
}

static void test_what_comes_twice_is_heard_once_and_what_is_missing_is_counted(void **state)
{
    const struct wire nothing = {.len = 0}, asked = metadata(REQUEST), answered = metadata(RESPONSE);
    struct file file = {.wall_us = PAGE_TIME};
    (void)state;
    file.len = pcapng_begin(file.at, "kbridge test", "");
    add_segment(&file, REQUEST, SEGMENT_SYN, &nothing, "");
    add_segment(&file, REQUEST, SEGMENT_ACK, &asked, "");
    file.number[REQUEST] -= METADATA;
    add_segment(&file, REQUEST, SEGMENT_ACK, &asked, "");
    add_segment(&file, RESPONSE, SEGMENT_ACK, &answered, "");
    file.number[REQUEST] += 100;
    add_segment(&file, REQUEST, SEGMENT_ACK, &asked, "");
    add_segment(&file, RESPONSE, SEGMENT_ACK, &answered, "");
    assert_true(play(file.at, file.len));
    assert_int_equal(playback->heard, 2);
    assert_int_equal(playback->missing_bytes, 100);
}

static void test_a_file_of_tcpdump_is_read_too(void **state)
{
    static const uint8_t head[24] = {0xa1, 0xb2, 0xc3, 0xd4,    0,
                                     2,    0,    4,    [23] = 1}; /* of the other byte order; Ethernet */
    enum { ETHERNET = 14, PACKET = 16 };
    const struct file file = recording();
    uint8_t classic[FILE_ROOM];
    size_t len = sizeof head, at = 0;
    uint32_t block[2], packet;
    (void)state;
    memcpy(classic, head, sizeof head);
    for (; at < file.len; at += block[1]) {
        memcpy(block, file.at + at, sizeof block);
        if (block[0] != PCAPNG_PACKET)
            continue;
        memcpy(&packet, file.at + at + 20, sizeof packet);
        memset(classic + len, 0, PACKET + ETHERNET);
        classic[len + 11] = classic[len + 15] = (uint8_t)(ETHERNET + packet);
        memcpy(classic + len + PACKET + ETHERNET, file.at + at + PCAPNG_HEAD, packet);
        len += PACKET + ETHERNET + packet;
    }
    assert_true(play(classic, len));
    assert_int_equal(playback->heard, 1);
}

static void test_a_file_that_is_cut_anywhere_is_read_as_far_as_it_goes(void **state)
{
    const struct file file = recording();
    unsigned whole = 0;
    (void)state;
    for (size_t len = 1; len <= file.len; len++)
        whole += play(file.at, len);
    assert_in_range(whole, 7, 8); /* between two blocks */
}

static void test_no_byte_that_is_changed_does_harm(void **state)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    struct file file = recording();
    (void)state;
    for (size_t at = 0; at < file.len; at++) {
        uint8_t before = file.at[at];
        for (size_t i = 0; i < sizeof values; i++) {
            file.at[at] = values[i];
            play(file.at, file.len);
        }
        file.at[at] = before;
    }
}

static void test_what_is_no_capture_is_refused(void **state)
{
    static const char text[] = "2026-11-25 UTC  client  request";
    (void)state;
    assert_false(play(text, sizeof text));
    assert_false(play("\x0a", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_recording_gives_its_exchange_with_node_and_time),
        cmocka_unit_test(test_what_comes_twice_is_heard_once_and_what_is_missing_is_counted),
        cmocka_unit_test(test_a_file_of_tcpdump_is_read_too),
        cmocka_unit_test(test_a_file_that_is_cut_anywhere_is_read_as_far_as_it_goes),
        cmocka_unit_test(test_no_byte_that_is_changed_does_harm),
        cmocka_unit_test(test_what_is_no_capture_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
