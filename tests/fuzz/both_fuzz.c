/* SPDX-License-Identifier: Apache-2.0 */
/* Client and brokers in turn. The first byte is `exact << 6 | port << 3 | brokers`, where each broker has a port if `exact` is
 * not 0, and the client came to this one of them (0: the shared one); then come steps:
 *
 *     what << 3 | end : 1   for bytes: length : 2 (big-endian), bytes      end 0 is the client, 1 … 7 are links */
#include "tests/fuzz/bed.h"
#include "tests/fuzz/target.h"

enum what { BYTES, END_OF_FILE, BREAK, WAIT, DIALS_FAIL, DIALS_SUCCEED, WHATS };

static struct bed bed;

/* Returns how much of the input the step was. */
static size_t step(struct bed *in, const uint8_t *at, size_t len)
{
    end_id end = (end_id)((at[0] & 7) - 1);
    switch ((enum what)((at[0] >> 3) % WHATS)) {
    case BYTES: {
        if (len < 3)
            return len;
        size_t count = (size_t)at[1] << 8 | at[2];
        count = count < len - 3 ? count : len - 3;
        bed_input(in, end, at + 3, count);
        return 3 + count;
    }
    case END_OF_FILE:
        bed_eof(in, end);
        break;
    case BREAK:
        bed_broken(in, end);
        break;
    case WAIT:
        bed_wait(in, 100u << (at[0] & 7));
        break;
    case DIALS_FAIL:
    case DIALS_SUCCEED:
    case WHATS:
        in->dials_fail = (at[0] >> 3) % WHATS == DIALS_FAIL;
        break;
    }
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    if (len == 0)
        return 0;
    uint16_t exact_port = at[0] >> 6 ? (uint16_t)(BED_PORT + (at[0] >> 3 & 7)) : 0;
    bed_begin(&bed, at[0] & 7, exact_port);
    for (size_t done = 1; done < len;)
        done += step(&bed, at + done, len - done);
    bed_end(&bed);
    return 0;
}
