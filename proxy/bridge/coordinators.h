/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the view that knows coordinators of groups and transactional ids.
 * Private to view.c. The rules stand in view.h. */
#ifndef KBRIDGE_BRIDGE_COORDINATORS_H
#define KBRIDGE_BRIDGE_COORDINATORS_H

#include "proxy/bridge/map.h"
#include "proxy/bridge/view.h"

/* About 1 MiB with names of usual length; the second bound is for names of up to 32 KiB. */
enum { COORDINATORS_MAX = 10000, COORDINATORS_BYTES_MAX = 4 << 20 };

/* All zero but `allocator` is empty. */
struct coordinators {
    const struct allocator *allocator;
    struct map by_key;
    size_t bytes;                        /* of all keys */
    struct coordinator *newest, *oldest; /* by use */
};

int32_t coordinators_find(struct coordinators *coordinators, enum coordinator_type type, struct bytes key);
void coordinators_learn(struct coordinators *coordinators, enum coordinator_type type, struct bytes key,
                        int32_t node);
void coordinators_forget(struct coordinators *coordinators, enum coordinator_type type, struct bytes key);
uint64_t coordinators_hash(enum coordinator_type type, struct bytes key);
void coordinators_forget_hash(struct coordinators *coordinators, uint64_t hash);
void coordinators_free(struct coordinators *coordinators);

#endif
