/* SPDX-License-Identifier: Apache-2.0 */
/* What is passed in one go: only what is here whole, right, and without tagged fields. That it ends where the walker does is
 * seen in walk_every_test, by walks of which nobody wants to see anything. */
#include "proxy/kafka/skip.h"

#include "proxy/kafka/keys.h"

#include "tests/unit/kafka/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---------------------------------------------------------------- responses */

struct row {
    const char *claim;
    int key, version;
    bool passes;
    const char *frame;
};

/* length, correlation id, tags | topics | throttle, tags */
static const struct row rows[] = {
    {"an answer for one partition", API_PRODUCE, 10, true,
     "00000000 01020304 00  02 02 't' 02 00000005 0000 0000000000000007 0000000000000000 0000000000000000 01 "
     "00 00 00"
     "00000000 00"},
    {"an answer for none", API_PRODUCE, 10, true, "00000000 01020304 00  01 00000000 00"},
    {"an answer for null topics", API_PRODUCE, 10, false, "00000000 01020304 00  00 00000000 00"},
    {"an error message that is there", API_PRODUCE, 10, true,
     "00000000 01020304 00  02 02 't' 02 00000005 0001 0000000000000007 0000000000000000 0000000000000000 01 "
     "03 'no' 00 00"
     "00000000 00"},
    {"a name that is null", API_PRODUCE, 10, false,
     "00000000 01020304 00  02 00 02 00000005 0001 0000000000000007 0000000000000000 0000000000000000 01 00 "
     "00 00"
     "00000000 00"},
    {"tags in its header", API_PRODUCE, 10, false, "00000000 01020304 01 05 01 ff  01 00000000 00"},
    {"tags at its end, such as endpoints", API_PRODUCE, 10, false,
     "00000000 01020304 00  01 00000000 01 00 01 01"},
    {"tags in a partition, such as the leader", API_PRODUCE, 10, false,
     "00000000 01020304 00  02 02 't' 02 00000005 0006 0000000000000007 0000000000000000 0000000000000000 01 "
     "00"
     "01 00 09 00000001 00000002 00  00"
     "00000000 00"},
    {"more topics than there are bytes", API_PRODUCE, 10, false, "00000000 01020304 00  7f 00000000 00"},
    {"a length of two bytes", API_PRODUCE, 10, false, "00000000 01020304 00  8101 00000000 00"},
    {"the classic form", API_PRODUCE, 3, true,
     "00000000 01020304  00000001 0001 't' 00000001 00000005 0000 0000000000000007 0000000000000000 "
     "00000000"},
    {"a classic length below null", API_PRODUCE, 3, false, "00000000 01020304  fffffffe 00000000"},
    {"records", API_FETCH, 16, true,
     "00000000 01020304 00  00000000 0000 00000000 02 'ABCDEFGHIJKLMNOP' 02"
     "00000000 0000 0000000000000001 0000000000000001 0000000000000000 00 ffffffff 04 'rec' 00 00  00"},
    {"records that are null", API_FETCH, 16, true,
     "00000000 01020304 00  00000000 0000 00000000 02 'ABCDEFGHIJKLMNOP' 02"
     "00000000 0000 0000000000000001 0000000000000001 0000000000000000 00 ffffffff 00 00 00  00"},
    {"an array of numbers", API_METADATA, 1, true,
     "00000000 01020304  00000000 00000007 00000001 0000 0002 't1' 00"
     "00000001 0005 00000000 ffffffff 00000001 00000007 00000000"},
};

static void a_response_passes_where_it_is_whole_right_and_without_tags(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span frame = pages_bytes(rows[i].frame);
        bool passes = skip_response(rows[i].key, rows[i].version, (struct bytes){frame.at, frame.len}, NULL);
        if (passes != rows[i].passes)
            fail_msg("%s: it %s", rows[i].claim, passes ? "passes" : "does not pass");
        free(frame.at);
    }
}

static void expect_no_part_passes(const char *claim, int key, int version, struct span frame)
{
    for (size_t len = sizeof(uint32_t); len < frame.len; len++) {
        struct span part = pages_copy((struct bytes){frame.at, len});
        if (skip_response(key, version, (struct bytes){part.at, part.len}, NULL))
            fail_msg("%s: %zu of %zu bytes pass", claim, len, frame.len);
        free(part.at);
    }
}

static void no_part_of_a_response_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span frame = pages_bytes(rows[i].frame);
        expect_no_part_passes(rows[i].claim, rows[i].key, rows[i].version, frame);
        free(frame.at);
    }
}

