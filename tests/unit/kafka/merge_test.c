/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/kafka/merge.c. */
#include "proxy/kafka/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/kafka/write.h"

#include "tests/unit/kafka/memory.h"
#include "tests/unit/kafka/pages.h"

enum { LIST_GROUPS = 16, LIST_TRANSACTIONS = 66, CORRELATION_ID = 7, NOT_AVAILABLE = 15 };

/* One name a row; the answer of one broker. */
static void write_groups(struct buffer *to, int version, int error, const char *const *names, uint32_t count)
{
    struct given group[40];
    struct givens groups[40];
    for (uint32_t i = 0; i < count; i++) {
        group[i] = given_bytes(ROLE_GROUP_ID, bytes_of(names[i]));
        groups[i] = (struct givens){&group[i], 1};
    }
    const struct given givens[] = {given_number(ROLE_ERROR_CODE, error),
                                   given_array(ROLE_GROUPS, groups, count)};
    assert_null(write_response(to, LIST_GROUPS, version, CORRELATION_ID, (struct givens){givens, 2}));
}

static const char *add(struct merge *merge, struct memory *memory, int version, int error,
                       const char *const *names, uint32_t count)
{
    struct buffer frame = {.allocator = &memory->allocator};
    write_groups(&frame, version, error, names, count);
    struct span copy = pages_copy(buffer_bytes(&frame));
    const char *wrong = merge_add(merge, copy);
    free(copy.at);
    buffer_free(&frame);
    return wrong;
}

static void assert_groups(const struct merge *merge, int version, int error, const char *const *names,
                          uint32_t count)
{
    struct memory memory;
    memory_begin(&memory, MEMORY_PLENTY);
    struct buffer expected = {.allocator = &memory.allocator};
    write_groups(&expected, version, error, names, count);
    assert_int_equal(merge->answer.len, expected.len);
    assert_memory_equal(merge->answer.at, expected.at, expected.len);
    buffer_free(&expected);
    memory_end(&memory);
}

static void the_groups_of_all_brokers_are_one_list_in_every_version(void **state)
{
    static const char *const all[] = {"a", "b", "c"};
    (void)state;
    for (int version = 0; version <= tables_message(RESPONSE, LIST_GROUPS)->last; version++) {
        struct memory memory;
        struct merge merge;
        memory_begin(&memory, MEMORY_PLENTY);
        merge_begin(&merge, &memory.allocator, LIST_GROUPS, version);
        assert_null(add(&merge, &memory, version, 0, all, 2));
        assert_null(add(&merge, &memory, version, 0, NULL, 0));
        assert_null(add(&merge, &memory, version, 0, all + 2, 1));
        assert_null(merge_end(&merge));
        assert_groups(&merge, version, 0, all, 3);
        merge_free(&merge);
        memory_end(&memory);
    }
}

static void an_error_of_one_broker_is_the_whole_answer_wherever_it_comes(void **state)
{
    static const char *const names[] = {"a"};
    (void)state;
    for (int place = 0; place < 3; place++) {
        struct memory memory;
        struct merge merge;
        memory_begin(&memory, MEMORY_PLENTY);
        merge_begin(&merge, &memory.allocator, LIST_GROUPS, 3);
        for (int i = 0; i < 3; i++)
            assert_null(add(&merge, &memory, 3, i == place ? NOT_AVAILABLE : 0, names, i == place ? 0 : 1));
        assert_null(merge_end(&merge));
        assert_groups(&merge, 3, NOT_AVAILABLE, NULL, 0);
        merge_free(&merge);
        memory_end(&memory);
    }
}

/* From 127 elements on the count of a flexible version takes a second byte. */
static void a_count_may_grow_longer_than_any_part_had_it(void **state)
{
    enum { PARTS = 4, EACH = 32, ALL = PARTS * EACH };
    const char *names[EACH];
    struct memory memory;
    struct merge merge;
    (void)state;
    for (int i = 0; i < EACH; i++)
        names[i] = "g";
    memory_begin(&memory, MEMORY_PLENTY);
    merge_begin(&merge, &memory.allocator, LIST_GROUPS, 3);
    for (int i = 0; i < PARTS; i++)
        assert_null(add(&merge, &memory, 3, 0, names, EACH));
    size_t before = merge.answer.len;
    assert_null(merge_end(&merge));
    assert_int_equal(merge.count, ALL);
    assert_int_equal(merge.answer.len, before + 1 + (size_t)(PARTS - 1) * (merge.elements.len / PARTS));
    merge_free(&merge);
    memory_end(&memory);
}

