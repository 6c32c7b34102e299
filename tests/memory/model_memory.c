/* SPDX-License-Identifier: Apache-2.0 */
/* malloc and free, counted; see model_memory.h. */
#include "tests/memory/model_memory.h"

#include <stdlib.h>

/* In front of each block: its size. */
union head {
    size_t size;
    max_align_t align;
};

static void release(struct model_memory *memory, union head *head)
{
    if (!head)
        return;
    memory->blocks--;
    memory->bytes -= head->size;
    free(head);
}

/* Blocks always move, so that a pointer kept over a resize is found by the sanitizer. */
static void *resize(void *context, void *at, size_t size)
{
    struct model_memory *memory = context;
    union head *old = at ? (union head *)at - 1 : NULL;
    if (size == 0) {
        release(memory, old);
        return NULL;
    }
    memory->calls++;
    if (memory->calls == memory->fail_at) {
        memory->failed++;
        return NULL;
    }
    union head *head = malloc(sizeof *head + size);
    if (!head)
        return NULL;
    head->size = size;
    memory->blocks++;
    memory->bytes += size;
    if (old)
        memcpy(head + 1, at, old->size < size ? old->size : size);
    release(memory, old);
    return head + 1;
}

void model_memory_begin(struct model_memory *memory)
{
    *memory = (struct model_memory){.allocator = {.resize = resize, .context = memory}};
}
