/* SPDX-License-Identifier: Apache-2.0 */
/* What can be counted when somebody asks, by looking at the connections that there are.
 * Apart, because what is looked up then costs nothing before. */
#ifndef KBRIDGE_ADMIN_CENSUS_H
#define KBRIDGE_ADMIN_CENSUS_H

#include "proxy/net/worker.h"

enum { CENSUS_LINKS_MAX = 256 }; /* pairs of node and state; further ones are not told apart from the last */

struct census_links {
    int32_t node;
    const char *state; /* of struct link_fact */
    uint64_t count;
};

struct census {
    uint64_t clients, waiting;
    uint64_t bytes_in, bytes_out;                  /* of the clients that are there */
    uint64_t questions, corrections, late_answers; /* of the views */
    size_t link_count;
    struct census_links links[CENSUS_LINKS_MAX];
};

/* Of one more worker, in its thread. */
void census_add(struct census *census, const struct worker *worker);

/* Of the process. */
struct usage {
    double cpu_s, started_s; /* since 1970 */
    uint64_t resident_bytes, open_files, most_files;
};

void usage_take(struct usage *usage);

#endif
