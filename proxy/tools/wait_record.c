/* SPDX-License-Identifier: Apache-2.0 */
/* Making a topic, asking for a group, a record there and back; see wait_record.h. */
#include "proxy/tools/wait_record.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/ask/socket.h"

enum { RECORD_MS = 5000, CREATE_MS = 10000, POLL_MS = 100 };

/* A topic of kbridge's own, since a record in one of the user's could disturb whoever reads it. */
static const struct topic own_topic = {"kbridge-wait", 1};
static const char payload[] = "kbridge wait";

/* ---- admin ---- */

static const char *error_of_topics(const rd_kafka_CreateTopics_result_t *result, rd_kafka_resp_err_t *error)
{
    size_t count;
    const rd_kafka_topic_result_t **topics = rd_kafka_CreateTopics_result_topics(result, &count);
    *error = count ? rd_kafka_topic_result_error(topics[0]) : RD_KAFKA_RESP_ERR_NO_ERROR;
    const char *text = count ? rd_kafka_topic_result_error_string(topics[0]) : NULL;
    return text ? text : rd_kafka_err2str(*error);
}

static bool hear_created(rd_kafka_event_t *event, const struct topic *topic, struct problem *problem)
{
    rd_kafka_resp_err_t error = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    const char *text = event ? rd_kafka_event_error_string(event) : rd_kafka_err2str(error);
    if (!error)
        text = error_of_topics(rd_kafka_event_CreateTopics_result(event), &error);
    return !error || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ||
           problem_say(problem, "topic %s cannot be made: %s", topic->name, text);
}

bool wait_create(rd_kafka_t *client, const struct topic *topic, int timeout_ms, struct problem *problem)
{
    enum { REPLICATION_OF_THE_CLUSTER = -1 };
    char why[256] = "";
    rd_kafka_NewTopic_t *made =
        rd_kafka_NewTopic_new(topic->name, topic->partitions, REPLICATION_OF_THE_CLUSTER, why, sizeof why);
    if (!made)
        return problem_say(problem, "topic %s cannot be made: %s", topic->name, why);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_CreateTopics(client, &made, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
    bool fine = hear_created(event, topic, problem);
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(made);
    return fine;
}

/* Committed offsets are the coordinator's: it answers, also for a group and a topic that are not there. */
bool wait_group(rd_kafka_t *member, const char *group, int timeout_ms, struct problem *problem)
{
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(offsets, own_topic.name, 0);
    rd_kafka_resp_err_t error = rd_kafka_committed(member, offsets, timeout_ms);
    rd_kafka_topic_partition_list_destroy(offsets);
    return !error || problem_say(problem, "the coordinator of group %s does not answer: %s", group,
                                 rd_kafka_err2str(error));
}

/* ---- a record ---- */

struct wait_record {
    rd_kafka_t *producer, *consumer;
    bool reported, made;
    rd_kafka_resp_err_t error;
    int32_t partition;
    int64_t offset;
};

static void on_report(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    struct wait_record *record = opaque;
    (void)client;
    record->reported = true;
    record->error = message->err;
    record->partition = message->partition;
    record->offset = message->offset;
}

struct wait_record *wait_record_new(const char *bootstrap, const struct wait_wanted *wanted,
                                    struct problem *problem)
{
    struct wait_record *record = calloc(1, sizeof *record);
    if (!record)
        return NULL;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "message.timeout.ms", "5000", NULL, 0); /* RECORD_MS */
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_opaque(conf, record);
    record->producer = wait_client(RD_KAFKA_PRODUCER, conf, bootstrap, wanted, problem);
    conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "group.id", "kbridge-wait", NULL, 0);
    rd_kafka_conf_set(conf, "enable.auto.commit", "false", NULL, 0);
    record->consumer = wait_client(RD_KAFKA_CONSUMER, conf, bootstrap, wanted, problem);
    if (record->producer && record->consumer)
        return record;
    wait_record_free(record);
    return NULL;
}

void wait_record_free(struct wait_record *record)
{
    if (!record)
        return;
    if (record->producer) {
        rd_kafka_purge(record->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(record->producer);
    }
    if (record->consumer)
        rd_kafka_destroy(record->consumer);
    free(record);
}

static bool is_written(struct wait_record *record, struct problem *problem)
{
    record->reported = false;
    rd_kafka_resp_err_t error =
        rd_kafka_producev(record->producer, RD_KAFKA_V_TOPIC(own_topic.name),
                          RD_KAFKA_V_VALUE((void *)payload, sizeof payload), RD_KAFKA_V_END);
    if (!error)
        rd_kafka_flush(record->producer, RECORD_MS + POLL_MS);
    if (!error)
        error = record->reported ? record->error : RD_KAFKA_RESP_ERR__TIMED_OUT;
    return !error || problem_say(problem, "a record to topic %s is not written: %s", own_topic.name,
                                 rd_kafka_err2str(error));
}

static bool hears_it(const struct wait_record *record)
{
    int64_t deadline_ms = socket_now_ms() + RECORD_MS;
    bool heard = false;
    while (!heard && socket_now_ms() < deadline_ms) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(record->consumer, POLL_MS);
        heard = message && !message->err && message->offset == record->offset;
        if (message)
            rd_kafka_message_destroy(message);
    }
    return heard;
}

static bool is_read(const struct wait_record *record, struct problem *problem)
{
    rd_kafka_topic_partition_list_t *where = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(where, own_topic.name, record->partition)->offset = record->offset;
    bool fine = rd_kafka_assign(record->consumer, where) == RD_KAFKA_RESP_ERR_NO_ERROR && hears_it(record);
    rd_kafka_topic_partition_list_destroy(where);
    rd_kafka_assign(record->consumer, NULL);
    return fine ||
           problem_say(problem, "a record was written to topic %s, and cannot be read back", own_topic.name);
}

/* Most clusters make a topic when a producer asks for it; the others when an administrator does. */
static bool topic_is_made(const struct wait_record *record, rd_kafka_t *admin, struct problem *problem)
{
    const struct rd_kafka_metadata *seen = NULL;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(record->producer, own_topic.name, NULL);
    rd_kafka_resp_err_t error = rd_kafka_metadata(record->producer, 0, handle, &seen, RECORD_MS);
    bool missing =
        !error && seen->topic_cnt == 1 && seen->topics[0].err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    rd_kafka_topic_destroy(handle);
    if (seen)
        rd_kafka_metadata_destroy(seen);
    if (error)
        return problem_say(problem, "topic %s cannot be looked for: %s", own_topic.name,
                           rd_kafka_err2str(error));
    return !missing || wait_create(admin, &own_topic, CREATE_MS, problem);
}

bool wait_record_passes(struct wait_record *record, rd_kafka_t *admin, struct problem *problem)
{
    record->made = record->made || topic_is_made(record, admin, problem);
    return record->made && is_written(record, problem) && is_read(record, problem);
}
