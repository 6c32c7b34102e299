/* SPDX-License-Identifier: Apache-2.0 */
/* What the walker tells: golden pages of single messages, each run whole, byte by byte, and at every split. */
#include "proxy/kafka/keys.h"

#include "tests/unit/kafka/steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect_walk(const char *claim, const struct message *message, int version, const char *hex,
                        const char *expected)
{
    static struct page page;
    struct span input = pages_bytes(hex);
    struct bytes bytes = {input.at, input.len};
    for (size_t cut = 0; cut <= input.len; cut++) {
        steps_walk(&page, message, version, (uint32_t)input.len, bytes, cut);
        page_expect(claim, &page, expected);
    }
    free(input.at);
}

/* ---------------------------------------------------------------- golden pages */

static const struct message *response(int key)
{
    return tables_message(RESPONSE, key);
}

static const struct message *request(int key)
{
    return tables_message(REQUEST, key);
}

static void classic_metadata_is_told_field_by_field(void **state)
{
    (void)state;
    expect_walk("Metadata v1", response(API_METADATA), 1,
                "00000001  00000007 0005 'kafka' 00002384 ffff" /* brokers */
                "00000007"                                      /* controller */
                "00000001  0000 0002 't1' 00  00000001  0005 00000000 ffffffff 00000001 00000007 00000000",
                "BEGIN Brokers\n"
                "ELEMENT Brokers 0\n"
                "VALUE NodeId 7\n"
                "BEGIN Host\n"
                "PIECE 'kafka'\n"
                "VALUE Port 9092\n"
                "END Brokers\n"
                "VALUE ControllerId 7\n"
                "BEGIN Topics\n"
                "ELEMENT Topics 0\n"
                "VALUE ErrorCode 0\n"
                "BEGIN Name\n"
                "PIECE 't1'\n"
                "BEGIN Partitions\n"
                "ELEMENT Partitions 0\n"
                "VALUE ErrorCode 5\n"
                "VALUE PartitionIndex 0\n"
                "VALUE LeaderId -1\n"
                "END Partitions\n"
                "END Topics\n"
                "DONE\n");
}

static void compact_metadata_is_told_the_same(void **state)
{
    (void)state;
    expect_walk(
        "Metadata v12, with an unknown tag", response(API_METADATA), 12,
        "00000000  02 00000007 06 'kafka' 00002384 00 00"               /* brokers */
        "02 'c' 00000007"                                               /* cluster, controller */
        "02 0003 00 'ABCDEFGHIJKLMNOP' 01  01  80000000 01 05 03 'abc'" /* one topic, a tag of 3 bytes */
        "00",
        "BEGIN Brokers\n"
        "ELEMENT Brokers 0\n"
        "VALUE NodeId 7\n"
        "BEGIN Host\n"
        "PIECE 'kafka'\n"
        "VALUE Port 9092\n"
        "END Brokers\n"
        "BEGIN ClusterId\n"
        "PIECE 'c'\n"
        "VALUE ControllerId 7\n"
        "BEGIN Topics\n"
        "ELEMENT Topics 0\n"
        "VALUE ErrorCode 3\n"
        "BEGIN Name\n"
        "PIECE null\n"
        "VALUE TopicId 'ABCDEFGHIJKLMNOP'\n"
        "BEGIN Partitions\n"
        "END Partitions\n"
        "END Topics\n"
        "DONE\n");
}

static void null_and_empty_arrays_differ(void **state)
{
    (void)state;
    expect_walk("classic null", request(API_METADATA), 1, "ffffffff",
                "BEGIN Topics\nEND Topics null\nDONE\n");
    expect_walk("classic empty", request(API_METADATA), 1, "00000000", "BEGIN Topics\nEND Topics\nDONE\n");
    expect_walk("compact null", request(API_METADATA), 12, "00 01 00 00",
                "BEGIN Topics\nEND Topics null\nVALUE AllowAutoTopicCreation 1\nDONE\n");
    expect_walk("compact empty", request(API_METADATA), 12, "01 00 00 00",
                "BEGIN Topics\nEND Topics\nVALUE AllowAutoTopicCreation 0\nDONE\n");
}

