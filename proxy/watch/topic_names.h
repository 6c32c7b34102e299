/* SPDX-License-Identifier: Apache-2.0 */
/* The names of topic ids, as far as they have passed.
 * Apart, because new clients name topics by id only (Fetch and Produce v13), and a person knows only names. A
 * cache of bounded size that forgets: an id without a name is shown as Kafka's own tools write it. */
#ifndef KBRIDGE_WATCH_TOPIC_NAMES_H
#define KBRIDGE_WATCH_TOPIC_NAMES_H

#include "proxy/watch/summary.h"

/* All zero is empty; memory is taken with the first name. */
struct topic_names {
    struct named *slots;
};

void topic_names_free(struct topic_names *names);
void topic_names_learn(struct topic_names *names, const struct named *topic);

/* Gives it its name, where it has only an id and the name is known. */
void topic_names_complete(const struct topic_names *names, struct named *topic);

#endif
