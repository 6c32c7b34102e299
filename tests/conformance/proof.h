/* SPDX-License-Identifier: Apache-2.0 */
/* One case against all cuts of its frame, and what is told where something differs.
 * Apart from the runs, because here it is decided what is right, and from main, which only counts. */
#ifndef KBRIDGE_CONFORMANCE_PROOF_H
#define KBRIDGE_CONFORMANCE_PROOF_H

#include "tests/conformance/runs.h"

/* All zero but `tell` to begin with; one for all cases. */
struct proof {
    FILE *tell;         /* differences go here */
    struct bytes inert; /* what kbridge made of the last INERT case, for Kafka's code to read */
    uint8_t *inert_room;
    uint64_t runs;
    size_t held_at_most; /* bytes of memory, by any run */
    uint64_t dice;       /* for the random splits */
    /* of the case and way at hand */
    const struct test_case *one;
    enum way way;
    struct cut cut;
    struct outcome outcome;
    struct trace whole; /* of the whole frame */
};

/* True where nothing differs. */
bool proof_check(struct proof *proof, const struct test_case *one);

void proof_end(struct proof *proof);

#endif
