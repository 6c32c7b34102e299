/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a message as Kafka's classes have them; Facts.java draws their format.
 * Apart from the runs, because what was told is compared here, not how it was cut. */
#ifndef KBRIDGE_CONFORMANCE_FACTS_H
#define KBRIDGE_CONFORMANCE_FACTS_H

#include "proxy/kafka/sentence.h"
#include "proxy/kafka/walk.h"

/* Takes from `facts` the next one that is what was told, and all before it: the walker tells only fields with a role, in the
 * order of the wire. Of a request each fact that decides must be told, as what it is. Pieces must be whole; other steps than
 * VALUE and PIECE, and records, have no fact and are always right. False: `why` says what is wrong. */
bool facts_take(struct bytes *facts, enum direction direction, enum walk_step step,
                const struct walk_event *event, struct sentence *why);

/* At the end of the message: nothing that decides is left. */
bool facts_end(struct bytes facts, struct sentence *why);

#endif
