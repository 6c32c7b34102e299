/* SPDX-License-Identifier: Apache-2.0 */
/* kbridge-tools: which command.
 * An executable of its own, so that the proxy never loads librdkafka; `kbridge mock` and the like start
 * it. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <librdkafka/rdkafka.h>

#include "proxy/tools/tool.h"

static const struct tool *const tools[] = {&check_tool, &wait_tool, &mock_tool, NULL};

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static void print_tool(const struct tool *tool, FILE *out)
{
    fprintf(out, "kbridge %s: %s\n\n  kbridge %s %s\n\n", tool->name, tool->what, tool->name, tool->usage);
    flags_print(tool->flags, out);
    fprintf(out, "\n%s", tool->more);
}

static void print_help(FILE *out)
{
    fputs("Commands of kbridge that are Kafka clients or brokers themselves; each has a --help.\n\n", out);
    for (const struct tool *const *tool = tools; *tool; tool++)
        fprintf(out, "  kbridge %-6s %s\n", (*tool)->name, (*tool)->what);
}

static int run(const struct tool *tool, int argc, char **argv)
{
    if (argc == 0 || !is_help(argv[0]))
        return tool->run(argc, argv);
    print_tool(tool, stdout);
    return EXIT_FINE;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    if (is_help(command)) {
        print_help(stdout);
        return EXIT_FINE;
    }
    if (strcmp(command, "--version") == 0) {
        printf("kbridge-tools %s (librdkafka %s)\n", KBRIDGE_VERSION, rd_kafka_version_str());
        return EXIT_FINE;
    }
    for (const struct tool *const *tool = tools; *tool; tool++)
        if (strcmp(command, (*tool)->name) == 0)
            return run(*tool, argc - 2, argv + 2);
    fprintf(stderr, *command ? "kbridge-tools has no command \"%s\".\n" : "kbridge-tools needs a command.\n",
            command);
    print_help(stderr);
    return EXIT_MISUSED;
}
