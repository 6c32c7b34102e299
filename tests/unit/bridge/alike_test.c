/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/alike.c: living nodes that would be told the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/bridge/talk.h"

#define LOSE ": clients that know nodes by their address (librdkafka before 2.10, kafkajs) lose records; "
#define LOST LOSE EXACT_REMEDY
#define NAMELESS                                                                                             \
    LOSE "tell them kbridge's name, which has a spelling for each (--advertise.network proxy:29092), or "    \
         "give each broker a port (--listen.per-broker 29093-29192)"

static const struct advertise one_letter = {.from = ADVERTISE_ANY, .as = {"k.1", 0}};
static const struct advertise an_ip = {.from = ADVERTISE_ANY, .as = {"192.0.2.1", 0}};

struct row {
    const char *claim;
    const struct advertise *rule;
    struct exact exact;
    int32_t ids[3];
    const char *software, *page;
};

static const struct row rows[] = {
    {"localhost has 512 spellings", NULL, {0}, {0, 1, 511}, "", ""},
    {"of which two ids have one",
     NULL,
     {0},
     {0, 1, 513},
     "",
     "say: nodes 1 and 513 are both at Localhost:29092" LOST "\n"},
    {"one letter has two spellings",
     &one_letter,
     {0},
     {7, 1, 2},
     "",
     "say: nodes 1 and 7 are both at K.1:29092" LOST "\n"},
    {"an IP address has one",
     &an_ip,
     {0},
     {3, 1, 2},
     "",
     "say: nodes 1 and 3 are both at 192.0.2.1:29092" NAMELESS "\n"},
    {"who knows ids does not care", &an_ip, {0}, {3, 1, 2}, "apache-kafka-java", ""},
    {"each has a port", &an_ip, {EXACT_PORTS, 29093, 29192}, {3, 1, 100}, "", ""},
    {"two share a port",
     &an_ip,
     {EXACT_PORTS, 29093, 29192},
     {101, 1, 2},
     "apache-kafka-java",
     "say: nodes 1 and 101 are both at 192.0.2.1:29094, which serves neither: give listen.per-broker a range "
     "that has more ports\n"},
};

static void begin(struct talk *talk, const struct row *row)
{
    struct view_broker brokers[3] = {{.id = 0}};
    talk_begin(talk);
    talk->says = true;
    talk->surroundings.exact = row->exact;
    talk->surroundings.rules = row->rule;
    talk->surroundings.rule_count = row->rule != NULL;
    for (int i = 0; i < 3; i++)
        brokers[i] = (struct view_broker){row->ids[i], {"kafka", 9092 + i}};
    view_learn_brokers(talk->bridge.view, brokers, 3);
}

static void come(struct talk *talk, const char *software)
{
    talk_request(talk, API_API_VERSIONS, 3, 1,
                 GIVENS(given_bytes(ROLE_SOFTWARE_NAME, bytes_of(software)),
                        given_bytes(ROLE_SOFTWARE_VERSION, bytes_of("1"))));
}

static void nodes_that_are_told_alike_are_named_with_a_remedy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct talk talk;
        begin(&talk, &rows[i]);
        talk_connect(&talk);
        come(&talk, rows[i].software);
        const char *dial = strstr(talk.page.text, "dial");
        talk.page.text[dial ? dial - talk.page.text : 0] = 0;
        talk.page.len = strlen(talk.page.text);
        talk_expect(&talk, rows[i].claim, rows[i].page);
        talk_end(&talk);
    }
}

static void the_same_two_are_named_once(void **state)
{
    (void)state;
    static struct talk talk;
    begin(&talk, &rows[3]);
    talk.bridge.notes.alike[0] = 1;
    talk.bridge.notes.alike[1] = 3;
    talk_connect(&talk);
    come(&talk, "");
    talk_expect(&talk, "no line", "dial link 0: kafka:9092\nclient off\n");
    talk_end(&talk);
}

static void nodes_that_are_learned_later_are_looked_at(void **state)
{
    (void)state;
    static struct talk talk;
    const struct givens brokers[] = {
        GIVENS(given_number(ROLE_NODE_ID, 4), given_bytes(ROLE_HOST, bytes_of("a")),
               given_number(ROLE_PORT, 1)),
        GIVENS(given_number(ROLE_NODE_ID, 5), given_bytes(ROLE_HOST, bytes_of("b")),
               given_number(ROLE_PORT, 1))};
    begin(&talk, &rows[3]);
    talk.bridge.notes.alike[0] = 1;
    talk.bridge.notes.alike[1] = 3;
    talk_connect(&talk);
    talk_request(&talk, API_METADATA, 1, 1, NONE_GIVEN);
    talk_up(&talk, 0);
    talk_answer(&talk, 0, API_METADATA, 1, 1, GIVENS(given_array(ROLE_BROKERS, brokers, 2)));
    assert_non_null(strstr(talk.page.text, "say: nodes 4 and 5 are both at 192.0.2.1:29092"));
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_that_are_told_alike_are_named_with_a_remedy),
        cmocka_unit_test(the_same_two_are_named_once),
        cmocka_unit_test(nodes_that_are_learned_later_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
