/* SPDX-License-Identifier: Apache-2.0 */
/* The times of a repeated dial; see retry.h. */
#include "proxy/bridge/retry.h"

enum { DELAY_FIRST_MS = 100, DELAY_MOST_MS = 1000 };

bool retry_failed(struct retry *retry, uint64_t now_ms, uint64_t wait_ms)
{
    if (!retry->until_ms)
        retry->until_ms = now_ms + wait_ms;
    if (now_ms >= retry->until_ms)
        return false;
    retry->delay_ms = retry->delay_ms ? retry->delay_ms * 2 : DELAY_FIRST_MS;
    if (retry->delay_ms > DELAY_MOST_MS)
        retry->delay_ms = DELAY_MOST_MS;
    retry->at_ms = now_ms + retry->delay_ms;
    return true;
}
