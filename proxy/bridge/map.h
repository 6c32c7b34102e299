/* SPDX-License-Identifier: Apache-2.0 */
/* A hash map from keys of bytes to items of the caller's.
 * Apart, because the view finds topics by name and by id, and coordinators by key, all in the same way. */
#ifndef KBRIDGE_BRIDGE_MAP_H
#define KBRIDGE_BRIDGE_MAP_H

#include "proxy/kafka/buffer.h"

struct map_slot {
    uint64_t hash;
    void *item; /* NULL: free */
};

/* All zero is an empty map. Items are the caller's; the map owns its slots only. */
struct map {
    struct map_slot *slots;
    uint32_t room; /* a power of two, or 0; at most 3/4 are taken */
    uint32_t count;
};

/* Goes on from `hash`; begin with MAP_HASH_FIRST. */
#define MAP_HASH_FIRST UINT64_C(0xcbf29ce484222325)
uint64_t map_hash(uint64_t hash, struct bytes bytes);

/* The item with this hash for which `is` says yes; NULL: none. */
void *map_find(const struct map *map, uint64_t hash, bool (*is)(const void *item, const void *key),
               const void *key);

/* Adds an item that is not in it. False: out of memory, the map is as it was. */
bool map_put(struct map *map, const struct allocator *allocator, uint64_t hash, void *item);

/* Takes out an item that is in it. */
void map_remove(struct map *map, uint64_t hash, const void *item);

void map_free(struct map *map, const struct allocator *allocator);

#endif
