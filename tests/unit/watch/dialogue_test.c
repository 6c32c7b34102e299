/* SPDX-License-Identifier: Apache-2.0 */
/* Whole conversations, heard in pieces of every size: what is told of them, and what is blanked in them. */
#include "proxy/watch/dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"
#include "tests/unit/kafka/memory.h"
#include "tests/unit/watch/messages.h"

#define SECRET "hunter2-hunter2"

enum { LENGTH = 4, ROOM = 8192, TOLD_MOST = 32 };
enum { API_DESCRIBE_CONFIGS = 32, API_INCREMENTAL_ALTER_CONFIGS = 44 };

/* What was told, and all bytes as they are after that. */
struct heard {
    struct hearing hearing;
    struct dialogue dialogue;
    struct exchange requests[TOLD_MOST], responses[TOLD_MOST];
    unsigned request_count, response_count, field_count;
    uint8_t bytes[ROOM];
    size_t len;
};

static void on_request(void *context, const struct exchange *exchange)
{
    struct heard *heard = context;
    heard->requests[heard->request_count++] = *exchange;
}

static void on_field(void *context, const struct exchange *exchange, enum direction direction,
                     enum walk_step step, const struct walk_event *event)
{
    struct heard *heard = context;
    (void)exchange, (void)direction, (void)step;
    assert_int_not_equal(event->field->role, ROLE_SECRET);
    assert_int_not_equal(event->field->role, ROLE_CHALLENGE);
    heard->field_count++;
}

static void on_response(void *context, const struct exchange *exchange)
{
    struct heard *heard = context;
    heard->responses[heard->response_count++] = *exchange;
}

static void begin(struct heard *heard, bool fields)
{
    *heard = (struct heard){.hearing = {heard, on_request, fields ? on_field : NULL, on_response}};
    dialogue_begin(&heard->dialogue, &heard->hearing);
}

/* Each piece on the heap, so that a byte too far is found. */
static void say(struct heard *heard, enum direction direction, struct bytes bytes, size_t piece)
{
    for (size_t at = 0; at < bytes.len; at += piece) {
        size_t len = bytes.len - at < piece ? bytes.len - at : piece;
        uint8_t *copy = malloc(len);
        memcpy(copy, bytes.at + at, len);
        for (size_t used = 0; used < len;)
            used += dialogue_hear(&heard->dialogue, direction, (struct span){copy + used, len - used});
        memcpy(heard->bytes + heard->len, copy, len);
        heard->len += len;
        free(copy);
    }
}

static bool is_in(const struct heard *heard, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= heard->len; i++)
        if (memcmp(heard->bytes + i, text, len) == 0)
            return true;
    return false;
}

/* A frame made by hand: header v1 without a client id, or the correlation id alone. */
static struct wire frame_of(enum direction direction, int api_key, int version, int correlation_id,
                            const struct wire *body)
{
    struct wire frame = {.len = 0};
    wire_32(&frame, (int)body->len + (direction == REQUEST ? 10 : LENGTH));
    if (direction == REQUEST) {
        wire_16(&frame, api_key);
        wire_16(&frame, version);
    }
    wire_32(&frame, correlation_id);
    if (direction == REQUEST)
        wire_string(&frame, NULL);
    wire_add(&frame, body->at, body->len);
    return frame;
}

static struct bytes bytes_in(const struct wire *wire)
{
    return (struct bytes){wire->at, wire->len};
}

/* ---- secrets ---- */

static void write_with_secrets(struct buffer *to, enum direction direction, int api_key, int version)
{
    const struct given givens[] = {
        given_bytes(ROLE_SECRET, bytes_of(SECRET)),
        given_bytes(ROLE_CHALLENGE, bytes_of(SECRET)),
        given_number(ROLE_ACKS, -1),
    };
    const struct givens all = {givens, sizeof givens / sizeof *givens};
    assert_null(direction == REQUEST ? write_request(to, api_key, version, 7, all)
                                     : write_response(to, api_key, version, 7, all));
}

