/* SPDX-License-Identifier: Apache-2.0 */
/* The names that Docker's DNS has for our own addresses.
 * Apart from surroundings.h, because DNS answers later: a thread of libuv's waits for it, and the loop goes on.
 * It gives NAME.NETWORK, an alias first (measured with 20.10); a name counts only if it leads back. */
#ifndef KBRIDGE_NET_NAMES_H
#define KBRIDGE_NET_NAMES_H

#include "proxy/bridge/told.h"

struct worker;

enum { NAMES_MAX = 8 }; /* networks that one container is in */

struct names {
    struct named_ip at[NAMES_MAX];
    uint16_t asked; /* of the places; one without a name has an empty one */
};

/* Where Docker's DNS is there, asks for all of our addresses; what is found stands in the surroundings from then on. */
void names_ask(struct worker *worker);

/* True where the text of /etc/resolv.conf names Docker's DNS. No other is asked: it may not know us, and take long to say so. */
bool names_can_be_asked(const char *resolv_conf);

#endif
