/* SPDX-License-Identifier: Apache-2.0 */
/* A capture, heard again: its streams become the same facts that a conversation reports, and traffic.c makes the same lines of them.
 * Apart from capture.h, because here it is about TCP and who speaks, not about a file.
 *
 *     segments ──by addresses──► stream ──in order──► dialogue ──► traffic ──► takers
 *
 * Segments are taken in the order in which they stand. What comes again is passed over; where bytes are missing, the stream goes on
 * as if the next one began a message, as kbridge's own recordings do. */
#ifndef KBRIDGE_WATCH_PLAYBACK_H
#define KBRIDGE_WATCH_PLAYBACK_H

#include "proxy/watch/capture.h"
#include "proxy/watch/traffic.h"

enum {
    PLAYBACK_BUCKETS = 1024,
    PLAYBACK_STREAMS_MAX = 10000 /* at the same time; segments of further ones are passed over */
};

struct playback_stream;

/* Lies still from playback_begin on. */
struct playback {
    struct traffic traffic; /* takers are added to it before the first file */
    uint64_t wall_us;       /* of the segment that is heard */
    uint32_t stream_count;
    uint64_t heard;         /* exchanges */
    uint64_t missing_bytes; /* gaps in streams */
    struct playback_stream *buckets[PLAYBACK_BUCKETS];
    struct capture capture;
};

void playback_begin(struct playback *playback);
/* False: `why` says what is wrong with the file; what was in front of that has been heard. */
bool playback_file(struct playback *playback, FILE *file, struct sentence *why);
/* What is still unanswered is told as such. */
void playback_end(struct playback *playback);

#endif