static void null_and_empty_strings_differ(void **state)
{
    (void)state;
    expect_walk("classic null", request(22), 0, "ffff 00000000", "BEGIN TransactionalId\nPIECE null\nDONE\n");
    expect_walk("classic empty", request(22), 0, "0000 00000000", "BEGIN TransactionalId\nPIECE \nDONE\n");
    expect_walk("compact null", request(22), 2, "00 00000000 00",
                "BEGIN TransactionalId\nPIECE null\nDONE\n");
    expect_walk("compact empty", request(22), 2, "01 00000000 00", "BEGIN TransactionalId\nPIECE \nDONE\n");
}

static void an_array_of_primitives_with_a_role_tells_each(void **state)
{
    (void)state;
    expect_walk("strings", request(42), 0, "00000002 0001 'a' 0000",
                "BEGIN GroupsNames\n"
                "ELEMENT GroupsNames 0\nPIECE 'a'\n"
                "ELEMENT GroupsNames 1\nPIECE \n"
                "END GroupsNames\nDONE\n");
}

static void numbers_in_an_array_with_a_role_are_values(void **state)
{
    (void)state;
    expect_walk("partitions", request(61), 0, "02 02 't' 03 00000005 ffffffff 00 00",
                "BEGIN Topics\n"
                "ELEMENT Topics 0\n"
                "BEGIN Name\n"
                "PIECE 't'\n"
                "BEGIN PartitionIndexes\n"
                "ELEMENT PartitionIndexes 0\n"
                "VALUE PartitionIndexes 5\n"
                "ELEMENT PartitionIndexes 1\n"
                "VALUE PartitionIndexes -1\n"
                "END PartitionIndexes\n"
                "END Topics\n"
                "DONE\n");
}

static void the_client_id_is_never_compact(void **state)
{
    (void)state;
    expect_walk("request header v2", &tables_request_header, 2, "0003 000c 00000009 0002 'me' 00",
                "VALUE RequestApiKey 3\nVALUE RequestApiVersion 12\nVALUE CorrelationId 9\n"
                "BEGIN ClientId\nPIECE 'me'\nDONE\n");
    expect_walk("without a client id", &tables_request_header, 2, "0003 000c ffffffff ffff 00",
                "VALUE RequestApiKey 3\nVALUE RequestApiVersion 12\nVALUE CorrelationId -1\n"
                "BEGIN ClientId\nPIECE null\nDONE\n");
}

static void a_field_that_became_positional_is_told_in_both_places(void **state)
{
    (void)state;
    expect_walk("Produce v10: CurrentLeader tagged", response(API_PRODUCE), 10,
                "02 02 't' 02 00000001 0006 0000000000000000 ffffffffffffffff ffffffffffffffff 01 00"
                "01 00 09 00000002 00000003 00  00  00000000 00",
                "BEGIN Responses\n"
                "ELEMENT Responses 0\n"
                "BEGIN Name\n"
                "PIECE 't'\n"
                "BEGIN PartitionResponses\n"
                "ELEMENT PartitionResponses 0\n"
                "VALUE Index 1\n"
                "VALUE ErrorCode 6\n"
                "VALUE BaseOffset 0\n"
                "VALUE LeaderId 2\n"
                "VALUE LeaderEpoch 3\n"
                "END PartitionResponses\n"
                "END Responses\n"
                "DONE\n");
    expect_walk("ShareAcknowledge v1: CurrentLeader positional", response(API_SHARE_ACKNOWLEDGE), 1,
                "00000000 0000 00 02 'ABCDEFGHIJKLMNOP' 02 00000001 0006 00 00000002 00000003 00 00 00 01 00",
                "VALUE ErrorCode 0\n"
                "BEGIN Responses\n"
                "ELEMENT Responses 0\n"
                "VALUE TopicId 'ABCDEFGHIJKLMNOP'\n"
                "BEGIN Partitions\n"
                "ELEMENT Partitions 0\n"
                "VALUE PartitionIndex 1\n"
                "VALUE ErrorCode 6\n"
                "VALUE LeaderId 2\n"
                "VALUE LeaderEpoch 3\n"
                "END Partitions\n"
                "END Responses\n"
                "BEGIN NodeEndpoints\n"
                "END NodeEndpoints\n"
                "DONE\n");
}

