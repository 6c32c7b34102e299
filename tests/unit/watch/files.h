/* SPDX-License-Identifier: Apache-2.0 */
/* A file in a folder of its own, and those that it is kept as when it has made room (rotation.h).
 * Apart, because a test that fails leaves as little behind as one that passes. */
#ifndef KBRIDGE_TESTS_UNIT_WATCH_FILES_H
#define KBRIDGE_TESTS_UNIT_WATCH_FILES_H

#include <stdbool.h>

enum { FILES_FOLDER_ROOM = 128, FILES_PATH_ROOM = 256, FILES_NAME_ROOM = 384 };

struct files {
    char folder[FILES_FOLDER_ROOM], path[FILES_PATH_ROOM];
};

/* Makes the folder, and no file. */
bool files_begin(struct files *files);

/* Removes the files, and the folder. False: something else is in it. */
bool files_end(const struct files *files);

/* The path for 0, else path.number. */
void files_name(const struct files *files, int number, char name[FILES_NAME_ROOM]);

#endif
