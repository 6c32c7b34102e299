/* SPDX-License-Identifier: Apache-2.0 */
/* ApiVersions responses before and after: what is narrowed, what goes, what stays. */
#include "proxy/kafka/keys.h"
#include "proxy/kafka/offer.h"
#include "proxy/kafka/write.h"

#include "tests/unit/kafka/memory.h"
#include "tests/unit/kafka/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Key 3 is limited to 2..9, key 60 is not offered, all others stay. */
static bool offer(void *context, int16_t api_key, int16_t *min, int16_t *max)
{
    (void)context;
    if (api_key == API_METADATA && *min < 2)
        *min = 2;
    if (api_key == API_METADATA && *max > 9)
        *max = 9;
    return api_key != API_DESCRIBE_CLUSTER;
}

static void see(void *context, enum walk_step step, const struct walk_event *event)
{
    if (context && step == WALK_VALUE)
        page_add(context, "%s %d\n", event->field->name, (int)event->number);
}

static void expect_offer(const char *claim, int version, const char *before, const char *after)
{
    struct memory memory;
    memory_begin(&memory, MEMORY_PLENTY);
    struct rewrite_rules rules = {.offer = offer, .see = see};
    struct span in = pages_bytes(before), out = pages_bytes(after);
    struct buffer frame = {.allocator = &memory.allocator};
    assert_true(buffer_append(&frame, (struct bytes){in.at, in.len}));
    const char *what = offer_limit(&frame, version, &rules);
    static struct page expected, got;
    expected = got = (struct page){.len = 0};
    page_add_bytes(&got, buffer_bytes(&frame));
    page_add_bytes(&expected, (struct bytes){out.at, out.len});
    page_expect(claim, &got, expected.text);
    assert_null(what);
    buffer_free(&frame);
    memory_end(&memory);
    free(in.at);
    free(out.at);
}

static void both_ends_are_limited(void **state)
{
    (void)state;
    expect_offer("v0", 0, "00000016 00000001 0000 00000002 0003 0000 000d 0012 0000 0003",
                 "00000016 00000001 0000 00000002 0003 0002 0009 0012 0000 0003");
    expect_offer("at the limits", 0, "00000010 00000001 0000 00000001 0003 0002 0009",
                 "00000010 00000001 0000 00000001 0003 0002 0009");
    expect_offer("one beyond the limits", 0, "00000010 00000001 0000 00000001 0003 0001 000a",
                 "00000010 00000001 0000 00000001 0003 0002 0009");
    expect_offer("v3", 3, "00000017 00000001 0000 02 0003 0000 000d 01 07 02 'ab' 00000000 00",
                 "00000017 00000001 0000 02 0003 0002 0009 01 07 02 'ab' 00000000 00");
}

static void a_key_that_is_not_offered_goes_with_its_tags(void **state)
{
    (void)state;
    expect_offer("in the middle", 1,
                 "00000020 00000001 0000 00000003 0001 0004 0011 003c 0000 0002 0002 0001 000a 00000005",
                 "0000001a 00000001 0000 00000002 0001 0004 0011 0002 0001 000a 00000005");
    expect_offer("the only one", 3, "00000017 00000001 0000 02 003c 0000 0002 01 07 02 'ab' 00000005 00",
                 "0000000c 00000001 0000 01 00000005 00");
    expect_offer("the first and the last", 3,
                 "00000025 00000001 0000 04 003c 0000 0002 01 07 02 'ab' 0001 0004 0011 00 003c 0000 0002 00 "
                 "00000005 00",
                 "00000013 00000001 0000 02 0001 0004 0011 00 00000005 00");
}

static void no_keys_stay_no_keys(void **state)
{
    (void)state;
    expect_offer("v0", 0, "0000000a 00000001 0000 00000000", "0000000a 00000001 0000 00000000");
    expect_offer("v3", 3, "0000000c 00000001 0000 01 00000000 00", "0000000c 00000001 0000 01 00000000 00");
}

static void features_and_bytes_behind_pass(void **state)
{
    (void)state;
    expect_offer("finalized features epoch", 4,
                 "0000001e 00000001 0000 02 0003 0000 000d 00 00000000 01 01 08 0000000000000007 'x'",
                 "0000001e 00000001 0000 02 0003 0002 0009 00 00000000 01 01 08 0000000000000007 'x'");
}

/* It offers nothing, and its form may be that of another version: v0 for a version that the broker does not know. */
static void an_answer_with_an_error_passes_as_it_is(void **state)
{
    (void)state;
    for (int version = 0; tables_knows(API_API_VERSIONS, version); version++)
        expect_offer("unsupported version", version,
                     "00000016 00000001 0023 00000002 0012 0000 0003 0003 0000 000d",
                     "00000016 00000001 0023 00000002 0012 0000 0003 0003 0000 000d");
    expect_offer("without keys (brokers below 2.4)", 3, "0000000a 00000001 0023 00000000",
                 "0000000a 00000001 0023 00000000");
    expect_offer("in the form of v3", 3, "00000017 00000001 002a 02 0003 0000 000d 01 07 02 'ab' 00000000 00",
                 "00000017 00000001 002a 02 0003 0000 000d 01 07 02 'ab' 00000000 00");
}