static void tagged_endpoints_are_announced_by_their_tag(void **state)
{
    (void)state;
    expect_walk("Produce v10", response(API_PRODUCE), 10,
                "01 00000000 02 00 0d 02 00000001 02 'h' 00002384 00 00 7f 01 'x'",
                "BEGIN Responses\nEND Responses\n"
                "TAG NodeEndpoints\n"
                "BEGIN NodeEndpoints\n"
                "ELEMENT NodeEndpoints 0\n"
                "VALUE NodeId 1\n"
                "BEGIN Host\n"
                "PIECE 'h'\n"
                "VALUE Port 9092\n"
                "END NodeEndpoints\n"
                "DONE\n");
}

static void bytes_that_the_tables_do_not_know_are_left(void **state)
{
    (void)state;
    expect_walk("a newer field at the end", request(API_METADATA), 1, "ffffffff 0102 03",
                "BEGIN Topics\nEND Topics null\nDONE, 3 left\n");
}

/* ---------------------------------------------------------------- what is wrong */

struct wrong {
    const char *claim;
    enum direction direction;
    int key, version;
    const char *hex, *bad;
};

static const struct wrong wrongs[] = {
    {"a classic string below null", REQUEST, 22, 0, "fffe 00000000",
     "BAD at TransactionalId: a length is negative"},
    {"a classic array below null", REQUEST, 3, 1, "fffffffe", "BAD at Topics: a length is negative"},
    {"a string that may not be null", REQUEST, 17, 0, "ffff",
     "BAD at Mechanism: a field is null that may not be"},
    {"an array that may not be null", REQUEST, 42, 2, "00 00",
     "BAD at GroupsNames: a field is null that may not be"},
    {"a string one longer than the message", REQUEST, 17, 0, "0003 'ab'",
     "BAD at Mechanism: a length goes beyond its end"},
    {"a count above what is left", REQUEST, 3, 1, "00000005 0001 'a' 00",
     "BAD at Topics: a length goes beyond its end"},
    {"the largest classic count", REQUEST, 3, 1, "7fffffff 0001 'a'",
     "BAD at Topics: a length goes beyond its end"},
    {"the largest compact count", REQUEST, 3, 9, "ffffffff0f 00 00",
     "BAD at Topics: a length goes beyond its end"},
    {"an array of numbers beyond the end", RESPONSE, 3, 0,
     "00000000 00000001 0000 0001 't' 00000001 0000 00000000 00000001 00000002 00000001 00000002",
     "BAD at Isr"}, /* the last array is missing */
    {"a count of numbers that does not fit", RESPONSE, 3, 0,
     "00000000 00000001 0000 0001 't' 00000001 0000 00000000 00000001 00000003 00000001 00000002",
     "BAD at ReplicaNodes: an array goes beyond its end"},
    {"a varint of six bytes", REQUEST, 3, 9, "808080808000 00 00",
     "BAD at Topics: a varint has more than 5 bytes"},
    {"a tag of six bytes", REQUEST, 3, 9, "00 00 00 00 01 808080808001 00",
     "BAD at no field: a varint has more than 5 bytes"},
    {"an unknown tag beyond the end", REQUEST, 3, 9, "00 00 00 00 01 05 03 'ab'",
     "BAD at no field: a tagged field goes beyond its end"},
    {"a known tag beyond the end", RESPONSE, 0, 10, "01 00000000 01 00 03 01 00",
     "BAD at NodeEndpoints: a tagged field goes beyond its end"},
    {"a tagged field shorter than it says", RESPONSE, 0, 10, "01 00000000 01 00 02 01 00",
     "BAD at NodeEndpoints: a tagged field is not as long as it says"},
    {"a tagged field longer than it says", RESPONSE, 0, 10,
     "01 00000000 01 00 0c 02 00000001 02 'h' 00002384 00 00",
     "BAD at NodeEndpoints: a tagged field is not as long as it says"},
    {"more tags than there are", REQUEST, 3, 9, "00 00 00 00 02 05 01 'a'",
     "BAD at no field: it ends inside a field"},
    {"nothing at all", REQUEST, 3, 9, "", "BAD at Topics: it ends before a field"},
};

static void expect_wrong(const struct wrong *wrong)
{
    static struct page page;
    struct span input = pages_bytes(wrong->hex);
    struct bytes bytes = {input.at, input.len};
    const struct message *message = tables_message(wrong->direction, wrong->key);
    for (size_t cut = 0; cut <= input.len; cut++) {
        enum walk_step last = steps_walk(&page, message, wrong->version, (uint32_t)input.len, bytes, cut);
        const char *bad = strstr(page.text, "BAD");
        if (last != WALK_BAD || !bad || strncmp(bad, wrong->bad, strlen(wrong->bad)) != 0)
            fail_msg("%s, cut %zu\n--- expected: %s\n--- but:\n%s", wrong->claim, cut, wrong->bad, page.text);
    }
    free(input.at);
}

