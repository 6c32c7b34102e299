/* SPDX-License-Identifier: Apache-2.0 */
/* Learns the cluster from answers that pass: from Metadata, DescribeCluster, FindCoordinator and ApiVersions who is there,
 * and from the errors in all others what is no longer true.
 * Apart, because it only listens: what it makes of the walker's steps goes to the view, and to nothing else. */
#include "proxy/bridge/alike.h"
#include "proxy/bridge/parts.h"
#include "proxy/kafka/keys.h"

/* Of a name that is kept from one answer to the next: those of topics have at most 249 bytes. */
enum { NAME_KEPT = 512 };

struct offered {
    int16_t api_key, min, max;
};

typedef bool see_fn(struct link *link, enum walk_step step, const struct walk_event *event);

struct learner {
    see_fn *see;           /* what the key of the answer makes of a step */
    struct buffer brokers; /* of struct view_broker */
    struct buffer offered; /* of struct offered */
    struct buffer name;    /* of the current topic, or the key of the current coordinator */
    struct bytes key; /* that was asked for, where the answer does not repeat it (FindCoordinator v0-3) */
    struct view_broker broker;
    uint8_t topic_id[16];
    int32_t partition, leader, epoch;
    int16_t error; /* of the topic, the coordinator, or the whole answer */
    int16_t partition_error;
    struct offered offer;
    uint8_t key_type;
    bool has_id;
    bool in_partition; /* the error code met next is the partition's */
    bool corrects;     /* not Metadata: only errors tell something of a partition */
    bool
        hints; /* beside them a leader that the broker knows (CurrentLeader; in Share… it may be 0 for none) */
    bool controllers;     /* DescribeCluster: these are no brokers */
    bool changed;         /* something was new to the view */
    uint32_t corrections; /* entries of the view that were shown to be wrong */
};

bool learn_wants(const struct conversation *conversation, int16_t api_key)
{
    enum route_by by = route_by_of(api_key);
    bool may_correct =
        by != ROUTE_ANY && by != ROUTE_CONNECTION && by != ROUTE_RESOURCE && by != ROUTE_TELEMETRY;
    bool shared =
        view_kind(conversation->bridge->view) == VIEW_SEVERAL && !conversation_is_exact(conversation);
    return route_learns(api_key) || (shared && may_correct);
}

/* ---- brokers ---- */

static void add_host(struct learner *learner, const struct walk_event *event)
{
    char *host = learner->broker.advertised.host;
    size_t len = strlen(host);
    if (len + event->piece.len < HOST_ROOM && event->piece.len)
        memcpy(host + len, event->piece.at, event->piece.len);
}

/* Kept are those that the client is told of as well; nobody could be dialled at a placeholder, nor by a number that is no port. */
static bool end_broker(struct learner *learner, int32_t port)
{
    learner->broker.advertised.port = port;
    struct bytes broker = {(const uint8_t *)&learner->broker, sizeof learner->broker};
    bool there =
        learner->broker.id >= 0 && learner->broker.advertised.host[0] && port > 0 && port <= UINT16_MAX;
    bool kept = !there || learner->controllers || buffer_append(&learner->brokers, broker);
    memset(&learner->broker.advertised, 0, sizeof learner->broker.advertised);
    return kept;
}

static bool see_broker(struct learner *learner, enum walk_step step, const struct walk_event *event)
{
    switch (event->field->role) {
    case ROLE_ENDPOINT_TYPE:
        learner->controllers = event->number != 1;
        return true;
    case ROLE_NODE_ID:
        learner->broker.id = (int32_t)event->number;
        return true;
    case ROLE_HOST:
        if (step == WALK_PIECE)
            add_host(learner, event);
        return true;
    case ROLE_PORT:
        return end_broker(learner, (int32_t)event->number);
    default:
        return true;
    }
}

/* Before anybody is told of them. */
static void listen_for(const struct bridge *bridge)
{
    const struct exact *exact = &bridge->surroundings->exact;
    for (size_t i = 0; bridge->listen && i < view_broker_count(bridge->view); i++)
        bridge->listen(bridge->net, exact_number(exact, view_broker_at(bridge->view, i)->id));
}

