/* SPDX-License-Identifier: Apache-2.0 */
/* Batches and messages with records in them, as clients make them, for tests of what reads them. */
#ifndef KBRIDGE_TESTS_WATCH_BATCH_H
#define KBRIDGE_TESTS_WATCH_BATCH_H

#include "proxy/kafka/batches.h"

enum { BATCH_ROOM = 8192 };

/* All zero is empty. */
struct batch {
    size_t len;
    uint8_t at[BATCH_ROOM];
};

void batch_put(struct batch *batch, const void *bytes, size_t len);
void batch_put_number(struct batch *batch, size_t size, uint64_t number);
void batch_put_varint(struct batch *batch, int64_t number); /* zigzag */

/* A record of magic 2; NULL is null; one header where `header` is given. */
void batch_put_record(struct batch *records, int offset, const char *key, const char *value,
                      const char *header);

/* `records`, of which there are `count`, as a batch with these attributes, whose compression is done. */
void batch_wrap(struct batch *field, const struct batch *records, uint32_t count, int attributes);

/* A message of magic 0 or 1; `value` is compressed already, where attributes say so. */
void batch_put_message(struct batch *field, int magic, int attributes, int64_t offset, const char *key,
                       struct bytes value);

/* Also as Java wraps it, where `java`, which is for snappy only. */
void batch_compress(struct batch *to, enum compression compression, struct bytes plain, bool java);

#endif