static void what_is_not_such_a_message_is_told_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++)
        expect_wrong(&wrongs[i]);
}

static void varints_of_five_bytes_are_read(void **state)
{
    (void)state;
    expect_walk("a null that is spelled long", request(API_METADATA), 9, "8080808000 01 00 00 00",
                "BEGIN Topics\nEND Topics null\nVALUE AllowAutoTopicCreation 1\nDONE\n");
    expect_walk("a tag that is spelled long", request(API_METADATA), 9,
                "00 01 00 00 01 8580808000 8280808000 'ab'",
                "BEGIN Topics\nEND Topics null\nVALUE AllowAutoTopicCreation 1\nDONE\n");
}

static void nothing_is_read_behind_the_message(void **state)
{
    (void)state;
    struct span two = pages_bytes("0004 'PLAI' 0004 'PLAI'");
    struct span input = two;
    struct walk walk;
    struct walk_event event;
    walk_begin(&walk, request(API_SASL_HANDSHAKE), 0, 6);
    while (walk_next(&walk, &input, &event) > WALK_BAD)
        assert_true(input.len >= 6);
    assert_int_equal(input.len, 6);
    assert_int_equal(walk_next(&walk, &input, &event), WALK_DONE);
    free(two.at);
}

static void records_are_told_in_the_pieces_in_which_they_come(void **state)
{
    (void)state;
    struct span input =
        pages_bytes("ffff 0001 00000000 00000001 0001 't' 00000001 00000000 00000006 'abcdef'");
    struct walk walk;
    struct walk_event event;
    struct span piece = {input.at, input.len - 2};
    walk_begin(&walk, request(API_PRODUCE), 3, (uint32_t)input.len);
    while (walk_next(&walk, &piece, &event) != WALK_PIECE || event.field->role != ROLE_RECORDS)
        assert_true(event.field != NULL);
    assert_int_equal(event.piece.len, 4);
    assert_int_equal(event.left, 2);
    assert_ptr_equal(event.piece.at, input.at + input.len - 6);
    free(input.at);
}

static void only_the_roles_that_are_wanted_are_told(void **state)
{
    (void)state;
    static struct page page;
    struct span input =
        pages_bytes("00000001  00000007 0005 'kafka' 00002384 ffff  00000007"
                    "00000001  0000 0002 't1' 00  00000001  0005 00000000 ffffffff 00000000 00000000");
    struct bytes bytes = {input.at, input.len};
    uint64_t roles = ROLE_SET(ROLE_HOST) | ROLE_SET(ROLE_PARTITION) | ROLE_SET(ROLE_TOPICS);
    for (size_t cut = 0; cut <= input.len; cut++) {
        steps_walk_seeing(&page, roles, response(API_METADATA), 1, (uint32_t)input.len, bytes, cut);
        page_expect("Metadata v1", &page,
                    "BEGIN Host\nPIECE 'kafka'\nBEGIN Topics\nELEMENT Topics 0\nVALUE PartitionIndex 0\n"
                    "END Topics\nDONE\n");
    }
    free(input.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classic_metadata_is_told_field_by_field),
        cmocka_unit_test(compact_metadata_is_told_the_same),
        cmocka_unit_test(null_and_empty_arrays_differ),
        cmocka_unit_test(null_and_empty_strings_differ),
        cmocka_unit_test(an_array_of_primitives_with_a_role_tells_each),
        cmocka_unit_test(numbers_in_an_array_with_a_role_are_values),
        cmocka_unit_test(the_client_id_is_never_compact),
        cmocka_unit_test(a_field_that_became_positional_is_told_in_both_places),
        cmocka_unit_test(tagged_endpoints_are_announced_by_their_tag),
        cmocka_unit_test(bytes_that_the_tables_do_not_know_are_left),
        cmocka_unit_test(what_is_not_such_a_message_is_told_with_its_place),
        cmocka_unit_test(varints_of_five_bytes_are_read),
        cmocka_unit_test(nothing_is_read_behind_the_message),
        cmocka_unit_test(only_the_roles_that_are_wanted_are_told),
        cmocka_unit_test(records_are_told_in_the_pieces_in_which_they_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
