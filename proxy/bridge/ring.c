/* SPDX-License-Identifier: Apache-2.0 */
/* Items at (ticket modulo room); see ring.h. */
#include "proxy/bridge/ring.h"

enum { FIRST_ROOM = 4 };

static size_t offset_of(const struct ring *ring, uint32_t room, uint32_t ticket)
{
    return (size_t)(ticket & (room - 1)) * ring->item_size;
}

static bool grow(struct ring *ring, const struct allocator *allocator)
{
    uint32_t room = ring->room ? ring->room * 2 : FIRST_ROOM;
    uint8_t *items = allocator->resize(allocator->context, NULL, (size_t)room * ring->item_size);
    if (!items)
        return false;
    for (uint32_t i = 0; i < ring->count; i++)
        memcpy(items + offset_of(ring, room, ring->ticket + i), ring_at(ring, ring->ticket + i),
               ring->item_size);
    if (ring->items)
        allocator->resize(allocator->context, ring->items, 0);
    ring->items = items;
    ring->room = room;
    return true;
}

void *ring_push(struct ring *ring, const struct allocator *allocator)
{
    if (ring->count == ring->room && !grow(ring, allocator))
        return NULL;
    return ring_at(ring, ring->ticket + ring->count++);
}

void *ring_at(const struct ring *ring, uint32_t ticket)
{
    return ring->items + offset_of(ring, ring->room, ticket);
}

void ring_pop(struct ring *ring)
{
    ring->ticket++;
    ring->count--;
}

bool ring_is_spacious(const struct ring *ring)
{
    return ring->count == 0 && ring->room > FIRST_ROOM;
}

void ring_free(struct ring *ring, const struct allocator *allocator)
{
    if (ring->items)
        allocator->resize(allocator->context, ring->items, 0);
    ring->items = NULL;
    ring->room = 0;
    ring->count = 0;
}
