/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing; see map.h. */
#include "proxy/bridge/map.h"

enum { FIRST_ROOM = 16 };

/* FNV-1a, but by eight bytes where there are so many: each routed request is looked up by an id of sixteen. */
uint64_t map_hash(uint64_t hash, struct bytes bytes)
{
    static const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t word;
    size_t i = 0;
    for (; bytes.len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, bytes.at + i, sizeof word);
        hash = (hash ^ word) * prime;
    }
    for (; i < bytes.len; i++)
        hash = (hash ^ bytes.at[i]) * prime;
    return hash;
}

static uint32_t place_of(uint32_t room, uint64_t hash)
{
    return (uint32_t)(hash ^ hash >> 32) & (room - 1);
}

void *map_find(const struct map *map, uint64_t hash, bool (*is)(const void *item, const void *key),
               const void *key)
{
    if (map->count == 0)
        return NULL;
    for (uint32_t at = place_of(map->room, hash); map->slots[at].item; at = (at + 1) & (map->room - 1))
        if (map->slots[at].hash == hash && is(map->slots[at].item, key))
            return map->slots[at].item;
    return NULL;
}

static void place(struct map_slot *slots, uint32_t room, struct map_slot slot)
{
    uint32_t at = place_of(room, slot.hash);
    while (slots[at].item)
        at = (at + 1) & (room - 1);
    slots[at] = slot;
}

static bool grow(struct map *map, const struct allocator *allocator)
{
    uint32_t room = map->room ? map->room * 2 : FIRST_ROOM;
    struct map_slot *slots = allocator->resize(allocator->context, NULL, room * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0, room * sizeof *slots);
    for (uint32_t i = 0; i < map->room; i++)
        if (map->slots[i].item)
            place(slots, room, map->slots[i]);
    if (map->slots)
        allocator->resize(allocator->context, map->slots, 0);
    map->slots = slots;
    map->room = room;
    return true;
}

bool map_put(struct map *map, const struct allocator *allocator, uint64_t hash, void *item)
{
    if ((map->count + 1) * UINT64_C(4) > map->room * UINT64_C(3) && !grow(map, allocator))
        return false;
    place(map->slots, map->room, (struct map_slot){hash, item});
    map->count++;
    return true;
}

/* Those behind a freed slot may have been pushed there by its item: they are placed anew. */
void map_remove(struct map *map, uint64_t hash, const void *item)
{
    uint32_t mask = map->room - 1;
    uint32_t at = place_of(map->room, hash);
    while (map->slots[at].item != item)
        at = (at + 1) & mask;
    map->slots[at].item = NULL;
    map->count--;
    for (at = (at + 1) & mask; map->slots[at].item; at = (at + 1) & mask) {
        struct map_slot moved = map->slots[at];
        map->slots[at].item = NULL;
        place(map->slots, map->room, moved);
    }
}

void map_free(struct map *map, const struct allocator *allocator)
{
    if (map->slots)
        allocator->resize(allocator->context, map->slots, 0);
    *map = (struct map){.slots = NULL};
}
