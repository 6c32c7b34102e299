/* SPDX-License-Identifier: Apache-2.0 */
/* `mock`: librdkafka's mock cluster as a process, until SIGINT or SIGTERM. `kbridge mock` puts kbridge in front of it.
 * It prints one line on standard output when it is ready, HOST:PORT,… of its brokers, for a program to
 * read; all that is for people goes to standard error. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "proxy/tools/flag.h"
#include "proxy/tools/tool.h"

/* More brokers than a test on one machine has any use for are a slip of the keys. */
enum { BROKERS_MAX = 100, TOPICS_MAX = 1000 };

struct wanted {
    int brokers;
    size_t topic_count;
    struct topic topics[TOPICS_MAX];
};

static bool take_brokers(void *context, const char *value, struct problem *problem)
{
    struct wanted *wanted = context;
    return number_parse(value, BROKERS_MAX, &wanted->brokers) ||
           problem_say(problem, "expected a number from 1 to %d", BROKERS_MAX);
}

static bool take_topic(void *context, const char *value, struct problem *problem)
{
    struct wanted *wanted = context;
    if (wanted->topic_count == TOPICS_MAX)
        return problem_say(problem, "there may be at most %d topics", TOPICS_MAX);
    struct topic *topic = &wanted->topics[wanted->topic_count++];
    topic->partitions = 1;
    return topic_parse(value, topic, problem);
}

static const struct flag flag_table[] = {
    {"--brokers", .take = take_brokers, .value = "N", .help = "so many [1]"},
    {"--topic", .take = take_topic, .value = "NAME[:PARTITIONS]",
     .help = "a topic that is there from the beginning; may be repeated"},
};
static const struct flags flags = {"mock", flag_table, sizeof flag_table / sizeof *flag_table};

static bool broken(const char *what, const char *why)
{
    fprintf(stderr, "The mock broker does not start: %s: %s.\n", what, why);
    return false;
}

/* librdkafka's own lines about the mock (each connection, each request) would hide ours. */
static rd_kafka_t *new_client(void)
{
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "3", NULL, 0);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!client) {
        rd_kafka_conf_destroy(conf);
        broken("librdkafka", why);
    }
    return client;
}

static bool create_topics(rd_kafka_mock_cluster_t *cluster, const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->topic_count; i++) {
        const struct topic *topic = &wanted->topics[i];
        int replicas = wanted->brokers < 3 ? wanted->brokers : 3;
        rd_kafka_resp_err_t error =
            rd_kafka_mock_topic_create(cluster, topic->name, topic->partitions, replicas);
        if (error)
            return broken(topic->name, rd_kafka_err2str(error));
    }
    return true;
}

static void say_ready(rd_kafka_mock_cluster_t *cluster, const struct wanted *wanted)
{
    const char *servers = rd_kafka_mock_cluster_bootstraps(cluster);
    printf("%s\n", servers);
    fflush(stdout);
    fprintf(
        stderr,
        "A mock of %d broker%s listens on %s, with %zu topic%s; others are made when they are used. It keeps "
        "nothing when it ends, and lacks administration, SASL and what else `kbridge mock --help` says.\n",
        wanted->brokers, wanted->brokers == 1 ? "" : "s", servers, wanted->topic_count,
        wanted->topic_count == 1 ? "" : "s");
}

static bool serve(rd_kafka_t *client, const struct wanted *wanted, const sigset_t *stops)
{
    int got;
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(client, wanted->brokers);
    if (!cluster)
        return broken("librdkafka", "no mock cluster");
    bool fine = create_topics(cluster, wanted);
    if (fine) {
        say_ready(cluster, wanted);
        sigwait(stops, &got);
    }
    rd_kafka_mock_cluster_destroy(cluster);
    return fine;
}

static int run(int argc, char **argv)
{
    struct wanted *wanted = calloc(1, sizeof *wanted);
    sigset_t stops;
    int code = EXIT_MISUSED;
    char **rest;
    if (!wanted)
        return EXIT_BROKEN;
    wanted->brokers = 1;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    /* Before librdkafka makes its threads, so that none of them takes the signal. */
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    if (flags_take(&flags, argv, argc, wanted, &rest)) {
        rd_kafka_t *client = new_client();
        code = client && serve(client, wanted, &stops) ? EXIT_FINE : EXIT_BROKEN;
        if (client)
            rd_kafka_destroy(client);
    }
    free(wanted);
    return code;
}

const struct tool mock_tool = {
    .name = "mock",
    .usage = "[FLAG…] [SETTING OF KBRIDGE…]",
    .what = "Kafka for tests, in memory, without Kafka: behind kbridge on its port",
    .more = "It has topics (also such as are made when they are used), groups, and a producer's\n"
            "transactions. It lacks SASL and TLS, all of administration (making or describing\n"
            "topics, groups, configs, ACLs), KIP-848 and share groups, and keeps nothing when it\n"
            "ends. Not every client gets along with it.\n"
            "\n"
            "Example:\n"
            "  kbridge mock --topic orders:3 --listen localhost:29094\n",
    .flags = &flags,
    .run = run,
};
