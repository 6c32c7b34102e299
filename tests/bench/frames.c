/* SPDX-License-Identifier: Apache-2.0 */
/* Making the messages of the benchmark; see frames.h. */
#include "tests/bench/frames.h"

#include <stdio.h>
#include <stdlib.h>

#include "proxy/heap.h"
#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const uint8_t topic_id[16] = {0x6b, 0x62, 1};

static void check(const char *wrong)
{
    if (!wrong)
        return;
    fprintf(stderr, "a message of the benchmark cannot be made: %s.\n", wrong);
    exit(EXIT_FAILURE);
}

/* ---- records: one batch of one record ---- */

static void put(struct buffer *to, const void *at, size_t len)
{
    if (!buffer_append(to, (struct bytes){at, len}))
        check("out of memory");
}

static void put_number(struct buffer *to, uint64_t number, int width)
{
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
        put(to, &(uint8_t){(uint8_t)(number >> shift)}, 1);
}

static void put_varint(struct buffer *to, int64_t number)
{
    uint64_t zigzag = (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
    for (; zigzag > 0x7f; zigzag >>= 7)
        put(to, &(uint8_t){(uint8_t)(zigzag | 0x80)}, 1);
    put(to, &(uint8_t){(uint8_t)zigzag}, 1);
}

static void put_record(struct buffer *to, size_t value_len)
{
    struct buffer record = {.allocator = &heap_allocator};
    uint8_t *value = calloc(1, value_len + 1);
    if (!value)
        check("out of memory");
    put_number(&record, 0, 1); /* attributes */
    put_varint(&record, 0);    /* timestamp delta */
    put_varint(&record, 0);    /* offset delta */
    put_varint(&record, -1);   /* no key */
    put_varint(&record, (int64_t)value_len);
    put(&record, value, value_len);
    put_varint(&record, 0); /* headers */
    put_varint(to, (int64_t)record.len);
    put(to, record.at, record.len);
    buffer_free(&record);
    free(value);
}

/* Its CRC is 0: nobody on the way looks at it. */
static struct buffer make_records(size_t value_len)
{
    enum { HEADER_BEHIND_LENGTH = 49, MAGIC = 2 };
    struct buffer record = {.allocator = &heap_allocator}, batch = {.allocator = &heap_allocator};
    put_record(&record, value_len);
    put_number(&batch, 0, 8); /* base offset */
    put_number(&batch, HEADER_BEHIND_LENGTH + record.len, 4);
    put_number(&batch, 0, 4); /* leader epoch */
    put_number(&batch, MAGIC, 1);
    put_number(&batch, 0, 4);          /* crc */
    put_number(&batch, 0, 2);          /* attributes */
    put_number(&batch, 0, 4);          /* last offset delta */
    put_number(&batch, 0, 8);          /* first timestamp */
    put_number(&batch, 0, 8);          /* last timestamp */
    put_number(&batch, UINT64_MAX, 8); /* no producer id, */
    put_number(&batch, UINT64_MAX, 2); /* epoch */
    put_number(&batch, UINT64_MAX, 4); /* and sequence */
    put_number(&batch, 1, 4);          /* records */
    put(&batch, record.at, record.len);
    buffer_free(&record);
    return batch;
}

/* ---- messages ---- */

/* Partition 0 of the one topic, in the shape that Produce and Fetch share. */
struct partition_givens {
    struct given partition[2], topic[2], message[2];
    struct givens partitions, topics;
};

static struct givens give_partition(struct partition_givens *givens, struct bytes records)
{
    givens->partition[0] = given_number(ROLE_PARTITION, 0);
    givens->partition[1] = given_bytes(ROLE_RECORDS, records);
    givens->partitions = (struct givens){givens->partition, records.len ? 2 : 1};
    givens->topic[0] = given_bytes(ROLE_TOPIC_ID, (struct bytes){topic_id, sizeof topic_id});
    givens->topic[1] = given_array(ROLE_PARTITIONS, &givens->partitions, 1);
    givens->topics = (struct givens){givens->topic, COUNT_OF(givens->topic)};
    givens->message[0] = given_array(ROLE_TOPICS, &givens->topics, 1);
    givens->message[1] = given_number(ROLE_ACKS, -1);
    return (struct givens){givens->message, COUNT_OF(givens->message)};
}

struct bytes frames_api_versions_request(void)
{
    const struct given software[] = {given_bytes(ROLE_SOFTWARE_NAME, bytes_of("apache-kafka-java")),
                                     given_bytes(ROLE_SOFTWARE_VERSION, bytes_of("4.3.0"))};
    struct buffer frame = {.allocator = &heap_allocator};
    check(write_request(&frame, API_API_VERSIONS, API_VERSIONS_VERSION, 0,
                        (struct givens){software, COUNT_OF(software)}));
    return buffer_bytes(&frame);
}

struct bytes frames_produce_request(size_t record_bytes)
{
    struct partition_givens givens;
    struct buffer frame = {.allocator = &heap_allocator}, records = make_records(record_bytes);
    check(write_request(&frame, API_PRODUCE, PRODUCE_VERSION, 0,
                        give_partition(&givens, buffer_bytes(&records))));
    buffer_free(&records);
    return buffer_bytes(&frame);
}

struct bytes frames_fetch_request(void)
{
    struct partition_givens givens;
    struct buffer frame = {.allocator = &heap_allocator};
    check(write_request(&frame, API_FETCH, FETCH_VERSION, 0, give_partition(&givens, (struct bytes){0})));
    return buffer_bytes(&frame);
}

struct bytes frames_metadata_request(void)
{
    const struct given all = given_null(ROLE_TOPICS);
    struct buffer frame = {.allocator = &heap_allocator};
    check(write_request(&frame, API_METADATA, METADATA_VERSION, 0, (struct givens){&all, 1}));
    return buffer_bytes(&frame);
}

static const char *write_api_versions(struct buffer *to, int version)
{
    static const int16_t keys[] = {API_PRODUCE, API_FETCH, API_METADATA, API_API_VERSIONS};
    struct given offers[COUNT_OF(keys)][3];
    struct givens elements[COUNT_OF(keys)];
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        offers[i][0] = given_number(ROLE_API_KEY, keys[i]);
        offers[i][1] = given_number(ROLE_MIN_VERSION, tables_message(REQUEST, keys[i])->first);
        offers[i][2] = given_number(ROLE_MAX_VERSION, tables_message(REQUEST, keys[i])->last);
        elements[i] = (struct givens){offers[i], 3};
    }
    const struct given answer = given_array(ROLE_API_KEYS, elements, COUNT_OF(keys));
    return write_response(to, API_API_VERSIONS, version, 0, (struct givens){&answer, 1});
}

