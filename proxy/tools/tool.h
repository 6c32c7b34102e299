/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of kbridge-tools, each in a file of its own.
 * Apart, because main.c only picks one of them. */
#ifndef KBRIDGE_TOOLS_TOOL_H
#define KBRIDGE_TOOLS_TOOL_H

/* Exit codes, the same for all commands of kbridge. */
enum { EXIT_FINE = 0, EXIT_BROKEN = 1, EXIT_MISUSED = 2 };

/* Name, usage, and what it does; `NAME_run` gets the arguments behind the name. */
#define TOOLS(X)                                                                                                  \
    X(check, "ADDRESS [--json], or settings of kbridge",                                                          \
      "what is wrong, and the lines that put it right. With an ADDRESS, HOST:PORT of a broker or of "             \
      "kbridge (ssl:// "                                                                                          \
      "before it: for a client that speaks TLS): who answers, what clients are told there, and whether "          \
      "that can be "                                                                                              \
      "reached from here. Else a configuration, before kbridge starts with it: upstream, ports, forwards. "       \
      "Ends with 0 "                                                                                              \
      "where nothing is wrong, 1 where something is, 2 where it was written wrong")                               \
    X(wait,                                                                                                       \
      "ADDRESS… [--timeout 60s] [--topic NAME[:PARTITIONS]]… [--create NAME[:PARTITIONS]]… [--group NAME] " \
      "[--produce] [-X NAME=VALUE]… [-- COMMAND…]",                                                               \
      "until each ADDRESS is there: HOST:PORT of Kafka, tcp://HOST:PORT, http://HOST:PORT/PATH; then runs "       \
      "COMMAND, or ends with 0; with 1 when time is up. Kafka is there when a client has found every "            \
      "broker "                                                                                                   \
      "at the address that clients are told, the topics with their leaders, the group's coordinator, and, "       \
      "with --produce, has written a record (to kbridge-wait) and read it back. --create makes topics that "      \
      "are missing; -X is a setting of librdkafka's, such as security.protocol=SASL_PLAINTEXT")                   \
    X(mock, "[--brokers N] [--topic NAME[:PARTITIONS]]… [SETTING OF KBRIDGE…]",                                   \
      "Kafka for tests, in memory, without Kafka: behind kbridge on its port. It has topics, groups and "         \
      "transactions of a producer, on N brokers (1 unless told); topics are made when they are used. It "         \
      "lacks SASL and TLS, all of administration (making or describing topics, groups, configs, ACLs), "          \
      "KIP-848 and share groups, and keeps nothing when it ends")

#define TOOL_RUN(name, usage, help) int name##_run(int argc, char **argv);
TOOLS(TOOL_RUN)
#undef TOOL_RUN

#endif
