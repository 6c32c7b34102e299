/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in front of records: how many there are, how they are compressed, whose they are.
 * Apart from the walker, to which records are bytes: they have a format of their own (batches of magic 2 since Kafka
 * 0.11, message sets of magic 0 and 1 before). Only the heads are read, in pieces of any size; records are skipped.
 *
 *     offset:8 length:4 epoch:4 magic:1 crc:4 attributes:2 … producer:8 epoch:2 sequence:4 count:4 | records …   magic 2
 *     offset:8 length:4 crc:4   magic:1 attributes:1 …                                             | one record  0, 1 */
#ifndef KBRIDGE_KAFKA_BATCHES_H
#define KBRIDGE_KAFKA_BATCHES_H

#include "proxy/kafka/bytes.h"

enum { BATCH_HEAD_SIZE = 61 };

enum compression {
    COMPRESSION_NONE,
    COMPRESSION_GZIP,
    COMPRESSION_SNAPPY,
    COMPRESSION_LZ4,
    COMPRESSION_ZSTD,
    COMPRESSIONS
};

/* All zero before the first byte of a field of records. */
struct batches {
    uint64_t record_count;
    uint32_t batch_count;
    uint8_t compressions;        /* bits by enum compression */
    bool transactional, control; /* of any */
    bool odd;                    /* something was not as above, and from there on nothing was read */
    uint8_t got;                 /* bytes in head */
    uint32_t skip;               /* bytes of the batch still to come */
    uint8_t head[BATCH_HEAD_SIZE];
};

void batches_feed(struct batches *batches, struct bytes piece);

/* The next field of records begins; what was counted stays. */
void batches_next(struct batches *batches);

/* "zstd". */
const char *batches_compression_name(enum compression compression);

#endif
