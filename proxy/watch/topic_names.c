/* SPDX-License-Identifier: Apache-2.0 */
/* A cache from topic ids to names; see topic_names.h. */
#include "proxy/watch/topic_names.h"

#include <stdlib.h>

/* About 100 KiB. An id may stand in WAYS places; where all are taken, the first makes room. */
enum { SLOTS = 1024, WAYS = 8 };

/* Topic ids are random, so any of their bytes are a hash. */
static struct named *slot_of(const struct topic_names *names, const uint8_t *id, size_t way)
{
    size_t hash = (size_t)id[15] << 8 | id[14];
    return &names->slots[(hash + way) % SLOTS];
}

static struct named *find(const struct topic_names *names, const uint8_t *id)
{
    for (size_t way = 0; way < WAYS; way++) {
        struct named *slot = slot_of(names, id, way);
        if (slot->has_id && memcmp(slot->id, id, TOPIC_ID_SIZE) == 0)
            return slot;
    }
    return NULL;
}

static struct named *find_room(const struct topic_names *names, const uint8_t *id)
{
    for (size_t way = 0; way < WAYS; way++) {
        struct named *slot = slot_of(names, id, way);
        if (!slot->has_id)
            return slot;
    }
    return slot_of(names, id, 0);
}

void topic_names_free(struct topic_names *names)
{
    free(names->slots);
    names->slots = NULL;
}

void topic_names_learn(struct topic_names *names, const struct named *topic)
{
    if (!names->slots)
        names->slots = calloc(SLOTS, sizeof *names->slots);
    if (!names->slots) /* ids are shown instead */
        return;
    struct named *slot = find(names, topic->id);
    *(slot ? slot : find_room(names, topic->id)) = *topic;
}

void topic_names_complete(const struct topic_names *names, struct named *topic)
{
    if (!names->slots || !topic->has_id || topic->name.len)
        return;
    const struct named *slot = find(names, topic->id);
    if (slot)
        topic->name = slot->name;
}
