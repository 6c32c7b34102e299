/* SPDX-License-Identifier: Apache-2.0 */
/* Tests proxy/bridge/sasl.c: what a client proves to one broker, repeated at the others, renewed, refused and wiped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/bridge/exact.h"
#include "proxy/bridge/sasl.h"

#include "tests/unit/bridge/talk.h"

enum { AUTHENTICATION_FAILED = 58, LIST_GROUPS = 16 };

/* ---------------------------------------------------------------- scenes */

static void handshake(struct talk *talk, int version, int32_t correlation_id, const char *mechanism)
{
    talk_request(talk, API_SASL_HANDSHAKE, version, correlation_id,
                 GIVENS(given_bytes(ROLE_MECHANISM, bytes_of(mechanism))));
}

static void answer_handshake(struct talk *talk, end_id link, int version, int32_t correlation_id)
{
    talk_answer(talk, link, API_SASL_HANDSHAKE, version, correlation_id, NONE_GIVEN);
}

static void token(struct talk *talk, int32_t correlation_id)
{
    talk_request(talk, API_SASL_AUTHENTICATE, 1, correlation_id, NONE_GIVEN);
}

static void answer_token(struct talk *talk, end_id link, int32_t correlation_id, int64_t lifetime_ms)
{
    talk_answer(talk, link, API_SASL_AUTHENTICATE, 1, correlation_id,
                GIVENS(given_number(ROLE_SESSION_LIFETIME, lifetime_ms)));
}

static void fetch(struct talk *talk, int32_t correlation_id, const char *topic)
{
    const struct givens partition[] = {GIVENS(given_number(ROLE_PARTITION, 0))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of(topic)), given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(talk, API_FETCH, 11, correlation_id, GIVENS(given_array(ROLE_TOPICS, topics, 1)));
}

/* Two brokers, topic t2 is led by node 2. */
static void begin(struct talk *talk)
{
    talk_learn_brokers(talk, 2);
    talk_learn_leader(talk, "t2", 0, 2);
    talk_connect(talk);
}

/* The client is proven on link 0, as #1 and #2, for so long. */
static void begin_proven(struct talk *talk, const char *mechanism, int64_t lifetime_ms)
{
    begin(talk);
    handshake(talk, 1, 1, mechanism);
    talk_up(talk, 0);
    answer_handshake(talk, 0, 1, 1);
    token(talk, 2);
    answer_token(talk, 0, 2, lifetime_ms);
    talk->page = (struct page){.len = 0};
}

/* … and on link 1, to node 2. */
static void begin_proven_twice(struct talk *talk, int64_t lifetime_ms)
{
    begin_proven(talk, "PLAIN", lifetime_ms);
    fetch(talk, 3, "t2");
    talk_up(talk, 1);
    answer_handshake(talk, 1, 1, 1);
    answer_token(talk, 1, 2, lifetime_ms);
    talk_answer(talk, 1, API_FETCH, 11, 3, NONE_GIVEN);
    talk->page = (struct page){.len = 0};
}

/* ---------------------------------------------------------------- further links */

static void scene_repeated(struct talk *talk)
{
    begin_proven(talk, "PLAIN", 0);
    fetch(talk, 3, "t2");
    talk_up(talk, 1);
    answer_handshake(talk, 1, 1, 1);
    answer_token(talk, 1, 2, 0);
    talk_answer(talk, 1, API_FETCH, 11, 3, NONE_GIVEN);
    fetch(talk, 4, "t2");
}

static void a_further_link_is_proven_before_the_first_request_goes_there(void **state)
{
    (void)state;
    talk_every_way("the client's own frames, and once", scene_repeated,
                   "dial link 1: kafka2:9092\nclient off\n"
                   "link 1 <- SaslHandshake v1 #1\nlink 1 <- SaslAuthenticate v1 #2\n"
                   "client on\nlink 1 <- Fetch v11 #3\nclient <- #3, 22 bytes\nlink 1 <- Fetch v11 #4\n");
}

static void scene_bare(struct talk *talk)
{
    begin(talk);
    handshake(talk, 0, 1, "PLAIN");
    talk_up(talk, 0);
    answer_handshake(talk, 0, 0, 1);
    talk_send_hex(talk, CLIENT, "00000011 00 'alice' 00 'the-secret'");
    talk_send_hex(talk, 0, "00000000");
    talk->page = (struct page){.len = 0};
    fetch(talk, 3, "t2");
    talk_up(talk, 1);
    talk->raw = true;
    answer_handshake(talk, 1, 0, 1);
    talk->raw = false;
    talk_send_hex(talk, 1, "00000000");
}

