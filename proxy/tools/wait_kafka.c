/* SPDX-License-Identifier: Apache-2.0 */
/* Whether Kafka is there for a real client: what librdkafka sees, in stages, and the addresses that clients are told.
 * Apart, because this is the part that needs a Kafka client. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proxy/ask/socket.h"
#include "proxy/tools/wait.h"
#include "proxy/tools/wait_record.h"

/* One look is not longer, so that its reason is up to date. */
enum { LOOK_MS = 2000, CREATE_MS = 10000 };

struct wait_kafka {
    const struct target *target;
    const struct wait_wanted *wanted;
    rd_kafka_t *client;
    rd_kafka_t *member;         /* --group */
    struct wait_record *record; /* --produce */
    int64_t deadline_ms;        /* of this look */
    struct problem said;        /* librdkafka's last error */
};

/* ---- the client ---- */

static void on_error(rd_kafka_t *client, int error, const char *reason, void *opaque)
{
    struct wait_kafka *kafka = opaque;
    (void)client;
    (void)error;
    problem_say(&kafka->said, "%s", reason);
}

/* Its own lines would be in the way of ours; what they say comes to on_error. */
static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    (void)client;
    (void)level;
    (void)facility;
    (void)text;
}

rd_kafka_t *wait_client(rd_kafka_type_t type, rd_kafka_conf_t *conf, const char *bootstrap,
                        const struct wait_wanted *wanted, struct problem *problem)
{
    char why[256] = "";
    bool fine = rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, why, sizeof why) == RD_KAFKA_CONF_OK;
    rd_kafka_conf_set(conf, "reconnect.backoff.max.ms", "500", NULL, 0);
    rd_kafka_conf_set(conf, "client.id", "kbridge-wait", NULL, 0);
    rd_kafka_conf_set_log_cb(conf, on_log);
    for (size_t i = 0; fine && i < wanted->setting_count; i++) {
        const char *value = wanted->settings[i] + strlen(wanted->settings[i]) + 1;
        fine = rd_kafka_conf_set(conf, wanted->settings[i], value, why, sizeof why) == RD_KAFKA_CONF_OK;
    }
    rd_kafka_t *client = fine ? rd_kafka_new(type, conf, why, sizeof why) : NULL;
    if (!client) {
        rd_kafka_conf_destroy(conf);
        problem_say(problem, "librdkafka does not start: %s", why);
    }
    return client;
}

static rd_kafka_t *new_member(const char *bootstrap, const struct wait_wanted *wanted,
                              struct problem *problem)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "group.id", wanted->group, NULL, 0);
    return wait_client(RD_KAFKA_CONSUMER, conf, bootstrap, wanted, problem);
}

struct wait_kafka *wait_kafka_new(const struct target *target, const struct wait_wanted *wanted,
                                  struct problem *problem)
{
    struct wait_kafka *kafka = calloc(1, sizeof *kafka);
    if (!kafka) {
        problem_say(problem, "out of memory");
        return NULL;
    }
    *kafka = (struct wait_kafka){.target = target, .wanted = wanted};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_opaque(conf, kafka);
    rd_kafka_conf_set(conf, "allow.auto.create.topics", "false", NULL, 0);
    kafka->client = wait_client(RD_KAFKA_PRODUCER, conf, target->text, wanted, problem);
    if (kafka->client && wanted->produce)
        kafka->record = wait_record_new(target->text, wanted, problem);
    if (kafka->client && wanted->group)
        kafka->member = new_member(target->text, wanted, problem);
    if (kafka->client && (kafka->record || !wanted->produce) && (kafka->member || !wanted->group))
        return kafka;
    wait_kafka_free(kafka);
    return NULL;
}

void wait_kafka_free(struct wait_kafka *kafka)
{
    if (!kafka)
        return;
    wait_record_free(kafka->record);
    if (kafka->member)
        rd_kafka_destroy(kafka->member);
    if (kafka->client)
        rd_kafka_destroy(kafka->client);
    free(kafka);
}

static int left_ms(const struct wait_kafka *kafka)
{
    int64_t left = kafka->deadline_ms - socket_now_ms();
    return left > 1 ? (int)left : 1;
}

/* ---- it answers, and what it tells can be reached ---- */

static bool is_reachable(const rd_kafka_metadata_broker_t *broker, int64_t deadline_ms,
                         struct problem *problem)
{
    struct endpoint endpoint = {.port = (uint16_t)broker->port};
    if (strlen(broker->host) >= sizeof endpoint.host)
        return problem_say(problem, "it tells clients a host that is too long");
    strcpy(endpoint.host, broker->host);
    int fd = socket_reach(&endpoint, deadline_ms, problem);
    if (fd < 0)
        return problem_say(problem, "Kafka answers, and tells clients to come to %s:%d, where %s",
                           broker->host, broker->port, problem->text);
    close(fd);
    return true;
}

