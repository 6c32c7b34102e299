/* SPDX-License-Identifier: Apache-2.0 */
/* What `wait` waits for.
 * Apart from wait.c, because services and Kafka are looked at in files of their own. */
#ifndef KBRIDGE_TOOLS_WAIT_H
#define KBRIDGE_TOOLS_WAIT_H

#include "config/endpoint.h"
#include "proxy/tools/flag.h"

enum { TARGETS_MAX = 32, WAIT_TOPICS_MAX = 100, WAIT_SETTINGS_MAX = 32 };

enum target_kind { TARGET_KAFKA, TARGET_TCP, TARGET_HTTP };

struct target {
    enum target_kind kind;
    const char *text;         /* as it was written */
    struct endpoint endpoint; /* of Kafka: the first of its bootstrap addresses */
    const char *path;         /* of http://, from the slash on; "" is "/" */
};

struct wait_wanted {
    struct target targets[TARGETS_MAX];
    struct topic topics[WAIT_TOPICS_MAX]; /* partitions 0: as many as there are */
    struct topic made[WAIT_TOPICS_MAX];   /* --create */
    char *settings[WAIT_SETTINGS_MAX];    /* -X NAME=VALUE, of librdkafka */
    size_t target_count, topic_count, made_count, setting_count;
    const char *group;
    uint64_t timeout_ms;
    bool produce;
};

/* Whether a service is there, seen within `deadline_ms` (socket.h). False: half a sentence says why not. */
bool wait_tcp(const struct target *target, int64_t deadline_ms, struct problem *problem);
bool wait_http(const struct target *target, int64_t deadline_ms, struct problem *problem);

/* A client of Kafka; NULL: `problem` has a sentence, and trying again is of no use. */
struct wait_kafka;
struct wait_kafka *wait_kafka_new(const struct target *target, const struct wait_wanted *wanted,
                                  struct problem *problem);
void wait_kafka_free(struct wait_kafka *kafka);
bool wait_kafka_ready(struct wait_kafka *kafka, int64_t deadline_ms, struct problem *problem);

#endif
