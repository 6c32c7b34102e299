/* SPDX-License-Identifier: Apache-2.0 */
/* Segments in, facts out; see playback.h. */
#include "proxy/watch/playback.h"

#include <stdlib.h>

#include "proxy/kafka/foreign.h"
#include "proxy/kafka/wire.h"
#include "proxy/watch/dialogue.h"
#include "proxy/watch/recorder.h"
#include "proxy/watch/segment.h"

enum { TEXT_ROOM = 64, RST = 4 };

struct playback_stream {
    struct playback_stream *next;
    struct playback *playback;
    struct hearing hearing;
    struct dialogue dialogue;
    struct place place; /* its client's, and where that has connected to */
    struct told told;
    char host[HOST_ROOM];
    char client_id[TEXT_ROOM], software[TEXT_ROOM];
    bool has_client_id, has_software, has_told;
    bool begun[2], ended[2]; /* by direction */
    uint32_t number[2];      /* of the next byte */
    int32_t node;            /* the one that was named last */
};

static uint64_t now_us(void *context)
{
    return ((const struct playback *)context)->wall_us;
}

void playback_begin(struct playback *playback)
{
    playback->wall_us = 0;
    playback->stream_count = 0;
    playback->heard = playback->missing_bytes = 0;
    memset(playback->buckets, 0, sizeof playback->buckets);
    traffic_init(&playback->traffic, (struct clocks){now_us, now_us, playback});
}

/* ---- what the dialogue tells ---- */

static struct who who_of(const struct playback_stream *stream)
{
    return (struct who){
        .place = &stream->place,
        .client_id = stream->client_id,
        .software = stream->software,
        .told = stream->has_told ? &stream->told : NULL,
    };
}

static void add_text(char text[TEXT_ROOM], struct bytes piece)
{
    size_t len = strlen(text), room = TEXT_ROOM - 1 - len;
    size_t add = piece.len < room ? piece.len : room;
    if (add)
        memcpy(text + len, piece.at, add);
    text[len + add] = 0;
}

/* Said once, on its first requests. */
static void see_who(struct playback_stream *stream, const struct walk_event *event)
{
    enum role role = (enum role)event->field->role;
    bool whole = event->left == 0;
    if (role == ROLE_CLIENT_ID && !stream->has_client_id) {
        add_text(stream->client_id, event->piece);
        stream->has_client_id = whole && stream->client_id[0];
    }
    if ((role == ROLE_SOFTWARE_NAME || role == ROLE_SOFTWARE_VERSION) && !stream->has_software) {
        add_text(stream->software, event->piece);
        if (role == ROLE_SOFTWARE_NAME && whole)
            add_text(stream->software, bytes_of(" "));
        stream->has_software = role == ROLE_SOFTWARE_VERSION && whole;
    }
}

