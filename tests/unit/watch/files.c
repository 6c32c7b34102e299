/* SPDX-License-Identifier: Apache-2.0 */
/* See files.h. */
#include "tests/unit/watch/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proxy/watch/rotation.h"

bool files_begin(struct files *files)
{
    const char *where = getenv("TMPDIR");
    (void)snprintf(files->folder, FILES_FOLDER_ROOM, "%s/kbridge-test-XXXXXX", where ? where : P_tmpdir);
    if (!mkdtemp(files->folder))
        return false;
    (void)snprintf(files->path, FILES_PATH_ROOM, "%s/file", files->folder);
    return true;
}

void files_name(const struct files *files, int number, char name[FILES_NAME_ROOM])
{
    (void)snprintf(name, FILES_NAME_ROOM, number ? "%s.%d" : "%s", files->path, number);
}

bool files_end(const struct files *files)
{
    char name[FILES_NAME_ROOM];
    for (int number = 0; number <= ROTATION_KEPT + 1; number++) {
        files_name(files, number, name);
        unlink(name);
    }
    return rmdir(files->folder) == 0;
}