static void a_count_across_the_longer_varint_is_right(void **state)
{
    (void)state;
    struct memory memory;
    for (size_t count = 125; count <= 130; count++) {
        memory_begin(&memory, MEMORY_PLENTY);
        struct given entries[131][3];
        struct givens keys[131];
        for (size_t i = 0; i <= count; i++) {
            entries[i][0] = given_number(ROLE_API_KEY, i ? 1 : API_DESCRIBE_CLUSTER);
            entries[i][1] = given_number(ROLE_MIN_VERSION, 0);
            entries[i][2] = given_number(ROLE_MAX_VERSION, 1);
            keys[i] = (struct givens){entries[i], 3};
        }
        const struct given before[] = {given_array(ROLE_API_KEYS, keys, (uint32_t)count + 1)};
        const struct given after[] = {given_array(ROLE_API_KEYS, keys + 1, (uint32_t)count)};
        struct buffer in = {.allocator = &memory.allocator}, out = in;
        assert_null(write_response(&in, API_API_VERSIONS, 3, 1, (struct givens){before, 1}));
        assert_null(write_response(&out, API_API_VERSIONS, 3, 1, (struct givens){after, 1}));
        struct rewrite_rules rules = {.offer = offer};
        assert_null(offer_limit(&in, 3, &rules));
        assert_true(bytes_equal(buffer_bytes(&in), buffer_bytes(&out)));
        buffer_free(&in);
        buffer_free(&out);
        memory_end(&memory);
    }
}

static void see_is_shown_what_the_broker_said(void **state)
{
    (void)state;
    static struct page page;
    struct memory memory;
    memory_begin(&memory, MEMORY_PLENTY);
    struct rewrite_rules rules = {.offer = offer, .see = see, .context = &page};
    struct span in = pages_bytes("00000016 00000001 0000 00000002 003c 0000 0002 0003 0000 000d");
    struct buffer frame = {.allocator = &memory.allocator};
    assert_true(buffer_append(&frame, (struct bytes){in.at, in.len}));
    assert_null(offer_limit(&frame, 0, &rules));
    page_expect(
        "once, and not yet limited", &page,
        "ErrorCode 0\nApiKey 60\nMinVersion 0\nMaxVersion 2\nApiKey 3\nMinVersion 0\nMaxVersion 13\n");
    buffer_free(&frame);
    free(in.at);
}

static void what_is_no_such_response_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *frame, *what;
    } rows[] = {
        {"nothing behind the header", "00000004 00000001", "it ends inside a field"},
        {"more keys than there are", "00000010 00000001 0000 00000002 0003 0000 000d",
         "it ends inside a field"},
        {"a count beyond the end", "00000010 00000001 0000 00000020 0003 0000 000d",
         "a length goes beyond its end"},
        {"null keys", "0000000a 00000001 0000 ffffffff", "a field is null that may not be"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct memory memory;
        memory_begin(&memory, MEMORY_PLENTY);
        struct rewrite_rules rules = {.offer = offer};
        struct span in = pages_bytes(rows[i].frame);
        struct buffer frame = {.allocator = &memory.allocator};
        assert_true(buffer_append(&frame, (struct bytes){in.at, in.len}));
        const char *what = offer_limit(&frame, 0, &rules);
        if (!what)
            fail_msg("%s: not said", rows[i].claim);
        assert_string_equal(what, rows[i].what);
        assert_int_equal(frame.len, in.len);
        buffer_free(&frame);
        memory_end(&memory);
        free(in.at);
    }
}

static void out_of_memory_at_any_allocation_is_said_and_nothing_leaks(void **state)
{
    (void)state;
    struct rewrite_rules rules = {.offer = offer};
    struct span in = pages_bytes("00000016 00000001 0000 00000002 0003 0000 000d 0012 0000 0003");
    const char *what = "";
    int failed = 0;
    for (; what; failed++) {
        struct memory memory;
        memory_begin(&memory, 1 + failed);
        struct buffer frame = {.allocator = &memory.allocator};
        assert_true(buffer_append(&frame, (struct bytes){in.at, in.len}));
        what = offer_limit(&frame, 0, &rules);
        if (what)
            assert_string_equal(what, "out of memory");
        buffer_free(&frame);
        memory_end(&memory);
    }
    assert_int_equal(failed, 3);
    free(in.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_are_limited),
        cmocka_unit_test(a_key_that_is_not_offered_goes_with_its_tags),
        cmocka_unit_test(no_keys_stay_no_keys),
        cmocka_unit_test(features_and_bytes_behind_pass),
        cmocka_unit_test(an_answer_with_an_error_passes_as_it_is),
        cmocka_unit_test(a_count_across_the_longer_varint_is_right),
        cmocka_unit_test(see_is_shown_what_the_broker_said),
        cmocka_unit_test(what_is_no_such_response_is_said),
        cmocka_unit_test(out_of_memory_at_any_allocation_is_said_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
