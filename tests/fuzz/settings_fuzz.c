/* SPDX-License-Identifier: Apache-2.0 */
/* Settings that somebody got wrong: a YAML file, and behind its first zero byte flags, each ended by one. Those that
 * begin with KBRIDGE_ are variables. */
#define _GNU_SOURCE /* memfd_create */
#include "config/settings.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/target.h"

enum { WORDS_MAX = 16, PATH_ROOM = 64 };

struct words {
    char *at[WORDS_MAX + 1];
    int count;
};

static void add(struct words *words, char *word)
{
    if (words->count < WORDS_MAX)
        words->at[words->count++] = word;
}

static void split(char *text, const char *end, struct words *flags, struct words *variables)
{
    for (char *word = text; word < end; word += strlen(word) + 1)
        add(strncmp(word, "KBRIDGE_", 8) == 0 ? variables : flags, word);
}

static void load(struct words *flags, struct words *variables)
{
    struct settings settings;
    struct problem problem = {.text = ""};
    if (settings_load(&settings, flags->count, flags->at, variables->at, &problem))
        settings_suffice_to_run(&settings, &problem);
    else if (!problem.text[0])
        abort(); /* wrong, and nobody is told why */
    settings_free(&settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static char config[] = "--config";
    char path[PATH_ROOM];
    struct words flags = {.count = 0}, variables = {.count = 0};
    char *text = calloc(1, len + 1);
    int file = memfd_create("kbridge.yaml", 0);
    if (!text || file < 0)
        abort();
    memcpy(text, at, len);
    size_t yaml = strlen(text);
    if (write(file, text, yaml) != (ssize_t)yaml)
        abort();
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    add(&flags, config);
    add(&flags, path);
    if (yaml < len)
        split(text + yaml + 1, text + len, &flags, &variables);
    load(&flags, &variables);
    close(file);
    free(text);
    return 0;
}
