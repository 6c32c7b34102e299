/* SPDX-License-Identifier: Apache-2.0 */
/* Who serves what, as it moves, and how far behind that the view may be.
 * Apart, because a request that comes to the wrong broker is right where the view could not know better, and only there.
 *
 *   truth      ──A──────────┬──B───────┬──C────────►  steps
 *   an answer that tells    made ▲     (its maker saw B)
 *   … is taken in                          ▲ from here on nothing older than B may be believed: B or C is right, A is not
 *
 * A *thing* is a partition, a group or transactional id, the controller, or a broker's address, which is "served" by how often that
 * has changed. */
#ifndef KBRIDGE_TESTS_MODEL_MOVES_H
#define KBRIDGE_TESTS_MODEL_MOVES_H

#include "tests/memory/model_asked.h"
#include "tests/memory/model_cluster.h"

enum {
    MODEL_LED = MODEL_TOPICS * MODEL_PARTITIONS,
    MODEL_COORDINATED = 2 * MODEL_GROUPS,
    MODEL_CONTROLLER = MODEL_LED + MODEL_COORDINATED,
    MODEL_HOMES, /* first of one for each broker */
    MODEL_THINGS = MODEL_HOMES + MODEL_BROKERS_MAX,
    MODEL_MOVES_MAX = 20,
};

/* What the view may believe of a thing. */
struct model_belief {
    int made_at;    /* what was so at this step, or later */
    int dropped_at; /* the step at which it took in an error that drops this entry; MODEL_NOBODY: none */
};

struct model_thing {
    int servers[MODEL_MOVES_MAX]; /* index of a broker, or MODEL_NOBODY; the last one serves now … */
    int since[MODEL_MOVES_MAX];   /* … and these are the steps at which each began */
    int count;
    struct model_belief belief;
};

/* What an answer tells, as sets of things. */
struct model_news {
    int made_at;
    uint32_t told;    /* who serves these, or that somebody does not */
    uint32_t dropped; /* of these: only that it is somebody else */
    uint32_t
        perhaps; /* as told, but there may be a place in the view that it does not reach: by another id, or by name only */
};

struct model;
struct model_client;
struct model_link;
struct model_request;

int model_thing_led(const struct model_cluster *cluster, const struct model_topic *topic, int partition);
int model_thing_coordinated(uint8_t key_type, struct bytes key);

void model_moves_begin(struct model *model);
/* One thing moves, if the cluster is one where things do. */
void model_moves_happen(struct model *model);
/* Whatever has another server than it had gets that into its history; is there room for it in all of them? */
void model_moves_note(struct model *model);
bool model_moves_have_room(const struct model *model);
/* Who serves it now. */
int model_moves_server(const struct model *model, int thing);

/* What an answer that is made now tells; `refused`: it is an error that says "not here" to this request. */
struct model_news model_moves_news(const struct model *model, const struct model_request *request,
                                   const struct model_asked *asked, bool refused);
/* The answer was taken in whole; or it ended on its way, and some of it may have been. */
void model_moves_learned(struct model *model, const struct model_news *news);
void model_moves_lost(struct model *model, const struct model_link *link);
/* A dial failed: what this client has asked for and still waits leads there no more. */
void model_moves_unreachable(struct model_client *client);
/* What the view may believe now, with answers of which only a part was taken in. */
void model_moves_beliefs(const struct model *model, struct model_belief beliefs[MODEL_THINGS]);
/* May a request for this thing, which was sent at that step, come to this broker under these beliefs? */
bool model_moves_allow(const struct model *model, int thing, const struct model_belief beliefs[MODEL_THINGS],
                       int sent_at, int broker);

#endif
