/* SPDX-License-Identifier: Apache-2.0 */
/* `mock`: librdkafka's mock cluster as a process, until SIGINT or SIGTERM.
 * It prints one line on standard output when it is ready, HOST:PORT,… of its brokers, for a program to
 * read; all that is for people goes to standard error. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "proxy/tools/tool.h"

/* More brokers or partitions than a test on one machine has any use for are a slip of the keys. */
enum { BROKERS_MAX = 100, PARTITIONS_MAX = 1000, TOPICS_MAX = 1000, TOPIC_ROOM = 250 };

struct topic {
    char name[TOPIC_ROOM];
    int partitions;
};

struct wanted {
    int brokers;
    size_t topic_count;
    struct topic topics[TOPICS_MAX];
};

__attribute__((format(printf, 1, 2))) static bool misused(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("`kbridge mock --help` shows the flags.\n", stderr);
    return false;
}

static bool parse_number(const char *text, int most, int *number)
{
    char *end;
    errno = 0;
    long parsed = strtol(text, &end, 10);
    *number = (int)parsed;
    return errno == 0 && end != text && *end == 0 && parsed >= 1 && parsed <= most;
}

static bool parse_topic(const char *text, struct wanted *wanted)
{
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : strlen(text);
    struct topic *topic = &wanted->topics[wanted->topic_count];
    topic->partitions = 1;
    if (wanted->topic_count == TOPICS_MAX)
        return misused("--topic %s: there may be at most %d topics.\n", text, TOPICS_MAX);
    if (len == 0 || len >= sizeof topic->name)
        return misused("--topic %s: the name must have from 1 to %d characters.\n", text, TOPIC_ROOM - 1);
    if (colon && !parse_number(colon + 1, PARTITIONS_MAX, &topic->partitions))
        return misused("--topic %s: expected from 1 to %d partitions.\n", text, PARTITIONS_MAX);
    memcpy(topic->name, text, len);
    topic->name[len] = 0;
    wanted->topic_count++;
    return true;
}

static bool is_flag(const char *argument, const char *name)
{
    size_t len = strlen(name);
    return strncmp(argument, name, len) == 0 && (argument[len] == 0 || argument[len] == '=');
}

static bool parse_flag(const char *flag, const char *value, struct wanted *wanted)
{
    if (value && is_flag(flag, "--brokers"))
        return parse_number(value, BROKERS_MAX, &wanted->brokers) ||
               misused("--brokers %s: expected a number from 1 to %d.\n", value, BROKERS_MAX);
    if (value && is_flag(flag, "--topic"))
        return parse_topic(value, wanted);
    return misused("%s is not known, or has no value.\n", flag);
}

/* Values stand behind their flag, or behind "=" in it. */
static bool parse(int argc, char **argv, struct wanted *wanted)
{
    for (int i = 0, used; i < argc; i += used) {
        const char *equals = strchr(argv[i], '=');
        const char *following = i + 1 < argc ? argv[i + 1] : NULL;
        used = equals ? 1 : 2;
        if (!parse_flag(argv[i], equals ? equals + 1 : following, wanted))
            return false;
    }
    return true;
}

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
    fprintf(stderr,
            "A mock of %d broker%s listens on %s, with %zu topic%s; others are made when they are used.\n",
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

int mock_run(int argc, char **argv)
{
    struct wanted *wanted = calloc(1, sizeof *wanted);
    sigset_t stops;
    int code = EXIT_MISUSED;
    if (!wanted)
        return EXIT_BROKEN;
    wanted->brokers = 1;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    /* Before librdkafka makes its threads, so that none of them takes the signal. */
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    if (parse(argc, argv, wanted)) {
        rd_kafka_t *client = new_client();
        code = client && serve(client, wanted, &stops) ? EXIT_FINE : EXIT_BROKEN;
        if (client)
            rd_kafka_destroy(client);
    }
    free(wanted);
    return code;
}
