/* SPDX-License-Identifier: Apache-2.0 */
/* The messages that the writer makes, byte for byte, and that the walker can read whatever it writes.
 * The bytes were compared with what kafka-clients writes for the same values. */
#include "proxy/kafka/keys.h"
#include "proxy/kafka/walk.h"
#include "proxy/kafka/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GIVENS(...)                                                                                          \
    ((struct givens){(const struct given[]){__VA_ARGS__},                                                    \
                     sizeof((const struct given[]){__VA_ARGS__}) / sizeof(struct given)})
#define NONE_GIVEN ((struct givens){NULL, 0})

enum { CORRELATION = 0x01020304 };

/* ---------------------------------------------------------------- memory that can fail, and hex */

struct memory {
    int left; /* allocations that succeed */
};

static void *memory_resize(void *context, void *at, size_t size)
{
    struct memory *memory = (struct memory *)context;
    if (size == 0) {
        free(at);
        return NULL;
    }
    return memory->left-- > 0 ? realloc(at, size) : NULL;
}

static struct memory plenty = {1 << 30};
static const struct allocator allocator = {memory_resize, &plenty};

static struct bytes uuid_of(const char text[17])
{
    return (struct bytes){(const uint8_t *)text, 16};
}

/* Fails unless the buffer holds the bytes that `hex` spells; blanks in it are for the reader. */
static void assert_hex(struct buffer *buffer, const char *hex)
{
    char *got = calloc(2 * buffer->len + 1, 1);
    char *want = calloc(strlen(hex) + 1, 1);
    size_t len = 0;
    for (size_t i = 0; i < buffer->len; i++)
        (void)snprintf(got + 2 * i, 3, "%02x", buffer->at[i]);
    for (; *hex; hex++) {
        if (*hex != ' ')
            want[len++] = *hex;
    }
    assert_string_equal(got, want);
    free(got);
    free(want);
}

static void assert_request(int key, int version, struct givens givens, const char *hex)
{
    struct buffer buffer = {.allocator = &allocator};
    assert_null(write_request(&buffer, key, version, CORRELATION, givens));
    assert_hex(&buffer, hex);
    buffer_free(&buffer);
}

static void assert_response(int key, int version, struct givens givens, const char *hex)
{
    struct buffer buffer = {.allocator = &allocator};
    assert_null(write_response(&buffer, key, version, CORRELATION, givens));
    assert_hex(&buffer, hex);
    buffer_free(&buffer);
}

/* ---------------------------------------------------------------- own questions */

static void api_versions_says_the_software_where_the_version_has_it(void **state)
{
    (void)state;
    struct givens software = GIVENS(given_bytes(ROLE_SOFTWARE_VERSION, bytes_of("0.1")),
                                    given_bytes(ROLE_SOFTWARE_NAME, bytes_of("kb")));
    assert_request(API_API_VERSIONS, 0, software, "00000011 0012 0000 01020304 0007 6b627269646765");
    assert_request(API_API_VERSIONS, 2, software, "00000011 0012 0002 01020304 0007 6b627269646765");
    assert_request(API_API_VERSIONS, 3, software,
                   "0000001a 0012 0003 01020304 0007 6b627269646765 00  03 6b62 04 302e31 00");
    assert_request(API_API_VERSIONS, 4, software,
                   "0000001a 0012 0004 01020304 0007 6b627269646765 00  03 6b62 04 302e31 00");
}

static void defaults_are_those_of_the_spec(void **state)
{
    (void)state;
    assert_request(API_API_VERSIONS, 5, NONE_GIVEN, /* ClusterId null, NodeId -1 */
                   "0000001a 0012 0005 01020304 0007 6b627269646765 00  01 01 00 ffffffff 00");
    assert_request(API_METADATA, 8, NONE_GIVEN, /* AllowAutoTopicCreation true */
                   "00000018 0003 0008 01020304 0007 6b627269646765  00000000 01 00 00");
    assert_request(API_PRODUCE, 3, NONE_GIVEN, /* TransactionalId null */
                   "0000001d 0000 0003 01020304 0007 6b627269646765  ffff 0000 00000000 00000000");
}

