/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments for two, and the proxy in front of what was started; see mock.h. */
#include "proxy/mock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/companion.h"
#include "proxy/misuse.h"
#include "proxy/run.h"

enum { ADDRESSES_ROOM = 4096 };

/* The arguments, parted: each list ends with NULL, and has room for one more. */
struct parted {
    char **tool, **proxy;
    int tool_count, proxy_count;
};

static bool is_of_the_mock(const char *argument)
{
    static const char *const names[] = {"--brokers", "--topic"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(argument, names[i], len) == 0 && (argument[len] == 0 || argument[len] == '='))
            return true;
    }
    return false;
}

static void part(int argc, char **argv, struct parted *parted)
{
    for (int i = 0; i < argc; i++) {
        bool mine = is_of_the_mock(argv[i]);
        bool has_value = mine && !strchr(argv[i], '=') && i + 1 < argc;
        if (!mine) {
            parted->proxy[parted->proxy_count++] = argv[i];
            continue;
        }
        parted->tool[parted->tool_count++] = argv[i];
        if (has_value)
            parted->tool[parted->tool_count++] = argv[++i];
    }
}

/* Before anything is started: a mistake in kbridge's own settings. */
static bool are_fine(const struct parted *parted, char **environment, struct problem *problem)
{
    struct settings settings;
    bool fine = settings_load(&settings, parted->proxy_count, parted->proxy, environment, problem);
    if (fine && settings.origin[SETTING_upstream].setter == SET_BY_FLAG)
        fine = problem_say(problem, "`kbridge mock` brings its own brokers; leave out the address.");
    settings_free(&settings);
    return fine;
}

static int run_before(char *addresses, struct parted *parted, char **environment)
{
    struct settings settings;
    struct problem problem;
    parted->proxy[parted->proxy_count++] = addresses;
    bool fine = settings_load(&settings, parted->proxy_count, parted->proxy, environment, &problem) &&
                settings_suffice_to_run(&settings, &problem);
    int code = fine ? run(&settings, &(struct source){parted->proxy_count, parted->proxy, environment})
                    : misused(&problem);
    settings_free(&settings);
    return code;
}

static int start_both(struct parted *parted, char **environment)
{
    char addresses[ADDRESSES_ROOM];
    pid_t pid = companion_start(parted->tool, addresses, sizeof addresses);
    if (pid < 0) {
        fputs("kbridge: no process can be started for the mock.\n", stderr);
        return EXIT_FAILURE;
    }
    int code = *addresses ? run_before(addresses, parted, environment) : EXIT_SUCCESS;
    int code_of_mock = companion_stop(pid);
    return code ? code : code_of_mock;
}

int mock(int argc, char **argv, char **environment)
{
    static char tools[] = "kbridge-tools", command[] = "mock";
    size_t room = (size_t)argc + 4;
    struct parted parted = {.tool = calloc(room, sizeof(char *)), .proxy = calloc(room, sizeof(char *))};
    struct problem problem;
    int code = EXIT_FAILURE;
    if (parted.tool && parted.proxy) {
        parted.tool[parted.tool_count++] = tools;
        parted.tool[parted.tool_count++] = command;
        part(argc, argv, &parted);
        code =
            are_fine(&parted, environment, &problem) ? start_both(&parted, environment) : misused(&problem);
    }
    free(parted.tool);
    free(parted.proxy);
    return code;
}
