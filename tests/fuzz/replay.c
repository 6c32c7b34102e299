/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a target over the files of a corpus, without libFuzzer: so every build has seen what fuzzing once found.
 *
 *     replay FOLDER     each file, and each of its beginnings: a connection may end anywhere */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/target.h"

enum { FILE_MAX = 1 << 16, BEGINNINGS_MAX = 512, PATH_ROOM = 4096 };

static void replay(const char *path)
{
    static uint8_t bytes[FILE_MAX];
    FILE *file = fopen(path, "rb");
    if (!file)
        return;
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, len);
    for (size_t beginning = 0; beginning < len && len < BEGINNINGS_MAX; beginning++)
        LLVMFuzzerTestOneInput(bytes, beginning);
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    unsigned count = 0;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char path[PATH_ROOM];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        replay(path);
        count++;
    }
    closedir(folder);
    printf("%u files\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