static void metadata_asks_by_name_without_creating_the_topic(void **state)
{
    (void)state;
    struct givens topics[] = {GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("a"))),
                              GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("bc")))};
    struct givens givens = GIVENS(given_array(ROLE_TOPICS, topics, 2), given_number(ROLE_AUTO_CREATE, 0));
    assert_request(API_METADATA, 0, givens,
                   "0000001c 0003 0000 01020304 0007 6b627269646765  00000002 0001 61 0002 6263");
    assert_request(API_METADATA, 4, givens,
                   "0000001d 0003 0004 01020304 0007 6b627269646765  00000002 0001 61 0002 6263 00");
    assert_request(API_METADATA, 9, givens,
                   "0000001e 0003 0009 01020304 0007 6b627269646765 00  03 02 61 00 03 6263 00 00 00 00 00");
    assert_request(
        API_METADATA, 13, givens,
        "0000003d 0003 000d 01020304 0007 6b627269646765 00  03"
        "00000000000000000000000000000000 02 61 00 00000000000000000000000000000000 03 6263 00 00 00 00");
}

static void metadata_asks_by_topic_id_with_a_null_name(void **state)
{
    (void)state;
    struct givens topic =
        GIVENS(given_bytes(ROLE_TOPIC_ID, uuid_of("0123456789abcdef")), given_null(ROLE_TOPIC_NAME));
    struct givens givens = GIVENS(given_array(ROLE_TOPICS, &topic, 1), given_number(ROLE_AUTO_CREATE, 0));
    assert_request(API_METADATA, 12, givens,
                   "00000028 0003 000c 01020304 0007 6b627269646765 00"
                   "02 30313233343536373839616263646566 00 00 00 00 00");
}

static void metadata_asks_for_all_topics_or_for_none(void **state)
{
    (void)state;
    struct givens all = GIVENS(given_null(ROLE_TOPICS));
    struct givens none = GIVENS(given_array(ROLE_TOPICS, NULL, 0));
    assert_request(API_METADATA, 0, all, "00000015 0003 0000 01020304 0007 6b627269646765  00000000");
    assert_request(API_METADATA, 1, all, "00000015 0003 0001 01020304 0007 6b627269646765  ffffffff");
    assert_request(API_METADATA, 12, all, "00000016 0003 000c 01020304 0007 6b627269646765 00  00 01 00 00");
    assert_request(API_METADATA, 1, none, "00000015 0003 0001 01020304 0007 6b627269646765  00000000");
    assert_request(API_METADATA, 12, none, "00000016 0003 000c 01020304 0007 6b627269646765 00  01 01 00 00");
}

static void find_coordinator_is_the_same_question_flat_and_batched(void **state)
{
    (void)state;
    struct givens givens =
        GIVENS(given_number(ROLE_KEY_TYPE, 1), given_bytes(ROLE_COORDINATOR_KEY, bytes_of("tx")));
    assert_request(API_FIND_COORDINATOR, 0, givens,
                   "00000015 000a 0000 01020304 0007 6b627269646765  0002 7478");
    assert_request(API_FIND_COORDINATOR, 1, givens,
                   "00000016 000a 0001 01020304 0007 6b627269646765  0002 7478 01");
    assert_request(API_FIND_COORDINATOR, 3, givens,
                   "00000017 000a 0003 01020304 0007 6b627269646765 00  03 7478 01 00");
    assert_request(API_FIND_COORDINATOR, 6, givens,
                   "00000018 000a 0006 01020304 0007 6b627269646765 00  01 02 03 7478 00");
}

static void find_coordinator_asks_for_many_at_once(void **state)
{
    (void)state;
    struct givens keys[] = {GIVENS(given_bytes(ROLE_COORDINATOR_KEY, bytes_of("a"))),
                            GIVENS(given_bytes(ROLE_COORDINATOR_KEY, bytes_of("b")))};
    assert_request(API_FIND_COORDINATOR, 4, GIVENS(given_array(ROLE_COORDINATOR_KEY, keys, 2)),
                   "00000019 000a 0004 01020304 0007 6b627269646765 00  00 03 02 61 02 62 00");
}

static void strings_in_an_array_have_the_length_of_strings(void **state)
{
    (void)state;
    enum { DESCRIBE_GROUPS = 15 };
    struct givens groups[] = {GIVENS(given_bytes(ROLE_GROUP_ID, bytes_of("g"))), NONE_GIVEN};
    struct givens givens = GIVENS(given_array(ROLE_GROUP_ID, groups, 2));
    assert_request(DESCRIBE_GROUPS, 0, givens,
                   "0000001a 000f 0000 01020304 0007 6b627269646765  00000002 0001 67 0000");
    assert_request(DESCRIBE_GROUPS, 6, givens,
                   "00000018 000f 0006 01020304 0007 6b627269646765 00  03 02 67 01 00 00");
}