static void end_brokers(struct learner *learner, const struct bridge *bridge)
{
    size_t count = learner->brokers.len / sizeof(struct view_broker);
    const void *brokers = learner->brokers.at;
    if (!count || !view_learn_brokers(bridge->view, brokers, count))
        return;
    learner->changed = true;
    listen_for(bridge);
}

static bool see_cluster(struct learner *learner, const struct bridge *bridge, enum walk_step step,
                        const struct walk_event *event)
{
    struct view *view = bridge->view;
    switch (event->field->role) {
    case ROLE_BROKERS:
        if (step == WALK_END)
            end_brokers(learner, bridge);
        return true;
    case ROLE_CLUSTER_ID:
        if (step == WALK_BEGIN)
            learner->name.len = 0;
        if (step != WALK_PIECE)
            return true;
        if (!buffer_append(&learner->name, event->piece))
            return false;
        if (event->left == 0 && learner->name.len &&
            view_learn_cluster_id(view, buffer_bytes(&learner->name)))
            learner->changed = true;
        return true;
    case ROLE_CONTROLLER_ID:
        if (event->number >= 0 && !learner->controllers)
            view_learn_controller(view, (int32_t)event->number);
        return true;
    default:
        return see_broker(learner, step, event);
    }
}

/* ---- leaders ---- */

static bool is_stale(int16_t error)
{
    return error == ERROR_NOT_LEADER_OR_FOLLOWER || error == ERROR_FENCED_LEADER_EPOCH ||
           error == ERROR_UNKNOWN_LEADER_EPOCH || error == ERROR_UNKNOWN_TOPIC_OR_PARTITION;
}

static void end_partition(struct learner *learner, struct view *view)
{
    struct topic_key topic = {buffer_bytes(&learner->name),
                              {learner->topic_id, learner->has_id ? sizeof learner->topic_id : 0}};
    if (!learner->in_partition)
        return;
    learner->in_partition = false;
    bool stale = is_stale(learner->partition_error);
    if (learner->corrects && (stale || learner->partition_error == ERROR_UNKNOWN_TOPIC_ID))
        learner->corrections++;
    if (stale)
        view_forget_leader(view, &topic, learner->partition);
    if (learner->partition_error == ERROR_UNKNOWN_TOPIC_ID)
        view_forget_topic(view, &topic);
    bool told = learner->corrects ? learner->hints && stale : !learner->partition_error;
    if (learner->leader >= 0 && learner->error == ERROR_NONE && told)
        view_learn_leader(view, &topic, learner->partition, learner->leader, learner->epoch);
}

static void begin_partition(struct learner *learner)
{
    learner->in_partition = true;
    learner->partition_error = ERROR_NONE;
    learner->leader = -1;
    learner->epoch = -1;
}

static void see_topic_id(struct learner *learner, const struct walk_event *event)
{
    static const uint8_t none[16];
    memcpy(learner->topic_id, event->piece.at, sizeof learner->topic_id);
    learner->has_id = memcmp(learner->topic_id, none, sizeof none) != 0;
}

static bool see_topic(struct learner *learner, struct view *view, enum walk_step step,
                      const struct walk_event *event)
{
    switch (event->field->role) {
    case ROLE_TOPICS:
        learner->has_id = false;
        learner->name.len = 0;
        return true;
    case ROLE_TOPIC_NAME:
        return step != WALK_PIECE || buffer_append(&learner->name, event->piece);
    case ROLE_TOPIC_ID:
        see_topic_id(learner, event);
        return true;
    case ROLE_PARTITIONS:
        if (step == WALK_ELEMENT || step == WALK_END)
            end_partition(learner, view);
        if (step == WALK_ELEMENT)
            begin_partition(learner);
        return true;
    case ROLE_ERROR_CODE:
        if (!learner->in_partition)
            learner->error = (int16_t)event->number;
        else if (!learner->partition_error)
            learner->partition_error = (int16_t)event->number; /* the first: Share… have a second one */
        return true;
    case ROLE_PARTITION:
        learner->partition = (int32_t)event->number;
        return true;
    case ROLE_LEADER_ID:
        learner->leader = (int32_t)event->number;
        return true;
    case ROLE_LEADER_EPOCH:
        learner->epoch = (int32_t)event->number;
        return true;
    default:
        return true;
    }
}

