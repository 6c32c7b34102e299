/* SPDX-License-Identifier: Apache-2.0 */
/* See messages.h. The fields are those of the message specs, in their order. */
#include "tests/unit/watch/messages.h"

enum { SMALL = 8 }; /* an int64 */

static int topic_count(const struct part *parts, int count)
{
    int topics = 0;
    for (int i = 0; i < count; i++)
        topics += parts[i].topic != NULL;
    return topics;
}

static int partition_count(const struct part *parts, int count, int first)
{
    int partitions = 1;
    while (first + partitions < count && !parts[first + partitions].topic)
        partitions++;
    return partitions;
}

static void topic_begin(struct wire *wire, const struct part *parts, int count, int i)
{
    if (!parts[i].topic)
        return;
    wire_string(wire, parts[i].topic);
    wire_array(wire, partition_count(parts, count, i));
}

void message_produce(struct wire *wire, const struct part *parts, int count, int acks, int record_size)
{
    wire_string(wire, NULL); /* transactional id */
    wire_16(wire, acks);
    wire_32(wire, 30000); /* timeout */
    wire_array(wire, topic_count(parts, count));
    for (int i = 0; i < count; i++) {
        topic_begin(wire, parts, count, i);
        wire_32(wire, parts[i].partition);
        wire_32(wire, record_size);
        wire_zeros(wire, (size_t)record_size);
    }
}

void message_produced(struct wire *wire, const struct part *parts, int count)
{
    wire_array(wire, topic_count(parts, count));
    for (int i = 0; i < count; i++) {
        topic_begin(wire, parts, count, i);
        wire_32(wire, parts[i].partition);
        wire_16(wire, parts[i].error);
        wire_zeros(wire, (size_t)3 * SMALL); /* base offset, append time, log start offset */
    }
    wire_32(wire, 0); /* throttle time */
}

void message_metadata_all(struct wire *wire)
{
    wire_8(wire, 0);     /* topics: null */
    wire_zeros(wire, 2); /* auto creation, authorized operations */
    wire_tags(wire);
}

static void add_partition(struct wire *wire, int partition, int error)
{
    wire_16(wire, error);
    wire_32(wire, partition);
    wire_32(wire, 1);           /* leader */
    wire_32(wire, 0);           /* its epoch */
    for (int i = 0; i < 3; i++) /* replicas, in sync, offline */
        wire_compact_array(wire, 0);
    wire_tags(wire);
}

void message_metadata(struct wire *wire, int topic_error, int partition_error)
{
    wire_32(wire, 0);            /* throttle time */
    wire_compact_array(wire, 0); /* brokers */
    wire_compact(wire, "4L6g3nShT-eMCtK--X86sw");
    wire_32(wire, 1); /* controller */
    wire_compact_array(wire, 1);
    wire_16(wire, topic_error);
    wire_compact(wire, "orders");
    wire_add(wire, ORDERS_ID, 16);
    wire_8(wire, 0); /* internal */
    wire_compact_array(wire, 3);
    for (int partition = 0; partition < 3; partition++)
        add_partition(wire, partition, partition == 1 ? partition_error : 0);
    wire_32(wire, 0); /* authorized operations */
    wire_tags(wire);
    wire_tags(wire);
}

void message_fetch(struct wire *wire)
{
    wire_32(wire, -1);                       /* replica */
    wire_zeros(wire, 4 + 4 + 4 + 1 + 4 + 4); /* wait, least, most, isolation, session id and epoch */
    wire_compact_array(wire, 1);
    wire_add(wire, ORDERS_ID, 16);
    wire_compact_array(wire, 1);
    wire_32(wire, 3);
    wire_zeros(wire, 4 + 8 + 4 + 8 + 4); /* leader epoch, offset, its epoch, log start, most */
    wire_tags(wire);
    wire_tags(wire);
    wire_compact_array(wire, 0); /* forgotten */
    wire_compact(wire, "");      /* rack */
    wire_tags(wire);
}

void message_fetched(struct wire *wire, int error, int record_size)
{
    wire_zeros(wire, 4 + 2 + 4); /* throttle time, error, session */
    wire_compact_array(wire, 1);
    wire_add(wire, ORDERS_ID, 16);
    wire_compact_array(wire, 1);
    wire_32(wire, 3);
    wire_16(wire, error);
    wire_zeros(wire, (size_t)3 * SMALL); /* high watermark, last stable, log start */
    wire_compact_array(wire, -1);        /* aborted transactions */
    wire_32(wire, -1);                   /* preferred replica */
    wire_8(wire, record_size + 1);
    wire_zeros(wire, (size_t)record_size);
    for (int i = 0; i < 3; i++) /* of the partition, of the topic, of the message */
        wire_tags(wire);
}
