/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded queue of bytes and the thread that writes them to a file descriptor.
 * Apart, because whoever reads traffic lines, or a disk, may stand still, and clients must not notice: the worker only
 * copies into the queue, and what finds no room in it is lost and counted. Lines are gathered for WRITER_GATHER_MS, so
 * that neither side pays a system call for each.
 *
 *     writer_put ──► [ ······ bytes ······ ] ──thread──► write     full: lost + 1, told in the place of what is missing */
#ifndef KBRIDGE_WATCH_WRITER_H
#define KBRIDGE_WATCH_WRITER_H

#include <pthread.h>

#include "proxy/kafka/bytes.h"
#include "proxy/watch/sink.h"

enum { WRITER_ROOM = 1 << 20 /* some 5,000 lines */, WRITER_GATHER_MS = 5, WRITER_LINGER_MS = 1000 };

/* Called in the thread, which may wait there as long as it likes: closes `fd` and gives the one that follows it, or -1 with
 * errno. */
typedef int writer_next_fn(void *context, int fd);

struct writer {
    int fd;
    const char
        *lost_format; /* a whole line with one %llu: so many are missing here; NULL: they are not told */
    pthread_mutex_t one;
    pthread_cond_t changed;
    pthread_t thread;
    bool has_thread, stopping, idle; /* idle: the thread waits for bytes */
    int error;                       /* errno of the write that failed; from then on nothing is written */
    uint64_t lost;
    size_t room;       /* of ring; may be set before the first byte */
    size_t begin, len; /* in ring */
    char *ring;        /* NULL before the first byte */
    writer_next_fn *next;
    void *next_context;
    bool cutting;  /* `next` is to be called … */
    size_t to_cut; /* … when so many bytes more are written */
};

/* Takes memory and a thread with the first byte only. */
void writer_init(struct writer *writer, int fd, const char *lost_format);

/* All of it or nothing; false: it is lost. */
bool writer_put(struct writer *writer, const char *text, size_t len);

/* The same of several pieces together. */
bool writer_put_pieces(struct writer *writer, const struct bytes *pieces, size_t count);

/* What is put from now on, `first` before all else, goes to another descriptor (see `next`). False: there is no room, or the
 * last cut is not through; nothing has changed. */
bool writer_cut(struct writer *writer, struct bytes first);

/* errno of the write that failed; 0: none has. */
int writer_error(struct writer *writer);

/* Writes what is queued, if that is taken within WRITER_LINGER_MS. The descriptor stays open. */
void writer_close(struct writer *writer);

struct sink sink_of_writer(struct writer *writer); /* borrowed */

#endif