static void bare_tokens_are_repeated_as_they_came(void **state)
{
    (void)state;
    talk_every_way("behind SaslHandshake v0", scene_bare,
                   "dial link 1: kafka2:9092\nclient off\nlink 1 <- SaslHandshake v0 #1\n"
                   "link 1 <- 00 00 00 11 00 'alice' 00 'the-secret'\n"
                   "client on\nlink 1 <- Fetch v11 #3\n");
}

static void scene_questions(struct talk *talk)
{
    talk_connect(talk);
    handshake(talk, 1, 1, "OAUTHBEARER");
    talk_up(talk, 0);
    answer_handshake(talk, 0, 1, 1);
    token(talk, 2);
    answer_token(talk, 0, 2, 0);
    talk->page = (struct page){.len = 0};
    talk_request(talk, API_METADATA, 1, 3, GIVENS(given_null(ROLE_TOPICS)));
}

static void questions_go_where_the_client_is_proven(void **state)
{
    (void)state;
    talk_every_way("how many brokers there are is asked there", scene_questions,
                   "link 0 <- Metadata v1 #1801613927\nclient off\n");
}

/* ---------------------------------------------------------------- brokers that say no */

static void scene_refused(struct talk *talk)
{
    begin_proven(talk, "PLAIN", 0);
    fetch(talk, 3, "t2");
    talk_up(talk, 1);
    answer_handshake(talk, 1, 1, 1);
    talk_answer(talk, 1, API_SASL_AUTHENTICATE, 1, 2,
                GIVENS(given_number(ROLE_ERROR_CODE, AUTHENTICATION_FAILED)));
}

static void a_broker_that_refuses_what_another_has_accepted_ends_the_client(void **state)
{
    (void)state;
    talk_every_way("an error", scene_refused,
                   "dial link 1: kafka2:9092\nclient off\n"
                   "link 1 <- SaslHandshake v1 #1\nlink 1 <- SaslAuthenticate v1 #2\n"
                   "close SASL_REFUSED: node 2 at kafka2:9092 answered SASL_AUTHENTICATION_FAILED to the "
                   "client's authentication (PLAIN), which kbridge has repeated there: all brokers have to "
                   "accept the same credentials, and a token has to be valid still\n");
}

static void scene_challenged(struct talk *talk)
{
    begin_proven(talk, "OAUTHBEARER", 0);
    fetch(talk, 3, "t2");
    talk_up(talk, 1);
    answer_handshake(talk, 1, 1, 1);
    talk_answer(talk, 1, API_SASL_AUTHENTICATE, 1, 2,
                GIVENS(given_bytes(ROLE_CHALLENGE, bytes_of("{\"status\":\"invalid_token\"}"))));
}

static void a_challenge_is_how_oauthbearer_says_no(void **state)
{
    (void)state;
    talk_every_way("error 0, and yet", scene_challenged,
                   "dial link 1: kafka2:9092\nclient off\n"
                   "link 1 <- SaslHandshake v1 #1\nlink 1 <- SaslAuthenticate v1 #2\n"
                   "close SASL_REFUSED: node 2 at kafka2:9092 answered with a challenge to the client's "
                   "authentication (OAUTHBEARER), which kbridge has repeated there: all brokers have to "
                   "accept the same credentials, and a token has to be valid still\n");
}

static void scene_closed(struct talk *talk)
{
    begin_proven(talk, "PLAIN", 0);
    fetch(talk, 3, "t2");
    talk_up(talk, 1);
    talk_eof(talk, 1);
}

static void a_broker_that_closes_meanwhile_ends_the_client_with_what_it_was_asked(void **state)
{
    (void)state;
    talk_every_way("closed", scene_closed,
                   "dial link 1: kafka2:9092\nclient off\nlink 1 <- SaslHandshake v1 #1\n"
                   "close BROKER_CLOSED: node 2 at kafka2:9092: it closed the connection, with 1 request not "
                   "answered (the client's authentication, repeated there)\n");
}

static void scene_failed(struct talk *talk)
{
    begin(talk);
    handshake(talk, 1, 1, "PLAIN");
    talk_up(talk, 0);
    answer_handshake(talk, 0, 1, 1);
    token(talk, 2);
    talk->page = (struct page){.len = 0};
    fetch(talk, 3, "t2");
    talk_answer(talk, 0, API_SASL_AUTHENTICATE, 1, 2,
                GIVENS(given_number(ROLE_ERROR_CODE, AUTHENTICATION_FAILED)));
    talk_up(talk, 1);
}

