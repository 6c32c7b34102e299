/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request belongs, read from what it names.
 * Apart, because the rule for each api key is one table, and the walker fills in the values.
 *
 * A request that names things of several nodes goes by the first; the broker itself answers NOT_LEADER or
 * NOT_COORDINATOR for the rest. */
#ifndef KBRIDGE_BRIDGE_ROUTE_H
#define KBRIDGE_BRIDGE_ROUTE_H

#include "proxy/bridge/view.h"

enum route_by {
    ROUTE_ANY,         /* every broker can answer */
    ROUTE_CONNECTION,  /* it is about the connection itself: SASL, ApiVersions */
    ROUTE_LEADER,      /* the leader of the first partition that it names */
    ROUTE_GROUP,       /* the coordinator of the first group */
    ROUTE_TRANSACTION, /* the coordinator of the transaction; without one, any */
    ROUTE_CONTROLLER,  /* the controller where the cluster has ZooKeeper; with KRaft every broker forwards */
    ROUTE_RESOURCE,    /* the broker that a config resource names; else any */
    ROUTE_EACH,        /* every broker answers for itself: all are asked (gather.h) */
    ROUTE_TELEMETRY, /* any, and then always the same: what is pushed belongs to what that one has subscribed to */
    ROUTE_SESSION, /* the node of a fetch session, whatever is named (begins as ROUTE_LEADER) */
};

enum route_by route_by_of(int api_key);

/* True where kbridge reads requests or responses of this key: only these are limited, in ApiVersions, to the
 * versions of the tables. */
bool route_reads(int api_key);

/* True where a response of this key tells of the cluster, whatever was asked. */
bool route_learns(int api_key);

/* True where this key makes no sense at just any node, and names none: it is not offered while several brokers share the
 * port. */
bool route_is_lost(int api_key);

/* All zero but name.allocator is a route that can begin. */
struct route {
    struct buffer name; /* of the topic, or the group or transactional id */
    uint8_t by;         /* enum route_by */
    bool known;         /* nothing further in the request can change it */
    bool has_id;
    bool
        has_session; /* of Fetch, which has an id; a share session has none: it is the client's one in a node … */
    bool shares;  /* … this request is of one … */
    bool goes_on; /* … which is there already */
    uint8_t topic_id[16];
    bool has_epoch; /* of the leader as the client knows it, behind the partition */
    int32_t partition, epoch;
    int32_t resource_type;
    int32_t session_id;
};

/* Begins with a new request; keeps the room of `name`. */
void route_begin(struct route *route, enum route_by by);

/* Requests of this version tell, with a partition, which leader epoch the client knows of. */
bool route_names_epoch(int api_key, int api_version);

/* The roles that route_see looks at: a walk needs to tell no others for it. */
uint64_t route_roles(enum route_by by);

/* A step in the body of the request. False: out of memory. */
bool route_see(struct route *route, enum walk_step step, const struct walk_event *event);

/* The node that the view knows for it: its id, NODE_BOOTSTRAP where any will do, or NODE_UNKNOWN where the cluster
 * has to be asked, also because the client knows of a later leader. */
int32_t route_node(const struct route *route, struct view *view);

/* What the view knows its group or transactional id by (view_coordinator_hash); 0: it names none. */
uint64_t route_coordinator(const struct route *route);

/* Its node cannot be reached: whoever asks next for the same asks the cluster, which may know another one by now. */
void route_forget(const struct route *route, struct view *view);

struct topic_key route_topic(const struct route *route);

void route_free(struct route *route);

#endif
