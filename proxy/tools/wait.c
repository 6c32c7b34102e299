/* SPDX-License-Identifier: Apache-2.0 */
/* `wait`: until Kafka and other services are there, then 0, or the command behind "--".
 * It takes the place of loops in scripts; each target is looked at again and again, and why it is not there yet is told. */
#include "proxy/tools/wait.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proxy/ask/socket.h"
#include "proxy/tools/tool.h"

enum { EVERY_MS = 100, TIMEOUT_MS = 60000, EXIT_NO_COMMAND = 127 };

static const struct endpoint_form kafka_form = {.example = "kafka:9092", .default_port = 9092};
static const struct endpoint_form tcp_form = {.example = "zookeeper:2181"};
static const struct endpoint_form http_form = {.example = "registry:8081", .default_port = 80};

/* ---- arguments ---- */

static const struct scheme {
    const char *prefix;
    enum target_kind kind;
    const struct endpoint_form *form;
} schemes[] = {
    {"tcp://", TARGET_TCP, &tcp_form},
    {"http://", TARGET_HTTP, &http_form},
    {"kafka://", TARGET_KAFKA, &kafka_form},
    {"", TARGET_KAFKA, &kafka_form},
};

/* The part of the address up to its path or next bootstrap address. */
static bool parse_endpoint(const char *text, size_t len, const struct endpoint_form *form,
                           struct target *target, struct problem *problem)
{
    char address[ENDPOINT_HOST_ROOM + 16];
    snprintf(address, sizeof address, "%.*s", (int)len, text);
    if (!endpoint_parse(address, form, &target->endpoint, problem))
        return problem_say(problem, "%s.", problem->text);
    return target->endpoint.port ||
           problem_say(problem, "%s needs a port, for example %s.", address, form->example);
}

static bool take_target(void *context, const char *text, struct problem *problem)
{
    struct wait_wanted *wanted = context;
    const struct scheme *scheme = schemes;
    if (wanted->target_count == TARGETS_MAX)
        return problem_say(problem, "There may be at most %d addresses.", TARGETS_MAX);
    while (strncmp(text, scheme->prefix, strlen(scheme->prefix)) != 0)
        scheme++;
    if (!*scheme->prefix && strstr(text, "://"))
        return problem_say(
            problem, "%s: expected HOST:PORT of Kafka, tcp://HOST:PORT or http://HOST:PORT/PATH.", text);
    struct target *target = &wanted->targets[wanted->target_count++];
    *target = (struct target){.kind = scheme->kind, .text = text, .path = ""};
    const char *address = text + strlen(scheme->prefix);
    size_t len = strcspn(address, scheme->kind == TARGET_KAFKA ? "," : "/");
    if (scheme->kind == TARGET_KAFKA)
        target->text = address;
    else
        target->path = address + len;
    return parse_endpoint(address, len, scheme->form, target, problem);
}

static bool take_topic(void *context, const char *value, struct problem *problem)
{
    struct wait_wanted *wanted = context;
    if (wanted->topic_count == WAIT_TOPICS_MAX)
        return problem_say(problem, "there may be at most %d", WAIT_TOPICS_MAX);
    return topic_parse(value, &wanted->topics[wanted->topic_count++], problem);
}

static bool take_create(void *context, const char *value, struct problem *problem)
{
    struct wait_wanted *wanted = context;
    if (wanted->made_count == WAIT_TOPICS_MAX)
        return problem_say(problem, "there may be at most %d", WAIT_TOPICS_MAX);
    struct topic *topic = &wanted->made[wanted->made_count++];
    topic->partitions = 1;
    return topic_parse(value, topic, problem);
}

static bool take_timeout(void *context, const char *value, struct problem *problem)
{
    return time_parse(value, &((struct wait_wanted *)context)->timeout_ms, problem);
}

static bool take_group(void *context, const char *value, struct problem *problem)
{
    ((struct wait_wanted *)context)->group = value;
    return *value || problem_say(problem, "a group has a name");
}

static bool take_produce(void *context, const char *value, struct problem *problem)
{
    (void)value;
    (void)problem;
    ((struct wait_wanted *)context)->produce = true;
    return true;
}

/* Kept as NAME\0VALUE. */
static bool take_setting(void *context, const char *value, struct problem *problem)
{
    struct wait_wanted *wanted = context;
    size_t len = strcspn(value, "=");
    if (!value[len] || wanted->setting_count == WAIT_SETTINGS_MAX)
        return problem_say(problem, "expected NAME=VALUE, at most %d of them", WAIT_SETTINGS_MAX);
    char *copy = strdup(value);
    if (!copy)
        return problem_say(problem, "out of memory");
    copy[len] = 0;
    wanted->settings[wanted->setting_count++] = copy;
    return true;
}

static const struct flag flag_table[] = {
    {.name = NULL, .take = take_target},
    {"--timeout", .take = take_timeout, .value = "TIME",
     .help = "how long, at most, all addresses together [60s]"},
    {"--topic", .take = take_topic, .value = "NAME[:PARTITIONS]",
     .help = "the topic, each of its partitions with a leader; may be repeated"},
    {"--create", .take = take_create, .value = "NAME[:PARTITIONS]",
     .help = "the same, and it is made where it is missing"},
    {"--group", .take = take_group, .value = "NAME", .help = "the coordinator of this group"},
    {"--produce", .take = take_produce, .alone = true,
     .help = "a record is written, to the topic kbridge-wait, and read back"},
    {"-X", .take = take_setting, .value = "NAME=VALUE",
     .help = "a setting of librdkafka, such as security.protocol=SASL_PLAINTEXT"},
};
static const struct flags flags = {"wait", flag_table, sizeof flag_table / sizeof *flag_table};

