/* SPDX-License-Identifier: Apache-2.0 */
/* What `wait` does at a cluster, beyond looking: a topic that is made, a group that is asked for, a record there and back.
 * Apart, because each is a round trip of its own with librdkafka. */
#ifndef KBRIDGE_TOOLS_WAIT_RECORD_H
#define KBRIDGE_TOOLS_WAIT_RECORD_H

#include <librdkafka/rdkafka.h>

#include "proxy/tools/wait.h"

/* Takes `conf`. NULL: `problem` has half a sentence. */
rd_kafka_t *wait_client(rd_kafka_type_t type, rd_kafka_conf_t *conf, const char *bootstrap,
                        const struct wait_wanted *wanted, struct problem *problem);

/* Makes the topic; one that is there is fine. */
bool wait_create(rd_kafka_t *client, const struct topic *topic, int timeout_ms, struct problem *problem);

/* The coordinator of the group answers; `member` is a consumer of it. */
bool wait_group(rd_kafka_t *member, const char *group, int timeout_ms, struct problem *problem);

/* A producer and a consumer; a record passes when it has been written and read back, at the addresses that clients are told. */
struct wait_record;
struct wait_record *wait_record_new(const char *bootstrap, const struct wait_wanted *wanted,
                                    struct problem *problem);
void wait_record_free(struct wait_record *record);
bool wait_record_passes(struct wait_record *record, rd_kafka_t *admin, struct problem *problem);

#endif
