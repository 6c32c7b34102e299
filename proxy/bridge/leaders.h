/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the view that knows leaders: topics by name and by id, and their partitions.
 * Private to view.c. The rules stand in view.h. */
#ifndef KBRIDGE_BRIDGE_LEADERS_H
#define KBRIDGE_BRIDGE_LEADERS_H

#include "proxy/bridge/map.h"
#include "proxy/bridge/view.h"

/* Above this all is forgotten and learned anew: topics that are deleted while nobody asks for them would pile up.
 * One topic gets at most half of it, so that a mad partition number does not cost 16 GiB. A cluster of a million
 * partitions fits. */
enum { LEADERS_BYTES_MAX = 16 << 20 };

/* All zero but `allocator` is empty. */
struct leaders {
    const struct allocator *allocator;
    size_t bytes; /* of topics and their partitions */
    struct map by_name;
    struct map by_id;
    struct topic *topics; /* all of them */
};

int32_t leaders_find(const struct leaders *leaders, const struct topic_key *key, int32_t partition,
                     int32_t *epoch);
void leaders_learn(struct leaders *leaders, const struct topic_key *key, int32_t partition, int32_t leader,
                   int32_t epoch);
void leaders_forget(struct leaders *leaders, const struct topic_key *key, int32_t partition);
void leaders_forget_topic(struct leaders *leaders, const struct topic_key *key);
void leaders_free(struct leaders *leaders);

#endif
