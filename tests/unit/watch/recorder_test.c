/* SPDX-License-Identifier: Apache-2.0 */
/* What a client says, and the file that comes of it, packet by packet. */
#include "proxy/watch/recorder.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "proxy/kafka/keys.h"
#include "proxy/kafka/wire.h"
#include "proxy/watch/pcapng.h"
#include "tests/unit/watch/files.h"
#include "tests/unit/watch/page.h"
#include "tests/unit/watch/talker.h"
#include "tests/unit/watch/wire.h"

enum { NAME_ROOM = 256, PORT = 29092, PLENTY = 1 << 30, HEADERS = 40, SEEN_MOST = 512, METADATA = 26 };

/* A packet of the file. */
struct seen {
    bool from_client;
    uint8_t flags;
    uint32_t number;
    size_t len;
    char comment[NAME_ROOM];
};

struct scene {
    struct recorder recorder;
    struct conversation client;
    struct page clock;
    struct files files;
    struct seen seen[SEEN_MOST];
    size_t count;
};

static int begin(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    if (!scene)
        return -1;
    *state = scene;
    page_begin(&scene->clock);
    scene->client.place = page_place(1, 50000);
    scene->client.place.local = (struct ip){{172, 18, 0, 2}, 4};
    scene->client.place.port = PORT;
    return files_begin(&scene->files) ? 0 : -1;
}

static int end(void **state)
{
    struct scene *scene = *state;
    bool removed = files_end(&scene->files);
    free(scene);
    return removed ? 0 : -1;
}

static void record_to(struct scene *scene, const char *path, uint64_t size_most)
{
    const struct recorder_settings settings = {path, "kbridge test", size_most, page_clocks(&scene->clock)};
    assert_true(recorder_open(&scene->recorder, &settings));
    recorder_listening(&scene->recorder, PORT);
}

/* ---- what the client says ---- */

/* Metadata v0 of one topic, so that it has 26 bytes, and a response with `brokers` times 4 more bytes than the least. */
static void say(struct scene *scene, enum direction direction, int correlation_id)
{
    struct wire frame = {.len = 0};
    wire_32(&frame, METADATA - 4);
    if (direction == REQUEST) {
        wire_16(&frame, API_METADATA);
        wire_16(&frame, 0);
    }
    wire_32(&frame, correlation_id);
    if (direction == REQUEST)
        wire_string(&frame, NULL);
    wire_zeros(&frame, METADATA - frame.len);
    recorder_hear(&scene->recorder, &scene->client, direction, (struct bytes){frame.at, frame.len});
}

static void exchange(struct scene *scene, int correlation_id, int node)
{
    const struct exchange exchange = {.number = (uint64_t)correlation_id, .node = node};
    say(scene, REQUEST, correlation_id);
    recorder_route(&scene->recorder, &scene->client, &exchange);
    say(scene, RESPONSE, correlation_id);
}

static void leave(struct scene *scene)
{
    recorder_end(&scene->recorder, &scene->client, true, "went: the client closed the connection");
}

/* ---- the file ---- */

static void see_packet(struct scene *scene, const uint8_t *block, size_t len)
{
    struct seen *seen = &scene->seen[scene->count++];
    const uint8_t *tcp = block + PCAPNG_HEAD + 20;
    uint32_t packet;
    assert_true(scene->count < SEEN_MOST);
    memcpy(&packet, block + 20, sizeof packet);
    size_t padded = (packet + 3U) & ~3U;
    uint16_t comment_len;
    *seen = (struct seen){
        .from_client = (uint16_t)wire_int16(tcp) == 50000,
        .flags = tcp[13],
        .number = wire_uint32(tcp + 4),
        .len = packet - HEADERS,
    };
    assert_int_equal((uint16_t)wire_int16(tcp + (seen->from_client ? 2 : 0)), RECORDER_PORT);
    if (len == PCAPNG_HEAD + padded + 4)
        return;
    memcpy(&comment_len, block + PCAPNG_HEAD + padded + 2, sizeof comment_len);
    memcpy(seen->comment, block + PCAPNG_HEAD + padded + 4, comment_len);
}