static void hear_exchange(int api_key, int version, size_t piece, bool fields)
{
    static struct heard heard;
    struct memory memory;
    memory_begin(&memory, MEMORY_PLENTY);
    struct buffer request = {.allocator = &memory.allocator}, response = {.allocator = &memory.allocator};
    write_with_secrets(&request, REQUEST, api_key, version);
    write_with_secrets(&response, RESPONSE, api_key, version);
    begin(&heard, fields);
    say(&heard, REQUEST, buffer_bytes(&request), piece);
    say(&heard, RESPONSE, buffer_bytes(&response), piece);
    assert_false(is_in(&heard, SECRET));
    assert_int_equal(heard.request_count, 1);
    assert_int_equal(heard.response_count, 1);
    assert_int_equal(heard.responses[0].api_key, api_key);
    assert_int_equal(heard.responses[0].request_size, request.len);
    assert_int_equal(heard.responses[0].response_size, response.len);
    assert_true(dialogue_is_between(&heard.dialogue, RESPONSE));
    dialogue_free(&heard.dialogue);
    buffer_free(&request);
    buffer_free(&response);
    memory_end(&memory);
}

static void test_each_api_in_each_version_is_heard_in_every_piece_without_its_secrets(void **state)
{
    static const size_t pieces[] = {1, 3, 13, ROOM};
    (void)state;
    for (int api_key = 0; api_key <= tables_api_key_last; api_key++)
        for (int version = 0; version <= tables_message(REQUEST, api_key)->last; version++)
            for (size_t i = 0; tables_knows(api_key, version) && i < sizeof pieces / sizeof *pieces; i++) {
                hear_exchange(api_key, version, pieces[i], false);
                hear_exchange(api_key, version, pieces[i], true);
            }
}

/* All but the secret stays as it is. */
static void assert_only_secret_is_blanked(enum direction direction, int api_key, int version,
                                          const struct wire *body)
{
    static struct heard heard;
    struct wire asked = {.len = 0};
    struct wire request = frame_of(REQUEST, api_key, version, 7, direction == REQUEST ? body : &asked);
    struct wire frame = frame_of(direction, api_key, version, 7, body);
    for (size_t piece = 1; piece <= frame.len; piece++) {
        begin(&heard, false);
        if (direction == RESPONSE)
            say(&heard, REQUEST, bytes_in(&request), ROOM);
        heard.len = 0;
        say(&heard, direction, bytes_in(&frame), piece);
        assert_int_equal(heard.len, frame.len);
        assert_false(is_in(&heard, SECRET));
        unsigned changed = 0;
        for (size_t i = 0; i < frame.len; i++)
            changed += heard.bytes[i] != frame.at[i];
        assert_int_equal(changed, strlen(SECRET));
        dialogue_free(&heard.dialogue);
    }
}

static void test_values_of_configurations_are_blanked_and_nothing_else(void **state)
{
    enum { OF_TOPIC = 2 };
    struct wire body = {.len = 0};
    (void)state;
    wire_array(&body, 1);
    wire_8(&body, OF_TOPIC);
    wire_string(&body, "orders");
    wire_array(&body, 1);
    wire_string(&body, "sasl.jaas.config");
    wire_8(&body, 0); /* set */
    wire_string(&body, SECRET);
    wire_8(&body, 0);
    assert_only_secret_is_blanked(REQUEST, API_INCREMENTAL_ALTER_CONFIGS, 0, &body);
}

static void test_values_that_a_broker_tells_are_blanked(void **state)
{
    enum { OF_BROKER = 4 };
    struct wire body = {.len = 0};
    (void)state;
    wire_32(&body, 0); /* throttle time */
    wire_array(&body, 1);
    wire_16(&body, 0);
    wire_string(&body, NULL);
    wire_8(&body, OF_BROKER);
    wire_string(&body, "1");
    wire_array(&body, 1);
    wire_string(&body, "ssl.keystore.password");
    wire_string(&body, SECRET);
    wire_zeros(&body, 3); /* read only, default, sensitive */
    assert_only_secret_is_blanked(RESPONSE, API_DESCRIBE_CONFIGS, 0, &body);
}

/* ---- bare tokens ---- */

static void say_token(struct heard *heard, enum direction direction, const char *text, size_t len,
                      size_t piece)
{
    struct wire token = {.len = 0};
    wire_32(&token, (int)len);
    wire_add(&token, text, len);
    say(heard, direction, bytes_in(&token), piece);
}

