/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that somebody else owns.
 * Apart, because borrowed and owned memory differ by type everywhere in kbridge: what is a `struct bytes` or
 * a `struct span` is gone when the call returns; what is kept is copied into a `struct buffer`. */
#ifndef KBRIDGE_KAFKA_BYTES_H
#define KBRIDGE_KAFKA_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed, read-only. */
struct bytes {
    const uint8_t *at;
    size_t len;
};

/* Borrowed input that may be changed in place, at equal length (a read buffer). */
struct span {
    uint8_t *at;
    size_t len;
};

static inline struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

#endif
