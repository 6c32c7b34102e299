/* SPDX-License-Identifier: Apache-2.0 */
/* A map, and a list in order of use; see coordinators.h. */
#include "proxy/bridge/coordinators.h"

struct coordinator {
    struct coordinator *newer, *older;
    int32_t node;
    uint8_t type;
    uint16_t key_len;
    uint8_t key[];
};

struct wanted {
    struct bytes key;
    uint8_t type;
};

static bool is_wanted(const void *item, const void *key)
{
    const struct coordinator *coordinator = item;
    const struct wanted *wanted = key;
    struct bytes own = {coordinator->key, coordinator->key_len};
    return coordinator->type == wanted->type && bytes_equal(own, wanted->key);
}

static uint64_t hash_of(const struct wanted *wanted)
{
    uint64_t hash = map_hash(MAP_HASH_FIRST, (struct bytes){&wanted->type, sizeof wanted->type});
    return map_hash(hash, wanted->key);
}

static void unlink_from(struct coordinators *coordinators, struct coordinator *coordinator)
{
    *(coordinator->newer ? &coordinator->newer->older : &coordinators->newest) = coordinator->older;
    *(coordinator->older ? &coordinator->older->newer : &coordinators->oldest) = coordinator->newer;
}

static void link_newest(struct coordinators *coordinators, struct coordinator *coordinator)
{
    coordinator->newer = NULL;
    coordinator->older = coordinators->newest;
    *(coordinator->older ? &coordinator->older->newer : &coordinators->oldest) = coordinator;
    coordinators->newest = coordinator;
}

static struct coordinator *find(struct coordinators *coordinators, const struct wanted *wanted)
{
    struct coordinator *found = map_find(&coordinators->by_key, hash_of(wanted), is_wanted, wanted);
    if (found) {
        unlink_from(coordinators, found);
        link_newest(coordinators, found);
    }
    return found;
}

static void drop(struct coordinators *coordinators, struct coordinator *coordinator)
{
    const struct allocator *allocator = coordinators->allocator;
    struct wanted own = {{coordinator->key, coordinator->key_len}, coordinator->type};
    map_remove(&coordinators->by_key, hash_of(&own), coordinator);
    unlink_from(coordinators, coordinator);
    coordinators->bytes -= coordinator->key_len;
    allocator->resize(allocator->context, coordinator, 0);
}

static void add(struct coordinators *coordinators, const struct wanted *wanted, int32_t node)
{
    const struct allocator *allocator = coordinators->allocator;
    struct coordinator *made =
        wanted->key.len > UINT16_MAX
            ? NULL
            : allocator->resize(allocator->context, NULL, sizeof *made + wanted->key.len);
    if (!made)
        return;
    *made = (struct coordinator){.node = node, .type = wanted->type, .key_len = (uint16_t)wanted->key.len};
    if (wanted->key.len)
        memcpy(made->key, wanted->key.at, wanted->key.len);
    if (!map_put(&coordinators->by_key, allocator, hash_of(wanted), made)) {
        allocator->resize(allocator->context, made, 0);
        return;
    }
    link_newest(coordinators, made);
    coordinators->bytes += made->key_len;
    while (coordinators->by_key.count > COORDINATORS_MAX || coordinators->bytes > COORDINATORS_BYTES_MAX)
        drop(coordinators, coordinators->oldest);
}

int32_t coordinators_find(struct coordinators *coordinators, enum coordinator_type type, struct bytes key)
{
    const struct coordinator *found = find(coordinators, &(struct wanted){key, (uint8_t)type});
    return found ? found->node : NODE_UNKNOWN;
}

void coordinators_learn(struct coordinators *coordinators, enum coordinator_type type, struct bytes key,
                        int32_t node)
{
    struct wanted wanted = {key, (uint8_t)type};
    struct coordinator *found = node >= 0 ? find(coordinators, &wanted) : NULL;
    if (found)
        found->node = node;
    else if (node >= 0)
        add(coordinators, &wanted, node);
}

void coordinators_forget(struct coordinators *coordinators, enum coordinator_type type, struct bytes key)
{
    struct coordinator *found = find(coordinators, &(struct wanted){key, (uint8_t)type});
    if (found)
        drop(coordinators, found);
}

uint64_t coordinators_hash(enum coordinator_type type, struct bytes key)
{
    uint64_t hash = hash_of(&(struct wanted){key, (uint8_t)type});
    return hash ? hash : 1;
}

static bool is_any(const void *item, const void *key)
{
    (void)item, (void)key;
    return true;
}

void coordinators_forget_hash(struct coordinators *coordinators, uint64_t hash)
{
    struct coordinator *found = map_find(&coordinators->by_key, hash, is_any, NULL);
    if (found)
        drop(coordinators, found);
}

void coordinators_free(struct coordinators *coordinators)
{
    while (coordinators->oldest)
        drop(coordinators, coordinators->oldest);
    map_free(&coordinators->by_key, coordinators->allocator);
}
