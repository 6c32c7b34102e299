/* SPDX-License-Identifier: Apache-2.0 */
/* What `check` finds out, and what it makes of it.
 * Apart from check.c, because facts, mistakes and their printing are files of their own: facts are gathered first, then each
 * mistake is a row that looks at them. */
#ifndef KBRIDGE_TOOLS_CHECK_H
#define KBRIDGE_TOOLS_CHECK_H

#include <stdio.h>

#include "config/settings.h"

enum { CHECK_IPS = 8, CHECK_BROKERS = 64, CHECK_FINDINGS = 64, CHECK_IP_ROOM = 46, CHECK_TEXT_ROOM = 1024 };

/* One address of a name, and how a connection to it went: errno, 0 connected. */
struct dialled {
    char ip[CHECK_IP_ROOM];
    int error;
    bool is_ipv6;
};

/* Who could reach an address, by what it looks like. */
#define REACHES(X)                                                                                           \
    X(LOOPBACK, "only programs on the same machine, or, in a container, in the same container")              \
    X(DOCKER_HOST, "containers; the host itself only where its hosts file has the name")                     \
    X(ONE_LABEL, "containers of the same Docker network, whose DNS knows the name")                          \
    X(PRIVATE_IP, "machines and containers of that network")                                                 \
    X(PUBLIC, "whoever can resolve and route it")

enum reach {
#define REACH(name, text) REACH_##name,
    REACHES(REACH)
#undef REACH
};

struct reached {
    struct endpoint endpoint;
    struct problem unresolved; /* "" where it resolves */
    struct dialled ips[CHECK_IPS];
    size_t ip_count;
    enum reach reach;
    int32_t node_id;  /* of a broker */
    bool in_hosts;    /* its name is in /etc/hosts */
    bool hosts_other; /* … in other letters, upper or lower case */
};

/* What answers at the address. */
#define SPEAKERS(X)                                                                                          \
    X(NOBODY, "nobody can be reached")                                                                       \
    X(KAFKA, "a Kafka broker answers, in plaintext")                                                         \
    X(SASL, "a Kafka broker answers, and wants SASL before it tells anything")                               \
    X(CONTROLLER, "a KRaft controller answers, which serves no clients")                                     \
    X(ZOOKEEPER, "ZooKeeper answers")                                                                        \
    X(TLS, "something that speaks TLS answers")                                                              \
    X(HTTP, "an HTTP server answers")                                                                        \
    X(CLOSES, "the connection is closed without an answer")                                                  \
    X(SILENT, "the connection stands, and no answer comes")                                                  \
    X(STRANGE, "what answers is no Kafka")

enum speaker {
#define SPEAKER(name, text) SPEAKER_##name,
    SPEAKERS(SPEAKER)
#undef SPEAKER
};

struct facts {
    struct reached asked;
    enum speaker speaker;
    bool as_tls;      /* ssl://: the client that is meant speaks TLS */
    bool is_musl;     /* where check runs */
    bool is_upstream; /* checked for kbridge, not for a client */
    bool is_loop;     /* … and kbridge would listen there itself */
    char cluster_id[64];
    struct reached brokers[CHECK_BROKERS];
    size_t broker_count;
    bool brokers_shared; /* all are told on one port of one host, as kbridge does it */
};

struct finding {
    const char *name;
    bool is_note; /* nothing is broken here; it may be elsewhere */
    char sentence[CHECK_TEXT_ROOM], paste[CHECK_TEXT_ROOM];
};

struct findings {
    struct finding at[CHECK_FINDINGS];
    size_t count;
};

/* Resolves and dials. */
void check_reach(struct reached *reached);
bool check_is_connected(const struct reached *reached);

/* Fills in all but as_tls and is_…, which are given, for the endpoint asked. */
void check_gather(struct facts *facts, const struct endpoint *endpoint);

/* Adds what the facts show. */
void check_recognise(const struct facts *facts, struct findings *findings);

/* One that needs no facts. `paste` may be "". */
void check_add(struct findings *findings, const char *name, const char *sentence, const char *paste);

void check_print_facts(const struct facts *facts, FILE *out);
void check_print_findings(const struct findings *findings, FILE *out);
void check_print_json(const struct facts *facts, size_t count, const struct findings *findings, FILE *out);

#endif
