/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/session.c. */
#include "proxy/bridge/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/kafka/memory.h"

static void a_session_is_found_at_the_link_that_named_it_last(void **state)
{
    struct memory memory;
    struct sessions sessions = {.at = NULL};
    (void)state;
    memory_begin(&memory, MEMORY_PLENTY);
    assert_int_equal(sessions_find(&sessions, 7), CLIENT);
    sessions_learn(&sessions, &memory.allocator, 7, 0);
    sessions_learn(&sessions, &memory.allocator, 8, 1);
    assert_int_equal(sessions_find(&sessions, 7), 0);
    assert_int_equal(sessions_find(&sessions, 8), 1);
    sessions_learn(&sessions, &memory.allocator, 7, 2);
    assert_int_equal(sessions_find(&sessions, 7), 2);
    assert_int_equal(sessions.count, 2);
    sessions_free(&sessions, &memory.allocator);
    memory_end(&memory);
}

static void a_link_that_is_gone_takes_its_sessions_with_it(void **state)
{
    struct memory memory;
    struct sessions sessions = {.at = NULL};
    (void)state;
    memory_begin(&memory, MEMORY_PLENTY);
    sessions_learn(&sessions, &memory.allocator, 7, 0);
    sessions_learn(&sessions, &memory.allocator, 8, 1);
    sessions_forget_link(&sessions, 0);
    assert_int_equal(sessions_find(&sessions, 7), CLIENT);
    assert_int_equal(sessions_find(&sessions, 8), 1);
    sessions_free(&sessions, &memory.allocator);
    memory_end(&memory);
}

static void with_too_many_the_oldest_is_forgotten(void **state)
{
    struct memory memory;
    struct sessions sessions = {.at = NULL};
    (void)state;
    memory_begin(&memory, MEMORY_PLENTY);
    for (int32_t id = 1; id <= SESSIONS_MAX + 2; id++)
        sessions_learn(&sessions, &memory.allocator, id, 3);
    assert_int_equal(sessions.count, SESSIONS_MAX);
    assert_int_equal(sessions_find(&sessions, 1), CLIENT);
    assert_int_equal(sessions_find(&sessions, 2), CLIENT);
    assert_int_equal(sessions_find(&sessions, 3), 3);
    assert_int_equal(sessions_find(&sessions, SESSIONS_MAX + 2), 3);
    sessions_free(&sessions, &memory.allocator);
    memory_end(&memory);
}

static void without_memory_a_session_is_not_kept(void **state)
{
    struct memory memory;
    struct sessions sessions = {.at = NULL};
    (void)state;
    memory_begin(&memory, 0);
    sessions_learn(&sessions, &memory.allocator, 7, 0);
    assert_int_equal(sessions_find(&sessions, 7), CLIENT);
    memory_end(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_found_at_the_link_that_named_it_last),
        cmocka_unit_test(a_link_that_is_gone_takes_its_sessions_with_it),
        cmocka_unit_test(with_too_many_the_oldest_is_forgotten),
        cmocka_unit_test(without_memory_a_session_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
