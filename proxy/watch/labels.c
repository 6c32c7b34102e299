/* SPDX-License-Identifier: Apache-2.0 */
/* A small hash table that only grows; see labels.h. */
#include "proxy/watch/labels.h"

void labels_begin(struct labels *labels)
{
    *labels = (struct labels){.count = LABEL_OTHER + 1};
    labels->at[LABEL_OTHER] = (struct name){.len = sizeof "other" - 1, .at = "other"};
}

/* FNV-1a. */
static size_t hash_of(const struct name *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name->len; i++)
        hash = (hash ^ name->at[i]) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ hash >> 32);
}

static bool is_same(const struct name *a, const struct name *b)
{
    return a->len == b->len && a->cut == b->cut && memcmp(a->at, b->at, a->len) == 0;
}

/* More slots than labels: a search always ends at a free one. */
_Static_assert((int)LABEL_SLOTS > (int)LABELS_MAX, "a free slot is left");

uint16_t labels_index(struct labels *labels, const struct name *name)
{
    size_t slot = hash_of(name) % LABEL_SLOTS;
    for (; labels->slots[slot]; slot = (slot + 1) % LABEL_SLOTS)
        if (is_same(&labels->at[labels->slots[slot]], name))
            return labels->slots[slot];
    if (labels->count == LABELS_MAX)
        return LABEL_OTHER;
    labels->at[labels->count] = *name;
    labels->slots[slot] = labels->count;
    return labels->count++;
}