static void hear_tokens(size_t piece)
{
    static const char plain[] = "\0alice\0" SECRET;
    static struct heard heard;
    struct wire asked = {.len = 0}, answered = {.len = 0}, nothing = {.len = 0};
    wire_string(&asked, "PLAIN");
    wire_16(&answered, 0);
    wire_array(&answered, 0);
    struct wire handshake = frame_of(REQUEST, API_SASL_HANDSHAKE, 0, 1, &asked);
    struct wire shaken = frame_of(RESPONSE, API_SASL_HANDSHAKE, 0, 1, &answered);
    struct wire versions = frame_of(REQUEST, API_API_VERSIONS, 0, 2, &nothing);
    begin(&heard, true);
    say(&heard, REQUEST, bytes_in(&handshake), piece);
    say(&heard, RESPONSE, bytes_in(&shaken), piece);
    say_token(&heard, REQUEST, plain, sizeof plain - 1, piece);
    say_token(&heard, RESPONSE, SECRET, strlen(SECRET), piece);
    say_token(&heard, REQUEST, "", 0, piece);
    say_token(&heard, RESPONSE, "", 0, piece);
    say_token(&heard, REQUEST, "hunter", 6, piece);
    say_token(&heard, RESPONSE, "", 0, piece);
    heard.hearing.field = NULL;
    say(&heard, REQUEST, bytes_in(&versions), piece);
    assert_false(is_in(&heard, "hunter"));
    assert_false(is_in(&heard, "alice"));
    assert_int_equal(heard.request_count, 5);
    assert_int_equal(heard.response_count, 4);
    assert_int_equal(heard.requests[1].api_version, -1);
    assert_int_equal(heard.requests[4].api_key, API_API_VERSIONS);
    assert_false(heard.dialogue.tokens);
    dialogue_free(&heard.dialogue);
}

static void test_bare_tokens_are_blanked_until_a_request_fits_again(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 40; piece++)
        hear_tokens(piece);
}

/* ---- what nobody can judge ---- */

static void assert_blanked_behind(struct heard *heard, const struct wire *frame, size_t kept)
{
    say(heard, REQUEST, bytes_in(frame), ROOM);
    assert_memory_equal(heard->bytes, frame->at, kept);
    for (size_t i = kept; i < frame->len; i++)
        assert_int_equal(heard->bytes[i], 0);
    dialogue_free(&heard->dialogue);
}

static void test_what_the_tables_do_not_know_is_blanked_behind_its_head(void **state)
{
    enum { HEAD = 12, API_NEW = 999 };
    static struct heard heard;
    struct wire body = {.len = 0};
    (void)state;
    wire_string(&body, SECRET);
    struct wire frame = frame_of(REQUEST, API_NEW, 0, 1, &body);
    begin(&heard, false);
    assert_blanked_behind(&heard, &frame, HEAD);
    assert_int_equal(heard.request_count, 1);
    frame = frame_of(REQUEST, API_SASL_AUTHENTICATE, 99, 1, &body);
    begin(&heard, false);
    assert_blanked_behind(&heard, &frame, HEAD);
}

static void test_bytes_behind_a_message_are_blanked(void **state)
{
    static struct heard heard;
    struct wire body = {.len = 0};
    (void)state;
    wire_32(&body, 3);
    wire_add(&body, "abc", 3); /* the token of SaslAuthenticate v0 … */
    size_t known = body.len;
    wire_string(&body, SECRET);
    struct wire frame = frame_of(REQUEST, API_SASL_AUTHENTICATE, 0, 1, &body);
    begin(&heard, false);
    assert_blanked_behind(&heard, &frame, frame.len - body.len + known - 3);
}

static void test_what_is_no_kafka_is_blanked_whole(void **state)
{
    static const char http[] = "GET / HTTP/1.1\r\nAuthorization: Basic " SECRET "\r\n\r\n";
    static struct heard heard;
    (void)state;
    for (size_t piece = 1; piece < sizeof http; piece++) {
        begin(&heard, false);
        say(&heard, REQUEST, bytes_of(http), piece);
        assert_false(is_in(&heard, SECRET));
        assert_false(is_in(&heard, "HTTP"));
        dialogue_free(&heard.dialogue);
    }
}

/* ---- who answers what ---- */

static void say_metadata(struct heard *heard, enum direction direction, int correlation_id)
{
    struct wire body = {.len = 0};
    wire_array(&body, 0);
    if (direction == RESPONSE)
        wire_array(&body, 0);
    struct wire frame = frame_of(direction, API_METADATA, 0, correlation_id, &body);
    say(heard, direction, bytes_in(&frame), ROOM);
}

