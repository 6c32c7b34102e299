/* SPDX-License-Identifier: Apache-2.0 */
/* The view: brokers, cluster id, controller and versions; leaders and coordinators have a file each.
 * See view.h. */
#include "proxy/bridge/view.h"

#include "proxy/bridge/coordinators.h"
#include "proxy/bridge/leaders.h"

enum { CLUSTER_ID_ROOM = 64, API_ROOM = 256 /* Kafka has about a hundred keys */ };

struct range {
    int16_t min, max;
};

struct view {
    const struct allocator *allocator;
    struct view_broker *brokers; /* in order of node id */
    size_t broker_count;
    struct leaders leaders;
    struct coordinators coordinators;
    int32_t controller;
    enum view_kind kind;
    size_t api_count;
    struct range apis[API_ROOM]; /* max -1: not known */
    char cluster_id[CLUSTER_ID_ROOM];
};

struct view *view_new(const struct allocator *allocator)
{
    struct view *view = allocator->resize(allocator->context, NULL, sizeof *view);
    if (!view)
        return NULL;
    *view = (struct view){
        .allocator = allocator,
        .leaders = {.allocator = allocator},
        .coordinators = {.allocator = allocator},
        .controller = NODE_UNKNOWN,
    };
    for (size_t i = 0; i < API_ROOM; i++)
        view->apis[i] = (struct range){-1, -1};
    return view;
}

void view_free(struct view *view)
{
    if (!view)
        return;
    const struct allocator *allocator = view->allocator;
    leaders_free(&view->leaders);
    coordinators_free(&view->coordinators);
    if (view->brokers)
        allocator->resize(allocator->context, view->brokers, 0);
    allocator->resize(allocator->context, view, 0);
}

/* ---- brokers ---- */

enum view_kind view_kind(const struct view *view)
{
    return view->kind;
}

size_t view_broker_count(const struct view *view)
{
    return view->broker_count;
}

const struct view_broker *view_broker_at(const struct view *view, size_t index)
{
    return &view->brokers[index];
}

const struct view_broker *view_broker_find(const struct view *view, int32_t id)
{
    size_t first = 0;
    size_t end = view->broker_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (view->brokers[middle].id == id)
            return &view->brokers[middle];
        if (view->brokers[middle].id < id)
            first = middle + 1;
        else
            end = middle;
    }
    return NULL;
}

static bool is_known(const struct view *view, const struct view_broker *broker)
{
    const struct view_broker *known = view_broker_find(view, broker->id);
    return known && known->advertised.port == broker->advertised.port &&
           strcmp(known->advertised.host, broker->advertised.host) == 0;
}

static bool are_known(const struct view *view, const struct view_broker *brokers, size_t count)
{
    bool known = count == view->broker_count;
    for (size_t i = 0; known && i < count; i++)
        known = is_known(view, &brokers[i]);
    return known;
}

/* Puts the broker at `top` in its place in the heap below it. */
static void sift(struct view_broker *brokers, size_t top, size_t count)
{
    for (size_t child; (child = 2 * top + 1) < count; top = child) {
        if (child + 1 < count && brokers[child].id < brokers[child + 1].id)
            child++;
        if (brokers[top].id >= brokers[child].id)
            return;
        struct view_broker broker = brokers[top];
        brokers[top] = brokers[child];
        brokers[child] = broker;
    }
}

/* Heap sort: brokers come in any order, and an answer may name thousands. */
static void sort(struct view_broker *brokers, size_t count)
{
    for (size_t top = count / 2; top-- > 0;)
        sift(brokers, top, count);
    for (size_t end = count; end-- > 1;) {
        struct view_broker last = brokers[end];
        brokers[end] = brokers[0];
        brokers[0] = last;
        sift(brokers, 0, end);
    }
}

/* Of several with one id, one stays. Returns how many are left. */
static size_t drop_doubles(struct view_broker *brokers, size_t count)
{
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (brokers[i].id != brokers[kept - 1].id)
            brokers[kept++] = brokers[i];
    }
    return kept;
}

