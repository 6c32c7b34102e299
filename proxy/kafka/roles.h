/* SPDX-License-Identifier: Apache-2.0 */
/* What a field of a message means to kbridge.
 * Apart from tables.h, because this list is read and grows with what kbridge wants to see; the tables only carry it. */
#ifndef KBRIDGE_KAFKA_ROLES_H
#define KBRIDGE_KAFKA_ROLES_H

#include <stdint.h>

/* The generator assigns them (a table in tables.py, by message and path); all other fields are ROLE_NONE and pass
 * unseen. One list for the enum and the names. */
/* clang-format off */
#define ROLES(X)                                                                                             \
    X(NONE, "")                                                                                              \
    X(API_KEY, "api key")                                                                                    \
    X(API_VERSION, "api version")                                                                            \
    X(CORRELATION_ID, "correlation id")                                                                      \
    X(CLIENT_ID, "client id")                                                                                \
    X(SOFTWARE_NAME, "client software name")                                                                 \
    X(SOFTWARE_VERSION, "client software version")                                                           \
    X(API_KEYS, "api keys")               /* the array of ApiVersions */                                     \
    X(MIN_VERSION, "min version")         /* in it */                                                        \
    X(MAX_VERSION, "max version")         /* in it */                                                        \
    X(BROKERS, "brokers")                 /* the array of Metadata, DescribeCluster */                       \
    X(COORDINATORS, "coordinators")       /* the array of FindCoordinator v4+ */                             \
    X(NODE_ENDPOINTS, "node endpoints")   /* the array of Produce, Fetch, ShareFetch, ShareAcknowledge */    \
    X(NODE_ID, "node id")                 /* of an address, or the one that ApiVersions v5 names */          \
    X(HOST, "host")                       /* of an address that is rewritten; PORT is the next field */      \
    X(PORT, "port")                                                                                          \
    X(ENDPOINT_TYPE, "endpoint type")     /* DescribeCluster v1+: 1 brokers, 2 controllers */                \
    X(CLUSTER_ID, "cluster id")                                                                              \
    X(CONTROLLER_ID, "controller id")                                                                        \
    X(TOPICS, "topics")                   /* an array with a topic each */                                   \
    X(TOPIC_NAME, "topic")                                                                                   \
    X(TOPIC_ID, "topic id")                                                                                  \
    X(PARTITIONS, "partitions")           /* an array with a partition each */                               \
    X(PARTITION, "partition")                                                                                \
    X(LEADER_ID, "leader id")                                                                                \
    X(LEADER_EPOCH, "leader epoch")       /* the one in a response, or the one that a request expects */     \
    X(GROUPS, "groups")                   /* an array with a group each */                                   \
    X(TRANSACTIONS, "transactions")       /* an array with a transaction each */                             \
    X(GROUP_ID, "group")                                                                                     \
    X(MEMBER_ID, "member")                                                                                   \
    X(TRANSACTIONAL_ID, "transactional id")                                                                  \
    X(COORDINATOR_KEY, "key")             /* FindCoordinator: a group id or a transactional id, by KEY_TYPE */ \
    X(KEY_TYPE, "key type")               /* 0 group, 1 transaction, 2 share */                              \
    X(RESOURCES, "resources")             /* the array of the config APIs */                                 \
    X(RESOURCE_TYPE, "resource type")     /* 2 topic, 4 broker, 8 broker logger … (ConfigResource.Type) */   \
    X(RESOURCE_NAME, "resource")                                                                             \
    X(SESSION_ID, "session id")           /* Fetch */                                                        \
    X(SESSION_EPOCH, "session epoch")     /* Fetch, ShareFetch, ShareAcknowledge */                          \
    X(RACK_ID, "rack id")                 /* Fetch requests */                                               \
    X(ACKS, "acks")                                                                                          \
    X(MECHANISM, "mechanism")             /* SaslHandshake */                                                \
    X(CHALLENGE, "challenge")             /* SaslAuthenticate responses: never shown to who watches */         \
    X(SESSION_LIFETIME, "session lifetime") /* in it, in ms; 0: it does not end (KIP-368) */                 \
    X(AUTO_CREATE, "allow auto topic creation") /* Metadata requests */                                      \
    X(GENERATION, "generation")           /* of a group, or the member's epoch (KIP-848) */                  \
    X(OFFSET, "offset")                   /* of a partition: asked for, written at, committed */             \
    X(TIMESTAMP, "timestamp")             /* ListOffsets requests: -1 latest, -2 earliest … */                \
    X(ISOLATION, "isolation level")       /* 0 read uncommitted, 1 read committed */                         \
    X(PRODUCER_ID, "producer id")                                                                            \
    X(PRODUCER_EPOCH, "producer epoch")                                                                      \
    X(COMMITTED, "committed")             /* EndTxn: 1 commit, 0 abort */                                    \
    X(SECRET, "secret")                   /* never shown to who watches, and blanked in a recording */       \
    X(ERROR_CODE, "error code")                                                                              \
    X(RECORDS, "records")

/* clang-format on */

enum role {
#define ROLE(name, text) ROLE_##name,
    ROLES(ROLE)
#undef ROLE
        ROLE_COUNT
};

/* Sets of roles. */
#define ROLE_SET(role) ((uint64_t)1 << (role))
_Static_assert(ROLE_COUNT <= 64, "a set of roles is 64 bits");

#endif
