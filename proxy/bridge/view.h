/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the cluster: its brokers, who leads, who coordinates. Learned from answers that pass, asked
 * for where it is missing, dropped where a broker says that it is wrong.
 * Apart, because it is the only state that conversations share, behind one interface: get, learn, forget.
 * Nothing in it is needed after a restart. */
#ifndef KBRIDGE_BRIDGE_VIEW_H
#define KBRIDGE_BRIDGE_VIEW_H

#include "proxy/kafka/rewrite.h"

enum { NODE_BOOTSTRAP = -1, NODE_UNKNOWN = -2 };

/* A cluster may look like one broker while the others still register: it goes from one to several, never back. */
enum view_kind { VIEW_UNKNOWN, VIEW_ONE, VIEW_SEVERAL };

struct view_broker {
    int32_t id;
    struct address advertised;
};

/* A topic is known by its name, by its id (v10+ of Metadata, 16 bytes), or by both. Either may be empty. */
struct topic_key {
    struct bytes name;
    struct bytes id;
};

/* KEY_TYPE of FindCoordinator. */
enum coordinator_type { COORDINATOR_GROUP, COORDINATOR_TRANSACTION, COORDINATOR_SHARE };

struct view;

struct view *view_new(const struct allocator *allocator); /* NULL: out of memory */
void view_free(struct view *view);

enum view_kind view_kind(const struct view *view);
size_t view_broker_count(const struct view *view);
const struct view_broker *view_broker_at(const struct view *view, size_t index); /* in order of node id */
const struct view_broker *view_broker_find(const struct view *view, int32_t id); /* NULL: unknown */
const char *view_cluster_id(const struct view *view);                            /* "" until known */
int32_t view_controller(const struct view *view); /* NODE_UNKNOWN until known */

/* Replaces the brokers by those of a Metadata or DescribeCluster answer; more than one makes it VIEW_SEVERAL.
 * True where anything is new. Out of memory: it stays as it was, false. */
bool view_learn_brokers(struct view *view, const struct view_broker *brokers, size_t count);
bool view_learn_cluster_id(struct view *view, struct bytes id); /* true where it is new; cut to 63 bytes */
void view_learn_controller(struct view *view, int32_t id);
/* More than one bootstrap address means several brokers, whatever they answer. */
void view_learn_several(struct view *view);

/* Leader of a partition: a node id, or NODE_UNKNOWN. `epoch` (may be NULL) gets its leader epoch, -1 unknown. */
int32_t view_leader(const struct view *view, const struct topic_key *topic, int32_t partition,
                    int32_t *epoch);
/* A lower epoch never overwrites a higher one of the same topic id; -1 (unknown) overwrites. leader < 0 is not kept.
 * A topic name with another id than before is another topic: the old one is forgotten. */
void view_learn_leader(struct view *view, const struct topic_key *topic, int32_t partition, int32_t leader,
                       int32_t epoch);
void view_forget_leader(struct view *view, const struct topic_key *topic, int32_t partition);
void view_forget_topic(struct view *view, const struct topic_key *topic);

/* At most 10,000 coordinators are kept; the least recently used goes first. */
int32_t view_coordinator(struct view *view, enum coordinator_type type, struct bytes key);
void view_learn_coordinator(struct view *view, enum coordinator_type type, struct bytes key, int32_t node);
void view_forget_coordinator(struct view *view, enum coordinator_type type, struct bytes key);
/* A number for a key, never 0, so that who awaits an answer need not keep the key to forget it. */
uint64_t view_coordinator_hash(enum coordinator_type type, struct bytes key);
void view_forget_coordinator_hash(struct view *view, uint64_t hash);
void view_forget_controller(struct view *view);

/* Versions that brokers offer, from passing ApiVersions answers (the narrowest seen). -1 where unknown. */
void view_learn_versions(struct view *view, int16_t api_key, int16_t min, int16_t max);
int view_version_max(const struct view *view, int api_key);
int view_version_min(const struct view *view, int api_key);
/* How many keys brokers offer; 0 until an answer was seen. */
size_t view_api_count(const struct view *view);

#endif
