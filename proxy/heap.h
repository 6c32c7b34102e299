/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of the platform, as an allocator for kafka/ and bridge/, which call none themselves.
 * Apart from their headers, because they are pure; whoever calls them may include this one. */
#ifndef KBRIDGE_HEAP_H
#define KBRIDGE_HEAP_H

#include <stdlib.h>

#include "proxy/kafka/buffer.h"

static inline void *heap_resize(void *context, void *at, size_t size)
{
    (void)context;
    if (size > 0)
        return realloc(at, size);
    free(at);
    return NULL;
}

static const struct allocator heap_allocator = {heap_resize, NULL};

#endif
