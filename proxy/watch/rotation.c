/* SPDX-License-Identifier: Apache-2.0 */
/* Renaming, oldest first; see rotation.h. */
#include "proxy/watch/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ONLY_THE_OWNER = 0600 };

bool rotation_applies(const char *path)
{
    struct stat status;
    return stat(path, &status) < 0 || S_ISREG(status.st_mode);
}

/* PATH for 0, PATH.1 … False: the name is too long for any file. */
static bool name_file(char name[PATH_MAX], const char *path, int number)
{
    int len = number ? snprintf(name, PATH_MAX, "%s.%d", path, number) : snprintf(name, PATH_MAX, "%s", path);
    errno = ENAMETOOLONG;
    return len < PATH_MAX;
}

static bool is_there(const char *path, int number)
{
    char name[PATH_MAX];
    return name_file(name, path, number) && access(name, F_OK) == 0;
}

/* Everything moves by one, up to the first gap. */
static bool make_room(const char *path)
{
    char from[PATH_MAX], to[PATH_MAX];
    int number = 0;
    while (number < ROTATION_KEPT && is_there(path, number))
        number++;
    for (; number > 0; number--)
        if (!name_file(from, path, number - 1) || !name_file(to, path, number) || rename(from, to) < 0)
            return false;
    return true;
}

int rotation_open(const char *path)
{
    if (!rotation_applies(path))
        return open(path, O_WRONLY | O_CLOEXEC);
    return make_room(path) ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ONLY_THE_OWNER) : -1;
}
