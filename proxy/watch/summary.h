/* SPDX-License-Identifier: Apache-2.0 */
/* What one request and its response were about, as plain data, gathered while they pass.
 * Apart, because gathering knows the protocol's fields and printing knows people; whoever prints (text.c)
 * sees only struct summary. Memory is bounded: of long lists the first few are kept and the rest is counted.
 * Secrets (SASL bytes, config values) never come here: bridge/ reports no field of ROLE_SECRET. Of records only the heads
 * of batches are read, but where --records asks for more (excerpt.h). */
#ifndef KBRIDGE_WATCH_SUMMARY_H
#define KBRIDGE_WATCH_SUMMARY_H

#include "proxy/bridge/facts.h"
#include "proxy/kafka/batches.h"

enum { TOPICS_KEPT = 8, PARTITIONS_KEPT = 8, KEYS_KEPT = 4, ERRORS_KEPT = 8 };
enum { NAME_KEPT = 80, TOPIC_ID_SIZE = 16, OFFSET_NONE = -1 };

/* Foreign text, not escaped. */
struct name {
    uint8_t len;
    bool cut; /* it was longer than NAME_KEPT */
    uint8_t at[NAME_KEPT];
};

void name_append(struct name *name, struct bytes piece);

struct excerpt; /* excerpt.h */

/* A topic by name, by id or by both; or anything else that has a name. */
struct named {
    struct name name;
    bool has_id;
    uint8_t id[TOPIC_ID_SIZE];
};

struct partition_summary {
    int32_t index;
    int64_t offset; /* asked for, written at or committed; OFFSET_NONE: not told */
};

struct topic_summary {
    struct named topic;
    uint32_t partition_count;
    struct partition_summary partitions[PARTITIONS_KEPT];
};

/* A group, a transactional id, a coordinator's key, a resource, a SASL mechanism. */
struct key_summary {
    uint8_t role; /* of its field: ROLE_GROUP_ID … */
    int8_t type;  /* of a resource (ConfigResource.Type) */
    struct name name;
};

struct error_summary {
    int16_t code;
    bool has_partition;
    int32_t partition;
    struct named at; /* topic, group or resource; empty: the answer as a whole */
};

struct summary {
    struct exchange exchange;
    bool sent;       /* to a broker; false: it still waits for one */
    bool all_topics; /* the request asked for all */
    bool told;       /* the response had addresses, which were rewritten */
    bool has_acks, has_generation, has_isolation, has_producer, has_committed;
    int16_t acks;
    int8_t isolation; /* 0 read uncommitted, 1 read committed */
    bool committed;   /* EndTxn: a commit, not an abort */
    int16_t producer_epoch;
    int32_t generation;       /* that of the response, where it tells one */
    int32_t generation_asked; /* that of the request */
    int64_t producer_id;
    struct name member;
    struct batches batches; /* of all records */
    int8_t key_type;        /* of ROLE_COORDINATOR_KEY: 0 group, 1 transaction, 2 share */
    uint64_t record_bytes;
    struct excerpt *excerpt; /* where somebody wants to see records; else NULL */
    /* Those of the request; where it names none, those of the response. */
    uint32_t topic_count, key_count, error_count;
    /* Of these only as many are set as are counted. */
    struct topic_summary topics[TOPICS_KEPT];
    struct key_summary keys[KEYS_KEPT];
    struct error_summary errors[ERRORS_KEPT];
};

/* An element of an array in which names and errors belong together: a topic in topics, a group in groups … */
struct scope {
    uint8_t role; /* of the array; ROLE_NONE: the message itself */
    bool open;    /* inside an element */
    bool has_partition;
    int16_t error; /* told at the end of the element, since the name may come behind it */
    int32_t partition;
    struct named named;
    struct topic_summary
        *topic; /* ROLE_TOPICS: its place in the summary, NULL: only counted, or not yet sought */
};

enum { SCOPES = 5 }; /* message, groups, topics, partitions, and one to spare */

struct gathering {
    enum direction direction;
    bool keeps_topics, keeps_keys; /* of this direction */
    bool has_passed;               /* an element of topics has just ended: */
    struct named passed;
    int8_t resource_type;
    uint8_t depth; /* scopes in use; may exceed SCOPES, they are then not kept */
    struct summary summary;
    struct scope scopes[SCOPES]; /* set when they are opened */
};

void gathering_begin(struct gathering *gathering, const struct exchange *exchange);

/* One call of facts.field. Returns a topic of which both name and id have just passed, else NULL. */
const struct named *gathering_see(struct gathering *gathering, enum direction direction, enum walk_step step,
                                  const struct walk_event *event);

/* Nothing more comes: what was held back until the end of an element is told. */
void gathering_end(struct gathering *gathering);

#endif