/* Each block's length stands at both of its ends. */
static void read_file(struct scene *scene, const char *path)
{
    static uint8_t block[1 << 17];
    FILE *file = fopen(path, "r");
    uint32_t head[2], last;
    assert_non_null(file);
    scene->count = 0;
    for (size_t number = 0; fread(head, 1, sizeof head, file) == sizeof head; number++) {
        assert_true(head[1] % 4 == 0 && head[1] < sizeof block);
        memcpy(block, head, sizeof head);
        assert_int_equal(fread(block + sizeof head, 1, head[1] - sizeof head, file), head[1] - sizeof head);
        memcpy(&last, block + head[1] - sizeof last, sizeof last);
        assert_int_equal(last, head[1]);
        if (number < 2)
            assert_int_equal(head[0], number ? (uint32_t)PCAPNG_INTERFACE : (uint32_t)PCAPNG_SECTION);
        else if (head[0] == PCAPNG_PACKET)
            see_packet(scene, block, head[1]);
    }
    fclose(file);
}

static void assert_packet(const struct scene *scene, size_t index, bool from_client, uint8_t flags,
                          uint32_t number, size_t len, const char *comment)
{
    const struct seen *seen = &scene->seen[index];
    assert_true(index < scene->count);
    assert_int_equal(seen->from_client, from_client);
    assert_int_equal(seen->flags, flags);
    assert_int_equal(seen->number, number);
    assert_int_equal(seen->len, len);
    assert_string_equal(seen->comment, comment);
}

/* ---- the tests ---- */

static const uint8_t data = SEGMENT_PUSH | SEGMENT_ACK;

static void test_a_client_is_a_stream_with_its_beginning_its_bytes_and_its_end(void **state)
{
    struct scene *scene = *state;
    record_to(scene, scene->files.path, PLENTY);
    exchange(scene, 0, 1);
    exchange(scene, 1, 1);
    exchange(scene, 2, 3);
    leave(scene);
    assert_int_equal(recorder_close(&scene->recorder), 0);
    read_file(scene, scene->files.path);
    assert_int_equal(scene->count, 12);
    assert_packet(scene, 0, true, SEGMENT_SYN, 0, 0, "connected to 172.18.0.2:29092");
    assert_packet(scene, 1, false, SEGMENT_SYN | SEGMENT_ACK, 0, 0, "");
    assert_packet(scene, 2, true, SEGMENT_ACK, 1, 0, "");
    assert_packet(scene, 3, true, data, 1, METADATA, "");
    assert_packet(scene, 4, false, data, 1, METADATA, "node 1");
    assert_packet(scene, 6, false, data, 1 + METADATA, METADATA, "");
    assert_packet(scene, 8, false, data, 1 + 2 * METADATA, METADATA, "node 3");
    assert_packet(scene, 9, true, SEGMENT_FIN | SEGMENT_ACK, 1 + 3 * METADATA, 0,
                  "went: the client closed the connection");
    assert_packet(scene, 10, false, SEGMENT_FIN | SEGMENT_ACK, 1 + 3 * METADATA, 0, "");
    assert_packet(scene, 11, true, SEGMENT_ACK, 2 + 3 * METADATA, 0, "");
}

static void test_answers_of_two_nodes_in_one_piece_are_two_packets(void **state)
{
    struct scene *scene = *state;
    uint8_t both[2 * METADATA] = {[3] = METADATA - 4, [METADATA + 3] = METADATA - 4, [METADATA + 7] = 1};
    record_to(scene, scene->files.path, PLENTY);
    for (int i = 0; i < 2; i++) {
        const struct exchange routed = {.number = (uint64_t)i, .node = i + 1};
        say(scene, REQUEST, i);
        recorder_route(&scene->recorder, &scene->client, &routed);
    }
    recorder_hear(&scene->recorder, &scene->client, RESPONSE, (struct bytes){both, sizeof both});
    leave(scene);
    recorder_close(&scene->recorder);
    read_file(scene, scene->files.path);
    assert_packet(scene, 5, false, data, 1, METADATA, "node 1");
    assert_packet(scene, 6, false, data, 1 + METADATA, METADATA, "node 2");
}