/* ---- coordinators ---- */

/* Only where the question was ours: an answer does not say whether its key is that of a group or of a transaction. */
static void end_coordinator(struct learner *learner, struct view *view)
{
    if (learner->error == ERROR_NONE && learner->key.len && learner->broker.id >= 0)
        view_learn_coordinator(view, (enum coordinator_type)learner->key_type, learner->key,
                               learner->broker.id);
    learner->name.len = 0;
}

/* Of one coordinator the key comes first and the error behind its address; in the old form, which has no key, the error
 * comes first. */
static bool see_coordinator(struct link *link, enum walk_step step, const struct walk_event *event)
{
    struct learner *learner = link->learner;
    struct view *view = link->conversation->bridge->view;
    switch (event->field->role) {
    case ROLE_COORDINATOR_KEY:
        return step != WALK_PIECE || buffer_append(&learner->name, event->piece);
    case ROLE_NODE_ID:
        learner->broker.id = (int32_t)event->number;
        return true;
    case ROLE_PORT:
        if (learner->name.len == 0)
            end_coordinator(learner, view);
        return true;
    case ROLE_ERROR_CODE:
        learner->error = (int16_t)event->number;
        if (learner->name.len)
            end_coordinator(learner, view);
        return true;
    default:
        return true;
    }
}

/* ---- versions ---- */

static void end_versions(const struct learner *learner, struct view *view)
{
    struct offered offer;
    for (size_t at = 0; at < learner->offered.len; at += sizeof offer) {
        memcpy(&offer, learner->offered.at + at, sizeof offer);
        view_learn_versions(view, offer.api_key, offer.min, offer.max);
    }
}

/* All keys at once: whoever sees some of them would take the others for missing. */
static bool see_versions(struct link *link, enum walk_step step, const struct walk_event *event)
{
    struct learner *learner = link->learner;
    switch (event->field->role) {
    case ROLE_ERROR_CODE:
        learner->error = (int16_t)event->number;
        return true;
    case ROLE_API_KEY:
        learner->offer.api_key = (int16_t)event->number;
        return true;
    case ROLE_MIN_VERSION:
        learner->offer.min = (int16_t)event->number;
        return true;
    case ROLE_MAX_VERSION:
        learner->offer.max = (int16_t)event->number;
        return buffer_append(&learner->offered,
                             (struct bytes){(const uint8_t *)&learner->offer, sizeof learner->offer});
    case ROLE_API_KEYS:
        if (step == WALK_END && learner->error == ERROR_NONE)
            end_versions(learner, link->conversation->bridge->view);
        return true;
    default:
        return true;
    }
}

/* ---- corrections ---- */

static bool see_stale(struct link *link, enum walk_step step, const struct walk_event *event)
{
    struct view *view = link->conversation->bridge->view;
    (void)step;
    if (event->field->role != ROLE_ERROR_CODE)
        return true;
    bool coordinator = event->number == ERROR_NOT_COORDINATOR && link->coordinator;
    bool controller = event->number == ERROR_NOT_CONTROLLER;
    if (coordinator)
        view_forget_coordinator_hash(view, link->coordinator);
    if (controller)
        view_forget_controller(view);
    if (coordinator || controller)
        link->learner->corrections++;
    return true;
}

static bool see_leaders(struct link *link, enum walk_step step, const struct walk_event *event)
{
    return see_topic(link->learner, link->conversation->bridge->view, step, event);
}

void learn_session(struct link *link, int32_t session_id)
{
    struct conversation *conversation = link->conversation;
    if (session_id != 0)
        sessions_learn(&conversation->sessions, conversation->bridge->allocator, session_id, link->id);
}

