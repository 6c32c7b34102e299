/* SPDX-License-Identifier: Apache-2.0 */
/* A first-in, first-out queue of equal items.
 * Apart, because answers are awaited in two orders: that of the client's requests, and that of each link. */
#ifndef KBRIDGE_BRIDGE_RING_H
#define KBRIDGE_BRIDGE_RING_H

#include "proxy/kafka/buffer.h"

/* All zero but `item_size` is an empty ring. It keeps its places, so that requests cost no allocation, however many at a
 * time; whoever knows that it is idle frees what pipelining made it grow by. */
struct ring {
    uint8_t *items;
    uint32_t item_size;
    uint32_t room; /* a power of two, or 0 */
    uint32_t count;
    uint32_t ticket; /* of the first item: items are numbered as they are pushed, modulo 2^32 */
};

/* The place of one more item, which is to be written at once. NULL: out of memory, the ring is as it was. */
void *ring_push(struct ring *ring, const struct allocator *allocator);

/* The item with this ticket, which must be in the ring. Valid until the next push or pop. */
void *ring_at(const struct ring *ring, uint32_t ticket);

/* The oldest; NULL where the ring is empty. */
static inline void *ring_first(const struct ring *ring)
{
    return ring->count ? ring_at(ring, ring->ticket) : NULL;
}

/* Takes the oldest out, which must be there. */
void ring_pop(struct ring *ring);

/* True where it is empty, and has more places than its first few. */
bool ring_is_spacious(const struct ring *ring);

/* It is empty then, and can be used on. */
void ring_free(struct ring *ring, const struct allocator *allocator);

#endif
