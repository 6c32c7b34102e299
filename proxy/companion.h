/* SPDX-License-Identifier: Apache-2.0 */
/* kbridge-tools, the executable that lies beside this one: to become it, or to run it meanwhile.
 * Apart, because where it lies and what is said when it does not is the same for both. */
#ifndef KBRIDGE_COMPANION_H
#define KBRIDGE_COMPANION_H

#include <stddef.h>
#include <sys/types.h>

/* Takes this process's place; argv[0] is replaced. Returns only when that fails, with the exit code. */
int companion_become(char **argv);

/* Starts it in a process of its own, which ends with this one. Its first line of output, without its end, comes back in
 * `line`; "" where it ended before. -1: it could not be started. */
pid_t companion_start(char **argv, char *line, size_t room);

/* Ends it, unless it has ended; its exit code. */
int companion_stop(pid_t pid);

#endif
