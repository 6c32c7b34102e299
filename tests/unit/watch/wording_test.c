/* SPDX-License-Identifier: Apache-2.0 */
/* Each sentence about clients and the cluster, word by word. */
#include "proxy/watch/wording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/heap.h"
#include "tests/unit/watch/page.h"

static void test_a_client_that_came_is_told_an_address_for_a_reason(void **state)
{
    static const struct exact ports = {EXACT_PORTS, 29093, 29192}, loopback = {.mode = EXACT_LOOPBACK};
    static const struct {
        const char *software;
        struct told told;
        const char *text;
    } rows[] = {
        {"librdkafka 2.0.2",
         {.rule = TOLD_LOOPBACK, .host = "localhost", .port = 29092},
         " (librdkafka 2.0.2) is told localhost:29092: it comes from this machine"},
        {"",
         {.rule = TOLD_GATEWAY, .host = "localhost", .port = 29092},
         " is told localhost:29092: it comes through a published port"},
        {"a\tb",
         {.rule = TOLD_NETWORK, .host = "fd00::2", .port = 1},
         " (a\\x09b) is told [fd00::2]:1: it comes from a neighbour in a network of ours"},
        {"",
         {.rule = TOLD_SOURCE, .host = "kafka.example", .port = 1},
         " is told kafka.example:1: a rule for its source network"},
        {"",
         {.rule = TOLD_GATEWAY, .host = "localhost", .port = 29095, .exact = &ports},
         " is told localhost:29093-29192, a port for each node: it comes through a published port"},
        {"",
         {.rule = TOLD_LOOPBACK, .host = "localhost", .port = 29092, .exact = &loopback},
         " is told 127.0.x.y:29092, an address for each node: it comes from this machine"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct line line = {.len = 0};
        wording_came(&line, rows[i].software, &rows[i].told);
        assert_string_equal(line.text, rows[i].text);
    }
}

static void test_a_guess_comes_with_the_line_for_those_for_whom_it_is_wrong(void **state)
{
    const struct told told = {.rule = TOLD_GATEWAY, .guessed = true, .host = "localhost", .port = 29092};
    struct line line = {.len = 0};
    (void)state;
    wording_hint(&line, &told);
    assert_string_equal(line.text,
                        "localhost is right for clients on the host; for containers that come through the "
                        "published port too, "
                        "give the host's name there, with --advertise.gateway host.docker.internal:29092");
}

static void test_a_doubtful_address_comes_with_the_line_to_configure(void **state)
{
    static const struct {
        struct ip peer;
        const char *source;
    } rows[] = {
        {{{10, 1, 2, 3}, 4}, "10.0.0.0/8"}, {{{172, 31, 255, 255}, 4}, "172.16.0.0/12"},
        {{{172, 32, 0, 1}, 4}, "any"},      {{{192, 168, 1, 2}, 4}, "192.168.0.0/16"},
        {{{192, 0, 2, 1}, 4}, "any"},       {{{0xfd, 1}, 16}, "fc00::/7"},
        {{{0x20, 1}, 16}, "any"},
    };
    struct told told = {.host = "172.18.0.5", .port = 29092};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct place place = {.peer = rows[i].peer};
        struct line line = {.len = 0}, expected = {.len = 0};
        wording_doubt(&line, &place, &told);
        line_add_format(
            &expected,
            " is told 172.18.0.5:29092, which it can hardly reach: it comes from outside the networks "
            "of this container; give the address at which such clients reach kbridge, with "
            "--advertise %s=HOST:PORT",
            rows[i].source);
        assert_string_equal(line.text, expected.text);
    }
}

