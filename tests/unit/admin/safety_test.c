/* SPDX-License-Identifier: Apache-2.0 */
/* Who may see and change what: a row for each way to ask. */
#include "proxy/admin/safety.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TOKEN "0123456789abcdef0123456789abcdef"
#define NEAR "127.0.0.1"
#define FAR "192.0.2.7"

static const struct row {
    const char *claim, *host, *peer, *query, *authorization, *origin;
    enum access access;
    enum verdict verdict;
} rows[] = {
    {"an IP address is no name", "192.0.2.1:28092", FAR, "", "", "", ACCESS_OPEN, VERDICT_FINE},
    {"so is one of IPv6", "[2001:db8::1]:28092", FAR, "", "", "", ACCESS_OPEN, VERDICT_FINE},
    {"localhost", "localhost:28092", FAR, "", "", "", ACCESS_OPEN, VERDICT_FINE},
    {"a compose service has no dot", "proxy:28092", FAR, "", "", "", ACCESS_OPEN, VERDICT_FINE},
    {"Docker's name for the host", "host.docker.internal", FAR, "", "", "", ACCESS_OPEN, VERDICT_FINE},
    {"a Kubernetes service", "k.default.svc.cluster.local", FAR, "", "", "", ACCESS_OPEN, VERDICT_FINE},
    {"a name that clients are told", "KAFKA.example.com:1", FAR, "", "", "", ACCESS_OPEN, VERDICT_FINE},
    {"any other name may be a stranger's", "evil.example", NEAR, "", "", "", ACCESS_OPEN, VERDICT_HOST},
    {"also with the token", "evil.example", FAR, "token=" TOKEN, "", "", ACCESS_SEE, VERDICT_HOST},
    {"what begins like one of ours", "localhost.evil.example", NEAR, "", "", "", ACCESS_OPEN, VERDICT_HOST},
    {"what ends like a word", "xinternal.example", NEAR, "", "", "", ACCESS_OPEN, VERDICT_HOST},
    {"no Host", "", NEAR, "", "", "", ACCESS_OPEN, VERDICT_HOST},
    {"half an address", "[::1", NEAR, "", "", "", ACCESS_OPEN, VERDICT_HOST},

    {"metrics need no token", "localhost", FAR, "", "", "", ACCESS_OPEN, VERDICT_FINE},
    {"this machine needs none", "localhost", NEAR, "", "", "", ACCESS_SEE, VERDICT_FINE},
    {"nor over IPv6", "localhost", "::1", "", "", "", ACCESS_SEE, VERDICT_FINE},
    {"nor by an unwrapped address", "localhost", "::ffff:127.0.0.1", "", "", "", ACCESS_SEE, VERDICT_FINE},
    {"all others do", "localhost", FAR, "", "", "", ACCESS_SEE, VERDICT_TOKEN},
    {"in the query", "localhost", FAR, "a=b&token=" TOKEN, "", "", ACCESS_SEE, VERDICT_FINE},
    {"or as a bearer", "localhost", FAR, "", "Bearer " TOKEN, "", ACCESS_SEE, VERDICT_FINE},
    {"the last letter counts", "localhost", FAR, "token=0123456789abcdef0123456789abcdee", "", "", ACCESS_SEE,
     VERDICT_TOKEN},
    {"a token is no prefix", "localhost", FAR, "token=" TOKEN "0", "", "", ACCESS_SEE, VERDICT_TOKEN},
    {"half of it is none", "localhost", FAR, "token=0123456789abcdef", "", "", ACCESS_SEE, VERDICT_TOKEN},
    {"an empty one is none", "localhost", FAR, "token=", "Bearer ", "", ACCESS_SEE, VERDICT_TOKEN},
    {"a wrong bearer, and the right query", "localhost", FAR, "token=" TOKEN, "Bearer x", "", ACCESS_SEE,
     VERDICT_TOKEN},
    {"another parameter that ends so", "localhost", FAR, "xtoken=" TOKEN, "", "", ACCESS_SEE, VERDICT_TOKEN},

    {"our own page may switch", "localhost:1", NEAR, "", "", "http://localhost:1", ACCESS_CHANGE,
     VERDICT_FINE},
    {"so may curl", "localhost:1", NEAR, "", "", "", ACCESS_CHANGE, VERDICT_FINE},
    {"another page may not", "localhost:1", NEAR, "", "", "http://evil.example", ACCESS_CHANGE,
     VERDICT_ORIGIN},
    {"nor one of another port", "localhost:1", NEAR, "", "", "http://localhost:2", ACCESS_CHANGE,
     VERDICT_ORIGIN},
    {"nor a sandbox", "localhost:1", NEAR, "", "", "null", ACCESS_CHANGE, VERDICT_ORIGIN},
    {"nor a stranger", "localhost:1", FAR, "", "", "http://localhost:1", ACCESS_CHANGE, VERDICT_TOKEN},
};

static void test_each_request_is_judged_by_its_host_its_token_and_its_origin(void **state)
{
    static const struct advertise rule = {.as = {.host = "kafka.example.com"}};
    static const struct safety safety = {.token = TOKEN, .rules = &rule, .rule_count = 1};
    (void)state;
    for (const struct row *row = rows; row < rows + sizeof rows / sizeof *rows; row++) {
        static struct http_request request;
        request = (struct http_request){.query = row->query};
        snprintf(request.host, sizeof request.host, "%s", row->host);
        snprintf(request.authorization, sizeof request.authorization, "%s", row->authorization);
        snprintf(request.origin, sizeof request.origin, "%s", row->origin);
        assert_true(sockaddr_parse(row->peer, 1, &request.peer));
        if (safety_judge(&safety, &request, row->access) != row->verdict)
            fail_msg("%s: the verdict is %d", row->claim, safety_judge(&safety, &request, row->access));
    }
}

static void test_two_tokens_differ(void **state)
{
    char one[TOKEN_ROOM], other[TOKEN_ROOM];
    (void)state;
    assert_true(token_make(one));
    assert_true(token_make(other));
    assert_int_equal(strlen(one), TOKEN_SIZE);
    assert_int_equal(strspn(one, "0123456789abcdef"), TOKEN_SIZE);
    assert_string_not_equal(one, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_request_is_judged_by_its_host_its_token_and_its_origin),
        cmocka_unit_test(test_two_tokens_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
