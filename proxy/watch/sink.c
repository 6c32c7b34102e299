/* SPDX-License-Identifier: Apache-2.0 */
/* The platform's file descriptors and clocks; see sink.h. */
#include "proxy/watch/sink.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* A pipe that polls as writable takes PIPE_BUF bytes without blocking. The descriptor itself is never made
 * non-blocking: it may be shared with whoever started us. */
static bool is_ready(const struct fd_sink *fd_sink, int wait_ms)
{
    struct pollfd poll_fd = {.fd = fd_sink->fd, .events = POLLOUT};
    return poll(&poll_fd, 1, wait_ms) > 0;
}

static void write_once(const struct fd_sink *fd_sink, const char *text, size_t len)
{
    while (write(fd_sink->fd, text, len) < 0 && errno == EINTR)
        ;
}

static void tell_lost(struct fd_sink *fd_sink)
{
    char text[96];
    int len = snprintf(text, sizeof text, "(lines lost here: %" PRIu64 ", nobody read them in time)\n",
                       fd_sink->lost);
    fd_sink->lost = 0;
    write_once(fd_sink, text, (size_t)len);
}

static void write_line(void *context, const char *text, size_t len)
{
    struct fd_sink *fd_sink = context;
    bool ready = is_ready(fd_sink, fd_sink->stalled ? 0 : STALL_MS);
    if (ready && fd_sink->lost) {
        tell_lost(fd_sink);
        ready = is_ready(fd_sink, 0);
    }
    fd_sink->stalled = !ready;
    if (ready)
        write_once(fd_sink, text, len);
    else
        fd_sink->lost++;
}

struct sink sink_of_fd(struct fd_sink *fd_sink)
{
    return (struct sink){.write = write_line, .context = fd_sink};
}

static uint64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t wall_us(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

static uint64_t steady_us(void *context)
{
    (void)context;
    return read_clock(CLOCK_MONOTONIC);
}

struct clocks clocks_of_system(void)
{
    return (struct clocks){.wall_us = wall_us, .steady_us = steady_us};
}
