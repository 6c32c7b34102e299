/* SPDX-License-Identifier: Apache-2.0 */
/* A first-in, first-out queue of equal items.
 * Apart, because answers are awaited in two orders: that of the client's requests, and that of each link. */
#ifndef KBRIDGE_BRIDGE_RING_H
#define KBRIDGE_BRIDGE_RING_H

#include "proxy/kafka/buffer.h"

/* All zero but `item_size` is an empty ring. It keeps its first few places for good, so that one request after
 * the other costs no allocation; what pipelining made it grow by is given back when it is empty. */
struct ring {
    uint8_t *items;
    uint32_t item_size;
    uint32_t room; /* a power of two, or 0 */
    uint32_t count;
    uint32_t ticket; /* of the first item: items are numbered as they are pushed, modulo 2^32 */
};

/* False: out of memory, the ring is as it was. */
bool ring_push(struct ring *ring, const struct allocator *allocator, const void *item);

/* The item with this ticket, which must be in the ring. Valid until the next push or pop. */
void *ring_at(const struct ring *ring, uint32_t ticket);

/* The oldest; NULL where the ring is empty. */
static inline void *ring_first(const struct ring *ring)
{
    return ring->count ? ring_at(ring, ring->ticket) : NULL;
}

/* Takes the oldest out, which must be there. */
void ring_pop(struct ring *ring, const struct allocator *allocator);

void ring_free(struct ring *ring, const struct allocator *allocator);

#endif