static void describe_cluster_asks_for_the_brokers(void **state)
{
    (void)state;
    assert_request(API_DESCRIBE_CLUSTER, 0, NONE_GIVEN,
                   "00000014 003c 0000 01020304 0007 6b627269646765 00  00 00");
    assert_request(API_DESCRIBE_CLUSTER, 1, NONE_GIVEN,
                   "00000015 003c 0001 01020304 0007 6b627269646765 00  00 01 00");
    assert_request(API_DESCRIBE_CLUSTER, 2, GIVENS(given_number(ROLE_ENDPOINT_TYPE, 2)),
                   "00000016 003c 0002 01020304 0007 6b627269646765 00  00 02 00 00");
}

/* ---------------------------------------------------------------- refusals */

static void an_unsupported_version_of_api_versions_is_answered_in_the_form_of_version_0(void **state)
{
    (void)state;
    struct givens key =
        GIVENS(given_number(ROLE_API_KEY, API_API_VERSIONS), given_number(ROLE_MAX_VERSION, 5));
    assert_response(
        API_API_VERSIONS, 0,
        GIVENS(given_number(ROLE_ERROR_CODE, ERROR_UNSUPPORTED_VERSION), given_array(ROLE_API_KEYS, &key, 1)),
        "00000010 01020304 0023 00000001 0012 0000 0005");
}

static void the_header_of_an_api_versions_response_never_has_tags(void **state)
{
    (void)state;
    assert_response(API_API_VERSIONS, 3, NONE_GIVEN, "0000000c 01020304 0000 01 00000000 00");
}

static void an_unknown_fetch_session_is_refused_where_the_version_has_an_error(void **state)
{
    (void)state;
    struct givens error = GIVENS(given_number(ROLE_ERROR_CODE, 70));
    assert_response(API_FETCH, 4, error, "0000000c 01020304 00000000 00000000");
    assert_response(API_FETCH, 7, error, "00000012 01020304 00000000 0046 00000000 00000000");
    assert_response(API_FETCH, 12, error, "00000011 01020304 00 00000000 0046 00000000 01 00");
    assert_response(API_FETCH, 18, error, "00000011 01020304 00 00000000 0046 00000000 01 00");
}

static void an_error_for_one_topic_stands_in_its_element_only(void **state)
{
    (void)state;
    struct givens topic =
        GIVENS(given_number(ROLE_ERROR_CODE, 3), given_bytes(ROLE_TOPIC_NAME, bytes_of("t")));
    assert_response(API_METADATA, 13, GIVENS(given_array(ROLE_TOPICS, &topic, 1)),
                    "0000002e 01020304 00  00000000 01 00 ffffffff"
                    "02 0003 02 74 00000000000000000000000000000000 00 01 80000000 00  0000 00");
}

/* ---------------------------------------------------------------- tagged fields and inner structs */

static void tagged_fields_are_written_where_they_are_given(void **state)
{
    (void)state;
    struct givens node = GIVENS(given_number(ROLE_NODE_ID, 1), given_bytes(ROLE_HOST, bytes_of("h")),
                                given_number(ROLE_PORT, 9092));
    struct givens givens = GIVENS(given_array(ROLE_NODE_ENDPOINTS, &node, 1));
    assert_response(API_PRODUCE, 10, givens,
                    "0000001a 01020304 00  01 00000000 01 00 0d 02 00000001 02 68 00002384 00 00");
    assert_response(API_PRODUCE, 9, givens, "0000000b 01020304 00  01 00000000 00");
}

static void a_tagged_field_can_be_longer_than_a_size_of_one_byte(void **state)
{
    (void)state;
    char host[201];
    memset(host, 'h', 200);
    host[200] = 0;
    struct givens node = GIVENS(given_bytes(ROLE_HOST, bytes_of(host)));
    struct buffer buffer = {.allocator = &allocator};
    assert_null(
        write_response(&buffer, API_PRODUCE, 10, 1, GIVENS(given_array(ROLE_NODE_ENDPOINTS, &node, 1))));
    static const uint8_t head[] = {1, 0, 0xd5, 0x01, 2,    0,
                                   0, 0, 0,    0xc9, 0x01, 'h'}; /* one tag, 0, 213 bytes */
    assert_int_equal(buffer.len, 4 + 4 + 1 + 1 + 4 + 4 + 213);
    assert_memory_equal(buffer.at + 14, head, sizeof head);
    assert_int_equal(buffer.at[buffer.len - 1], 0);
    buffer_free(&buffer);
}

