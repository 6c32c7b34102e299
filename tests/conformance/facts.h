/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a message as Kafka's classes have them; Facts.java draws their format.
 * Apart from the runs, because what was told is compared here, not how it was cut. */
#ifndef KBRIDGE_CONFORMANCE_FACTS_H
#define KBRIDGE_CONFORMANCE_FACTS_H

#include "proxy/kafka/walk.h"

/* Takes from `facts` the next one with this name and value, and all before it: the walker tells only fields
 * with a role, in the order of the wire. False where there is none. Pieces must be whole; other steps than
 * VALUE and PIECE, and records, have no fact and are always right. */
bool facts_take(struct bytes *facts, enum walk_step step, const struct walk_event *event);

#endif