static void what_no_broker_has_accepted_is_not_repeated(void **state)
{
    (void)state;
    talk_every_way("and what came behind it has waited", scene_failed,
                   "client off\nclient <- #2, 24 bytes\ndial link 1: kafka2:9092\nclient off\n"
                   "client on\nlink 1 <- Fetch v11 #3\n");
}

/* ---------------------------------------------------------------- what cannot be repeated */

static void scene_scram(struct talk *talk)
{
    begin(talk);
    handshake(talk, 1, 1, "SCRAM-SHA-256");
    talk_up(talk, 0);
    answer_handshake(talk, 0, 1, 1);
    token(talk, 2);
}

#define UNREPEATABLE(mechanism)                                                                              \
    "close SASL_UNREPEATABLE: it authenticates with " mechanism                                              \
    ", which proves it to one broker only, and the cluster has 2: let it use PLAIN or OAUTHBEARER (with "    \
    "tokens below 64 KiB), or " EXACT_REMEDY "\n"

static void scram_is_refused_when_the_broker_has_agreed_to_it(void **state)
{
    (void)state;
    talk_every_way("a broker that does not offer it says so itself", scene_scram,
                   "dial link 0: kafka:9092\nclient off\nlink 0 <- SaslHandshake v1 #1\nclient on\n"
                   "client <- #1, 14 bytes\n" UNREPEATABLE("SCRAM-SHA-256"));
}

static void scene_scram_of_unknown(struct talk *talk)
{
    talk_connect(talk);
    handshake(talk, 1, 1, "SCRAM-SHA-256");
    talk_up(talk, 0);
    answer_handshake(talk, 0, 1, 1);
    token(talk, 2);
    answer_token(talk, 0, 2, 0);
    talk->page = (struct page){.len = 0};
    talk_learn_brokers(talk, 2);
    fetch(talk, 3, "t2");
}

static void scram_passes_until_the_cluster_turns_out_to_have_several_brokers(void **state)
{
    (void)state;
    talk_every_way("then it is refused", scene_scram_of_unknown, UNREPEATABLE("SCRAM-SHA-256"));
}

/* The handshake is not read where there seems to be one broker, so it could not be repeated. */
static void scene_others_register(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    handshake(talk, 0, 1, "PLAIN");
    talk_learn_brokers(talk, 2);
    talk_up(talk, 0);
}

static void a_handshake_that_waits_while_others_register_comes_again(void **state)
{
    (void)state;
    talk_every_way(
        "and is not told that it cannot be repeated", scene_others_register,
        "dial link 0: kafka:9092\nclient off\n"
        "close SEVERAL_BROKERS: it has 2 brokers now, and this connection was served as if it had one\n");
}

static void scene_scram_of_one(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    handshake(talk, 1, 1, "SCRAM-SHA-256");
    talk_up(talk, 0);
    answer_handshake(talk, 0, 1, 1);
    token(talk, 2);
    answer_token(talk, 0, 2, 0);
    fetch(talk, 3, "t2");
}

static void with_one_broker_every_mechanism_passes(void **state)
{
    (void)state;
    talk_every_way("SCRAM", scene_scram_of_one,
                   "dial link 0: kafka:9092\nclient off\nclient on\nlink 0 <- SaslHandshake v1 #1\n"
                   "client <- #1, 14 bytes\nlink 0 <- SaslAuthenticate v1 #2\nclient <- #2, 24 bytes\n"
                   "link 0 <- Fetch v11 #3\n");
}

static void a_token_that_is_too_long_to_be_kept_serves_one_broker(void **state)
{
    static struct talk talk;
    static const uint8_t head[] = {0, 1, 0, 17,  0,   36,  0,   0,   0,   0,  0,
                                   2, 0, 7, 'k', 'b', 'r', 'i', 'd', 'g', 'e'};
    static uint8_t rest[64 << 10];
    (void)state;
    talk_begin(&talk);
    begin(&talk);
    handshake(&talk, 1, 1, "PLAIN");
    talk_up(&talk, 0);
    answer_handshake(&talk, 0, 1, 1);
    talk_send(&talk, CLIENT, (struct bytes){head, sizeof head});
    talk_send(&talk, CLIENT, (struct bytes){rest, sizeof rest});
    talk_answer(&talk, 0, API_SASL_AUTHENTICATE, 0, 2, NONE_GIVEN);
    talk.page = (struct page){.len = 0};
    fetch(&talk, 3, "t2");
    talk_expect(&talk, "then it is refused", UNREPEATABLE("PLAIN"));
    talk_end(&talk);
}

