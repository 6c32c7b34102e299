/* SPDX-License-Identifier: Apache-2.0 */
/* What model brokers answer. Each answer is written twice: with the brokers' addresses, and as the client must see
 * it. Both are made by the writer from the same values, so that nothing but an address may differ. */
#include "tests/memory/model_answer.h"

#include "tests/memory/model.h"
#include "tests/memory/model_asked.h"

#include <stdio.h>

#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

enum { NOISE_MOST = 3000 };

/* ---- values of an answer ---- */

struct addresses {
    struct given broker[MODEL_BROKERS_MAX][3];
    struct givens all[MODEL_BROKERS_MAX];
    struct address at[MODEL_BROKERS_MAX];
};

static void fill_address(struct addresses *addresses, int i, int32_t id)
{
    addresses->broker[i][0] = given_number(ROLE_NODE_ID, id);
    addresses->broker[i][1] = given_bytes(ROLE_HOST, bytes_of(addresses->at[i].host));
    addresses->broker[i][2] = given_number(ROLE_PORT, addresses->at[i].port);
    addresses->all[i] = (struct givens){addresses->broker[i], 3};
}

static void fill_addresses(const struct model_client *client, struct addresses *addresses, bool told)
{
    const struct model_cluster *cluster = &client->model->cluster;
    const struct told *told_as = conversation_told(client->conversation);
    for (int i = 0; i < cluster->count; i++) {
        addresses->at[i] = cluster->brokers[i].advertised;
        if (told)
            told_address(told_as, told_as->exact ? cluster->brokers[i].id : 0, &addresses->at[i]);
        fill_address(addresses, i, cluster->brokers[i].id);
    }
}

struct topic_values {
    struct given partition[MODEL_PARTITIONS][4];
    struct givens partitions[MODEL_PARTITIONS];
    struct given topic[4];
};

static int leader_of(const struct model_cluster *cluster, const struct model_topic *topic, int partition)
{
    return cluster->hidden ? cluster->first : topic->leaders[partition];
}

static struct givens fill_topic(const struct model_cluster *cluster, struct topic_values *values,
                                const struct model_topic *topic, struct bytes name, struct bytes id)
{
    bool known = topic && topic->exists;
    uint32_t partitions = known ? MODEL_PARTITIONS : 0;
    for (int p = 0; p < MODEL_PARTITIONS && known; p++) {
        int leader = leader_of(cluster, topic, p);
        values->partition[p][0] = given_number(ROLE_PARTITION, p);
        values->partition[p][1] = given_number(ROLE_ERROR_CODE, leader < 0 ? 5 : 0);
        values->partition[p][2] = given_number(ROLE_LEADER_ID, leader < 0 ? -1 : cluster->brokers[leader].id);
        values->partition[p][3] = given_number(ROLE_LEADER_EPOCH, topic->epochs[p]);
        values->partitions[p] = (struct givens){values->partition[p], 4};
    }
    if (known) {
        name = bytes_of(topic->name);
        id = (struct bytes){topic->id, MODEL_TOPIC_ID_SIZE};
    }
    static const uint8_t no_id[MODEL_TOPIC_ID_SIZE];
    int unknown = name.len ? ERROR_UNKNOWN_TOPIC_OR_PARTITION : ERROR_UNKNOWN_TOPIC_ID;
    values->topic[0] = given_number(ROLE_ERROR_CODE, known ? 0 : unknown);
    values->topic[1] = name.len ? given_bytes(ROLE_TOPIC_NAME, name) : given_null(ROLE_TOPIC_NAME);
    values->topic[2] = given_bytes(ROLE_TOPIC_ID, id.len ? id : (struct bytes){no_id, sizeof no_id});
    values->topic[3] = given_array(ROLE_PARTITIONS, values->partitions, partitions);
    return (struct givens){values->topic, 4};
}

/* While the others are hidden, one does everything. */
static struct given fill_brokers(const struct model_cluster *cluster, const struct addresses *addresses)
{
    int first = cluster->hidden ? cluster->first : 0;
    return given_array(ROLE_BROKERS, addresses->all + first, cluster->hidden ? 1 : (uint32_t)cluster->count);
}

static struct given fill_controller(const struct model_cluster *cluster)
{
    int controller = cluster->hidden ? cluster->first : cluster->controller;
    return given_number(ROLE_CONTROLLER_ID, cluster->brokers[controller].id);
}

/* ---- writing ---- */

