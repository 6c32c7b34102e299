/* SPDX-License-Identifier: Apache-2.0 */
/* A failure as one sentence for the person who wrote the settings.
 * Apart, because every file of config/ makes such sentences, and foreign text in them must be safe to
 * print. */
#ifndef KBRIDGE_CONFIG_PROBLEM_H
#define KBRIDGE_CONFIG_PROBLEM_H

#include <stdbool.h>

enum { PROBLEM_ROOM = 640, QUOTE_ROOM = 96 };

/* Too long a sentence is cut, never overrun. */
struct problem {
    char text[PROBLEM_ROOM];
};

/* Writes the sentence. Always false, so that a failing function ends with `return problem_say(…)`.
 * `problem` may be an argument of itself: it is read before it is written. */
__attribute__((format(printf, 2, 3))) bool problem_say(struct problem *problem, const char *format, ...);

/* Foreign text in quotation marks as a person can read it: what is not printable ASCII as \xNN, cut with … */
struct quote {
    char text[QUOTE_ROOM];
};

struct quote quote(const char *text);

#endif
