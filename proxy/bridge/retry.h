/* SPDX-License-Identifier: Apache-2.0 */
/* When a dial that has failed is repeated, and for how long: after 100 ms, doubling to 1 s, for upstream.wait.
 * Apart, because brokers and the targets of forwards are waited for alike. Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_RETRY_H
#define KBRIDGE_BRIDGE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing has failed, or what failed has succeeded since. */
struct retry {
    uint64_t at_ms;    /* when to dial again */
    uint64_t until_ms; /* when that ends; 0: it has not begun */
    uint64_t delay_ms; /* the last one */
};

/* A dial has failed. True: it is to be repeated at `at_ms`. False: this has gone on for `wait_ms`. */
bool retry_failed(struct retry *retry, uint64_t now_ms, uint64_t wait_ms);

#endif
