/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of kbridge-tools, each in a file of its own.
 * Apart, because main.c only picks one of them. */
#ifndef KBRIDGE_TOOLS_TOOL_H
#define KBRIDGE_TOOLS_TOOL_H

/* Exit codes, the same for all commands of kbridge. */
enum { EXIT_FINE = 0, EXIT_BROKEN = 1, EXIT_MISUSED = 2 };

/* Name, usage, and what it does; `NAME_run` gets the arguments behind the name. */
#define TOOLS(X)                                                                                             \
    X(mock, "[--brokers N] [--topic NAME[:PARTITIONS]]…", "a broker for tests, in memory, without Kafka")

#define TOOL_RUN(name, usage, help) int name##_run(int argc, char **argv);
TOOLS(TOOL_RUN)
#undef TOOL_RUN

#endif
