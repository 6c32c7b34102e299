/* SPDX-License-Identifier: Apache-2.0 */
/* One conversation in the hands of a fuzzer: every end is a queue of bytes, and every order is checked.
 * Apart from the targets, which only say whose bytes are whose. Nothing is printed and nothing kept, for speed: the
 * scenes of the unit tests (unit/bridge/talk.h) are for reading. Whatever is wrong aborts. */
#ifndef KBRIDGE_TESTS_FUZZ_BED_H
#define KBRIDGE_TESTS_FUZZ_BED_H

#include "proxy/bridge/conversation.h"
#include "tests/memory/model_memory.h"

struct bed_end {
    struct buffer queue; /* came in, not used yet */
    bool open;           /* a link: it is up */
    bool dialled;
    bool paused;  /* ordered not to be read */
    bool waiting; /* left bytes unused: given again when it is ordered to be read */
    bool again;   /* ordered to be read during the call */
    bool shut;    /* we have closed our half … */
    bool eof;     /* … the other side its own */
};

struct bed {
    struct model_memory memory, own; /* of the code under test, of the queues */
    struct bridge bridge;
    struct surroundings surroundings;
    struct address upstream;
    struct place place;
    struct conversation *conversation;
    struct bed_end client, links[LINKS_MAX];
    struct bytes input; /* of the running call */
    bool in_call, over;
    bool dials_fail;
    uint64_t passed; /* bytes; read so that sanitizers see each */
};

enum { BED_PORT = 29092, BED_FIRST_PORT };

/* A client of a cluster with so many brokers; 0: nothing is known of it. It has connected: to the one port, or, with a port
 * for each broker, to `exact_port`. */
void bed_begin(struct bed *bed, int brokers, uint16_t exact_port);
/* The connection ends wherever it stands; all memory has to come back. */
void bed_end(struct bed *bed);

/* What happens; without effect where it cannot (a link that is not up, an end that has ended). Dials are answered at
 * once, by a link that is up unless `dials_fail`. */
void bed_input(struct bed *bed, end_id from, const uint8_t *at, size_t len);
void bed_eof(struct bed *bed, end_id from);
void bed_broken(struct bed *bed, end_id end);
void bed_wait(struct bed *bed, uint32_t ms);

#endif
