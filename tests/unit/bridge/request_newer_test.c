/* SPDX-License-Identifier: Apache-2.0 */
/* A Kafka newer than the tables: every version behind the last known one, and keys that have no name yet. What kbridge would have
 * to read is refused, all else passes byte for byte, in both directions: nothing is ever read by the rows of another version.
 * Apart from request_test.c, because it is one question asked of every api key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/bridge/route.h"
#include "proxy/kafka/wire.h"
#include "tests/unit/bridge/talk.h"

enum { KEYS_BEYOND = 8, BODY = 60, HEAD = 12, FRAME = HEAD + BODY, CORRELATION_ID = 7 };

enum fate { REFUSED, LOST, ANSWERED, PASSED };

/* What has an address, a place where it belongs, or an order of its own can only be refused. */
static enum fate fate_of(int key, int brokers)
{
    if (key == API_API_VERSIONS)
        return ANSWERED;
    if (route_is_lost(key) && brokers > 1)
        return LOST;
    return route_reads(key) ? REFUSED : PASSED;
}

static bool carries_addresses(int key)
{
    static const int keys[] = {
        API_PRODUCE,          API_FETCH,       API_METADATA,         API_FIND_COORDINATOR,
        API_DESCRIBE_CLUSTER, API_SHARE_FETCH, API_SHARE_ACKNOWLEDGE};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i] == key)
            return true;
    return false;
}

/* Bytes that are a wrong length, count and tag wherever one would stand. */
static void fill(uint8_t frame[FRAME], int key, int version)
{
    memset(frame, 0xfe, FRAME);
    wire_put_uint32(frame, FRAME - 4);
    wire_put_int16(frame + 4, (int16_t)key);
    wire_put_int16(frame + 6, (int16_t)version);
    wire_put_uint32(frame + 8, CORRELATION_ID);
}

static void expect_bytes(const char *claim, const struct buffer *sent, const uint8_t *expected, size_t len)
{
    if (sent->len != len || memcmp(sent->at, expected, len) != 0)
        fail_msg("%s: %zu bytes went on, and not the %zu that came", claim, sent->len, len);
}

static void expect_passed(struct talk *talk, const char *claim, const uint8_t frame[FRAME])
{
    uint8_t answer[FRAME];
    assert_true(talk->links[0].dialled);
    talk_up(talk, 0);
    expect_bytes(claim, &talk->links[0].sent, frame, FRAME);
    memset(answer, 0xfe, FRAME);
    wire_put_uint32(answer, FRAME - 4);
    wire_put_uint32(answer + 4, CORRELATION_ID);
    talk_send(talk, 0, (struct bytes){answer, FRAME});
    assert_false(talk->over);
    expect_bytes(claim, &talk->client.sent, answer, FRAME);
}

static void expect_fate(int key, int version, int brokers, size_t cut)
{
    static struct talk talk;
    uint8_t frame[FRAME];
    char claim[64];
    enum fate fate = fate_of(key, brokers);
    (void)snprintf(claim, sizeof claim, "key %d v%d, %d brokers, cut %zu", key, version, brokers, cut);
    talk_begin(&talk);
    talk.cut = cut;
    talk_learn_brokers(&talk, brokers);
    talk_connect(&talk);
    fill(frame, key, version);
    talk_send(&talk, CLIENT, (struct bytes){frame, FRAME});
    if (talk.over != (fate == REFUSED || fate == LOST))
        fail_msg("%s: %s", claim, talk.over ? conversation_sentence(talk.conversation) : "not refused");
    if (talk.over)
        assert_int_equal(conversation_reason(talk.conversation),
                         fate == LOST ? REASON_ROUTE_UNKNOWN : REASON_REQUEST_VERSION);
    if (fate == PASSED)
        expect_passed(&talk, claim, frame);
    else
        assert_int_equal(talk.links[0].sent.len, 0);
    talk_end(&talk);
}

static void no_message_of_a_newer_kafka_is_read_as_one_that_is_known(void **state)
{
    (void)state;
    for (int key = 0; key <= tables_api_key_last + KEYS_BEYOND; key++) {
        const struct message *message = tables_message(REQUEST, key);
        int newer = message && message->last >= message->first ? message->last + 1 : 0;
        for (int version = newer; version <= newer + 1; version++)
            for (int brokers = 1; brokers <= 2; brokers++) {
                expect_fate(key, version, brokers, 0);
                expect_fate(key, version, brokers, TALK_BYTEWISE);
            }
    }
}

static void what_has_addresses_never_passes_in_a_version_that_is_not_known(void **state)
{
    (void)state;
    for (int key = 0; key <= tables_api_key_last; key++)
        if (carries_addresses(key))
            assert_int_equal(fate_of(key, 1), REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_message_of_a_newer_kafka_is_read_as_one_that_is_known),
        cmocka_unit_test(what_has_addresses_never_passes_in_a_version_that_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
