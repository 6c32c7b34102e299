/* SPDX-License-Identifier: Apache-2.0 */
/* Where lines go, and what time it is: the two things that watch/ needs from the platform.
 * Apart, because a test gives its own, and all else in watch/ is plain data and text. */
#ifndef KBRIDGE_WATCH_SINK_H
#define KBRIDGE_WATCH_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes one whole line, its line break included. */
struct sink {
    void (*write)(void *context, const char *text, size_t len);
    void *context;
};

/* Microseconds. `wall_us`: since 1970, may jump. `steady_us`: any origin, never goes back. */
struct clocks {
    uint64_t (*wall_us)(void *context);
    uint64_t (*steady_us)(void *context);
    void *context;
};

/* A file descriptor as a sink. A reader that does not read costs one pause of STALL_MS; from then on lines
 * are lost and counted, without waiting, until it reads again. SIGPIPE must be ignored. */
struct fd_sink {
    int fd;
    bool stalled;
    uint64_t lost;
};

enum { STALL_MS = 100 };

struct sink sink_of_fd(struct fd_sink *fd_sink); /* borrowed */

struct clocks clocks_of_system(void);

#endif
