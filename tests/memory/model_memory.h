/* SPDX-License-Identifier: Apache-2.0 */
/* An allocator that counts, and that can be told to fail.
 * Apart, because unit tests and the in-memory model ask the same of memory: all of it comes back, and no allocation
 * is one that must not fail. */
#ifndef KBRIDGE_TESTS_MODEL_MEMORY_H
#define KBRIDGE_TESTS_MODEL_MEMORY_H

#include "proxy/kafka/buffer.h"

struct model_memory {
    struct allocator allocator;
    size_t blocks;  /* not given back yet … */
    size_t bytes;   /* … and their size */
    size_t calls;   /* that wanted memory, so far */
    size_t fail_at; /* the call with this number (from 1) fails; 0: none does */
    size_t failed;  /* how many did */
};

/* `memory` must stay where it is. */
void model_memory_begin(struct model_memory *memory);

#endif
