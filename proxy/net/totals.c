/* SPDX-License-Identifier: Apache-2.0 */
/* Their beginning; see totals.h. */
#include "proxy/net/totals.h"

#include <sys/resource.h>

/* File descriptors for all of a worker that is no connection: listeners, libuv's own, DNS, logs. */
enum { SOCKETS_SPARE = 64 };

static uint32_t find_socket_max(uint32_t spare)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= UINT32_MAX)
        return UINT32_MAX;
    uint32_t most = (uint32_t)files.rlim_cur;
    return most > 2 * spare ? most - spare : most / 2;
}

void totals_open(struct totals *totals, uint32_t worker_count)
{
    *totals = (struct totals){
        .socket_max = find_socket_max(SOCKETS_SPARE * worker_count),
        .waits_for = REASON_COUNT,
    };
}
