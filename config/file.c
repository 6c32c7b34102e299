/* SPDX-License-Identifier: Apache-2.0 */
/* The settings file as bytes.
 * Apart from yaml.c, so that all that reads YAML can be tested and fuzzed without a file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/setting.h"

/* No settings file is longer; what is, is something else. */
enum { FILE_BYTES_MAX = 1 << 20 };

static bool read_open(struct settings *settings, const char *path, FILE *file, char *text,
                      struct problem *problem)
{
    size_t len = fread(text, 1, FILE_BYTES_MAX + 1, file);
    if (ferror(file))
        return problem_say(problem, "The settings file %s cannot be read: %s.", quote(path).text,
                           strerror(errno));
    if (len > FILE_BYTES_MAX)
        return problem_say(problem, "The settings file %s has more than 1 MiB; that is something else.",
                           quote(path).text);
    return yaml_read(settings, path, text, len, problem);
}

bool file_read(struct settings *settings, const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(FILE_BYTES_MAX + 1);
    bool fine;
    if (!file)
        fine = problem_say(problem, "The settings file %s cannot be opened: %s.", quote(path).text,
                           strerror(errno));
    else if (!text)
        fine = problem_say(problem, "The settings file %s cannot be read: out of memory.", quote(path).text);
    else
        fine = read_open(settings, path, file, text, problem);
    if (file)
        fclose(file);
    free(text);
    return fine;
}