static void test_a_client_that_went_has_a_reason_and_its_bytes(void **state)
{
    static const struct {
        struct departure departure;
        enum level level;
        const char *text;
    } rows[] = {
        {{REASON_CLIENT_CLOSED, "", 2048, 3565158, 0},
         LEVEL_INFO,
         " went: the client closed the connection; 2.0 KiB from it, 3.4 MiB to it"},
        {{REASON_CLIENT_CLOSED, "", 10, 0, 1},
         LEVEL_INFO,
         " went: the client closed the connection; 10 B from it, 0 B to it, 1 request not answered"},
        {{REASON_CLIENT_CLOSED, "", 10, 0, 2},
         LEVEL_INFO,
         " went: the client closed the connection; 10 B from it, 0 B to it, 2 requests not answered"},
        {{REASON_CLIENT_CLOSED, "", 0, 0, 0}, /* a port check */
         LEVEL_DEBUG,
         " went: the client closed the connection; 0 B from it, 0 B to it"},
        {{REASON_CLIENT_LOST, "connection reset by peer", 0, 0, 0},
         LEVEL_DEBUG,
         " went: the connection to the client broke: connection reset by peer; 0 B from it, 0 B to it"},
        {{REASON_CLIENT_LOST, "connection reset by peer", 10, 0, 1},
         LEVEL_INFO,
         " went: the connection to the client broke: connection reset by peer; 10 B from it, 0 B to it"},
        {{REASON_CLIENT_FOREIGN, "it speaks TLS", 5, 0, 0},
         LEVEL_WARN,
         " went: the client does not speak plaintext Kafka: it speaks TLS; 5 B from it, 0 B to it"},
        {{REASON_BROKER_CLOSED, "node 1 at kafka:9092", 99, 99, 0},
         LEVEL_INFO,
         " went: the broker closed the connection: node 1 at kafka:9092; 99 B from it, 99 B to it"},
        {{REASON_BROKER_CLOSED, "with 2 requests not answered", 99, 99, 2},
         LEVEL_WARN,
         " went: the broker closed the connection: with 2 requests not answered; 99 B from it, 99 B to it"},
        {{REASON_STOPPING, "", 1, 1, 0}, LEVEL_INFO, " went: kbridge is stopping; 1 B from it, 1 B to it"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct line line = {.len = 0};
        wording_gone(&line, &rows[i].departure);
        assert_string_equal(line.text, rows[i].text);
        assert_int_equal(wording_gone_level(&rows[i].departure), rows[i].level);
    }
}

/* ---- the cluster ---- */

static struct view *view_of(int32_t count)
{
    struct view_broker brokers[12] = {{.id = 0}};
    struct view *view = view_new(&heap_allocator);
    assert_non_null(view);
    for (int32_t i = 0; i < count; i++) {
        brokers[i] = (struct view_broker){.id = i + 1, .advertised = {.port = 9092 + i}};
        strcpy(brokers[i].advertised.host, "kafka");
    }
    assert_true(view_learn_brokers(view, brokers, (size_t)count));
    return view;
}

static void assert_cluster(struct view *view, const char *text)
{
    struct line line = {.len = 0};
    wording_cluster(&line, view);
    assert_string_equal(line.text, text);
    view_free(view);
}

static void test_a_cluster_is_told_with_nodes_and_versions(void **state)
{
    struct view *view = view_of(1);
    (void)state;
    view_learn_cluster_id(view, bytes_of("4L6g3nShT-eMCtK--X86sw"));
    view_learn_versions(view, 0, 0, 13);
    view_learn_versions(view, 1, 4, 18);
    view_learn_versions(view, 3, 0, 13);
    view_learn_versions(view, 18, 0, 4);
    assert_cluster(view, "cluster 4L6g3nShT-eMCtK--X86sw has 1 node: 1 at kafka:9092; "
                         "ApiVersions of 4 APIs, Produce 0-13, Fetch 4-18, Metadata 0-13");
}

static void test_what_is_not_known_of_a_cluster_is_left_out(void **state)
{
    struct view *view = view_of(2);
    (void)state;
    assert_cluster(view, "cluster (without an id) has 2 nodes: 1 at kafka:9092, 2 at kafka:9093");
}

static void test_of_many_nodes_the_first_are_listed_and_the_rest_is_counted(void **state)
{
    struct view *view = view_of(11);
    (void)state;
    view_learn_cluster_id(view, bytes_of("a\nb"));
    assert_cluster(view, "cluster a\\x0ab has 11 nodes: 1 at kafka:9092, 2 at kafka:9093, 3 at kafka:9094, "
                         "4 at kafka:9095, 5 at kafka:9096, 6 at kafka:9097, 7 at kafka:9098, "
                         "8 at kafka:9099, … 3 more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_that_came_is_told_an_address_for_a_reason),
        cmocka_unit_test(test_a_guess_comes_with_the_line_for_those_for_whom_it_is_wrong),
        cmocka_unit_test(test_a_doubtful_address_comes_with_the_line_to_configure),
        cmocka_unit_test(test_a_client_that_went_has_a_reason_and_its_bytes),
        cmocka_unit_test(test_a_cluster_is_told_with_nodes_and_versions),
        cmocka_unit_test(test_what_is_not_known_of_a_cluster_is_left_out),
        cmocka_unit_test(test_of_many_nodes_the_first_are_listed_and_the_rest_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
