/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that we own, and where memory comes from.
 * Apart, because kafka/ and bridge/ call no allocator of the platform: the one they get from outside can be
 * made to fail at any allocation by a test. */
#ifndef KBRIDGE_KAFKA_BUFFER_H
#define KBRIDGE_KAFKA_BUFFER_H

#include "proxy/kafka/bytes.h"

/* Like realloc: `at` may be NULL, `size` 0 frees and returns NULL; NULL for a size above 0 means out of
 * memory, and `at` is as it was. */
struct allocator {
    void *(*resize)(void *context, void *at, size_t size);
    void *context;
};

/* All zero but `allocator` is an empty buffer. */
struct buffer {
    uint8_t *at;
    size_t len;
    size_t room;
    const struct allocator *allocator;
};

/* Makes room for `more` further bytes. False: out of memory, the buffer is as it was. */
bool buffer_reserve(struct buffer *buffer, size_t more);

/* Appends a copy. False: out of memory, the buffer is as it was. */
bool buffer_append(struct buffer *buffer, struct bytes bytes);

/* "out of memory", as the reason of a failure: who has to know it from others compares the address. */
extern const char buffer_exhausted[];

/* Gives the memory back; the buffer is empty and can be used again. Freeing twice is harmless. */
void buffer_free(struct buffer *buffer);

static inline struct bytes buffer_bytes(const struct buffer *buffer)
{
    return (struct bytes){buffer->at, buffer->len};
}

#endif
