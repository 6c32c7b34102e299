/* SPDX-License-Identifier: Apache-2.0 */
/* Batches and messages with records in them, as clients make them, for tests of what reads them. */
#ifndef KBRIDGE_TESTS_WATCH_BATCH_H
#define KBRIDGE_TESTS_WATCH_BATCH_H

#include "proxy/kafka/batches.h"
#include "tests/unit/watch/wire.h"

void batch_put_number(struct wire *batch, size_t size, uint64_t number);
void batch_put_varint(struct wire *batch, int64_t number); /* zigzag */

/* A record of magic 2; NULL is null; one header where `header` is given. */
void batch_put_record(struct wire *records, int offset, const char *key, const char *value,
                      const char *header);

/* `records`, of which there are `count`, as a batch with these attributes, whose compression is done. */
void batch_wrap(struct wire *field, const struct wire *records, uint32_t count, int attributes);

/* A message of magic 0 or 1; `value` is compressed already, where attributes say so. */
void batch_put_message(struct wire *field, int magic, int attributes, int64_t offset, const char *key,
                       struct bytes value);

/* Also as Java wraps it, where `java`, which is for snappy only. */
void batch_compress(struct wire *to, enum compression compression, struct bytes plain, bool java);

#endif