struct answer {
    struct model_client *client;
    const struct model_request *request; /* NULL: kbridge's own */
    struct model_asked asked;
    struct buffer *to;
    bool told;    /* as the client must see it */
    bool refused; /* this broker does not serve what is named */
};

static void write_answer(const struct answer *answer, const struct given *givens, size_t count)
{
    const struct model_asked *asked = &answer->asked;
    const char *wrong = write_response(answer->to, asked->api_key, asked->api_version, asked->correlation_id,
                                       (struct givens){givens, count});
    if (wrong)
        model_fail(answer->client->model, "a response of api key %d v%d cannot be written: %s",
                   asked->api_key, asked->api_version, wrong);
}

static void write_metadata(const struct answer *answer)
{
    const struct model_cluster *cluster = &answer->client->model->cluster;
    struct addresses addresses;
    struct topic_values values[8];
    struct givens topics[8];
    uint32_t count = answer->asked.count;
    bool all = answer->asked.all || (answer->asked.api_version == 0 && count == 0);
    fill_addresses(answer->client, &addresses, answer->told);
    for (uint32_t i = 0; i < count; i++) {
        struct bytes name = answer->asked.names[i];
        struct bytes id = answer->asked.ids[i];
        topics[i] = fill_topic(cluster, &values[i], model_cluster_topic(cluster, name, id), name, id);
    }
    for (int i = 0; i < MODEL_TOPICS && all; i++) {
        const struct model_topic *topic = &cluster->topics[i];
        if (topic->exists)
            topics[count] = fill_topic(cluster, &values[count], topic, (struct bytes){0}, (struct bytes){0});
        count += topic->exists;
    }
    const struct given givens[] = {
        fill_brokers(cluster, &addresses),
        given_bytes(ROLE_CLUSTER_ID, bytes_of("model-cluster")),
        fill_controller(cluster),
        given_array(ROLE_TOPICS, topics, count),
    };
    write_answer(answer, givens, 4);
}

static void write_cluster(const struct answer *answer)
{
    const struct model_cluster *cluster = &answer->client->model->cluster;
    struct addresses addresses;
    fill_addresses(answer->client, &addresses, answer->told);
    const struct given givens[] = {
        given_number(ROLE_ENDPOINT_TYPE, 1),
        fill_brokers(cluster, &addresses),
        given_bytes(ROLE_CLUSTER_ID, bytes_of("model-cluster")),
        fill_controller(cluster),
    };
    write_answer(answer, givens, 4);
}

static void write_coordinators(const struct answer *answer)
{
    const struct model_asked *asked = &answer->asked;
    const struct model_cluster *cluster = &answer->client->model->cluster;
    uint8_t key_type = asked->api_version == 0 ? COORDINATOR_GROUP : asked->key_type;
    struct addresses addresses;
    fill_addresses(answer->client, &addresses, answer->told);
    int at = cluster->hidden ? cluster->first : model_cluster_coordinator(cluster, key_type, asked->names[0]);
    const struct given *broker = at < 0 ? NULL : addresses.broker[at];
    const struct given coordinator[] = {
        given_bytes(ROLE_COORDINATOR_KEY, asked->names[0]),
        given_number(ROLE_ERROR_CODE, broker ? 0 : 15),
        broker ? broker[0] : given_number(ROLE_NODE_ID, -1),
        broker ? broker[1] : given_bytes(ROLE_HOST, bytes_of("")),
        broker ? broker[2] : given_number(ROLE_PORT, -1),
    };
    const struct givens coordinators[] = {{coordinator, 5}};
    if (asked->api_version >= 4) {
        const struct given list = given_array(ROLE_COORDINATORS, coordinators, 1);
        write_answer(answer, &list, 1);
    } else {
        write_answer(answer, coordinator + 1, 4);
    }
}

/* The first five are keys that kbridge reads: of these the client is offered no more than the tables know. */
static void write_versions(const struct answer *answer)
{
    static const int16_t keys[] = {0, 1, 8, 11, 12, 3, 10, 9, 13, 14, 15, 18, 29, 60, 200};
    enum { KEYS = sizeof keys / sizeof *keys, READ_AND_NEWER = 5 };
    const struct model_cluster *cluster = &answer->client->model->cluster;
    struct given values[KEYS][3];
    struct givens list[KEYS];
    for (int i = 0; i < KEYS; i++) {
        const struct message *message = tables_message(REQUEST, keys[i]);
        int max = message ? message->last : 3;
        if (keys[i] == API_METADATA)
            max = cluster->metadata_max;
        if (keys[i] == API_FIND_COORDINATOR)
            max = cluster->coordinator_max;
        if ((i < READ_AND_NEWER && !answer->told) || keys[i] == 29)
            max += 3;
        values[i][0] = given_number(ROLE_API_KEY, keys[i]);
        values[i][1] = given_number(ROLE_MIN_VERSION, message ? message->first : 0);
        values[i][2] = given_number(ROLE_MAX_VERSION, max);
        list[i] = (struct givens){values[i], 3};
    }
    const struct given givens[] = {given_number(ROLE_ERROR_CODE, 0), given_array(ROLE_API_KEYS, list, KEYS)};
    write_answer(answer, givens, 2);
}