static void test_a_response_is_told_with_its_request_and_the_node_that_was_named(void **state)
{
    static struct heard heard;
    (void)state;
    begin(&heard, true);
    for (int i = 0; i < 20; i++)
        say_metadata(&heard, REQUEST, 100 + i);
    dialogue_route(&heard.dialogue, 1, 5);
    for (int i = 0; i < 20; i++)
        say_metadata(&heard, RESPONSE, 100 + i);
    assert_int_equal(heard.response_count, 20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(heard.responses[i].number, i);
    assert_int_equal(heard.responses[0].node, NODE_BOOTSTRAP);
    assert_int_equal(heard.responses[1].node, 5);
    dialogue_free(&heard.dialogue);
}

static void test_bytes_that_are_missing_cost_only_the_exchanges_they_were_of(void **state)
{
    static struct heard heard;
    (void)state;
    begin(&heard, true);
    say_metadata(&heard, REQUEST, 1);
    say_metadata(&heard, REQUEST, 2);
    say(&heard, RESPONSE, (struct bytes){(const uint8_t *)"\0\0\0\x20\0\0\0\1", 8}, ROOM);
    assert_false(dialogue_is_between(&heard.dialogue, RESPONSE));
    dialogue_skip(&heard.dialogue, RESPONSE);
    say_metadata(&heard, RESPONSE, 2);
    say_metadata(&heard, RESPONSE, 77); /* its request was never heard */
    assert_int_equal(heard.response_count, 1);
    assert_int_equal(heard.responses[0].correlation_id, 2);
    dialogue_free(&heard.dialogue);
}

static void test_a_produce_that_wants_no_answer_is_told_and_awaits_none(void **state)
{
    static const struct part parts[] = {{"orders", 3, 0}};
    static struct heard heard;
    struct wire body = {.len = 0};
    (void)state;
    message_produce(&body, parts, 1, 0, 100);
    struct wire frame = frame_of(REQUEST, API_PRODUCE, 7, 1, &body);
    for (int fields = 0; fields < 2; fields++) {
        begin(&heard, fields);
        say(&heard, REQUEST, bytes_in(&frame), 5);
        assert_int_equal(heard.response_count, 1);
        assert_int_equal(heard.responses[0].response_size, 0);
        say_metadata(&heard, REQUEST, 2);
        say_metadata(&heard, RESPONSE, 2);
        assert_int_equal(heard.response_count, 2);
        assert_int_equal(heard.responses[1].api_key, API_METADATA);
        dialogue_free(&heard.dialogue);
    }
}

static void test_who_asks_without_end_and_hears_nothing_is_no_longer_followed(void **state)
{
    static struct heard heard;
    struct wire body = {.len = 0};
    (void)state;
    struct wire frame = frame_of(REQUEST, API_API_VERSIONS, 0, 1, &body);
    begin(&heard, false);
    heard.hearing = (struct hearing){.context = NULL};
    for (int i = 0; i <= DIALOGUE_AWAITED_MAX; i++) {
        assert_int_equal(heard.dialogue.lost, false);
        heard.len = 0;
        say(&heard, REQUEST, bytes_in(&frame), ROOM);
    }
    assert_true(heard.dialogue.lost);
    dialogue_free(&heard.dialogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_api_in_each_version_is_heard_in_every_piece_without_its_secrets),
        cmocka_unit_test(test_values_of_configurations_are_blanked_and_nothing_else),
        cmocka_unit_test(test_values_that_a_broker_tells_are_blanked),
        cmocka_unit_test(test_bare_tokens_are_blanked_until_a_request_fits_again),
        cmocka_unit_test(test_what_the_tables_do_not_know_is_blanked_behind_its_head),
        cmocka_unit_test(test_bytes_behind_a_message_are_blanked),
        cmocka_unit_test(test_what_is_no_kafka_is_blanked_whole),
        cmocka_unit_test(test_a_response_is_told_with_its_request_and_the_node_that_was_named),
        cmocka_unit_test(test_bytes_that_are_missing_cost_only_the_exchanges_they_were_of),
        cmocka_unit_test(test_a_produce_that_wants_no_answer_is_told_and_awaits_none),
        cmocka_unit_test(test_who_asks_without_end_and_hears_nothing_is_no_longer_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