bool view_learn_brokers(struct view *view, const struct view_broker *brokers, size_t count)
{
    const struct allocator *allocator = view->allocator;
    if (count == 0 || are_known(view, brokers, count))
        return false;
    struct view_broker *copy = allocator->resize(allocator->context, NULL, count * sizeof *brokers);
    if (!copy)
        return false;
    memcpy(copy, brokers, count * sizeof *brokers);
    sort(copy, count);
    if (view->brokers)
        allocator->resize(allocator->context, view->brokers, 0);
    view->brokers = copy;
    view->broker_count = drop_doubles(copy, count);
    if (view->broker_count > 1)
        view->kind = VIEW_SEVERAL;
    else if (view->kind == VIEW_UNKNOWN)
        view->kind = VIEW_ONE;
    return true;
}

void view_learn_several(struct view *view)
{
    view->kind = VIEW_SEVERAL;
}

const char *view_cluster_id(const struct view *view)
{
    return view->cluster_id;
}

bool view_learn_cluster_id(struct view *view, struct bytes id)
{
    if (id.len >= CLUSTER_ID_ROOM)
        id.len = CLUSTER_ID_ROOM - 1;
    if (id.len == 0 || bytes_equal(id, bytes_of(view->cluster_id)))
        return false;
    memcpy(view->cluster_id, id.at, id.len);
    view->cluster_id[id.len] = 0;
    return true;
}

int32_t view_controller(const struct view *view)
{
    return view->controller;
}

void view_learn_controller(struct view *view, int32_t id)
{
    if (id >= 0)
        view->controller = id;
}

void view_forget_controller(struct view *view)
{
    view->controller = NODE_UNKNOWN;
}

/* ---- leaders and coordinators ---- */

int32_t view_leader(const struct view *view, const struct topic_key *topic, int32_t partition, int32_t *epoch)
{
    return leaders_find(&view->leaders, topic, partition, epoch);
}

void view_learn_leader(struct view *view, const struct topic_key *topic, int32_t partition, int32_t leader,
                       int32_t epoch)
{
    leaders_learn(&view->leaders, topic, partition, leader, epoch);
}

void view_forget_leader(struct view *view, const struct topic_key *topic, int32_t partition)
{
    leaders_forget(&view->leaders, topic, partition);
}

void view_forget_topic(struct view *view, const struct topic_key *topic)
{
    leaders_forget_topic(&view->leaders, topic);
}

int32_t view_coordinator(struct view *view, enum coordinator_type type, struct bytes key)
{
    return coordinators_find(&view->coordinators, type, key);
}

void view_learn_coordinator(struct view *view, enum coordinator_type type, struct bytes key, int32_t node)
{
    coordinators_learn(&view->coordinators, type, key, node);
}

uint64_t view_coordinator_hash(enum coordinator_type type, struct bytes key)
{
    return coordinators_hash(type, key);
}

void view_forget_coordinator_hash(struct view *view, uint64_t hash)
{
    coordinators_forget_hash(&view->coordinators, hash);
}

void view_forget_coordinator(struct view *view, enum coordinator_type type, struct bytes key)
{
    coordinators_forget(&view->coordinators, type, key);
}

/* ---- versions ---- */

static struct range range_of(const struct view *view, int api_key)
{
    return api_key >= 0 && api_key < API_ROOM ? view->apis[api_key] : (struct range){-1, -1};
}

/* Brokers of one cluster may differ while it is being updated: the narrowest holds. */
void view_learn_versions(struct view *view, int16_t api_key, int16_t min, int16_t max)
{
    if (api_key < 0 || api_key >= API_ROOM || min < 0 || max < min)
        return;
    struct range *range = &view->apis[api_key];
    if (range->max < 0) {
        *range = (struct range){min, max};
        view->api_count++;
        return;
    }
    if (max < range->max)
        range->max = max;
    if (min > range->min)
        range->min = min;
}

int view_version_max(const struct view *view, int api_key)
{
    return range_of(view, api_key).max;
}

int view_version_min(const struct view *view, int api_key)
{
    return range_of(view, api_key).min;
}

size_t view_api_count(const struct view *view)
{
    return view->api_count;
}
