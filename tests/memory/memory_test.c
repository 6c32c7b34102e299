/* SPDX-License-Identifier: Apache-2.0 */
/* The in-memory model over many seeds. `memory_test SEED [ALLOCATION]` runs one again and prints all its steps;
 * MODEL_SEEDS=N runs N seeds, beginning at MODEL_FIRST. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/memory/model.h"

enum { SEEDS = 2000, SEEDS_SHORT_OF_MEMORY = 400, SEEDS_IN_TURN = 3 };

static struct model model;

static void print_failure(uint64_t seed, size_t fail_at)
{
    uint32_t first = model.traced > MODEL_TRACE_LINES ? model.traced - MODEL_TRACE_LINES : 0;
    for (uint32_t i = first; i < model.traced; i++)
        fprintf(stderr, "%s\n", model.trace[i % MODEL_TRACE_LINES]);
    fprintf(stderr, "%s\nto see it again: memory_test %llu %zu\n", model.failure, (unsigned long long)seed,
            fail_at);
}

static void run(uint64_t seed, size_t fail_at)
{
    if (model_run(&model, seed, fail_at))
        return;
    print_failure(seed, fail_at);
    fail_msg("seed %llu: %s", (unsigned long long)seed, model.failure);
}

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void test_every_client_gets_its_answers_in_order(void **state)
{
    (void)state;
    uint64_t first = number_from("MODEL_FIRST", 1);
    uint64_t count = number_from("MODEL_SEEDS", SEEDS);
    for (uint64_t seed = first; seed < first + count; seed++)
        run(seed, 0);
}

static void test_one_failed_allocation_ends_no_more_than_one_client(void **state)
{
    (void)state;
    uint64_t first = number_from("MODEL_FIRST", 1);
    uint64_t count = number_from("MODEL_SEEDS", SEEDS_SHORT_OF_MEMORY);
    for (uint64_t seed = first; seed < first + count; seed++)
        run(seed, 1 + seed * 7919 % 400);
}

static void test_any_allocation_of_a_run_may_fail(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS_IN_TURN; seed++) {
        run(seed, 0);
        size_t calls = model.memory.calls;
        assert_true(calls > 0);
        for (size_t fail_at = 1; fail_at <= calls; fail_at++)
            run(seed, fail_at);
    }
}

static int replay(uint64_t seed, size_t fail_at)
{
    model.loud = true;
    bool passed = model_run(&model, seed, fail_at);
    fprintf(stderr, "%s\n", passed ? "passed" : model.failure);
    return passed ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_client_gets_its_answers_in_order),
        cmocka_unit_test(test_one_failed_allocation_ends_no_more_than_one_client),
        cmocka_unit_test(test_any_allocation_of_a_run_may_fail),
    };
    if (argc > 1)
        return replay(strtoull(argv[1], NULL, 10), argc > 2 ? strtoul(argv[2], NULL, 10) : 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
