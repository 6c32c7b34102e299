/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is counted; see memory.h. */
#include "tests/unit/kafka/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void *resize(void *context, void *at, size_t size)
{
    struct memory *memory = context;
    if (size == 0) {
        memory->live -= at != NULL;
        free(at);
        return NULL;
    }
    if (memory->left-- <= 0)
        return NULL;
    memory->live += at == NULL;
    return realloc(at, size);
}

void memory_begin(struct memory *memory, int left)
{
    *memory = (struct memory){.left = left, .allocator = {resize, memory}};
}

void memory_end(const struct memory *memory)
{
    assert_int_equal(memory->live, 0);
}
