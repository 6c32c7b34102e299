/* SPDX-License-Identifier: Apache-2.0 */
/* The table of routes, and how each kind is filled in and looked up; see route.h. */
#include "proxy/bridge/route.h"

#include "proxy/kafka/keys.h"

/* By api key; what is not named goes to any broker. */
static const uint8_t routes[] = {
    [0] = ROUTE_LEADER,       /* Produce */
    [1] = ROUTE_LEADER,       /* Fetch */
    [2] = ROUTE_LEADER,       /* ListOffsets */
    [8] = ROUTE_GROUP,        /* OffsetCommit */
    [9] = ROUTE_GROUP,        /* OffsetFetch */
    [11] = ROUTE_GROUP,       /* JoinGroup */
    [12] = ROUTE_GROUP,       /* Heartbeat */
    [13] = ROUTE_GROUP,       /* LeaveGroup */
    [14] = ROUTE_GROUP,       /* SyncGroup */
    [15] = ROUTE_GROUP,       /* DescribeGroups */
    [16] = ROUTE_EACH,        /* ListGroups */
    [17] = ROUTE_CONNECTION,  /* SaslHandshake */
    [18] = ROUTE_CONNECTION,  /* ApiVersions */
    [19] = ROUTE_CONTROLLER,  /* CreateTopics */
    [20] = ROUTE_CONTROLLER,  /* DeleteTopics */
    [21] = ROUTE_LEADER,      /* DeleteRecords */
    [22] = ROUTE_TRANSACTION, /* InitProducerId */
    [23] = ROUTE_LEADER,      /* OffsetForLeaderEpoch */
    [24] = ROUTE_TRANSACTION, /* AddPartitionsToTxn */
    [25] = ROUTE_TRANSACTION, /* AddOffsetsToTxn */
    [26] = ROUTE_TRANSACTION, /* EndTxn */
    [27] = ROUTE_LEADER,      /* WriteTxnMarkers */
    [28] = ROUTE_GROUP,       /* TxnOffsetCommit: the group's coordinator, not the transaction's */
    [30] = ROUTE_CONTROLLER,  /* CreateAcls */
    [31] = ROUTE_CONTROLLER,  /* DeleteAcls */
    [32] = ROUTE_RESOURCE,    /* DescribeConfigs */
    [33] = ROUTE_RESOURCE,    /* AlterConfigs */
    [36] = ROUTE_CONNECTION,  /* SaslAuthenticate */
    [37] = ROUTE_CONTROLLER,  /* CreatePartitions */
    [42] = ROUTE_GROUP,       /* DeleteGroups */
    [43] = ROUTE_CONTROLLER,  /* ElectLeaders */
    [44] = ROUTE_RESOURCE,    /* IncrementalAlterConfigs */
    [45] = ROUTE_CONTROLLER,  /* AlterPartitionReassignments */
    [46] = ROUTE_CONTROLLER,  /* ListPartitionReassignments */
    [47] = ROUTE_GROUP,       /* OffsetDelete */
    [49] = ROUTE_CONTROLLER,  /* AlterClientQuotas */
    [51] = ROUTE_CONTROLLER,  /* AlterUserScramCredentials */
    [57] = ROUTE_CONTROLLER,  /* UpdateFeatures */
    [61] = ROUTE_LEADER,      /* DescribeProducers */
    [65] = ROUTE_TRANSACTION, /* DescribeTransactions */
    [66] = ROUTE_EACH,        /* ListTransactions */
    [68] = ROUTE_GROUP,       /* ConsumerGroupHeartbeat */
    [69] = ROUTE_GROUP,       /* ConsumerGroupDescribe */
    [71] = ROUTE_TELEMETRY,   /* GetTelemetrySubscriptions */
    [72] = ROUTE_TELEMETRY,   /* PushTelemetry */
    [76] = ROUTE_GROUP,       /* ShareGroupHeartbeat */
    [77] = ROUTE_GROUP,       /* ShareGroupDescribe */
    [78] = ROUTE_LEADER,      /* ShareFetch */
    [79] = ROUTE_LEADER,      /* ShareAcknowledge */
    [88] = ROUTE_GROUP,       /* StreamsGroupHeartbeat */
    [89] = ROUTE_GROUP,       /* StreamsGroupDescribe */
    [90] = ROUTE_GROUP,       /* DescribeShareGroupOffsets */
    [91] = ROUTE_GROUP,       /* AlterShareGroupOffsets */
    [92] = ROUTE_GROUP,       /* DeleteShareGroupOffsets */
    [93] = ROUTE_GROUP,       /* StreamsGroupTopologyDescriptionUpdate */
};

