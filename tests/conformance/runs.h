/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds one frame to the code under test, cut in one way, and tells what came of it.
 * Apart from the comparisons: a run knows what may never happen, whatever the frame; what must come out of it
 * is for conformance.c to say. */
#ifndef KBRIDGE_CONFORMANCE_RUNS_H
#define KBRIDGE_CONFORMANCE_RUNS_H

#include "proxy/kafka/rewrite.h"
#include "tests/conformance/cases.h"

#include <stdio.h>

/* What is done with the frame. */
enum way {
    WALKED,         /* header and message, by walk.h alone; if whole, what is told must be among the facts */
    REWRITTEN,      /* as it goes to a client */
    REWRITTEN_SEEN, /* … and every field of it is seen */
    READ,           /* an answer to kbridge itself: seen, and given as it is */
};

/* How a frame of n bytes is cut: [0, at) and [at, n), or into pieces of `step` bytes. */
struct cut {
    size_t at;
    size_t step; /* 0: cut once, at `at`; at n, or 0: whole */
};

/* The steps on fields with a role, the same for every cut: the pieces of one text are seen as one. */
struct trace {
    uint64_t fields; /* hash of what was told, without that of a response's header */
    uint64_t places; /* … and of where in the frame (walks only) */
    FILE *to;        /* also written here, a line each; may be NULL */
};

/* All zero but `trace.to` before the first run; outcome_free after the last. */
struct outcome {
    struct buffer given; /* back by the rewriter */
    struct trace trace;
    struct sentence why; /* not empty: the rewriter refused the frame */
    size_t held_at_most; /* bytes of memory */
};

/* NULL, or what is wrong; that the rewriter refuses a frame is not. */
const char *run(const struct test_case *one, enum way way, struct cut cut, struct outcome *outcome);

void outcome_free(struct outcome *outcome);

#endif