static bool see_fetch(struct link *link, enum walk_step step, const struct walk_event *event)
{
    if (event->field->role == ROLE_SESSION_ID)
        learn_session(link, (int32_t)event->number);
    return see_leaders(link, step, event);
}

/* ---- what to make of which answer ---- */

static bool see_metadata(struct link *link, enum walk_step step, const struct walk_event *event)
{
    const struct bridge *bridge = link->conversation->bridge;
    return see_cluster(link->learner, bridge, step, event) &&
           see_topic(link->learner, bridge->view, step, event);
}

static bool see_description(struct link *link, enum walk_step step, const struct walk_event *event)
{
    return see_cluster(link->learner, link->conversation->bridge, step, event);
}

static see_fn *see_of(int16_t api_key)
{
    switch (api_key) {
    case API_API_VERSIONS:
        return see_versions;
    case API_FIND_COORDINATOR:
        return see_coordinator;
    case API_METADATA:
        return see_metadata;
    case API_DESCRIBE_CLUSTER:
        return see_description;
    case API_FETCH:
        return see_fetch;
    default:
        return route_by_of(api_key) == ROUTE_LEADER ? see_leaders : see_stale;
    }
}

/* ---- begin and end ---- */

/* The one of the answer before, or a new one: an answer is mostly through before the next one comes. */
static struct learner *take_spare(struct conversation *conversation)
{
    struct learner *spare = conversation->bridge->spare;
    conversation->bridge->spare = NULL;
    return spare ? spare : conversation_allocate(conversation, NULL, sizeof *spare);
}

static struct buffer take_spare_name(struct bridge *bridge)
{
    struct buffer name = {
        .at = bridge->spare_name.at, .room = bridge->spare_name.room, .allocator = bridge->allocator};
    bridge->spare_name = (struct buffer){.at = NULL};
    return name;
}

bool learn_begin(struct link *link, struct bytes key, uint8_t key_type)
{
    struct conversation *conversation = link->conversation;
    if (!learn_wants(conversation, link->exchange.api_key))
        return true;
    const struct allocator *allocator = conversation->bridge->allocator;
    struct learner *learner = take_spare(conversation);
    if (!learner)
        return false;
    *learner = (struct learner){
        .see = see_of(link->exchange.api_key),
        .brokers = {.allocator = allocator},
        .offered = {.allocator = allocator},
        .name = take_spare_name(conversation->bridge),
        .key = key,
        .key_type = key_type,
        .corrects = link->exchange.api_key != API_METADATA,
        .hints = link->exchange.api_key == API_PRODUCE || link->exchange.api_key == API_FETCH,
        .epoch = -1,
    };
    link->learner = learner;
    return true;
}

bool learn_see(struct link *link, enum walk_step step, const struct walk_event *event)
{
    return !link->learner || link->learner->see(link, step, event);
}

/* Only so much is kept as nearly every answer needs. */
static void keep_spare(struct bridge *bridge, struct learner *learner)
{
    const struct allocator *allocator = bridge->allocator;
    if (bridge->spare_name.at || learner->name.room > NAME_KEPT)
        buffer_free(&learner->name);
    else
        bridge->spare_name = learner->name;
    if (bridge->spare)
        allocator->resize(allocator->context, learner, 0);
    else
        bridge->spare = learner;
}

void learn_free(struct link *link)
{
    struct learner *learner = link->learner;
    if (!learner)
        return;
    buffer_free(&learner->brokers);
    buffer_free(&learner->offered);
    keep_spare(link->conversation->bridge, learner);
    link->learner = NULL;
}

void learn_end(struct link *link)
{
    struct bridge *bridge = link->conversation->bridge;
    bool changed = link->learner && link->learner->changed;
    bridge->notes.corrections += link->learner ? link->learner->corrections : 0;
    learn_free(link);
    if (changed && bridge->facts.cluster)
        bridge->facts.cluster(bridge->facts.context, bridge->view);
    if (changed)
        alike_tell(link->conversation);
}