/* ---- what is told meanwhile ---- */

struct progress {
    int64_t begun_ms;
    bool terminal;
    struct problem told;
};

static double seconds(const struct progress *progress)
{
    return (double)(socket_now_ms() - progress->begun_ms) / 1000;
}

/* A line that changes on a terminal; else one for each new reason. */
static void tell(struct progress *progress, const struct target *target, const struct problem *why)
{
    if (progress->terminal)
        fprintf(stderr, "\r\033[K%3.0f s  %s: %s", seconds(progress), target->text, why->text);
    else if (strcmp(progress->told.text, why->text) != 0)
        fprintf(stderr, "%s is not there yet: %s.\n", target->text, why->text);
    progress->told = *why;
}

static void tell_end(const struct progress *progress, const struct target *target, bool ready)
{
    const char *begin = progress->terminal ? "\r\033[K" : "";
    if (ready)
        fprintf(stderr, "%s%s is ready after %.1f s.\n", begin, target->text, seconds(progress));
    else
        fprintf(stderr, "%s%s is not ready after %.1f s: %s.\n", begin, target->text, seconds(progress),
                progress->told.text);
}

/* ---- waiting ---- */

static bool look(const struct target *target, struct wait_kafka *kafka, int64_t deadline_ms,
                 struct problem *why)
{
    switch (target->kind) {
    case TARGET_TCP:
        return wait_tcp(target, deadline_ms, why);
    case TARGET_HTTP:
        return wait_http(target, deadline_ms, why);
    case TARGET_KAFKA:
        break;
    }
    return wait_kafka_ready(kafka, deadline_ms, why);
}

static bool wait_until_ready(const struct target *target, struct wait_kafka *kafka, int64_t deadline_ms,
                             struct progress *progress)
{
    static const struct timespec pause = {.tv_nsec = EVERY_MS * 1000000L};
    struct problem why = {""};
    bool ready;
    progress->told.text[0] = 0;
    while (!(ready = look(target, kafka, deadline_ms, &why)) && socket_now_ms() < deadline_ms) {
        tell(progress, target, &why);
        nanosleep(&pause, NULL);
    }
    if (!ready && !progress->told.text[0]) /* the last look was cut short: the one before knows better */
        progress->told = why;
    tell_end(progress, target, ready);
    return ready;
}

static int wait_for_target(const struct wait_wanted *wanted, const struct target *target, int64_t deadline_ms,
                           struct progress *progress)
{
    struct problem problem;
    struct wait_kafka *kafka = NULL;
    if (target->kind == TARGET_KAFKA && !(kafka = wait_kafka_new(target, wanted, &problem))) {
        fprintf(stderr, "%s: %s.\n", target->text, problem.text);
        return EXIT_MISUSED;
    }
    bool ready = wait_until_ready(target, kafka, deadline_ms, progress);
    wait_kafka_free(kafka);
    return ready ? EXIT_FINE : EXIT_BROKEN;
}

static int wait_for_all(const struct wait_wanted *wanted)
{
    struct progress progress = {.begun_ms = socket_now_ms(), .terminal = isatty(STDERR_FILENO)};
    int64_t deadline_ms = progress.begun_ms + (int64_t)wanted->timeout_ms;
    int code = EXIT_FINE;
    for (size_t i = 0; code == EXIT_FINE && i < wanted->target_count; i++)
        code = wait_for_target(wanted, &wanted->targets[i], deadline_ms, &progress);
    return code;
}

static int run_command(char **command)
{
    execvp(command[0], command);
    fprintf(stderr, "%s cannot be started: %s.\n", command[0], strerror(errno));
    return EXIT_NO_COMMAND;
}

static int wait_and_run(struct wait_wanted *wanted, int argc, char **argv)
{
    char **command;
    if (!flags_take(&flags, argv, argc, wanted, &command))
        return EXIT_MISUSED;
    if (wanted->target_count == 0) {
        fputs("`kbridge wait` needs an address, for example kafka:9092.\n", stderr);
        return EXIT_MISUSED;
    }
    int code = wait_for_all(wanted);
    return code == EXIT_FINE && command && *command ? run_command(command) : code;
}

static int run(int argc, char **argv)
{
    struct wait_wanted *wanted = calloc(1, sizeof *wanted);
    if (!wanted)
        return EXIT_BROKEN;
    wanted->timeout_ms = TIMEOUT_MS;
    int code = wait_and_run(wanted, argc, argv);
    for (size_t i = 0; i < wanted->setting_count; i++)
        free(wanted->settings[i]);
    free(wanted);
    return code;
}

const struct tool wait_tool = {
    .name = "wait",
    .usage = "ADDRESS… [FLAG…] [-- COMMAND…]",
    .what = "until Kafka and other services are there; then COMMAND, if there is one",
    .more = "ADDRESS is HOST:PORT of Kafka, tcp://HOST:PORT or http://HOST:PORT/PATH. Kafka is\n"
            "there when a client has found every broker at the address that clients are told, and\n"
            "all that the flags ask for.\n"
            "\n"
            "Exit codes: 0, or that of COMMAND; 1 time is up, and the last line says why;\n"
            "2 something is written wrong; 127 COMMAND cannot be started.\n"
            "\n"
            "Examples:\n"
            "  kbridge wait localhost:29092 -- pytest\n"
            "  kbridge wait localhost:29092 tcp://localhost:2181 --topic orders:3 --timeout 2m\n",
    .flags = &flags,
    .run = run,
};