static void an_inner_struct_takes_its_values_from_the_list_around_it(void **state)
{
    (void)state;
    struct givens partition = GIVENS(given_number(ROLE_ERROR_CODE, 6), given_number(ROLE_LEADER_ID, 2),
                                     given_number(ROLE_LEADER_EPOCH, 7));
    struct givens topic = GIVENS(given_array(ROLE_PARTITIONS, &partition, 1));
    assert_response(API_PRODUCE, 10, GIVENS(given_array(ROLE_TOPICS, &topic, 1)),
                    "0000003a 01020304 00  02 01 02"
                    "00000000 0006 0000000000000000 ffffffffffffffff ffffffffffffffff 01 00"
                    "01 00 09 00000002 00000007 00  00  00000000 00");
}

static void a_nullable_struct_is_null_unless_it_is_given(void **state)
{
    (void)state;
    enum { DESCRIBE_TOPIC_PARTITIONS = 75 };
    assert_request(DESCRIBE_TOPIC_PARTITIONS, 0, NONE_GIVEN,
                   "00000019 004b 0000 01020304 0007 6b627269646765 00  01 000007d0 ff 00");
}

/* ---------------------------------------------------------------- what cannot be written */

static void what_does_not_fit_is_refused_and_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    static char endless[INT16_MAX + 2];
    memset(endless, 'x', INT16_MAX + 1);
    struct givens topic = GIVENS(given_number(ROLE_TOPIC_NAME, 1));
    struct {
        const char *because;
        struct givens givens;
        int key, version;
    } rows[] = {
        {"the tables do not know this version of this api", NONE_GIVEN, API_METADATA, 14},
        {"the tables do not know this version of this api", NONE_GIVEN, API_METADATA, -1},
        {"the tables do not know this version of this api", NONE_GIVEN, 95, 0},
        {"a given number is outside of what its field can hold", GIVENS(given_number(ROLE_KEY_TYPE, 128)), 10,
         1},
        {"a given number is outside of what its field can hold", GIVENS(given_number(ROLE_AUTO_CREATE, 2)), 3,
         4},
        {"a given value is not of its field's type", GIVENS(given_null(ROLE_KEY_TYPE)), 10, 1},
        {"a given value is not of its field's type", GIVENS(given_number(ROLE_COORDINATOR_KEY, 1)), 10, 0},
        {"a given value is not of its field's type", GIVENS(given_array(ROLE_TOPICS, &topic, 1)), 3, 0},
        {"a given value is not of its field's type", GIVENS(given_number(ROLE_TOPICS, 1)), 3, 0},
        {"a given value is too long for its field",
         GIVENS(given_bytes(ROLE_COORDINATOR_KEY, bytes_of(endless))), 10, 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer buffer = {.allocator = &allocator};
        assert_true(buffer_append(&buffer, bytes_of("before")));
        const char *bad = write_request(&buffer, rows[i].key, rows[i].version, 1, rows[i].givens);
        assert_non_null(bad);
        assert_string_equal(bad, rows[i].because);
        assert_true(bytes_equal(buffer_bytes(&buffer), bytes_of("before")));
        buffer_free(&buffer);
    }
}

static void a_uuid_of_another_length_is_refused(void **state)
{
    (void)state;
    struct buffer buffer = {.allocator = &allocator};
    struct givens topic = GIVENS(given_bytes(ROLE_TOPIC_ID, bytes_of("short")));
    assert_string_equal(
        write_request(&buffer, API_METADATA, 12, 1, GIVENS(given_array(ROLE_TOPICS, &topic, 1))),
        "a given uuid has not 16 bytes");
    assert_int_equal(buffer.len, 0);
    buffer_free(&buffer);
}