static void transactions_are_merged_likewise(void **state)
{
    struct memory memory;
    struct merge merge;
    (void)state;
    memory_begin(&memory, MEMORY_PLENTY);
    merge_begin(&merge, &memory.allocator, LIST_TRANSACTIONS, 0);
    for (int i = 0; i < 2; i++) {
        struct buffer frame = {.allocator = &memory.allocator};
        const struct given id = given_bytes(ROLE_TRANSACTIONAL_ID, bytes_of("tx"));
        const struct givens one = {&id, 1};
        const struct given list = given_array(ROLE_TRANSACTIONS, &one, 1);
        assert_null(write_response(&frame, LIST_TRANSACTIONS, 0, CORRELATION_ID, (struct givens){&list, 1}));
        assert_null(merge_add(&merge, (struct span){frame.at, frame.len}));
        buffer_free(&frame);
    }
    assert_null(merge_end(&merge));
    assert_int_equal(merge.count, 2);
    merge_free(&merge);
    memory_end(&memory);
}

static void a_part_that_is_cut_off_is_refused_at_every_byte(void **state)
{
    static const char *const names[] = {"a", "b"};
    struct memory memory;
    (void)state;
    memory_begin(&memory, MEMORY_PLENTY);
    struct buffer frame = {.allocator = &memory.allocator};
    write_groups(&frame, 3, 0, names, 2);
    for (size_t len = 4; len < frame.len; len++) {
        struct merge merge;
        struct span cut = pages_copy((struct bytes){frame.at, len});
        merge_begin(&merge, &memory.allocator, LIST_GROUPS, 3);
        assert_non_null(merge_add(&merge, cut));
        merge_free(&merge);
        free(cut.at);
    }
    buffer_free(&frame);
    memory_end(&memory);
}

static void without_memory_it_says_so_and_leaks_nothing(void **state)
{
    static const char *const names[] = {"a"};
    struct memory plenty;
    (void)state;
    memory_begin(&plenty, MEMORY_PLENTY);
    for (int left = 0;; left++) {
        struct memory memory;
        struct merge merge;
        memory_begin(&memory, left);
        merge_begin(&merge, &memory.allocator, LIST_GROUPS, 3);
        const char *wrong = add(&merge, &plenty, 3, 0, names, 1);
        if (!wrong)
            wrong = merge_end(&merge);
        merge_free(&merge);
        memory_end(&memory);
        if (!wrong)
            break;
        assert_string_equal(wrong, "out of memory");
        assert_true(left < 10);
    }
    memory_end(&plenty);
}

/* ---------------------------------------------------------------- SASL */

enum { SASL_AUTHENTICATE = 36, FAILED = 58 };

struct verdict {
    int error;
    const char *challenge;
    int lifetime_ms;
};

static void write_verdict(struct buffer *to, const struct verdict *verdict)
{
    const struct given givens[] = {given_number(ROLE_ERROR_CODE, verdict->error),
                                   given_bytes(ROLE_CHALLENGE, bytes_of(verdict->challenge)),
                                   given_number(ROLE_SESSION_LIFETIME, verdict->lifetime_ms)};
    assert_null(write_response(to, SASL_AUTHENTICATE, 2, CORRELATION_ID, (struct givens){givens, 3}));
}

static void of_answers_to_one_proof_an_error_wins_and_else_the_shortest_lifetime(void **state)
{
    static const struct {
        struct verdict verdicts[3];
        int wins;
        bool failed;
    } rows[] = {
        {{{0, "", 5000}, {0, "", 3000}, {0, "", 4000}}, 1, false},
        {{{0, "", 0}, {0, "", 3000}, {0, "", 0}}, 1, false}, /* 0: it does not end */
        {{{0, "", 0}, {0, "", 0}, {0, "", 0}}, 0, false},
        {{{0, "", 1000}, {FAILED, "", 0}, {0, "", 500}}, 1, true},
        {{{0, "", 1000}, {0, "", 500}, {0, "no", 0}}, 2, true}, /* OAUTHBEARER says no with a challenge */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct memory memory;
        struct merge merge;
        memory_begin(&memory, MEMORY_PLENTY);
        struct buffer frame = {.allocator = &memory.allocator};
        merge_begin(&merge, &memory.allocator, SASL_AUTHENTICATE, 2);
        for (int at = 0; at < 3; at++) {
            frame.len = 0;
            write_verdict(&frame, &rows[i].verdicts[at]);
            assert_null(merge_add(&merge, (struct span){frame.at, frame.len}));
        }
        assert_null(merge_end(&merge));
        frame.len = 0;
        write_verdict(&frame, &rows[i].verdicts[rows[i].wins]);
        assert_int_equal(merge.failed, rows[i].failed);
        assert_int_equal(merge.answer.len, frame.len);
        assert_memory_equal(merge.answer.at, frame.at, frame.len);
        buffer_free(&frame);
        merge_free(&merge);
        memory_end(&memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_groups_of_all_brokers_are_one_list_in_every_version),
        cmocka_unit_test(an_error_of_one_broker_is_the_whole_answer_wherever_it_comes),
        cmocka_unit_test(a_count_may_grow_longer_than_any_part_had_it),
        cmocka_unit_test(transactions_are_merged_likewise),
        cmocka_unit_test(a_part_that_is_cut_off_is_refused_at_every_byte),
        cmocka_unit_test(without_memory_it_says_so_and_leaks_nothing),
        cmocka_unit_test(of_answers_to_one_proof_an_error_wins_and_else_the_shortest_lifetime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
