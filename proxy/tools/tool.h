/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of kbridge-tools, each in a file of its own.
 * Apart, because main.c only picks one of them, and prints what each says of itself. */
#ifndef KBRIDGE_TOOLS_TOOL_H
#define KBRIDGE_TOOLS_TOOL_H

#include "proxy/tools/flag.h"

/* Exit codes, the same for all commands of kbridge. */
enum { EXIT_FINE = 0, EXIT_BROKEN = 1, EXIT_MISUSED = 2 };

struct tool {
    const char *name, *usage;
    const char *what; /* in one line */
    const char *more; /* lines behind the flags */
    const struct flags *flags;
    int (*run)(int argc, char **argv); /* with the arguments behind the name; the exit code */
};

extern const struct tool check_tool, wait_tool, mock_tool;

#endif
