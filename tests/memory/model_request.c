/* SPDX-License-Identifier: Apache-2.0 */
/* What model clients ask: requests of any version, made by the writer from what they shall name. */
#include "tests/memory/model.h"
#include "tests/memory/model_odd.h"

#include <stdio.h>

#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

enum names {
    NAMES_NOTHING,
    NAMES_PARTITION,
    NAMES_GROUP,
    NAMES_TRANSACTION,
    NAMES_BROKER,
    NAMES_CONTROLLER,
    NAMES_TELEMETRY
};

struct recipe {
    int16_t api_key;
    uint8_t names;
    int16_t last; /* newest version to use; -1: the newest of the tables */
};

/* The batches of AddPartitionsToTxn v4+ are between brokers. */
static const struct recipe recipes[] = {
    {0, NAMES_PARTITION, -1},    {0, NAMES_PARTITION, -1},    {1, NAMES_PARTITION, -1},
    {1, NAMES_PARTITION, -1},    {2, NAMES_PARTITION, -1},    {3, NAMES_NOTHING, -1},
    {3, NAMES_NOTHING, -1},      {8, NAMES_GROUP, -1},        {9, NAMES_GROUP, -1},
    {10, NAMES_NOTHING, -1},     {11, NAMES_GROUP, -1},       {12, NAMES_GROUP, -1},
    {13, NAMES_GROUP, -1},       {14, NAMES_GROUP, -1},       {15, NAMES_GROUP, -1},
    {18, NAMES_NOTHING, 4},      {19, NAMES_CONTROLLER, -1},  {21, NAMES_PARTITION, -1},
    {22, NAMES_TRANSACTION, -1}, {23, NAMES_PARTITION, -1},   {24, NAMES_TRANSACTION, 3},
    {25, NAMES_TRANSACTION, -1}, {26, NAMES_TRANSACTION, -1}, {28, NAMES_GROUP, -1},
    {29, NAMES_NOTHING, -1},     {32, NAMES_BROKER, -1},      {33, NAMES_BROKER, -1},
    {42, NAMES_GROUP, -1},       {44, NAMES_BROKER, -1},      {50, NAMES_NOTHING, -1},
    {60, NAMES_NOTHING, 1},      {65, NAMES_TRANSACTION, -1}, {68, NAMES_GROUP, -1},
    {78, NAMES_PARTITION, -1},   {71, NAMES_TELEMETRY, -1},   {72, NAMES_TELEMETRY, -1},
    {16, NAMES_NOTHING, -1},     {66, NAMES_NOTHING, -1},
};

enum {
    LIST_GROUPS = 16,
    LIST_TRANSACTIONS = 66,
    FETCH_WITH_SESSION = 7,
    FETCH_WITH_RACK = 11,
    NAMES_NODE = 5
};

/* Everything that a request may name; what its message has not is passed over by the writer. */
struct content {
    const struct model_topic *topic;
    int life;
    uint8_t topic_id[MODEL_TOPIC_ID_SIZE];
    int partition;
    char group[MODEL_GROUP_ROOM];
    char key[MODEL_GROUP_ROOM];
    uint8_t key_type;
    int broker;
    int acks;
    struct bytes records;
    int32_t session, session_epoch;
    const char *rack;
};

static struct content choose_content(struct model_client *client, uint8_t *records, uint32_t records_max)
{
    struct model *model = client->model;
    struct model_random *random = &model->random;
    struct content content = {
        .topic = &model->cluster.topics[model_below(random, MODEL_TOPICS)],
        .partition = (int)model_below(random, MODEL_PARTITIONS),
        .key_type = (uint8_t)model_below(random, 2),
        .broker = (int)model_below(random, (uint32_t)model->cluster.count),
        .acks = (int)model_below(random, 3) - 1,
    };
    content.life = model->cluster.changes && model_chance(random, 40);
    model_cluster_topic_id((int)(content.topic - model->cluster.topics), content.life, content.topic_id);
    snprintf(content.group, sizeof content.group, MODEL_GROUP, (int)model_below(random, MODEL_GROUPS));
    snprintf(content.key, sizeof content.key, MODEL_GROUP, (int)model_below(random, MODEL_GROUPS));
    uint32_t most = model_chance(random, 10) ? records_max : 100;
    content.records = (struct bytes){records, model_below(random, most)};
    model_fill(random, records, (uint32_t)content.records.len);
    return content;
}

