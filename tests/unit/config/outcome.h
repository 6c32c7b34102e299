/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of settings: one value as it is printed, or the sentence of the failure.
 * Apart, so that the tests of config/ are tables of what is written and what comes of it. */
#ifndef KBRIDGE_TESTS_CONFIG_OUTCOME_H
#define KBRIDGE_TESTS_CONFIG_OUTCOME_H

#include "config/setting.h"

enum { OUTCOME_ROOM = 1024, WORDS_MAX = 8 };

struct outcome {
    char text[OUTCOME_ROOM];
};

/* Both end with NULL. */
struct sources {
    const char *flags[WORDS_MAX];
    const char *environment[WORDS_MAX];
};

/* Of setting `name`, or of the rules that come of all settings, where `name` is "rules". */
struct outcome outcome_of(const struct sources *sources, const char *name);

/* Of a file's content, which is called "f.yaml" in sentences. */
struct outcome outcome_of_yaml(const char *text, size_t len, const char *name);

/* Of one value as text, as if from a flag, without the flag's name. */
struct outcome outcome_of_value(const char *name, const char *value);

/* Fails with the claim, unless the outcome is as expected. */
void outcome_expect(const char *claim, struct outcome outcome, const char *expected);

#endif
