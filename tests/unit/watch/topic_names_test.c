/* SPDX-License-Identifier: Apache-2.0 */
/* The cache from topic ids to names. */
#include "proxy/watch/topic_names.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct named topic_of(uint32_t number, const char *name)
{
    struct named topic = {.has_id = true, .name.len = (uint8_t)strlen(name)};
    memcpy(topic.id + 12, &number, sizeof number);
    memcpy(topic.name.at, name, strlen(name));
    return topic;
}

static bool is_known_as(const struct topic_names *names, uint32_t number, const char *name)
{
    struct named topic = topic_of(number, "");
    topic_names_complete(names, &topic);
    return topic.name.len == strlen(name) && memcmp(topic.name.at, name, topic.name.len) == 0;
}

static void test_an_id_gets_the_name_that_was_learned_last(void **state)
{
    struct topic_names names = {.slots = NULL};
    struct named topic = topic_of(7, "orders");
    (void)state;
    assert_true(is_known_as(&names, 7, ""));
    topic_names_learn(&names, &topic);
    assert_true(is_known_as(&names, 7, "orders"));
    assert_true(is_known_as(&names, 8, ""));
    topic = topic_of(7, "renamed");
    topic_names_learn(&names, &topic);
    assert_true(is_known_as(&names, 7, "renamed"));
    topic_names_free(&names);
}

static void test_a_topic_with_a_name_or_without_an_id_stays_as_it_is(void **state)
{
    struct topic_names names = {.slots = NULL};
    struct named topic = topic_of(7, "orders"), other = topic_of(7, "mine"), nothing = {.has_id = false};
    (void)state;
    topic_names_learn(&names, &topic);
    topic_names_complete(&names, &other);
    assert_memory_equal(other.name.at, "mine", 5);
    topic_names_complete(&names, &nothing);
    assert_int_equal(nothing.name.len, 0);
    topic_names_free(&names);
}

static void test_more_topics_than_fit_forget_some_and_never_mix_them_up(void **state)
{
    enum { COUNT = 20000 };
    struct topic_names names = {.slots = NULL};
    uint32_t known = 0;
    (void)state;
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t id = i * 2654435761U;
        struct named topic = topic_of(id, id & 1 ? "odd" : "even");
        topic_names_learn(&names, &topic);
        assert_true(is_known_as(&names, id, id & 1 ? "odd" : "even"));
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t id = i * 2654435761U;
        bool is_known = is_known_as(&names, id, id & 1 ? "odd" : "even");
        assert_true(is_known || is_known_as(&names, id, ""));
        known += is_known;
    }
    assert_in_range(known, 512, 1024);
    topic_names_free(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_id_gets_the_name_that_was_learned_last),
        cmocka_unit_test(test_a_topic_with_a_name_or_without_an_id_stays_as_it_is),
        cmocka_unit_test(test_more_topics_than_fit_forget_some_and_never_mix_them_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