/* One group from each broker, all alike: the order of the merged list is free. */
static void write_groups(const struct answer *answer)
{
    bool merged = answer->told && answer->request && answer->request->kind == MODEL_GATHERED;
    const struct given id = given_bytes(ROLE_GROUP_ID, bytes_of("a-group"));
    struct givens groups[MODEL_BROKERS_MAX];
    for (int i = 0; i < MODEL_BROKERS_MAX; i++)
        groups[i] = (struct givens){&id, 1};
    uint32_t count = merged ? (uint32_t)answer->client->model->cluster.count : 1;
    const struct given givens[] = {given_array(ROLE_GROUPS, groups, count)};
    write_answer(answer, givens, 1);
}

static int refusal_code(const struct model *model, const struct model_request *request)
{
    if (request->thing == MODEL_CONTROLLER)
        return ERROR_NOT_CONTROLLER;
    if (request->thing >= MODEL_LED)
        return ERROR_NOT_COORDINATOR;
    if (model_changes_unknown_id(model, request))
        return ERROR_UNKNOWN_TOPIC_ID;
    return model->cluster.topics[request->thing / MODEL_PARTITIONS].exists ? ERROR_NOT_LEADER_OR_FOLLOWER
                                                                           : ERROR_UNKNOWN_TOPIC_OR_PARTITION;
}

/* "Not here", of the one thing that the request names, by name and by id; and mostly who is the leader, where there is room for it. */
static void write_refusal(const struct answer *answer, uint32_t dice)
{
    const struct model_request *request = answer->request;
    const struct model_cluster *cluster = &answer->client->model->cluster;
    bool led = request->thing < MODEL_LED;
    const struct model_topic *named = &cluster->topics[led ? request->thing / MODEL_PARTITIONS : 0];
    int index = led ? request->thing % MODEL_PARTITIONS : 0;
    int leader = led ? named->leaders[index] : MODEL_NOBODY;
    int code = refusal_code(answer->client->model, request);
    uint8_t id[MODEL_TOPIC_ID_SIZE];
    model_cluster_topic_id((int)(named - cluster->topics),
                           request->life == MODEL_NOBODY ? named->life : request->life, id);
    const struct given error = given_number(ROLE_ERROR_CODE, code);
    const struct given partition[] = {
        error, given_number(ROLE_PARTITION, index),
        given_number(ROLE_LEADER_ID, leader < 0 ? -1 : cluster->brokers[leader].id),
        given_number(ROLE_LEADER_EPOCH, leader < 0 ? -1 : named->epochs[index])};
    bool hints = leader >= 0 && code == ERROR_NOT_LEADER_OR_FOLLOWER && dice % 4;
    const struct givens partitions[] = {{partition, hints ? 4 : 2}};
    const struct given topic[] = {led ? given_number(ROLE_ERROR_CODE, 0) : error,
                                  given_bytes(ROLE_TOPIC_NAME, bytes_of(named->name)),
                                  given_bytes(ROLE_TOPIC_ID, (struct bytes){id, sizeof id}),
                                  given_array(ROLE_PARTITIONS, partitions, 1)};
    const struct givens topics[] = {{topic, 4}};
    const struct givens named_one[] = {{&error, 1}};
    const struct given givens[] = {
        led ? given_number(ROLE_ERROR_CODE, 0) : error, given_array(ROLE_TOPICS, topics, 1),
        given_array(ROLE_GROUPS, named_one, 1), given_array(ROLE_TRANSACTIONS, named_one, 1),
        given_number(ROLE_SESSION_ID, request->session)};
    write_answer(answer, givens, 5);
}

