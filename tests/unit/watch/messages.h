/* SPDX-License-Identifier: Apache-2.0 */
/* Whole Kafka messages with all that a traffic line shows.
 * Apart from wire.h, because they are the content, and more than one test uses them. All functions append to
 * `wire`, which is empty. */
#ifndef KBRIDGE_TESTS_UNIT_WATCH_MESSAGES_H
#define KBRIDGE_TESTS_UNIT_WATCH_MESSAGES_H

#include "tests/unit/watch/wire.h"

struct part {
    const char *topic; /* NULL: one more partition of the topic before */
    int partition;
    int error;
};

/* 16 bytes */
#define ORDERS_ID "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"

/* Produce v7, each partition with `record_size` bytes of records. */
void message_produce(struct wire *wire, const struct part *parts, int count, int acks, int record_size);
void message_produced(struct wire *wire, const struct part *parts, int count);

/* Metadata v12 of one topic, orders with ORDERS_ID, three partitions. */
void message_metadata_all(struct wire *wire);
void message_metadata(struct wire *wire, int topic_error, int partition_error);

/* Fetch v13 of partition 3 of ORDERS_ID. */
void message_fetch(struct wire *wire);
void message_fetched(struct wire *wire, int error, int record_size);

#endif
