/* SPDX-License-Identifier: Apache-2.0 */
/* The api keys that kbridge calls by name; all others are numbers to it.
 * Apart, so that each is written once. */
#ifndef KBRIDGE_KAFKA_KEYS_H
#define KBRIDGE_KAFKA_KEYS_H

enum api_key {
    API_PRODUCE = 0,
    API_FETCH = 1,
    API_LIST_OFFSETS = 2,
    API_METADATA = 3,
    API_FIND_COORDINATOR = 10,
    API_SASL_HANDSHAKE = 17,
    API_API_VERSIONS = 18,
    API_OFFSET_FOR_LEADER_EPOCH = 23,
    API_ALTER_REPLICA_LOG_DIRS = 34,
    API_DESCRIBE_LOG_DIRS = 35,
    API_SASL_AUTHENTICATE = 36,
    API_DESCRIBE_CLUSTER = 60,
    API_SHARE_FETCH = 78,
    API_SHARE_ACKNOWLEDGE = 79,
};

/* The error codes that kbridge calls by name. */
enum error_code {
    ERROR_NONE = 0,
    ERROR_UNKNOWN_TOPIC_OR_PARTITION = 3,
    ERROR_NOT_LEADER_OR_FOLLOWER = 6,
    ERROR_NOT_COORDINATOR = 16,
    ERROR_UNSUPPORTED_VERSION = 35,
    ERROR_NOT_CONTROLLER = 41,
    ERROR_FETCH_SESSION_ID_NOT_FOUND = 70,
    ERROR_FENCED_LEADER_EPOCH = 74,
    ERROR_UNKNOWN_LEADER_EPOCH = 75,
    ERROR_UNKNOWN_TOPIC_ID = 100,
};

#endif
