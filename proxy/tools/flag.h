/* SPDX-License-Identifier: Apache-2.0 */
/* The flags of the tools, as a table for each tool.
 * Apart, because values stand behind a flag or behind "=" in it, a flag may be repeated, and an unknown one gets a sentence: the
 * same for all. */
#ifndef KBRIDGE_TOOLS_FLAG_H
#define KBRIDGE_TOOLS_FLAG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/problem.h"

struct flag {
    const char *name; /* "--topic"; NULL: what is no flag */
    bool alone;       /* it takes no value: `take` gets NULL */
    bool (*take)(void *wanted, const char *value, struct problem *problem);
    const char *value, *help; /* for --help: "NAME[:PARTITIONS]", and in half a sentence what it does */
};

struct flags {
    const char *tool; /* "mock", for sentences */
    const struct flag *at;
    size_t count;
};

/* Gives each argument to its flag, up to "--", behind which `*rest` points (NULL where there is none). False: a sentence was
 * printed, and the exit code is EXIT_MISUSED. */
bool flags_take(const struct flags *flags, char **argv, int argc, void *wanted, char ***rest);

/* A line or two for each flag, as `kbridge --help` has them. */
void flags_print(const struct flags *flags, FILE *out);

/* "NAME:PARTITIONS" or "NAME"; `partitions` stays where none are written. On failure, half a sentence. */
enum { TOPIC_ROOM = 250, PARTITIONS_MAX = 1000 };
struct topic {
    char name[TOPIC_ROOM];
    int partitions;
};
bool topic_parse(const char *text, struct topic *topic, struct problem *problem);

bool number_parse(const char *text, int most, int *number);

/* A time with its unit, "30s". */
bool time_parse(const char *text, uint64_t *ms, struct problem *problem);

#endif
