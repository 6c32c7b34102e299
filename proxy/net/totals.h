/* SPDX-License-Identifier: Apache-2.0 */
/* What all workers of the process add up: what is bounded for all of them together, what is counted, what people were told.
 * Apart, because this, and the settings, is all that workers share. Each is a number by itself, which no other one
 * has to agree with, so atomic numbers do, and no lock. */
#ifndef KBRIDGE_NET_TOTALS_H
#define KBRIDGE_NET_TOTALS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "proxy/bridge/reason.h"

struct counters {
    _Atomic uint64_t accepted;
    _Atomic uint64_t refused_limit; /* limits.connections, or no file descriptors left */
    _Atomic uint64_t refused_memory;
    _Atomic uint64_t accept_failed;
    _Atomic uint64_t dial_failed; /* to brokers */
    _Atomic uint64_t ended[REASON_COUNT];
};

struct totals {
    _Atomic uint32_t client_count;
    _Atomic uint32_t socket_count; /* open sockets of connections … */
    _Atomic uint32_t socket_max;   /* … and how many the system lets us have */
    _Atomic uint64_t held_bytes;   /* in all queues and rests */
    struct counters counters;
    _Atomic uint8_t
        waits_for; /* the reason that people were told why kbridge waits; REASON_COUNT: none was */
    _Atomic bool told_sasl;
};

void totals_open(struct totals *totals, uint32_t worker_count);

#endif
