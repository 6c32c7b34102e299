/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a worker's clients when it is told to stop: the idle ones at once, the others when they are answered.
 * Apart, because it is a short life of its own: begin, wait, cut, and tell how many were.
 *
 *     SIGTERM ──► idle clients close          those with a request under way are waited for (timeouts.drain)
 *                                             │ answered: closes       │ time is up: cut, counted
 */
#ifndef KBRIDGE_NET_DRAIN_H
#define KBRIDGE_NET_DRAIN_H

#include <stdint.h>

struct worker;

/* Asks every connection to end; says how many are waited for. */
void drain_begin(struct worker *worker, uint64_t now_ms);

/* Cuts those that are left when time is up, and says how many. */
void drain_tick(struct worker *worker, uint64_t now_ms);

/* Closes everything at once, whatever waits in it, and says how many were waited for. */
void drain_abandon(struct worker *worker);

#endif
