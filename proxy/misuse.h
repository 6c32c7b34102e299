/* SPDX-License-Identifier: Apache-2.0 */
/* How a command ends whose arguments or settings cannot be meant so.
 * Apart, so that all of them say it alike, and end with the same exit code. */
#ifndef KBRIDGE_MISUSE_H
#define KBRIDGE_MISUSE_H

#include <stdio.h>

#include "config/problem.h"

enum { EXIT_MISUSED = 2 };

/* Says why on standard error; returns EXIT_MISUSED. */
static inline int misused(const struct problem *problem)
{
    fprintf(stderr, "kbridge: %s\n", problem->text);
    return EXIT_MISUSED;
}

#endif
