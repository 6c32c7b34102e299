/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of records that somebody invented: read to their end, unpacked, and looked at as --records would show them. */
#include "proxy/watch/content.h"

#include <stdlib.h>

#include "tests/fuzz/target.h"

enum { UNPACKED = 16 << 10, SHOWN = 100 };

static size_t look(const struct record_part *part)
{
    struct content content = content_of(part, SHOWN);
    size_t sum = content.schema;
    for (size_t i = 0; i < content.shown.len; i++)
        sum += content.shown.at[i];
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    uint8_t *room = malloc(UNPACKED);
    struct records records;
    struct record record;
    size_t sum = 0;
    if (!room)
        abort();
    records_begin(&records, (struct bytes){at, len}, room, UNPACKED);
    while (records_next(&records, &record)) {
        sum += look(&record.key) + look(&record.value);
        for (size_t i = 0; i < record.header_count && i < HEADERS_KEPT; i++)
            sum += look(&record.headers[i].key) + look(&record.headers[i].value);
    }
    free(room);
    return sum == SIZE_MAX;
}