static void out_of_memory_at_any_allocation_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    char host[2000];
    memset(host, 'h', sizeof host);
    struct givens node = GIVENS(given_bytes(ROLE_HOST, (struct bytes){(const uint8_t *)host, sizeof host}));
    struct givens givens = GIVENS(given_array(ROLE_NODE_ENDPOINTS, &node, 1));
    int failed = 0;
    for (const char *bad = "not yet written"; bad; failed++) {
        struct memory memory = {failed};
        struct allocator scarce = {memory_resize, &memory};
        struct buffer buffer = {.allocator = &scarce};
        bad = write_response(&buffer, API_PRODUCE, 10, 1, givens);
        if (bad)
            assert_string_equal(bad, "out of memory");
        assert_int_equal(buffer.len > 0, bad == NULL);
        buffer_free(&buffer);
    }
    assert_true(failed > 2);
}

/* ---------------------------------------------------------------- against the walker */

static void walk_whole(const struct message *message, int version, struct span *input)
{
    struct walk walk;
    struct walk_event event = {0};
    enum walk_step step;
    walk_begin(&walk, message, version, (uint32_t)input->len);
    do {
        step = walk_next(&walk, input, &event);
    } while (step > WALK_BAD);
    assert_int_equal(step, WALK_DONE);
}

static void assert_walked(struct buffer *buffer, enum direction direction, int key, int version)
{
    struct span input = {buffer->at + 4, buffer->len - 4};
    uint32_t length = (uint32_t)buffer->at[0] << 24 | (uint32_t)buffer->at[1] << 16 |
                      (uint32_t)buffer->at[2] << 8 | buffer->at[3];
    assert_int_equal(length, input.len);
    int header = tables_header_version(direction, key, version);
    size_t header_size = direction == RESPONSE ? (header == 1 ? 5u : 4u)
                                               : (header == 0   ? 8u
                                                  : header == 1 ? 17u
                                                                : 18u);
    struct span head = {input.at, header_size};
    walk_whole(direction == REQUEST ? &tables_request_header : &tables_response_header, header, &head);
    struct span body = {input.at + header_size, input.len - header_size};
    walk_whole(tables_message(direction, key), version, &body);
    assert_int_equal(body.len, 0);
}

static void the_walker_reads_every_version_of_every_message_that_is_written(void **state)
{
    (void)state;
    for (int key = 0; key <= tables_api_key_last; key++) {
        for (int version = 0; tables_knows(key, version); version++) {
            struct buffer buffer = {.allocator = &allocator};
            assert_null(write_request(&buffer, key, version, 1, NONE_GIVEN));
            assert_walked(&buffer, REQUEST, key, version);
            buffer.len = 0;
            assert_null(write_response(&buffer, key, version, 1, NONE_GIVEN));
            assert_walked(&buffer, RESPONSE, key, version);
            buffer_free(&buffer);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(api_versions_says_the_software_where_the_version_has_it),
        cmocka_unit_test(defaults_are_those_of_the_spec),
        cmocka_unit_test(metadata_asks_by_name_without_creating_the_topic),
        cmocka_unit_test(metadata_asks_by_topic_id_with_a_null_name),
        cmocka_unit_test(metadata_asks_for_all_topics_or_for_none),
        cmocka_unit_test(find_coordinator_is_the_same_question_flat_and_batched),
        cmocka_unit_test(find_coordinator_asks_for_many_at_once),
        cmocka_unit_test(strings_in_an_array_have_the_length_of_strings),
        cmocka_unit_test(describe_cluster_asks_for_the_brokers),
        cmocka_unit_test(an_unsupported_version_of_api_versions_is_answered_in_the_form_of_version_0),
        cmocka_unit_test(the_header_of_an_api_versions_response_never_has_tags),
        cmocka_unit_test(an_unknown_fetch_session_is_refused_where_the_version_has_an_error),
        cmocka_unit_test(an_error_for_one_topic_stands_in_its_element_only),
        cmocka_unit_test(tagged_fields_are_written_where_they_are_given),
        cmocka_unit_test(a_tagged_field_can_be_longer_than_a_size_of_one_byte),
        cmocka_unit_test(an_inner_struct_takes_its_values_from_the_list_around_it),
        cmocka_unit_test(a_nullable_struct_is_null_unless_it_is_given),
        cmocka_unit_test(what_does_not_fit_is_refused_and_leaves_the_buffer_as_it_was),
        cmocka_unit_test(a_uuid_of_another_length_is_refused),
        cmocka_unit_test(out_of_memory_at_any_allocation_leaves_the_buffer_as_it_was),
        cmocka_unit_test(the_walker_reads_every_version_of_every_message_that_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
