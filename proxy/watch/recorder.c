/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of bytes in, packets out; see recorder.h. */
#include "proxy/watch/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proxy/watch/dialogue.h"
#include "proxy/watch/line.h"
#include "proxy/watch/pcapng.h"
#include "proxy/watch/rotation.h"

enum { NEWS_US = 10000000 /* between two sentences about losses */, COMMENT_ROOM = 64 };

/* What is kept of one client. */
struct recorded {
    struct dialogue dialogue;
    uint32_t number[2]; /* of the next byte of each direction, as TCP counts */
    bool skips[2];      /* until a frame begins: what was before it is missing in the file */
    uint32_t file;      /* the one in which it was greeted */
    int32_t node;       /* the one that was named last in it */
};

/* Somebody says something: all that the functions below have in common. */
struct talk {
    struct recorder *recorder;
    struct recorded *recorded;
    const struct place *place;
    uint64_t wall_us;
};

static const struct hearing nobody = {.context = NULL};

/* ---- the file ---- */

static size_t write_begin(const struct recorder *recorder, uint8_t at[PCAPNG_BEGIN_ROOM])
{
    return pcapng_begin(
        at, recorder->program,
        "What Kafka clients and kbridge said to each other, as the clients see it. TCP is made up around it; "
        "port 9092 stands for the one that clients connect to. What may be a credential is zeros.");
}

static int open_next(void *context, int fd)
{
    const struct recorder *recorder = context;
    close(fd);
    return rotation_open(recorder->path);
}

bool recorder_open(struct recorder *recorder, const struct recorder_settings *settings)
{
    *recorder = (struct recorder){
        .one = PTHREAD_MUTEX_INITIALIZER,
        .path = settings->path,
        .program = settings->program,
        .clocks = settings->clocks,
        .size_most = settings->size_most,
        .file = 1,
        .rotates = rotation_applies(settings->path),
    };
    int fd = rotation_open(settings->path);
    if (fd < 0)
        return false;
    uint8_t begin[PCAPNG_BEGIN_ROOM];
    writer_init(&recorder->writer, fd, NULL);
    recorder->writer.room = RECORDER_ROOM;
    recorder->writer.next = open_next;
    recorder->writer.next_context = recorder;
    recorder->size = write_begin(recorder, begin);
    errno = ENOMEM;
    return writer_put(&recorder->writer, (const char *)begin, recorder->size);
}

int recorder_close(struct recorder *recorder)
{
    uint8_t statistics[PCAPNG_STATISTICS_ROOM];
    uint64_t now_us = recorder->clocks.wall_us(recorder->clocks.context);
    size_t len = pcapng_statistics(statistics, now_us, recorder->packets, recorder->lost);
    writer_put(&recorder->writer, (const char *)statistics, len);
    writer_close(&recorder->writer);
    int error = recorder->stopped ? 0 : writer_error(&recorder->writer);
    if (recorder->writer.fd >= 0)
        close(recorder->writer.fd);
    return error;
}

/* Goes on in a new file, where this one is full. While the disk has not even begun the last one, it grows. */
static void rotate(struct recorder *recorder)
{
    uint8_t begin[PCAPNG_BEGIN_ROOM];
    if (!recorder->rotates || recorder->size < recorder->size_most)
        return;
    size_t len = write_begin(recorder, begin);
    if (!writer_cut(&recorder->writer, (struct bytes){begin, len}))
        return;
    recorder->size = len;
    recorder->file++;
}

/* ---- packets ---- */

static uint16_t port_of(const struct talk *talk)
{
    return talk->place->port == talk->recorder->port ? RECORDER_PORT : talk->place->port;
}

static size_t write_headers(const struct talk *talk, uint8_t at[SEGMENT_HEADERS_MOST],
                            enum direction direction, uint8_t flags, size_t len)
{
    const struct place *place = talk->place;
    struct segment segment = {
        .from = &place->peer,
        .from_port = place->peer_port,
        .to = &place->local,
        .to_port = port_of(talk),
        .number = talk->recorded->number[direction],
        .awaited = flags == SEGMENT_SYN ? 0 : talk->recorded->number[!direction],
        .flags = flags,
        .len = len,
    };
    if (direction == RESPONSE) {
        segment.from = &place->local;
        segment.from_port = port_of(talk);
        segment.to = &place->peer;
        segment.to_port = place->peer_port;
    }
    return segment_write(at, &segment);
}