enum route_by route_by_of(int api_key)
{
    bool named = api_key >= 0 && (size_t)api_key < sizeof routes;
    return named ? (enum route_by)routes[api_key] : ROUTE_ANY;
}

bool route_learns(int api_key)
{
    return api_key == API_METADATA || api_key == API_FIND_COORDINATOR || api_key == API_API_VERSIONS ||
           api_key == API_DESCRIBE_CLUSTER;
}

static bool by_content(enum route_by by)
{
    return by != ROUTE_ANY && by != ROUTE_CONTROLLER && by != ROUTE_CONNECTION && by != ROUTE_TELEMETRY;
}

bool route_reads(int api_key)
{
    enum route_by by = route_by_of(api_key);
    return by_content(by) || route_learns(api_key) || api_key == API_SASL_HANDSHAKE ||
           api_key == API_SASL_AUTHENTICATE;
}

void route_begin(struct route *route, enum route_by by)
{
    struct buffer name = route->name;
    name.len = 0;
    *route = (struct route){
        .name = name,
        .by = (uint8_t)by,
        .known = !by_content(by),
        .epoch = -1,
    };
}

bool route_names_epoch(int api_key, int api_version)
{
    static const struct {
        int key, since;
    } rows[] = {{API_FETCH, 9}, {API_LIST_OFFSETS, 4}, {API_OFFSET_FOR_LEADER_EPOCH, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].key == api_key)
            return api_version >= rows[i].since;
    return false;
}

bool route_is_lost(int api_key)
{
    return api_key == API_DESCRIBE_LOG_DIRS || api_key == API_ALTER_REPLICA_LOG_DIRS;
}

uint64_t route_roles(enum route_by by)
{
    static const uint64_t roles[] = {
        [ROUTE_LEADER] = ROLE_SET(ROLE_TOPIC_NAME) | ROLE_SET(ROLE_TOPIC_ID) | ROLE_SET(ROLE_PARTITION) |
                         ROLE_SET(ROLE_LEADER_EPOCH) | ROLE_SET(ROLE_SESSION_ID) |
                         ROLE_SET(ROLE_SESSION_EPOCH),
        [ROUTE_GROUP] = ROLE_SET(ROLE_GROUP_ID),
        [ROUTE_TRANSACTION] = ROLE_SET(ROLE_TRANSACTIONAL_ID),
        [ROUTE_RESOURCE] = ROLE_SET(ROLE_RESOURCE_TYPE) | ROLE_SET(ROLE_RESOURCE_NAME),
        [ROUTE_SESSION] = 0,
    };
    return roles[by];
}

static bool add_name(struct route *route, enum walk_step step, const struct walk_event *event)
{
    if (step == WALK_BEGIN)
        route->name.len = 0;
    return step != WALK_PIECE || buffer_append(&route->name, event->piece);
}

static bool ends(enum walk_step step, const struct walk_event *event)
{
    return step == WALK_PIECE && event->left == 0;
}

static bool see_leader(struct route *route, enum walk_step step, const struct walk_event *event)
{
    switch (event->field->role) {
    case ROLE_TOPIC_NAME:
        return add_name(route, step, event);
    case ROLE_TOPIC_ID:
        memcpy(route->topic_id, event->piece.at, sizeof route->topic_id);
        route->has_id = true;
        return true;
    case ROLE_PARTITION:
        route->partition = (int32_t)event->number;
        route->known = step == WALK_VALUE && !route->has_epoch;
        return true;
    case ROLE_LEADER_EPOCH:
        route->epoch = (int32_t)event->number;
        route->known = true;
        return true;
    case ROLE_SESSION_ID:
        route->session_id = (int32_t)event->number;
        route->has_session = true;
        return true;
    case ROLE_SESSION_EPOCH: /* 0 begins a session, at the leader; -1 ends it, where it lives */
        route->shares = !route->has_session;
        route->goes_on = route->shares && event->number != 0;
        if (route->session_id != 0 && event->number != 0)
            route->by = ROUTE_SESSION;
        route->known = route->by == ROUTE_SESSION;
        return true;
    default:
        return true;
    }
}

