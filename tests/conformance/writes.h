/* SPDX-License-Identifier: Apache-2.0 */
/* The messages that kbridge's writer makes, for Kafka's code to read.
 * Apart from the runs, because nothing comes in here. */
#ifndef KBRIDGE_CONFORMANCE_WRITES_H
#define KBRIDGE_CONFORMANCE_WRITES_H

#include <stdbool.h>
#include <stdio.h>

/* Every message of every version that the tables know, with its defaults and with what kbridge gives; OwnMessages.java draws
 * the format. False where one cannot be written. */
bool writes_all(FILE *to);

#endif
