/* SPDX-License-Identifier: Apache-2.0 */
/* The one buffer that all sockets of a worker read into.
 * Apart, because its size decides the price of a gigabyte: large reads cost few system calls, and one buffer
 * for all costs an idle connection nothing. */
#ifndef KBRIDGE_NET_READ_BUFFER_H
#define KBRIDGE_NET_READ_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    READ_SMALL = 16 << 10, /* at limits.held: what one more stalled reader may cost */
    READ_FIRST = 64 << 10, /* enough for any batch of small requests */
    READ_MOST = 1 << 20,   /* beyond it nothing gets faster, and a stalled reader costs this much */
    READ_SHRINK_MS = 1000, /* without a large read */
};

struct read_buffer {
    uint8_t *at;
    size_t room;
    uint64_t large_ms; /* when a read last filled more than READ_FIRST */
};

bool read_buffer_open(struct read_buffer *buffer); /* false: out of memory */
void read_buffer_close(struct read_buffer *buffer);

/* A read of `len` bytes was dealt with; nothing points into the buffer any more. `passed_on`: its receiver took
 * all of it at once. Grows while that is so and reads come back full. */
void read_buffer_done(struct read_buffer *buffer, size_t len, bool passed_on, uint64_t now_ms);

/* When read_buffer_tick wants to be called; UINT64_MAX: not at all. It gives back what idles. */
uint64_t read_buffer_due_ms(const struct read_buffer *buffer);
void read_buffer_tick(struct read_buffer *buffer, uint64_t now_ms);

#endif