static void *need(void *at)
{
    if (!at)
        check("out of memory");
    return at;
}

static struct givens *give_nodes(const struct model *model)
{
    enum { VALUES = 3 };
    struct givens *nodes = need(calloc(model->nodes, sizeof *nodes + VALUES * sizeof(struct given)));
    struct given *values = (struct given *)(nodes + model->nodes);
    for (uint32_t i = 0; i < model->nodes; i++) {
        struct given *node = values + (size_t)VALUES * i;
        node[0] = given_number(ROLE_NODE_ID, i + 1);
        node[1] = given_bytes(ROLE_HOST, bytes_of("127.0.0.1"));
        node[2] = given_number(ROLE_PORT, model->port);
        nodes[i] = (struct givens){node, VALUES};
    }
    return nodes;
}

static struct givens *give_leaders(const struct model *model)
{
    enum { VALUES = 3 };
    struct givens *partitions =
        need(calloc(model->partitions, sizeof *partitions + VALUES * sizeof(struct given)));
    struct given *values = (struct given *)(partitions + model->partitions);
    for (uint32_t i = 0; i < model->partitions; i++) {
        struct given *partition = values + (size_t)VALUES * i;
        partition[0] = given_number(ROLE_PARTITION, i);
        partition[1] = given_number(ROLE_LEADER_ID, i % model->nodes + 1);
        partition[2] = given_number(ROLE_LEADER_EPOCH, 0);
        partitions[i] = (struct givens){partition, VALUES};
    }
    return partitions;
}

static const char *write_metadata(struct buffer *to, int version, const struct model *model)
{
    const struct given topic[] = {given_bytes(ROLE_TOPIC_NAME, bytes_of("bench")),
                                  given_bytes(ROLE_TOPIC_ID, (struct bytes){topic_id, sizeof topic_id}),
                                  given_array(ROLE_PARTITIONS, give_leaders(model), model->partitions)};
    const struct givens topics[] = {{topic, COUNT_OF(topic)}};
    const struct given answer[] = {given_array(ROLE_BROKERS, give_nodes(model), model->nodes),
                                   given_bytes(ROLE_CLUSTER_ID, bytes_of("bench")),
                                   given_number(ROLE_CONTROLLER_ID, 1), given_array(ROLE_TOPICS, topics, 1)};
    return write_response(to, API_METADATA, version, 0, (struct givens){answer, COUNT_OF(answer)});
}

static const char *write_partition(struct buffer *to, int api_key, int version, size_t record_bytes)
{
    struct partition_givens givens;
    struct buffer records = {.allocator = &heap_allocator};
    if (api_key == API_FETCH)
        records = make_records(record_bytes);
    const char *wrong =
        write_response(to, api_key, version, 0, give_partition(&givens, buffer_bytes(&records)));
    buffer_free(&records);
    return wrong;
}

struct bytes frames_response(int api_key, int version, const struct model *model)
{
    struct buffer frame = {.allocator = &heap_allocator};
    if (api_key == API_API_VERSIONS)
        check(write_api_versions(&frame, version));
    else if (api_key == API_METADATA)
        check(write_metadata(&frame, version, model));
    else if (api_key == API_PRODUCE || api_key == API_FETCH)
        check(write_partition(&frame, api_key, version, model->record_bytes));
    else
        check("the model broker does not know this api");
    return buffer_bytes(&frame);
}
