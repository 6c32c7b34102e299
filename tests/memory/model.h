/* SPDX-License-Identifier: Apache-2.0 */
/* Model clients, the real conversation, and model brokers in one process with no socket, driven by a seed.
 *
 *     client ──frames──► inbox ──give──► conversation ──pass, write──► frames ──► broker      (model_broker.c)
 *     checked against `expected` ◄──────  (the real one) ◄──give── inbox ◄──release── answers (model_answer.c)
 *
 *   model_random.h    numbers that the seed decides
 *   model_cluster.c   the truth: who leads, who coordinates
 *   model_moves.c     … as it moves, and how far behind the view may be
 *   model_changes.c   … as topics are made anew, and brokers join or come back elsewhere
 *   model_request.c   what clients ask, and where it belongs
 *   model_odd.c       … beside requests of known versions
 *   model_asked.c     what a request says of itself
 *   model_answer.c    what brokers answer, and what of it the client must see
 *   model_broker.c    takes whole requests: which one is it, and does it belong here?
 *   model_client.c    takes bytes of responses: are they the ones that are due?
 *   model_net.c       struct orders, input, end of file, dials: what proxy/net does, without sockets
 *   model_fault.c     what goes wrong, and which reasons for an end that allows
 *   model_facts.c     what the conversation tells whoever watches
 *   model_place.c     where clients come from, and which broker that names in the exact modes
 *   model_step.c      one of the things that can happen does
 *   model.c           one seed from beginning to end
 *
 * Bytes are checked at the moment at which the conversation orders them to be sent; the way from there is net's. */
#ifndef KBRIDGE_TESTS_MODEL_H
#define KBRIDGE_TESTS_MODEL_H

#include "tests/memory/model_changes.h"
#include "tests/memory/model_client.h"
#include "tests/memory/model_cluster.h"
#include "tests/memory/model_memory.h"
#include "tests/memory/model_moves.h"
#include "tests/memory/model_place.h"

enum { MODEL_CLIENTS_MAX = 3, MODEL_TRACE_LINES = 160, MODEL_LINE_ROOM = 200 };

struct model {
    struct model_random random;
    struct model_memory memory; /* the bridge's */
    struct model_memory own;    /* the model's: never fails */
    struct model_cluster cluster;
    struct model_thing things[MODEL_THINGS];
    struct bridge bridge;
    struct surroundings surroundings;
    struct view *view;
    struct model_client clients[MODEL_CLIENTS_MAX];
    int client_count;
    int step;
    bool loud; /* every line of the trace is printed at once; set before model_run */
    bool failed;
    char failure[MODEL_LINE_ROOM * 2];
    char trace[MODEL_TRACE_LINES][MODEL_LINE_ROOM];
    uint32_t traced;
};

/* Runs one seed. `fail_at`: which allocation of the bridge fails, 0 for none. False: it failed, model->failure says
 * how. */
bool model_run(struct model *model, uint64_t seed, size_t fail_at);

/* Only the first failure counts; the run stops after the step. */
__attribute__((format(printf, 2, 3))) void model_fail(struct model *model, const char *format, ...);
__attribute__((format(printf, 2, 3))) void model_trace(struct model *model, const char *format, ...);

/* model_step.c: one of the things that can happen does. False: nothing can, and somebody still waits. */
bool model_step(struct model *model);
/* model_facts.c: checked as they come. */
struct facts model_facts(struct model *model, bool wants_fields);

#endif