/* The cluster as the client sees it; with one topic, or none. NULL: `problem` says why not. */
static const struct rd_kafka_metadata *see(struct wait_kafka *kafka, const char *topic,
                                           struct problem *problem)
{
    const struct rd_kafka_metadata *seen = NULL;
    rd_kafka_topic_t *handle = topic ? rd_kafka_topic_new(kafka->client, topic, NULL) : NULL;
    kafka->said.text[0] = 0;
    rd_kafka_resp_err_t error = rd_kafka_metadata(kafka->client, 0, handle, &seen, left_ms(kafka));
    rd_kafka_poll(kafka->client, 0);
    if (handle)
        rd_kafka_topic_destroy(handle);
    if (error && kafka->said.text[0])
        problem_say(problem, "%s", kafka->said.text);
    else if (error)
        problem_say(problem, "it accepts connections, and Kafka does not answer there yet (%s)",
                    rd_kafka_err2str(error));
    return error ? NULL : seen;
}

static bool answers(struct wait_kafka *kafka, struct problem *problem)
{
    if (!wait_tcp(kafka->target, kafka->deadline_ms, problem))
        return false;
    const struct rd_kafka_metadata *seen = see(kafka, NULL, problem);
    if (!seen)
        return false;
    bool fine = seen->broker_cnt > 0 || problem_say(problem, "Kafka answers, and knows of no broker yet");
    for (int i = 0; fine && i < seen->broker_cnt; i++)
        fine = is_reachable(&seen->brokers[i], kafka->deadline_ms, problem);
    rd_kafka_metadata_destroy(seen);
    return fine;
}

/* ---- topics ---- */

static bool has_leaders(const rd_kafka_metadata_topic_t *seen, struct problem *problem)
{
    for (int i = 0; i < seen->partition_cnt; i++)
        if (seen->partitions[i].leader < 0 ||
            seen->partitions[i].err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
            return problem_say(problem, "partition %d of topic %s has no leader", (int)seen->partitions[i].id,
                               seen->topic);
    return true;
}

static bool is_as_wanted(const struct topic *topic, const rd_kafka_metadata_topic_t *seen,
                         struct problem *problem)
{
    if (seen->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        return problem_say(problem, "there is no topic %s", topic->name);
    if (seen->err)
        return problem_say(problem, "topic %s: %s", topic->name, rd_kafka_err2str(seen->err));
    if (seen->partition_cnt == 0 || (topic->partitions && seen->partition_cnt < topic->partitions))
        return problem_say(problem, "topic %s has %d partitions, and %d are wanted", topic->name,
                           seen->partition_cnt, topic->partitions);
    return has_leaders(seen, problem);
}

static bool topic_is_there(struct wait_kafka *kafka, const struct topic *topic, struct problem *problem)
{
    const struct rd_kafka_metadata *seen = see(kafka, topic->name, problem);
    if (!seen)
        return false;
    bool fine = seen->topic_cnt == 1 ? is_as_wanted(topic, &seen->topics[0], problem)
                                     : problem_say(problem, "nothing is said of topic %s", topic->name);
    rd_kafka_metadata_destroy(seen);
    return fine;
}

static bool topics_are_there(struct wait_kafka *kafka, struct problem *problem)
{
    const struct wait_wanted *wanted = kafka->wanted;
    for (size_t i = 0; i < wanted->made_count; i++)
        if (!topic_is_there(kafka, &wanted->made[i], problem) &&
            !wait_create(kafka->client, &wanted->made[i], CREATE_MS, problem))
            return false;
    for (size_t i = 0; i < wanted->made_count; i++)
        if (!topic_is_there(kafka, &wanted->made[i], problem))
            return false;
    for (size_t i = 0; i < wanted->topic_count; i++)
        if (!topic_is_there(kafka, &wanted->topics[i], problem))
            return false;
    return true;
}

/* ---- all of it ---- */

static bool group_is_there(struct wait_kafka *kafka, struct problem *problem)
{
    const char *group = kafka->wanted->group;
    return !group || wait_group(kafka->member, group, left_ms(kafka), problem);
}

static bool record_passes(struct wait_kafka *kafka, struct problem *problem)
{
    return !kafka->record || wait_record_passes(kafka->record, kafka->client, problem);
}

bool wait_kafka_ready(struct wait_kafka *kafka, int64_t deadline_ms, struct problem *problem)
{
    static bool (*const stages[])(struct wait_kafka *, struct problem *) = {answers, topics_are_there,
                                                                            group_is_there, record_passes};
    int64_t look_ms = socket_now_ms() + LOOK_MS;
    kafka->deadline_ms = look_ms < deadline_ms ? look_ms : deadline_ms;
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (!stages[i](kafka, problem))
            return false;
    return true;
}