/* Everything else: some error codes, records where the message has them, endpoints where they are Produce's. */
static void write_other(const struct answer *answer, uint32_t dice)
{
    static const int16_t errors[] = {0, 7, 25, 29};
    static uint8_t records[20000];
    struct addresses addresses;
    fill_addresses(answer->client, &addresses, answer->told);
    uint32_t len = dice % 16 == 0 ? dice % sizeof records : dice % 100;
    for (uint32_t i = 0; i < len; i++)
        records[i] = (uint8_t)(dice >> i % 24);
    const struct given error = given_number(ROLE_ERROR_CODE, errors[dice % 4]);
    const struct given partition[] = {error, given_number(ROLE_PARTITION, dice % 3),
                                      given_bytes(ROLE_RECORDS, (struct bytes){records, len})};
    const struct givens partitions[] = {{partition, 3}};
    const struct given topic[] = {error, given_bytes(ROLE_TOPIC_NAME, bytes_of("topic-0")),
                                  given_array(ROLE_PARTITIONS, partitions, 1)};
    const struct givens topics[] = {{topic, 3}};
    bool endpoints = answer->asked.api_key == API_PRODUCE && dice & 1 << 20;
    const struct given givens[] = {
        error, given_array(ROLE_TOPICS, topics, 1),
        given_number(ROLE_SESSION_ID, answer->request ? answer->request->session : 0),
        given_array(ROLE_NODE_ENDPOINTS, addresses.all, 1)};
    write_answer(answer, givens, endpoints ? 4 : 3);
}

static void write_one(const struct answer *answer, uint32_t dice)
{
    switch (answer->asked.api_key) {
    case API_METADATA:
        write_metadata(answer);
        break;
    case API_DESCRIBE_CLUSTER:
        write_cluster(answer);
        break;
    case API_FIND_COORDINATOR:
        write_coordinators(answer);
        break;
    case API_API_VERSIONS:
        write_versions(answer);
        break;
    case 16: /* ListGroups */
    case 66: /* ListTransactions */
        write_groups(answer);
        break;
    case API_SASL_HANDSHAKE:
        write_answer(answer, NULL, 0);
        break;
    default:
        if (answer->refused)
            write_refusal(answer, dice);
        else
            write_other(answer, dice);
        break;
    }
}

static void write_noise(struct model *model, const struct model_request *request, struct buffer *to)
{
    uint8_t noise[NOISE_MOST] = {0};
    uint32_t head = request->kind == MODEL_TOKEN ? 0 : 4;
    uint32_t noise_len = model_below(&model->random, request->kind == MODEL_TOKEN ? 60 : NOISE_MOST - 4);
    uint32_t len = head + noise_len;
    if (request->kind == MODEL_TOKEN)
        len = request->accepted ? 0 : 1 + noise_len;
    model_fill(&model->random, noise, len);
    for (uint32_t i = 0; i < head; i++)
        noise[i] = (uint8_t)((uint32_t)request->correlation_id >> (24 - 8 * i));
    const uint8_t length[] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    buffer_append(to, (struct bytes){length, sizeof length});
    buffer_append(to, (struct bytes){noise, len});
}

/* Bodies that nobody reads may hold anything. */
static bool is_noise(const struct model *model, const struct model_request *request)
{
    bool unread = !model->bridge.facts.wants_fields && (request->api_key == 29 || request->api_key == 50);
    return request->kind == MODEL_TOKEN || unread || !tables_knows(request->api_key, request->api_version);
}

/* Who does not serve what is named says so, whether or not somebody does. */
static bool is_refused(const struct model *model, const struct model_request *request, int broker)
{
    return model->cluster.moves && request && request->thing != MODEL_NOBODY &&
           (model_moves_server(model, request->thing) != broker || model_changes_unknown_id(model, request));
}

struct model_news model_answer(struct model_client *client, const struct model_request *request, int broker,
                               struct bytes frame, struct buffer *answer, struct buffer *expected)
{
    struct model *model = client->model;
    uint32_t dice = (uint32_t)model_random_next(&model->random);
    if (request && is_noise(model, request)) {
        write_noise(model, request, answer);
        if (expected)
            buffer_append(expected, buffer_bytes(answer));
        return (struct model_news){.made_at = model->step};
    }
    struct answer one = {.client = client,
                         .request = request,
                         .asked = model_asked_read(frame),
                         .to = answer,
                         .refused = is_refused(model, request, broker)};
    write_one(&one, dice);
    one.to = expected;
    one.told = true;
    if (expected)
        write_one(&one, dice);
    struct model_news news = model_moves_news(model, request, &one.asked, one.refused);
    if (client->exact && one.refused) /* who is not routed is not listened to */
        news = (struct model_news){.made_at = model->step};
    return news;
}
