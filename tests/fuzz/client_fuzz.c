/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile client: the first byte says how many brokers there are and in which pieces the rest comes. */
#include "tests/fuzz/bed.h"
#include "tests/fuzz/target.h"

static struct bed bed;

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    if (len == 0)
        return 0;
    size_t piece = at[0] >> 2 ? at[0] >> 2 : len;
    bed_begin(&bed, at[0] & 3, 0);
    for (size_t done = 1; done < len; done += piece)
        bed_input(&bed, CLIENT, at + done, len - done < piece ? len - done : piece);
    bed_eof(&bed, CLIENT);
    bed_end(&bed);
    return 0;
}