static bool see_name(struct route *route, enum role role, enum walk_step step, const struct walk_event *event)
{
    if (event->field->role != role)
        return true;
    route->known = ends(step, event);
    return add_name(route, step, event);
}

/* ConfigResource.Type, of kafka-clients. */
enum { RESOURCE_BROKER = 4, RESOURCE_BROKER_LOGGER = 8 };

static bool see_resource(struct route *route, enum walk_step step, const struct walk_event *event)
{
    if (event->field->role == ROLE_RESOURCE_TYPE)
        route->resource_type = (int32_t)event->number;
    bool of_broker =
        route->resource_type == RESOURCE_BROKER || route->resource_type == RESOURCE_BROKER_LOGGER;
    if (event->field->role != ROLE_RESOURCE_NAME)
        return true;
    route->known = ends(step, event);
    return !of_broker || add_name(route, step, event);
}

bool route_see(struct route *route, enum walk_step step, const struct walk_event *event)
{
    if (route->known)
        return true;
    switch (route->by) {
    case ROUTE_LEADER:
        return see_leader(route, step, event);
    case ROUTE_GROUP:
        return see_name(route, ROLE_GROUP_ID, step, event);
    case ROUTE_TRANSACTION:
        return see_name(route, ROLE_TRANSACTIONAL_ID, step, event);
    case ROUTE_RESOURCE:
        return see_resource(route, step, event);
    default:
        return true;
    }
}

struct topic_key route_topic(const struct route *route)
{
    return (struct topic_key){
        .name = buffer_bytes(&route->name),
        .id = {route->topic_id, route->has_id ? sizeof route->topic_id : 0},
    };
}

static int32_t named_broker(const struct route *route, const struct view *view)
{
    int32_t id = 0;
    for (size_t i = 0; i < route->name.len; i++) {
        uint8_t digit = (uint8_t)(route->name.at[i] - '0');
        if (digit > 9 || id > (INT32_MAX - digit) / 10)
            return NODE_BOOTSTRAP; /* any broker answers that there is none of this name */
        id = id * 10 + digit;
    }
    if (route->name.len == 0)
        return NODE_BOOTSTRAP;
    return view_broker_find(view, id) ? id : NODE_UNKNOWN;
}

/* A lower one than the client's: what the view knows is older than what the client was told. */
static int32_t leader_of(const struct route *route, const struct view *view)
{
    struct topic_key topic = route_topic(route);
    int32_t epoch;
    int32_t leader = view_leader(view, &topic, route->partition, &epoch);
    return epoch >= 0 && epoch < route->epoch ? NODE_UNKNOWN : leader;
}

int32_t route_node(const struct route *route, struct view *view)
{
    if (!route->known || view_kind(view) == VIEW_ONE)
        return NODE_BOOTSTRAP; /* not known: it names nothing, and every broker can say so */
    switch (route->by) {
    case ROUTE_LEADER:
        return leader_of(route, view);
    case ROUTE_GROUP:
        return view_coordinator(view, COORDINATOR_GROUP, buffer_bytes(&route->name));
    case ROUTE_TRANSACTION:
        return route->name.len ? view_coordinator(view, COORDINATOR_TRANSACTION, buffer_bytes(&route->name))
                               : NODE_BOOTSTRAP;
    case ROUTE_CONTROLLER:
        return view_controller(view);
    case ROUTE_RESOURCE:
        return named_broker(route, view);
    default:
        return NODE_BOOTSTRAP;
    }
}

void route_forget(const struct route *route, struct view *view)
{
    struct topic_key topic = route_topic(route);
    if (!route->known)
        return;
    if (route->by == ROUTE_LEADER)
        view_forget_leader(view, &topic, route->partition);
    if (route->by == ROUTE_GROUP || route->by == ROUTE_TRANSACTION)
        view_forget_coordinator_hash(view, route_coordinator(route));
    if (route->by == ROUTE_CONTROLLER)
        view_forget_controller(view);
}

uint64_t route_coordinator(const struct route *route)
{
    if (route->by != ROUTE_GROUP && route->by != ROUTE_TRANSACTION)
        return 0;
    enum coordinator_type type = route->by == ROUTE_GROUP ? COORDINATOR_GROUP : COORDINATOR_TRANSACTION;
    return view_coordinator_hash(type, buffer_bytes(&route->name));
}

void route_free(struct route *route)
{
    buffer_free(&route->name);
}