/* False: it is lost. Its bytes have their numbers all the same, so that the gap is seen. */
static bool put_packet(const struct talk *talk, enum direction direction, uint8_t flags, struct bytes payload,
                       const char *comment)
{
    struct recorder *recorder = talk->recorder;
    uint8_t head[PCAPNG_HEAD + SEGMENT_HEADERS_MOST], tail[PCAPNG_TAIL_ROOM];
    size_t headers = write_headers(talk, head + PCAPNG_HEAD, direction, flags, payload.len);
    size_t tail_len = pcapng_packet_tail(tail, headers + payload.len, comment);
    pcapng_packet_head(head, talk->wall_us, headers + payload.len, tail_len);
    const struct bytes pieces[] = {{head, PCAPNG_HEAD + headers}, payload, {tail, tail_len}};
    bool put = writer_put_pieces(&recorder->writer, pieces, sizeof pieces / sizeof *pieces);
    bool counts = flags & (SEGMENT_SYN | SEGMENT_FIN);
    talk->recorded->number[direction] += (uint32_t)payload.len + counts;
    recorder->packets++;
    recorder->lost += !put;
    if (put)
        recorder->size += pieces[0].len + pieces[1].len + pieces[2].len;
    return put;
}

/* The handshake, in each file in which the client is: without it nobody knows which end is the broker. */
static void greet(const struct talk *talk)
{
    struct recorded *recorded = talk->recorded;
    const struct bytes nothing = {NULL, 0};
    struct line comment = {.len = 0};
    if (recorded->file == talk->recorder->file)
        return;
    bool first = recorded->file == 0;
    recorded->file = talk->recorder->file;
    recorded->node = NODE_BOOTSTRAP;
    recorded->skips[REQUEST] = !dialogue_is_between(&recorded->dialogue, REQUEST);
    recorded->skips[RESPONSE] = !dialogue_is_between(&recorded->dialogue, RESPONSE);
    recorded->number[REQUEST] -= !first;
    recorded->number[RESPONSE] -= !first;
    line_add(&comment, first ? "connected to " : "goes on, connected to ");
    line_add_ip(&comment, &talk->place->local, talk->place->port);
    put_packet(talk, REQUEST, SEGMENT_SYN, nothing, comment.text);
    put_packet(talk, RESPONSE, SEGMENT_SYN | SEGMENT_ACK, nothing, "");
    put_packet(talk, REQUEST, SEGMENT_ACK, nothing, "");
}

/* ---- bytes ---- */

/* What is passed by now goes out as one packet; a gap ends with the next frame. */
static void put_part(const struct talk *talk, enum direction direction, struct bytes part,
                     const char *comment)
{
    struct recorded *recorded = talk->recorded;
    if (!part.len)
        return;
    if (recorded->skips[direction])
        recorded->number[direction] += (uint32_t)part.len;
    else if (!put_packet(talk, direction, SEGMENT_PUSH | SEGMENT_ACK, part, comment))
        recorded->skips[direction] = true;
}

/* A response of another node than the last one begins. */
static bool names_node(const struct talk *talk, enum direction direction, char comment[COMMENT_ROOM])
{
    struct recorded *recorded = talk->recorded;
    int32_t node = dialogue_node(&recorded->dialogue);
    if (direction != RESPONSE || node == recorded->node || (node < 0 && node != NODE_KBRIDGE))
        return false;
    recorded->node = node;
    if (node == NODE_KBRIDGE)
        (void)snprintf(comment, COMMENT_ROOM, "kbridge itself");
    else
        (void)snprintf(comment, COMMENT_ROOM, "node %d", (int)node);
    return true;
}

/* `part` lies in the payload, where secrets are blanked before it is put. */
static void hear_part(const struct talk *talk, enum direction direction, struct span part)
{
    struct recorded *recorded = talk->recorded;
    char comment[COMMENT_ROOM] = "", next[COMMENT_ROOM];
    uint8_t *begin = part.at;
    while (part.len) {
        bool between = dialogue_is_between(&recorded->dialogue, direction);
        bool names = between && names_node(talk, direction, next);
        if (names || (between && recorded->skips[direction])) {
            put_part(talk, direction, (struct bytes){begin, (size_t)(part.at - begin)}, comment);
            recorded->skips[direction] = false;
            begin = part.at;
            comment[0] = 0;
        }
        if (names)
            memcpy(comment, next, sizeof comment);
        size_t used = dialogue_hear(&recorded->dialogue, direction, part);
        part.at += used;
        part.len -= used;
    }
    put_part(talk, direction, (struct bytes){begin, (size_t)(part.at - begin)}, comment);
}