/* The first address in an answer; kbridge tells nodes apart by upper case (told.h), which says nothing here. */
static void see_told(struct playback_stream *stream, enum walk_step step, const struct walk_event *event)
{
    size_t len = strlen(stream->host);
    if (event->field->role == ROLE_HOST && step == WALK_BEGIN)
        stream->host[0] = 0;
    if (event->field->role == ROLE_HOST && step == WALK_PIECE && event->piece.len < HOST_ROOM - len) {
        for (size_t i = 0; i < event->piece.len; i++) {
            uint8_t letter = event->piece.at[i];
            stream->host[len + i] = (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
        }
        stream->host[len + event->piece.len] = 0;
    }
    if (event->field->role == ROLE_PORT && event->number > 0 && stream->host[0]) {
        stream->told = (struct told){.host = stream->host, .port = (uint16_t)event->number};
        stream->has_told = true;
    }
}

static void on_request(void *context, const struct exchange *exchange)
{
    struct playback_stream *stream = context;
    traffic_request(&stream->playback->traffic, stream, exchange);
}

static void on_field(void *context, const struct exchange *exchange, enum direction direction,
                     enum walk_step step, const struct walk_event *event)
{
    struct playback_stream *stream = context;
    if (direction == REQUEST && step == WALK_PIECE)
        see_who(stream, event);
    if (direction == RESPONSE && !stream->has_told)
        see_told(stream, step, event);
    traffic_field(&stream->playback->traffic, stream, exchange, direction, step, event);
}

static void on_response(void *context, const struct exchange *exchange)
{
    struct playback_stream *stream = context;
    struct exchange answered = *exchange;
    struct who who = who_of(stream);
    answered.node = stream->node;
    stream->playback->heard++;
    traffic_response(&stream->playback->traffic, stream, &who, &answered);
}

/* ---- streams ---- */

/* Either of its directions leads to the same bucket. */
static struct playback_stream **bucket_of(struct playback *playback, const struct captured *captured)
{
    uint32_t sum = (uint32_t)captured->from_port + captured->to_port;
    for (size_t i = 0; i < sizeof captured->from.at; i++)
        sum += (uint32_t)(captured->from.at[i] + captured->to.at[i]) << i % 8;
    return &playback->buckets[sum % PLAYBACK_BUCKETS];
}

static bool is_between(const struct place *place, const struct captured *captured, enum direction direction)
{
    const struct ip *client = direction == REQUEST ? &captured->from : &captured->to;
    const struct ip *server = direction == REQUEST ? &captured->to : &captured->from;
    uint16_t client_port = direction == REQUEST ? captured->from_port : captured->to_port;
    uint16_t server_port = direction == REQUEST ? captured->to_port : captured->from_port;
    return place->peer_port == client_port && place->port == server_port && ip_equal(&place->peer, client) &&
           ip_equal(&place->local, server);
}

/* Where the pointer to the segment's stream stands; NULL there: none is known. */
static struct playback_stream **place_of(struct playback *playback, const struct captured *captured,
                                         enum direction *direction)
{
    struct playback_stream **place = bucket_of(playback, captured);
    for (; *place; place = &(*place)->next) {
        *direction = is_between(&(*place)->place, captured, REQUEST) ? REQUEST : RESPONSE;
        if (*direction == REQUEST || is_between(&(*place)->place, captured, RESPONSE))
            break;
    }
    return place;
}

/* Whether this is the client's; false: nobody can tell. */
static bool guess_direction(const struct captured *captured, enum direction *direction)
{
    enum { HEAD_SIZE = 14 };
    struct bytes head = {captured->payload.at, captured->payload.len};
    bool opens = captured->flags & SEGMENT_SYN, answers = opens && captured->flags & SEGMENT_ACK;
    bool asks = head.len >= HEAD_SIZE && foreign_fits_header(head, wire_uint32(head.at));
    *direction = answers || (!opens && captured->from_port == RECORDER_PORT) ? RESPONSE : REQUEST;
    return opens || captured->from_port == RECORDER_PORT || captured->to_port == RECORDER_PORT || asks;
}

static void set_place(struct place *place, const struct captured *captured, enum direction direction)
{
    bool asks = direction == REQUEST;
    *place = (struct place){
        .peer = asks ? captured->from : captured->to,
        .local = asks ? captured->to : captured->from,
        .peer_port = asks ? captured->from_port : captured->to_port,
        .port = asks ? captured->to_port : captured->from_port,
    };
}

/* NULL: there are too many, or no memory. */
static struct playback_stream *add_stream(struct playback *playback, const struct captured *captured,
                                          enum direction direction)
{
    bool room = playback->stream_count < PLAYBACK_STREAMS_MAX;
    struct playback_stream *stream = room ? calloc(1, sizeof *stream) : NULL;
    struct playback_stream **bucket = bucket_of(playback, captured);
    if (!stream)
        return NULL;
    stream->playback = playback;
    stream->hearing = (struct hearing){stream, on_request, on_field, on_response};
    stream->node = NODE_BOOTSTRAP;
    dialogue_begin(&stream->dialogue, &stream->hearing);
    set_place(&stream->place, captured, direction);
    stream->next = *bucket;
    *bucket = stream;
    playback->stream_count++;
    return stream;
}

static void end_stream(struct playback *playback, struct playback_stream **place)
{
    struct playback_stream *stream = *place;
    struct who who = who_of(stream);
    traffic_end(&playback->traffic, stream, &who);
    dialogue_free(&stream->dialogue);
    *place = stream->next;
    free(stream);
    playback->stream_count--;
}

void playback_end(struct playback *playback)
{
    for (size_t i = 0; i < PLAYBACK_BUCKETS; i++)
        while (playback->buckets[i])
            end_stream(playback, &playback->buckets[i]);
    traffic_free(&playback->traffic);
}

/* ---- segments ---- */

/* "node 1", "kbridge itself": who answers from here on (recorder.h). */
static void see_comment(struct playback_stream *stream, struct bytes comment)
{
    enum { DIGITS_MOST = 9 };
    static const char node[] = "node ", kbridge[] = "kbridge itself";
    int32_t number = 0;
    if (bytes_equal(comment, bytes_of(kbridge)))
        stream->node = NODE_KBRIDGE;
    size_t skip = sizeof node - 1;
    if (comment.len <= skip || comment.len > skip + DIGITS_MOST || memcmp(comment.at, node, skip) != 0)
        return;
    for (size_t i = skip; i < comment.len; i++) {
        if (comment.at[i] < '0' || comment.at[i] > '9')
            return;
        number = number * 10 + (comment.at[i] - '0');
    }
    stream->node = number;
}

/* What comes again is cut off; bytes that are missing are counted. */
static struct span in_order(struct playback_stream *stream, enum direction direction,
                            const struct captured *captured)
{
    struct span payload = captured->payload;
    int32_t ahead = (int32_t)(captured->number - stream->number[direction]);
    if (!stream->begun[direction] || ahead > 0) {
        if (stream->begun[direction])
            stream->playback->missing_bytes += (uint32_t)ahead;
        dialogue_skip(&stream->dialogue, direction);
        stream->number[direction] = captured->number;
        stream->begun[direction] = true;
        return payload;
    }
    size_t again = (size_t) - (int64_t)ahead;
    if (again > payload.len)
        again = payload.len;
    return (struct span){payload.at + again, payload.len - again};
}

static void hear(struct playback_stream *stream, enum direction direction, const struct captured *captured)
{
    struct span payload = in_order(stream, direction, captured);
    if (payload.len && direction == RESPONSE)
        see_comment(stream, captured->comment);
    stream->number[direction] += (uint32_t)payload.len;
    while (payload.len) {
        size_t used = dialogue_hear(&stream->dialogue, direction, payload);
        payload.at += used;
        payload.len -= used;
    }
}

/* A handshake begins a stream, except where it only repeats where one is, as a recording does at the start of a file. */
static bool begins_anew(const struct playback_stream *stream, const struct captured *captured,
                        enum direction direction)
{
    return direction == REQUEST && captured->flags & SEGMENT_SYN &&
           !(stream->begun[REQUEST] && captured->number + 1 == stream->number[REQUEST]);
}

static void open_direction(struct playback_stream *stream, enum direction direction, uint32_t number)
{
    if (stream->begun[direction] && stream->number[direction] == number + 1)
        return;
    dialogue_skip(&stream->dialogue, direction);
    stream->number[direction] = number + 1;
    stream->begun[direction] = true;
}

static bool is_over(struct playback_stream *stream, enum direction direction, uint8_t flags)
{
    stream->ended[direction] = stream->ended[direction] || flags & SEGMENT_FIN;
    return flags & RST || (stream->ended[REQUEST] && stream->ended[RESPONSE]);
}

static void see_segment(struct playback *playback, const struct captured *captured)
{
    enum direction direction = REQUEST;
    struct playback_stream **place = place_of(playback, captured, &direction);
    if (*place && begins_anew(*place, captured, direction)) {
        end_stream(playback, place);
        place = place_of(playback, captured, &direction);
    }
    if (!*place) {
        if (captured->flags & RST || !guess_direction(captured, &direction) ||
            !add_stream(playback, captured, direction))
            return;
        place = bucket_of(playback, captured);
    }
    if (captured->flags & SEGMENT_SYN)
        open_direction(*place, direction, captured->number);
    else if (captured->payload.len)
        hear(*place, direction, captured);
    if (is_over(*place, direction, captured->flags))
        end_stream(playback, place);
}

bool playback_file(struct playback *playback, FILE *file, struct sentence *why)
{
    struct captured captured;
    enum capture_step step = CAPTURE_OTHER;
    if (!capture_begin(&playback->capture, file, why))
        return false;
    while (step < CAPTURE_END) {
        step = capture_next(&playback->capture, &captured, why);
        if (step != CAPTURE_SEGMENT)
            continue;
        playback->wall_us = captured.wall_us;
        see_segment(playback, &captured);
    }
    return step == CAPTURE_END;
}