/* ---------------------------------------------------------------- again (KIP-368) */

static void scene_again(struct talk *talk)
{
    begin_proven_twice(talk, 4000);
    handshake(talk, 1, 4, "PLAIN");
    answer_handshake(talk, 0, 1, 4);
    answer_handshake(talk, 1, 1, 4);
    token(talk, 5);
    answer_token(talk, 0, 5, 5000);
    answer_token(talk, 1, 5, 3000);
    struct bytes sent = buffer_bytes(&talk->client.sent);
    struct span lifetime = pages_bytes("0000000000000bb8");
    assert_memory_equal(sent.at + sent.len - lifetime.len, lifetime.at, lifetime.len);
    free(lifetime.at);
    talk_request(talk, LIST_GROUPS, 3, 6, NONE_GIVEN);
    talk_up(talk, 2);
}

static void a_client_proves_itself_again_on_all_links_and_is_told_the_smallest_lifetime(void **state)
{
    (void)state;
    talk_every_way("and from then on the new frames are repeated", scene_again,
                   "link 0 <- SaslHandshake v1 #4\nlink 1 <- SaslHandshake v1 #4\nclient <- #4, 14 bytes\n"
                   "link 0 <- SaslAuthenticate v1 #5\nlink 1 <- SaslAuthenticate v1 #5\n"
                   "client <- #5, 24 bytes\n"
                   "dial link 2: kafka1:9091\nclient off\nlink 2 <- SaslHandshake v1 #4\n");
}

static void scene_again_refused(struct talk *talk)
{
    begin_proven_twice(talk, 4000);
    handshake(talk, 1, 4, "PLAIN");
    answer_handshake(talk, 0, 1, 4);
    answer_handshake(talk, 1, 1, 4);
    token(talk, 5);
    answer_token(talk, 0, 5, 5000);
    talk_answer(talk, 1, API_SASL_AUTHENTICATE, 1, 5,
                GIVENS(given_number(ROLE_ERROR_CODE, AUTHENTICATION_FAILED)));
    struct bytes sent = buffer_bytes(&talk->client.sent);
    struct span error = pages_bytes("00000005 003a");
    assert_memory_equal(sent.at + sent.len - 20, error.at, error.len);
    free(error.at);
}

static void what_one_broker_does_not_accept_again_the_client_is_told(void **state)
{
    (void)state;
    talk_every_way("its own answer", scene_again_refused,
                   "link 0 <- SaslHandshake v1 #4\nlink 1 <- SaslHandshake v1 #4\nclient <- #4, 14 bytes\n"
                   "link 0 <- SaslAuthenticate v1 #5\nlink 1 <- SaslAuthenticate v1 #5\n"
                   "client <- #5, 24 bytes\n");
}

static void scene_bare_again(struct talk *talk)
{
    begin_proven_twice(talk, 4000);
    handshake(talk, 0, 4, "PLAIN");
    answer_handshake(talk, 1, 0, 4);
    talk->raw = true;
    talk_send_hex(talk, CLIENT, "00000003 00'a'00");
}

static void bare_tokens_go_to_one_link_only(void **state)
{
    (void)state;
    talk_every_way(
        "behind frames", scene_bare_again,
        "link 1 <- SaslHandshake v0 #4\nclient <- #4, 14 bytes\nlink 1 <- 00 00 00 03 00 'a' 00\n");
}

static void scene_endless(struct talk *talk)
{
    begin_proven_twice(talk, 0);
    handshake(talk, 1, 4, "PLAIN");
}

static void a_broker_whose_sessions_do_not_end_is_not_asked_again_for_others(void **state)
{
    (void)state;
    talk_every_way("it is answered by one, as directly", scene_endless, "link 1 <- SaslHandshake v1 #4\n");
}

/* ---------------------------------------------------------------- the secret */

/* Looks into each block that is given back. */
struct watched {
    struct allocator allocator;
    bool found;
    int live;
};

enum { BLOCK_HEAD = 16 };

