/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of settings: types of values, the words of choices, and who may set them; a list each.
 * Apart from the table, because a new setting is mostly of a type that is there. */
#ifndef KBRIDGE_CONFIG_KINDS_H
#define KBRIDGE_CONFIG_KINDS_H

/* The types of values: name, field in struct settings. */
#define VALUE_TYPES(X)                                                                                       \
    X(PATH, char *)                                                                                          \
    X(BROKERS, struct endpoint_list)                                                                         \
    X(LISTENERS, struct endpoint_list)                                                                       \
    X(FORWARDS, struct forward_list)                                                                         \
    X(RULES, struct advertise_list)                                                                          \
    X(PER_BROKER, struct per_broker)                                                                         \
    X(DIALS, struct dial_list)                                                                               \
    X(ADDRESS, struct endpoint)                                                                              \
    X(ADMIN, struct endpoint)                                                                                \
    X(SIZE, uint64_t)                                                                                        \
    X(TIME, uint64_t)                                                                                        \
    X(COUNT, uint64_t)                                                                                       \
    X(WORKERS, uint64_t) /* WORKERS_AUTO, or how many */                                                     \
    X(TEXT, char *)                                                                                          \
    X(SWITCH, enum switch_state)                                                                             \
    X(LEVEL, enum log_level)                                                                                 \
    X(TRAFFIC, enum traffic_form)

#define LOG_LEVELS(X) X(ERROR, "error") X(WARN, "warn") X(INFO, "info") X(DEBUG, "debug")
#define TRAFFIC_FORMS(X) X(OFF, "off") X(TEXT, "text") X(JSON, "json")
#define SWITCHES(X) X(OFF, "off") X(ON, "on")

/* Who may set a value, weakest first: name, how it is called in `kbridge config` and in sentences. */
#define SETTERS(X)                                                                                           \
    X(DEFAULT, "default")                                                                                    \
    X(CI, "variable BITBUCKET_DOCKER_HOST_INTERNAL")                                                         \
    X(FILE, "file")                                                                                          \
    X(VARIABLE, "variable")                                                                                  \
    X(FLAG, "flag")

#endif
