/* SPDX-License-Identifier: Apache-2.0 */
/* --record: what clients and kbridge say to each other, as a pcapng file.
 * Apart from the traffic lines, because here the bytes themselves are kept, and nothing of it is there unless it is asked for.
 *
 *     client's bytes ──► dialogue: blanks secrets ──► segments of TCP ──► packets of pcapng ──► writer ──► FILE, FILE.1 …
 *
 * Recorded is the client's side of kbridge, since that is what a person wants to understand: one stream for each client, in
 * the order in which it sends and hears, with the addresses that it was told. Which broker gave an answer is a comment where it
 * changes ("node 1"), why a client went is one at its end. The port at which clients connect first is written as 9092, so that Wireshark
 * takes the streams for Kafka by itself.
 *
 * A disk that is too slow, or a new file, leaves a gap in a stream; it goes on with the next whole message, so that what
 * follows is understood. A file begins with the handshake of each stream that is in it. */
#ifndef KBRIDGE_WATCH_RECORDER_H
#define KBRIDGE_WATCH_RECORDER_H

#include "proxy/bridge/conversation.h"
#include "proxy/watch/segment.h"
#include "proxy/watch/sink.h"
#include "proxy/watch/writer.h"

enum {
    RECORDER_ROOM =
        8
        << 20, /* of bytes on their way to the disk: what is lost to a pause of it, at 800 MB/s, above 10 ms */
    RECORDER_PORT = 9092, /* which Wireshark knows */
};

struct recorder_settings {
    const char *path;
    const char *program; /* "kbridge 1.0" */
    uint64_t size_most;  /* of one file */
    struct clocks clocks;
};

/* What is to be said in the log. */
struct recorder_news {
    int error;     /* errno: it has stopped; 0: it has not */
    uint64_t lost; /* packets so far, where that is to be told now; else 0 */
};

struct recorder {
    pthread_mutex_t one;
    const char *path, *program;
    struct clocks clocks;
    struct writer writer;
    uint64_t size_most, size; /* of the file that is written */
    uint32_t file;            /* its number, from 1 */
    bool rotates;
    uint64_t packets, lost, told_lost;
    uint64_t told_us; /* when losses were told last */
    bool stopped;
    uint16_t port; /* the first that was listened on; 0: none yet */
    uint8_t payload[SEGMENT_BYTES_MOST];
};

/* Opens the file. False: errno says why. The strings are borrowed. */
bool recorder_open(struct recorder *recorder, const struct recorder_settings *settings);
/* Writes what is on its way, and closes. Any number of workers may call what is between. Returns errno of a write that has
 * failed, where that was not told. */
int recorder_close(struct recorder *recorder);

/* Clients connect to this port. */
void recorder_listening(struct recorder *recorder, uint16_t port);

/* REQUEST: the client's bytes, as they came; RESPONSE: what it is sent. True: there may be news. */
bool recorder_hear(struct recorder *recorder, const struct conversation *conversation,
                   enum direction direction, struct bytes bytes);
/* A request goes to its node. */
void recorder_route(struct recorder *recorder, const struct conversation *conversation,
                    const struct exchange *exchange);
/* The client is gone; `why` in words. Frees what was kept of it. */
void recorder_end(struct recorder *recorder, const struct conversation *conversation, bool client_ended,
                  const char *why);

/* What is to be told now. False: nothing. */
bool recorder_news(struct recorder *recorder, struct recorder_news *news);

#endif
