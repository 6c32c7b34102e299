/* SPDX-License-Identifier: Apache-2.0 */
/* A file that makes room for itself: what was at its path before is kept as PATH.1, what was there as PATH.2, and so on.
 * Apart, because this is about names of files, and nothing of what is in them. */
#ifndef KBRIDGE_WATCH_ROTATION_H
#define KBRIDGE_WATCH_ROTATION_H

#include <stdbool.h>

enum { ROTATION_KEPT = 9 /* PATH.1 to PATH.9; an older one is removed */ };

/* True where `path` is a file, or nothing yet; a pipe or a device stays what it is, and is written to as it is. */
bool rotation_applies(const char *path);

/* A new file at `path`, for its owner only; or the pipe that is there. -1: errno says why. */
int rotation_open(const char *path);

#endif