static void errors_and_the_session_are_told_of_what_has_passed(void **state)
{
    (void)state;
    enum { DELETE_GROUPS = 42 };
    static const struct {
        const char *claim;
        int key, version;
        struct gist gist;
        const char *frame;
    } answers[] = {
        {"all is well",
         API_PRODUCE,
         3,
         {.has_error = false},
         "00000000 01020304  00000001 0001 't' 00000001 00000005 0000 0000000000000007 0000000000000000 "
         "00000000"},
        {"a partition's error",
         API_PRODUCE,
         3,
         {.has_error = true},
         "00000000 01020304  00000001 0001 't' 00000001 00000005 0006 0000000000000007 0000000000000000 "
         "00000000"},
        {"an error of the first of two",
         DELETE_GROUPS,
         1,
         {.has_error = true},
         "00000000 01020304  00000000 00000002 0001 'a' 0010 0001 'b' 0000"},
        {"an error of all",
         API_FETCH,
         16,
         {.has_error = true},
         "00000000 01020304 00  00000000 0047 00000000 01 00"},
        {"a session",
         API_FETCH,
         16,
         {.session_id = 0x12345678},
         "00000000 01020304 00  00000000 0000 12345678 01 00"},
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct span frame = pages_bytes(answers[i].frame);
        struct gist gist = {.has_error = false};
        assert_true(
            skip_response(answers[i].key, answers[i].version, (struct bytes){frame.at, frame.len}, &gist));
        if (gist.has_error != answers[i].gist.has_error || gist.session_id != answers[i].gist.session_id)
            fail_msg("%s: error %d, session %d", answers[i].claim, gist.has_error, (int)gist.session_id);
        free(frame.at);
    }
}

/* ---------------------------------------------------------------- headers of requests */

static void expect_header(const char *claim, int version, const char *hex, int ends_at)
{
    struct span header = pages_bytes(hex);
    const uint8_t *end = skip_request_header(API_PRODUCE, version, (struct bytes){header.at, header.len});
    int at = end ? (int)(end - header.at) : -1;
    if (at != ends_at)
        fail_msg("%s: it ends at %d, not at %d", claim, at, ends_at);
    free(header.at);
}

static void the_header_of_a_request_ends_behind_the_client_id(void **state)
{
    (void)state;
    expect_header("version 1", 3, "0003 'abc' ffff", 5);
    expect_header("version 2, whose client id has its old form", 9, "0003 'abc' 00 ffff", 6);
    expect_header("a client id that is null", 9, "ffff 00 ffff", 3);
    expect_header("a client id that is not whole", 3, "0003 'ab'", -1);
    expect_header("a length that is not whole", 3, "00", -1);
    expect_header("a length below null", 3, "fffe", -1);
    expect_header("tags that are not here yet", 9, "0003 'abc'", -1);
    expect_header("a tag", 9, "0003 'abc' 01 00 00", -1);
}

/* ---------------------------------------------------------------- rows */

static void rows_are_passed_up_to_the_first_with_a_role_that_is_wanted(void **state)
{
    (void)state;
    const struct message *produce = tables_message(REQUEST, API_PRODUCE);
    const struct field *row = &tables_fields[produce->fields], *end = row + produce->count;
    struct span body = pages_bytes("00 ffff 00007530 01 00");
    struct skip skip = {
        .end = body.at + body.len, .version = 9, .flexible = true, .roles = ROLE_SET(ROLE_ACKS)};
    const uint8_t *at = skip_rows(&skip, body.at, &row, end);
    assert_string_equal(row->name, "Acks");
    assert_int_equal(at - body.at, 1);
    skip.roles = ROLE_SET(ROLE_RECORDS);
    at = skip_rows(&skip, at, &row, end);
    assert_string_equal(row->name, "TopicData"); /* two structs above them */
    assert_int_equal(at - body.at, 7);
    skip.roles = 0;
    at = skip_rows(&skip, at, &row, end);
    assert_ptr_equal(row, end);
    assert_int_equal(at - body.at, 8);
    free(body.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_passes_where_it_is_whole_right_and_without_tags),
        cmocka_unit_test(no_part_of_a_response_passes),
        cmocka_unit_test(errors_and_the_session_are_told_of_what_has_passed),
        cmocka_unit_test(the_header_of_a_request_ends_behind_the_client_id),
        cmocka_unit_test(rows_are_passed_up_to_the_first_with_a_role_that_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
