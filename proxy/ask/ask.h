/* SPDX-License-Identifier: Apache-2.0 */
/* One request to a broker and its answer, on a connected socket.
 * Apart, because the health check and the tools ask the same way, and only what they ask differs. */
#ifndef KBRIDGE_ASK_ASK_H
#define KBRIDGE_ASK_ASK_H

#include "config/problem.h"
#include "proxy/kafka/write.h"

struct question {
    int api_key, version;
    struct givens givens;
    int64_t timeout_ms; /* for the whole of it */
};

/* Appends the answer's message, without its header; `answer` has an allocator. A response header is taken to have
 * no tagged fields, so ask in versions that have none. False: `problem` has half a sentence, and `answer` the
 * first bytes of what came instead, for foreign_protocol. */
bool ask(int fd, const struct question *question, struct buffer *answer, struct problem *problem);

#endif
