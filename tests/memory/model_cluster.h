/* SPDX-License-Identifier: Apache-2.0 */
/* A cluster that exists only in memory: its brokers, who leads what, who coordinates whom.
 * Apart, because it is the truth against which the routing of the bridge is checked. */
#ifndef KBRIDGE_TESTS_MODEL_CLUSTER_H
#define KBRIDGE_TESTS_MODEL_CLUSTER_H

#include "proxy/bridge/view.h"
#include "tests/memory/model_random.h"

enum {
    MODEL_BROKERS_MAX = 5,
    MODEL_TOPICS = 4,
    MODEL_PARTITIONS = 3,
    MODEL_GROUPS = 6,
    MODEL_GROUP_ROOM = 24,
    MODEL_NOBODY = -1,
    MODEL_TOPIC_ID_SIZE = 16,
};

/* The name of a group, of a transactional id, and of a key to look for. */
#define MODEL_GROUP "group-%d"

struct model_broker {
    int32_t id;
    struct address advertised;
    struct address dialled; /* where it listens … */
    struct address left;    /* … and where it did before */
    int joined_at;          /* at this step; MODEL_NOBODY: it was there from the beginning */
    int homes;              /* how often it has come back at another address: at most once */
    uint32_t dials_refused; /* so many dials fail before one succeeds */
};

struct model_topic {
    char name[24];
    uint8_t id[MODEL_TOPIC_ID_SIZE];
    bool exists;
    int life;                      /* 1: it was deleted and created again, with another id … */
    int born_at;                   /* … at this step */
    int leaders[MODEL_PARTITIONS]; /* index of a broker, or MODEL_NOBODY */
    int32_t epochs[MODEL_PARTITIONS];
};

struct model_cluster {
    struct model_broker brokers[MODEL_BROKERS_MAX];
    struct model_topic topics[MODEL_TOPICS];
    struct address bootstrap;
    int count;
    bool grows;                       /* at first only the one behind the bootstrap address is told of … */
    bool hidden;                      /* … as now */
    int first;                        /* the broker behind the bootstrap address */
    int controller;                   /* index */
    bool moves;                       /* leaders, coordinators and the controller do, while clients run */
    bool changes;                     /* topics are deleted and created again, brokers join … */
    bool rehouses;                    /* … and come back at other addresses */
    uint32_t turns[2 * MODEL_GROUPS]; /* how often each coordinator has moved, by key type and group */
    int16_t metadata_max, coordinator_max; /* newest versions that the brokers offer */
};

void model_cluster_make(struct model_cluster *cluster, struct model_random *random);

/* The broker that listens there, or MODEL_NOBODY; the one that did before. */
int model_cluster_at(const struct model_cluster *cluster, const struct address *address);
int model_cluster_left(const struct model_cluster *cluster, const struct address *address);

/* The id of a topic, by its index, in its first or second life. */
void model_cluster_topic_id(int topic, int life, uint8_t id[MODEL_TOPIC_ID_SIZE]);

/* The topic with this name, or with this id; NULL. */
const struct model_topic *model_cluster_topic(const struct model_cluster *cluster, struct bytes name,
                                              struct bytes id);

/* Index of a broker, or MODEL_NOBODY: some groups have no coordinator. */
int model_cluster_coordinator(const struct model_cluster *cluster, uint8_t key_type, struct bytes key);

#endif