static const char *write_content(struct model *model, const struct model_request *request, struct buffer *to,
                                 const struct content *content)
{
    char broker[12];
    snprintf(broker, sizeof broker, "%d", (int)model->cluster.brokers[content->broker].id);
    const struct given partition[] = {given_number(ROLE_PARTITION, content->partition),
                                      given_bytes(ROLE_RECORDS, content->records)};
    const struct givens partitions[] = {{partition, 2}};
    const struct given topic[] = {
        given_bytes(ROLE_TOPIC_NAME, bytes_of(content->topic->name)),
        given_bytes(ROLE_TOPIC_ID, (struct bytes){content->topic_id, MODEL_TOPIC_ID_SIZE}),
        given_number(ROLE_PARTITION, content->partition),
        given_array(ROLE_PARTITIONS, partitions, 1),
    };
    const struct givens topics[] = {{topic, 4}};
    const struct given resource[] = {given_number(ROLE_RESOURCE_TYPE, 4),
                                     given_bytes(ROLE_RESOURCE_NAME, bytes_of(broker))};
    const struct givens resources[] = {{resource, 2}};
    const struct given group = given_bytes(ROLE_GROUP_ID, bytes_of(content->group));
    const struct givens groups[] = {{&group, 1}};
    const struct given all[] = {
        given_array(ROLE_TOPICS, topics, 1),
        given_array(ROLE_RESOURCES, resources, 1),
        given_array(ROLE_GROUPS, groups, 1),
        group,
        given_bytes(ROLE_TRANSACTIONAL_ID, bytes_of(content->group)),
        given_bytes(ROLE_COORDINATOR_KEY, bytes_of(content->key)),
        given_number(ROLE_KEY_TYPE, content->key_type),
        given_number(ROLE_ACKS, content->acks),
        given_number(ROLE_SESSION_ID, content->session),
        given_number(ROLE_SESSION_EPOCH, content->session_epoch),
        given_bytes(ROLE_RACK_ID, bytes_of(content->rack)),
        given_number(ROLE_NODE_ID, model->cluster.brokers[content->broker].id),
        given_bytes(ROLE_CLUSTER_ID, bytes_of("model-cluster")),
    };
    return write_request(to, request->api_key, request->api_version, request->correlation_id,
                         (struct givens){all, sizeof all / sizeof *all});
}

static bool names_by_id(const struct model_request *request)
{
    return (request->api_key == API_PRODUCE && request->api_version >= 13) ||
           (request->api_key == API_FETCH && request->api_version >= 13) ||
           request->api_key == API_SHARE_FETCH;
}

/* By an id alone a topic is found only where the cluster knows Metadata v12. */
static int partition_named(const struct model *model, const struct model_request *request,
                           const struct content *content)
{
    if (!content->topic->exists || (names_by_id(request) && model->cluster.metadata_max < 12))
        return MODEL_NOBODY;
    return model_thing_led(&model->cluster, content->topic, content->partition);
}

static int thing_named(const struct model *model, const struct model_request *request, uint8_t names,
                       const struct content *content)
{
    struct bytes group = bytes_of(content->group);
    switch (names) {
    case NAMES_PARTITION:
        return partition_named(model, request, content);
    case NAMES_GROUP:
        return model_thing_coordinated(COORDINATOR_GROUP, group);
    case NAMES_TRANSACTION:
        return model_thing_coordinated(COORDINATOR_TRANSACTION, group);
    case NAMES_CONTROLLER:
        return MODEL_CONTROLLER;
    default:
        return MODEL_NOBODY;
    }
}

/* A Fetch begins a session, goes on with one, or has none. */
static void choose_session(struct model_client *client, struct model_request *request,
                           struct content *content)
{
    struct model_random *random = &client->model->random;
    bool possible = request->api_key == API_FETCH && request->api_version >= FETCH_WITH_SESSION &&
                    client->names_node == MODEL_NOBODY && !client->model->cluster.grows;
    content->session_epoch = -1;
    request->shares = request->api_key == API_SHARE_FETCH;
    if (request->shares && client->names_node == MODEL_NOBODY)
        content->session_epoch = model_between(random, -1, 2);
    request->goes_on = request->shares && content->session_epoch != 0;
    if (!possible || model_chance(random, 30))
        return;
    for (int i = client->request_count - 1; i >= 0 && model_chance(random, 70); i--) {
        if (!client->requests[i].session || client->requests[i].begun_by != MODEL_NOBODY)
            continue;
        request->begun_by = i;
        request->session = content->session = client->requests[i].session;
        content->session_epoch = model_chance(random, 20) ? -1 : model_between(random, 1, 9);
        return;
    }
    request->session = 1 + client->request_count + 1000 * client->number;
    content->session_epoch = 0;
}

static void write_known(struct model_client *client, struct model_request *request, struct content *content)
{
    struct model *model = client->model;
    bool racked = request->api_key == API_FETCH && request->api_version >= FETCH_WITH_RACK &&
                  model_chance(&model->random, 40);
    content->rack = racked ? "rack-a" : "";
    const char *wrong = write_content(model, request, &request->frame, content);
    content->rack = "------";
    if (!wrong && racked)
        wrong = write_content(model, request, &request->blanked, content);
    if (wrong)
        model_fail(model, "a request of api key %d v%d cannot be written: %s", request->api_key,
                   request->api_version, wrong);
}

/* From here on this client's connection is bound to one node, and nothing is routed by content any more. */
static void make_naming(struct model_client *client, struct model_request *request)
{
    uint8_t records[100];
    struct content content = choose_content(client, records, sizeof records);
    request->api_key = API_API_VERSIONS;
    request->api_version = NAMES_NODE;
    request->broker = content.broker;
    client->names_node = client->request_count;
    write_known(client, request, &content);
}

