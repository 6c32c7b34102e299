/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the proxy with these settings.
 * Apart from main.c, because here the settings get the form in which net/, bridge/ and watch/ want them:
 * none of them knows config/. */
#ifndef KBRIDGE_RUN_H
#define KBRIDGE_RUN_H

#include "config/settings.h"

/* Where the settings come from, so that SIGHUP can read them again; borrowed. */
struct source {
    int argc;
    char **argv, **environment;
};

/* The exit code: 0 it was stopped, 1 it could not start, and the log has told why, 2 a setting cannot be. */
int run(const struct settings *settings, const struct source *source);

#endif
