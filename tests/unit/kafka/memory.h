/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for tests: it is counted, and fails when it is told to.
 * Apart, because every test of kafka/ and bridge/ gives the code its allocator, and wants it all back. */
#ifndef KBRIDGE_TESTS_KAFKA_MEMORY_H
#define KBRIDGE_TESTS_KAFKA_MEMORY_H

#include "proxy/kafka/buffer.h"

enum { MEMORY_PLENTY = 1 << 30 };

struct memory {
    int left; /* allocations that still succeed */
    int live; /* blocks that are not given back */
    struct allocator allocator;
};

/* The allocator in it points back to it: it stays where it is. */
void memory_begin(struct memory *memory, int left);

/* Fails unless every block was given back. */
void memory_end(const struct memory *memory);

#endif