static bool holds_secret(const uint8_t *at, size_t len)
{
    struct bytes secret = bytes_of("the-secret");
    for (size_t i = 0; i + secret.len <= len; i++)
        if (memcmp(at + i, secret.at, secret.len) == 0)
            return true;
    return false;
}

static void *watch_resize(void *context, void *at, size_t size)
{
    struct watched *watched = context;
    uint8_t *old = at ? (uint8_t *)at - BLOCK_HEAD : NULL;
    uint8_t *made = size ? malloc(BLOCK_HEAD + size) : NULL;
    size_t had = 0;
    if (old)
        memcpy(&had, old, sizeof had);
    if (made) {
        memcpy(made, &size, sizeof size);
        memset(made + BLOCK_HEAD, 0, size);
        memcpy(made + BLOCK_HEAD, at ? at : made, had < size ? had : size);
        watched->live++;
    }
    if (old) {
        watched->found = watched->found || holds_secret(at, had);
        watched->live--;
        free(old);
    }
    return made ? made + BLOCK_HEAD : NULL;
}

static void scene_secret(struct talk *talk, bool accepted)
{
    begin(talk);
    handshake(talk, 1, 1, "PLAIN");
    talk_up(talk, 0);
    answer_handshake(talk, 0, 1, 1);
    talk_send_hex(talk, CLIENT,
                  "00000026 0024 0001 00000002 0007 'kbridge' 00000011 00 'alice' 00 'the-secret'");
    if (accepted)
        answer_token(talk, 0, 2, 0);
    talk->page = (struct page){.len = 0};
    fetch(talk, 3, "t2");
    if (accepted)
        talk_up(talk, 1);
}

static void no_memory_that_is_given_back_holds_the_secret(void **state)
{
    static struct talk talk;
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct watched watched = {.allocator = {watch_resize, &watched}};
        talk_begin(&talk);
        talk.bridge.allocator = &watched.allocator;
        talk.cut = i & 1 ? TALK_BYTEWISE : 0;
        scene_secret(&talk, i & 2);
        talk_end(&talk);
        assert_false(watched.found);
        assert_int_equal(watched.live, 0);
    }
}

static void out_of_memory_at_any_allocation_ends_it_and_nothing_leaks(void **state)
{
    static struct talk talk;
    bool over = true;
    (void)state;
    for (int failed = 0; over; failed++) {
        talk_begin(&talk);
        begin(&talk);
        talk.memory.left = failed;
        handshake(&talk, 1, 1, "PLAIN");
        if (!talk.over)
            talk_up(&talk, 0);
        if (!talk.over)
            answer_handshake(&talk, 0, 1, 1);
        if (!talk.over)
            token(&talk, 2);
        if (!talk.over)
            answer_token(&talk, 0, 2, 0);
        if (!talk.over)
            fetch(&talk, 3, "t2");
        if (!talk.over)
            talk_up(&talk, 1);
        over = talk.over;
        talk_end(&talk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_further_link_is_proven_before_the_first_request_goes_there),
        cmocka_unit_test(bare_tokens_are_repeated_as_they_came),
        cmocka_unit_test(questions_go_where_the_client_is_proven),
        cmocka_unit_test(a_broker_that_refuses_what_another_has_accepted_ends_the_client),
        cmocka_unit_test(a_challenge_is_how_oauthbearer_says_no),
        cmocka_unit_test(a_broker_that_closes_meanwhile_ends_the_client_with_what_it_was_asked),
        cmocka_unit_test(what_no_broker_has_accepted_is_not_repeated),
        cmocka_unit_test(scram_is_refused_when_the_broker_has_agreed_to_it),
        cmocka_unit_test(scram_passes_until_the_cluster_turns_out_to_have_several_brokers),
        cmocka_unit_test(a_handshake_that_waits_while_others_register_comes_again),
        cmocka_unit_test(with_one_broker_every_mechanism_passes),
        cmocka_unit_test(a_token_that_is_too_long_to_be_kept_serves_one_broker),
        cmocka_unit_test(a_client_proves_itself_again_on_all_links_and_is_told_the_smallest_lifetime),
        cmocka_unit_test(what_one_broker_does_not_accept_again_the_client_is_told),
        cmocka_unit_test(bare_tokens_go_to_one_link_only),
        cmocka_unit_test(a_broker_whose_sessions_do_not_end_is_not_asked_again_for_others),
        cmocka_unit_test(no_memory_that_is_given_back_holds_the_secret),
        cmocka_unit_test(out_of_memory_at_any_allocation_ends_it_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
