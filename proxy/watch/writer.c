/* SPDX-License-Identifier: Apache-2.0 */
/* The queue and its thread; see writer.h. */
#include "proxy/watch/writer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000, LOST_ROOM = 128 };
static const struct timespec gather_time = {.tv_nsec = (long)WRITER_GATHER_MS * NS_PER_MS};

void writer_init(struct writer *writer, int fd, const char *lost_format)
{
    *writer = (struct writer){
        .fd = fd,
        .lost_format = lost_format,
        .room = WRITER_ROOM,
        .one = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
}

/* ---- the thread ---- */

/* What lies in one piece in the ring, at most. */
static size_t piece_len(const struct writer *writer)
{
    size_t to_end = writer->room - writer->begin, len = writer->cutting ? writer->to_cut : writer->len;
    return len < to_end ? len : to_end;
}

static void give_up(struct writer *writer, int error)
{
    writer->error = error;
    if (error)
        writer->len = writer->to_cut = 0;
}

/* Without the lock while it writes: that may take as long as it likes. */
static void write_piece(struct writer *writer)
{
    const char *at = writer->ring + writer->begin;
    size_t len = piece_len(writer);
    pthread_mutex_unlock(&writer->one);
    ssize_t written = write(writer->fd, at, len);
    int error = written < 0 && errno != EINTR && errno != EAGAIN ? errno : 0;
    if (written < 0 && errno == EAGAIN) /* somebody has made it non-blocking */
        nanosleep(&gather_time, NULL);
    pthread_mutex_lock(&writer->one);
    size_t gone = written > 0 ? (size_t)written : 0;
    writer->begin = (writer->begin + gone) % writer->room;
    writer->len -= gone;
    writer->to_cut -= writer->cutting ? gone : 0;
    give_up(writer, error);
}

static void go_to_next(struct writer *writer)
{
    int fd = writer->fd;
    pthread_mutex_unlock(&writer->one);
    fd = writer->next(writer->next_context, fd);
    int error = fd < 0 ? errno : 0;
    pthread_mutex_lock(&writer->one);
    writer->fd = fd;
    writer->cutting = false;
    give_up(writer, error);
}

static void gather(struct writer *writer)
{
    pthread_mutex_unlock(&writer->one);
    nanosleep(&gather_time, NULL);
    pthread_mutex_lock(&writer->one);
}

static void *run(void *context)
{
    struct writer *writer = context;
    pthread_mutex_lock(&writer->one);
    while (!writer->stopping || writer->len) {
        if (writer->len && writer->cutting && !writer->to_cut) {
            go_to_next(writer);
            continue;
        }
        if (writer->len) {
            write_piece(writer);
            continue;
        }
        writer->idle = true;
        pthread_cond_wait(&writer->changed, &writer->one);
        writer->idle = false;
        if (!writer->stopping)
            gather(writer);
    }
    writer->has_thread = false;
    pthread_cond_signal(&writer->changed);
    pthread_mutex_unlock(&writer->one);
    return NULL;
}

/* Signals are for the main thread. */
static bool start(struct writer *writer)
{
    sigset_t all, before;
    writer->ring = malloc(writer->room);
    if (!writer->ring)
        return false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    writer->has_thread = pthread_create(&writer->thread, NULL, run, writer) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (writer->has_thread)
        return true;
    free(writer->ring);
    writer->ring = NULL;
    return false;
}

/* ---- the queue ---- */

/* There is room for it. */
static void append(struct writer *writer, struct bytes bytes)
{
    size_t end = (writer->begin + writer->len) % writer->room;
    size_t first = bytes.len < writer->room - end ? bytes.len : writer->room - end;
    memcpy(writer->ring + end, bytes.at, first);
    memcpy(writer->ring, bytes.at + first, bytes.len - first);
    writer->len += bytes.len;
}

static bool has_room(const struct writer *writer, size_t len)
{
    return len <= writer->room - writer->len;
}

/* Only where what follows it has room too. */
static bool append_lost(struct writer *writer, size_t following)
{
    char text[LOST_ROOM];
    if (!writer->lost || !writer->lost_format)
        return true;
    if (!has_room(writer, LOST_ROOM + following))
        return false;
    int len = snprintf(text, sizeof text, writer->lost_format, (unsigned long long)writer->lost);
    append(writer, (struct bytes){(const uint8_t *)text, (size_t)len});
    writer->lost = 0;
    return true;
}

static bool is_ready(struct writer *writer)
{
    return !writer->error && (writer->ring || start(writer));
}

static void wake(struct writer *writer)
{
    if (writer->idle)
        pthread_cond_signal(&writer->changed);
}

bool writer_put_pieces(struct writer *writer, const struct bytes *pieces, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += pieces[i].len;
    pthread_mutex_lock(&writer->one);
    bool put = is_ready(writer) && append_lost(writer, len) && has_room(writer, len);
    for (size_t i = 0; i < count && put; i++)
        if (pieces[i].len)
            append(writer, pieces[i]);
    if (!put)
        writer->lost++;
    wake(writer);
    pthread_mutex_unlock(&writer->one);
    return put;
}

bool writer_put(struct writer *writer, const char *text, size_t len)
{
    return writer_put_pieces(writer, &(struct bytes){(const uint8_t *)text, len}, 1);
}

bool writer_cut(struct writer *writer, struct bytes first)
{
    pthread_mutex_lock(&writer->one);
    bool cut = !writer->cutting && is_ready(writer) && has_room(writer, first.len);
    if (cut) {
        writer->cutting = true;
        writer->to_cut = writer->len;
        append(writer, first);
        wake(writer);
    }
    pthread_mutex_unlock(&writer->one);
    return cut;
}

int writer_error(struct writer *writer)
{
    pthread_mutex_lock(&writer->one);
    int error = writer->error;
    pthread_mutex_unlock(&writer->one);
    return error;
}

/* Time is up for a reader that stands still: its thread, which nobody can wake, is left behind with its bytes. */
static bool wait_until_through(struct writer *writer)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += (end.tv_nsec + (long)WRITER_LINGER_MS * NS_PER_MS) / NS_PER_S;
    end.tv_nsec = (end.tv_nsec + (long)WRITER_LINGER_MS * NS_PER_MS) % NS_PER_S;
    while (writer->has_thread)
        if (pthread_cond_timedwait(&writer->changed, &writer->one, &end) == ETIMEDOUT)
            return !writer->has_thread;
    return true;
}

void writer_close(struct writer *writer)
{
    if (!writer->ring)
        return;
    pthread_mutex_lock(&writer->one);
    append_lost(writer, 0);
    writer->stopping = true;
    pthread_cond_signal(&writer->changed);
    bool through = wait_until_through(writer);
    pthread_mutex_unlock(&writer->one);
    if (!through) {
        pthread_detach(writer->thread);
        return;
    }
    pthread_join(writer->thread, NULL);
    free(writer->ring);
    writer->ring = NULL;
}

static void sink_write(void *context, const char *text, size_t len)
{
    writer_put(context, text, len);
}

struct sink sink_of_writer(struct writer *writer)
{
    return (struct sink){.write = sink_write, .context = writer};
}