static void hear(const struct talk *talk, enum direction direction, struct bytes bytes)
{
    while (bytes.len) {
        size_t len = bytes.len < SEGMENT_BYTES_MOST ? bytes.len : SEGMENT_BYTES_MOST;
        memcpy(talk->recorder->payload, bytes.at, len);
        rotate(talk->recorder);
        greet(talk);
        hear_part(talk, direction, (struct span){talk->recorder->payload, len});
        bytes.at += len;
        bytes.len -= len;
    }
}

/* ---- from outside ---- */

static struct recorded *recorded_of(const struct conversation *conversation)
{
    return *conversation_watched(conversation, WATCHED_BY_RECORDER);
}

/* NULL: no memory for it. A client is recorded from its first byte on. */
static struct recorded *record(const struct conversation *conversation)
{
    void **place = conversation_watched(conversation, WATCHED_BY_RECORDER);
    struct recorded *recorded = *place ? *place : calloc(1, sizeof *recorded);
    if (recorded && !*place)
        dialogue_begin(&recorded->dialogue, &nobody);
    *place = recorded;
    return recorded;
}

static struct talk talk_of(struct recorder *recorder, const struct conversation *conversation,
                           struct recorded *recorded)
{
    return (struct talk){recorder, recorded, conversation_place(conversation),
                         recorder->clocks.wall_us(recorder->clocks.context)};
}

void recorder_listening(struct recorder *recorder, uint16_t port)
{
    if (!recorder->port)
        recorder->port = port;
}

bool recorder_hear(struct recorder *recorder, const struct conversation *conversation,
                   enum direction direction, struct bytes bytes)
{
    pthread_mutex_lock(&recorder->one);
    struct recorded *recorded = recorder->stopped ? NULL : record(conversation);
    if (recorded) {
        struct talk talk = talk_of(recorder, conversation, recorded);
        hear(&talk, direction, bytes);
    }
    bool news = recorder->lost > recorder->told_lost && !recorder->stopped;
    pthread_mutex_unlock(&recorder->one);
    return news;
}

void recorder_route(struct recorder *recorder, const struct conversation *conversation,
                    const struct exchange *exchange)
{
    struct recorded *recorded = recorded_of(conversation);
    pthread_mutex_lock(&recorder->one);
    if (recorded)
        dialogue_route(&recorded->dialogue, exchange->number, exchange->node);
    pthread_mutex_unlock(&recorder->one);
}

static void part(const struct talk *talk, bool client_ended, const char *why)
{
    const struct bytes nothing = {NULL, 0};
    enum direction first = client_ended ? REQUEST : RESPONSE;
    rotate(talk->recorder);
    greet(talk);
    put_packet(talk, first, SEGMENT_FIN | SEGMENT_ACK, nothing, why);
    put_packet(talk, !first, SEGMENT_FIN | SEGMENT_ACK, nothing, "");
    put_packet(talk, first, SEGMENT_ACK, nothing, "");
}

void recorder_end(struct recorder *recorder, const struct conversation *conversation, bool client_ended,
                  const char *why)
{
    struct recorded *recorded = recorded_of(conversation);
    if (!recorded)
        return;
    pthread_mutex_lock(&recorder->one);
    struct talk talk = talk_of(recorder, conversation, recorded);
    if (!recorder->stopped)
        part(&talk, client_ended, why);
    pthread_mutex_unlock(&recorder->one);
    dialogue_free(&recorded->dialogue);
    free(recorded);
    *conversation_watched(conversation, WATCHED_BY_RECORDER) = NULL;
}

bool recorder_news(struct recorder *recorder, struct recorder_news *news)
{
    *news = (struct recorder_news){.error = 0};
    pthread_mutex_lock(&recorder->one);
    uint64_t now_us = recorder->clocks.steady_us(recorder->clocks.context);
    news->error = recorder->stopped ? 0 : writer_error(&recorder->writer);
    recorder->stopped = recorder->stopped || news->error;
    bool due = !recorder->told_us || now_us > recorder->told_us + NEWS_US;
    if (recorder->lost > recorder->told_lost && !recorder->stopped && due) {
        news->lost = recorder->lost;
        recorder->told_lost = recorder->lost;
        recorder->told_us = now_us;
    }
    pthread_mutex_unlock(&recorder->one);
    return news->error || news->lost;
}