/* What goes to every broker is left out where it may not: from a client bound to one, or before all are known. */
static const struct recipe *choose_recipe(const struct model_client *client)
{
    struct model *model = client->model;
    const uint32_t count = sizeof recipes / sizeof *recipes;
    const struct model_cluster *cluster = &model->cluster;
    bool everywhere = client->names_node == MODEL_NOBODY && !cluster->grows && !cluster->changes;
    return &recipes[model_below(&model->random, everywhere ? count : count - 2)];
}

static void make_known(struct model_client *client, struct model_request *request)
{
    static uint8_t records[20000];
    struct model *model = client->model;
    const struct recipe *recipe = choose_recipe(client);
    const struct message *message = tables_message(REQUEST, recipe->api_key);
    int last = recipe->last < 0 ? message->last : recipe->last;
    request->api_key = recipe->api_key;
    request->api_version = (int16_t)model_between(&model->random, message->first, last);
    struct content content = choose_content(client, records, sizeof records);
    bool gathers = request->api_key == LIST_GROUPS || request->api_key == LIST_TRANSACTIONS;
    if (gathers && model->cluster.count > 1 && !client->exact)
        request->kind = MODEL_GATHERED;
    request->unanswered = recipe->api_key == API_PRODUCE && content.acks == 0;
    request->has_hosts = rewrite_mode_of(request->api_key, request->api_version) == REWRITE_ADDRESSES;
    request->life = names_by_id(request) ? content.life : MODEL_NOBODY;
    request->telemetry = recipe->names == NAMES_TELEMETRY;
    request->thing = thing_named(model, request, recipe->names, &content);
    request->broker = recipe->names == NAMES_BROKER ? content.broker : MODEL_NOBODY;
    choose_session(client, request, &content);
    write_known(client, request, &content);
}

static struct model_request *add(struct model_client *client, int32_t correlation_id)
{
    struct model_request *request = &client->requests[client->request_count];
    *request = (struct model_request){
        .frame = {.allocator = &client->model->own.allocator},
        .expected = {.allocator = &client->model->own.allocator},
        .blanked = {.allocator = &client->model->own.allocator},
        .life = MODEL_NOBODY,
        .thing = MODEL_NOBODY,
        .begun_by = MODEL_NOBODY,
        .correlation_id = correlation_id,
        .broker = MODEL_NOBODY,
        .link = MODEL_NOBODY,
    };
    return request;
}

/* One token that every broker accepts, which kbridge repeats on further links; or, in front of one broker, anything. */
static void make_sasl(struct model_client *client, int32_t correlation_id)
{
    struct model_random *random = &client->model->random;
    bool proves = client->model->cluster.count > 1 || model_chance(random, 50);
    int tokens = proves ? 1 : (int)model_below(random, 3);
    model_odd_make_handshake(client, add(client, correlation_id));
    client->request_count++;
    for (int i = 0; i < tokens && client->request_count < MODEL_REQUESTS_MAX - 2; i++) {
        struct model_request *token = add(client, 0);
        model_odd_make_token(client, token);
        token->accepted = proves;
        client->proof = proves ? client->request_count : MODEL_NOBODY;
        client->request_count++;
    }
    /* Tokens end with a frame that is a request of a known version. */
    make_known(client, add(client, (int32_t)((uint32_t)correlation_id + 1)));
    client->request_count++;
}

void model_requests_make(struct model_client *client)
{
    struct model_random *random = &client->model->random;
    int wanted = model_between(random, 1, MODEL_REQUESTS_MAX - 1);
    int32_t correlation_id =
        model_chance(random, 10) ? MODEL_OWN_CORRELATION_ID - 3 : (int32_t)model_random_next(random);
    bool routed = !client->model->cluster.grows && !client->exact;
    bool names = routed && model_chance(random, 15);
    bool hostile = client->plan & MODEL_HOSTILE;
    if (model_chance(random, client->model->cluster.count == 1 ? 25 : 10))
        make_sasl(client, correlation_id);
    correlation_id = (int32_t)((uint32_t)correlation_id + 2);
    while (client->request_count < wanted) {
        struct model_request *request = add(client, correlation_id);
        correlation_id = (int32_t)((uint32_t)correlation_id + 1);
        uint32_t dice = model_below(random, 100);
        if (names && client->names_node == MODEL_NOBODY && model_chance(random, 40))
            make_naming(client, request);
        else if (hostile && dice < 20)
            model_odd_make_bad(client, request);
        else if (dice < 90)
            make_known(client, request);
        else if (dice < 94)
            model_odd_make_unknown_key(client, request);
        else if (dice < 96)
            model_odd_make_unknown_version(client, request);
        else
            model_odd_make_refused(client, request);
        client->request_count++;
        if (request->kind == MODEL_BAD)
            break;
    }
}

void model_request_name(const struct model_request *request, char text[static 48])
{
    const char *name = tables_api_name(request->api_key);
    snprintf(text, 48, "%s v%d #%d",
             request->kind == MODEL_TOKEN ? "token"
             : name                       ? name
                                          : "unknown",
             request->api_version, (int)request->correlation_id);
}