/* The rest of a message that the new file has not seen the beginning of is a gap in front of it. */
static void test_a_full_file_is_followed_by_one_that_stands_by_itself(void **state)
{
    struct scene *scene = *state;
    char older[FILES_NAME_ROOM];
    uint8_t half[] = {0, 0, 0, METADATA - 4, 0, 0, 0};
    uint8_t rest[METADATA - sizeof half] = {1};
    record_to(scene, scene->files.path, 1);
    scene->recorder.size_most = PLENTY;
    exchange(scene, 0, 1);
    say(scene, REQUEST, 1);
    recorder_hear(&scene->recorder, &scene->client, RESPONSE, (struct bytes){half, sizeof half});
    scene->recorder.size_most = 1;
    recorder_hear(&scene->recorder, &scene->client, RESPONSE, (struct bytes){rest, sizeof rest});
    scene->recorder.size_most = PLENTY;
    exchange(scene, 2, 1);
    leave(scene);
    recorder_close(&scene->recorder);
    files_name(&scene->files, 1, older);
    read_file(scene, older);
    assert_int_equal(scene->count, 7);
    read_file(scene, scene->files.path);
    assert_packet(scene, 0, true, SEGMENT_SYN, 2 * METADATA, 0, "goes on, connected to 172.18.0.2:29092");
    assert_packet(scene, 1, false, SEGMENT_SYN | SEGMENT_ACK, METADATA + sizeof half, 0, "");
    assert_packet(scene, 3, true, data, 1 + 2 * METADATA, METADATA, "");
    assert_packet(scene, 4, false, data, 1 + 2 * METADATA, METADATA, "node 1");
    assert_int_equal(scene->count, 8);
}

/* A pipe that nobody reads is the slowest disk there is. */
static void test_a_disk_that_stands_still_costs_packets_and_says_how_many(void **state)
{
    struct scene *scene = *state;
    static uint8_t big[1 << 20] = {0, 0x0f, 0xff, 0xfc};
    struct recorder_news news;
    int ends[2];
    bool lost = false;
    char name[NAME_ROOM];
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    record_to(scene, name, PLENTY);
    while (!lost) /* each is one frame of 1 MiB, and the queue has room for 8 */
        lost = recorder_hear(&scene->recorder, &scene->client, REQUEST, (struct bytes){big, sizeof big});
    assert_true(recorder_news(&scene->recorder, &news));
    assert_int_equal(news.error, 0);
    assert_int_equal(news.lost, scene->recorder.lost);
    assert_false(recorder_news(&scene->recorder, &news)); /* not again and again */
    close(ends[0]);
    leave(scene);
    recorder_close(&scene->recorder);
    close(ends[1]);
}

static void test_a_full_disk_ends_the_recording_and_says_so_once(void **state)
{
    struct scene *scene = *state;
    struct recorder_news news = {.error = 0};
    if (access("/dev/full", W_OK) != 0)
        skip();
    record_to(scene, "/dev/full", PLENTY);
    for (int i = 0; !news.error; i++) {
        exchange(scene, i, 1);
        recorder_news(&scene->recorder, &news);
    }
    assert_int_equal(news.error, ENOSPC);
    exchange(scene, 0, 1);
    assert_false(recorder_news(&scene->recorder, &news));
    leave(scene);
    assert_int_equal(recorder_close(&scene->recorder), 0);
}

static void test_an_error_that_nobody_was_told_comes_at_the_end(void **state)
{
    struct scene *scene = *state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    record_to(scene, "/dev/full", PLENTY);
    assert_int_equal(recorder_close(&scene->recorder), ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_client_is_a_stream_with_its_beginning_its_bytes_and_its_end,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_answers_of_two_nodes_in_one_piece_are_two_packets, begin, end),
        cmocka_unit_test_setup_teardown(test_a_full_file_is_followed_by_one_that_stands_by_itself, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_disk_that_stands_still_costs_packets_and_says_how_many, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_full_disk_ends_the_recording_and_says_so_once, begin, end),
        cmocka_unit_test_setup_teardown(test_an_error_that_nobody_was_told_comes_at_the_end, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
