/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of requests: scenes with one client, each whole, byte by byte and at every split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/bridge/talk.h"

/* ---------------------------------------------------------------- scenes */

/* A cluster of one broker, and a client whose link is up: it has asked ListGroups v0 (#0, no body). */
static void begin_with_one(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    talk_request(talk, 16, 0, 0, NONE_GIVEN);
    talk_up(talk, 0);
    talk_answer(talk, 0, 16, 0, 0, NONE_GIVEN);
    talk->page = (struct page){.len = 0};
}

static void produce(struct talk *talk, int version, int32_t correlation_id, int acks, const char *topic)
{
    const struct givens partition[] = {
        GIVENS(given_number(ROLE_PARTITION, 0), given_bytes(ROLE_RECORDS, bytes_of("some records")))};
    const struct givens topics[] = {
        GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of(topic)), given_array(ROLE_PARTITIONS, partition, 1))};
    talk_request(talk, API_PRODUCE, version, correlation_id,
                 GIVENS(given_number(ROLE_ACKS, acks), given_array(ROLE_TOPICS, topics, 1)));
}

static void scene_first(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    talk_request(talk, API_METADATA, 1, 7, NONE_GIVEN);
    talk_expect(talk, "the client waits for its link", "dial link 0: kafka:9092\nclient off\n");
    talk_up(talk, 0);
}

static void a_first_request_dials_and_goes_on_when_the_link_is_up(void **state)
{
    (void)state;
    talk_every_way("Metadata", scene_first, "client on\nlink 0 <- Metadata v1 #7\n");
}

static void scene_empty_body(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    talk_request(talk, 16, 0, 1, NONE_GIVEN);
    talk_up(talk, 0);
    talk_request(talk, 16, 0, 2, NONE_GIVEN);
}

static void a_request_without_a_body_needs_no_further_input(void **state)
{
    (void)state;
    talk_every_way("ListGroups v0", scene_empty_body,
                   "dial link 0: kafka:9092\nclient off\nlink 0 <- ListGroups v0 #1\nclient on\n"
                   "link 0 <- ListGroups v0 #2\n");
}

static void scene_many(struct talk *talk)
{
    begin_with_one(talk);
    struct buffer many = {.allocator = &talk->own.allocator};
    for (int i = 1; i <= 4; i++)
        assert_null(write_request(&many, i == 3 ? API_PRODUCE : API_METADATA, 3, i, NONE_GIVEN));
    talk_send(talk, CLIENT, buffer_bytes(&many));
    struct span all = pages_copy(buffer_bytes(&many));
    buffer_free(&many);
    struct bytes sent = buffer_bytes(&talk->links[0].sent);
    assert_memory_equal(sent.at + sent.len - all.len, all.at, all.len);
    free(all.at);
}

static void several_requests_in_one_input_go_on_in_order_and_untouched(void **state)
{
    (void)state;
    talk_every_way("four", scene_many,
                   "link 0 <- Metadata v3 #1\nlink 0 <- Metadata v3 #2\nlink 0 <- Produce v3 #3\nlink 0 <- "
                   "Metadata v3 #4\n");
}

static void scene_rest_unused(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    struct buffer two = {.allocator = &talk->own.allocator};
    assert_null(write_request(&two, API_METADATA, 3, 1, NONE_GIVEN));
    assert_null(write_request(&two, API_METADATA, 3, 2, NONE_GIVEN));
    talk_send(talk, CLIENT, buffer_bytes(&two));
    buffer_free(&two);
    assert_true(talk->client.kept.len > 0);
    talk_up(talk, 0);
    assert_int_equal(talk->client.kept.len, 0);
}

static void what_follows_a_waiting_request_is_left_unused(void **state)
{
    (void)state;
    talk_every_way("two", scene_rest_unused,
                   "dial link 0: kafka:9092\nclient off\nclient on\nlink 0 <- Metadata v3 #1\nlink 0 <- "
                   "Metadata v3 #2\n");
}

/* ---------------------------------------------------------------- acks=0 */

static void scene_unanswered(struct talk *talk)
{
    talk->tells_facts = true;
    begin_with_one(talk);
    produce(talk, 3, 1, 0, "t");
    assert_int_equal(conversation_in_flight(talk->conversation), 0);
    produce(talk, 9, 2, 1, "t");
    assert_int_equal(conversation_in_flight(talk->conversation), 1);
    produce(talk, 13, 3, 0, "t");
    talk_answer(talk, 0, API_PRODUCE, 9, 2, NONE_GIVEN);
    assert_int_equal(conversation_in_flight(talk->conversation), 0);
}

static void produce_with_acks_0_awaits_no_answer(void **state)
{
    (void)state;
    talk_every_way("acks 0, 1, 0", scene_unanswered,
                   "fact: request 1 key 0 v3 #1 node 1, 60 and 0 bytes\n"
                   "link 0 <- Produce v3 #1\n"
                   "fact: response 1 key 0 v3 #1 node 1, 60 and 0 bytes\n"
                   "fact: request 2 key 0 v9 #2 node 1, 53 and 0 bytes\n"
                   "link 0 <- Produce v9 #2\n"
                   "fact: request 3 key 0 v13 #3 node 1, 67 and 0 bytes\n"
                   "link 0 <- Produce v13 #3\n"
                   "fact: response 3 key 0 v13 #3 node 1, 67 and 0 bytes\n"
                   "client <- #2, 15 bytes\n"
                   "fact: response 2 key 0 v9 #2 node 1, 53 and 15 bytes\n");
}

static void scene_unanswered_eof(struct talk *talk)
{
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    produce(talk, 3, 1, 0, "t");
    talk_up(talk, 0);
    talk_eof(talk, CLIENT);
}

static void a_client_that_leaves_behind_acks_0_is_through(void **state)
{
    (void)state;
    talk_every_way(
        "eof", scene_unanswered_eof,
        "dial link 0: kafka:9092\nclient off\nclient on\nlink 0 <- Produce v3 #1\nclose CLIENT_CLOSED: \n");
}

/* ---------------------------------------------------------------- unknown keys and versions */

static void scene_unknown_key(struct talk *talk)
{
    begin_with_one(talk);
    talk_send_hex(talk, CLIENT, "0000000a 03e7 0005 00000009 'xy'");
    talk_send_hex(talk, CLIENT, "00000008 ffff 0005 0000000a");
    talk_send_hex(talk, 0, "00000006 00000009 'zz' 00000004 0000000a");
    talk_expect_sent(talk, "untouched", 0,
                     "00000011 0010 0000 00000000 0007 'kbridge'"
                     "0000000a 03e7 0005 00000009 'xy' 00000008 ffff 0005 0000000a");
}

static void an_unknown_api_key_passes_untouched(void **state)
{
    (void)state;
    talk_every_way(
        "keys 999 and -1", scene_unknown_key,
        "link 0 <- key 999 v5 #9\nlink 0 <- key -1 v5 #10\nclient <- #9, 10 bytes\nclient <- #10, 8 bytes\n");
}

static void scene_unread_version(struct talk *talk)
{
    begin_with_one(talk);
    talk_send_hex(talk, CLIENT, "0000000a 001d 0063 00000009 'xy'");
    talk_send_hex(talk, 0, "00000006 00000009 'zz'");
}

static void an_unknown_version_of_a_key_that_is_not_read_passes(void **state)
{
    (void)state;
    talk_every_way("DescribeAcls v99", scene_unread_version,
                   "link 0 <- DescribeAcls v99 #9\nclient <- #9, 10 bytes\n");
}

static void scene_read_version(struct talk *talk)
{
    begin_with_one(talk);
    talk_send_hex(talk, CLIENT, "0000000a 0003 0063 00000009 'xy'");
}

static void an_unknown_version_of_a_key_that_is_read_ends_it_with_the_reason(void **state)
{
    (void)state;
    talk_every_way("Metadata v99", scene_read_version,
                   "close REQUEST_VERSION: Metadata v99 is not in the versions that this kbridge reads, 0 to "
                   "13; clients that "
                   "ask with ApiVersions first are told so; else update kbridge\n");
}

static void scene_newer_api_versions(struct talk *talk)
{
    begin_with_one(talk);
    talk_request(talk, API_METADATA, 1, 1, NONE_GIVEN);
    talk_send_hex(talk, CLIENT, "00000010 0012 0063 00000002 0002 'me' 00 020304");
    talk_request(talk, API_METADATA, 1, 3, NONE_GIVEN);
    talk_send_hex(talk, CLIENT, "00000008 0012 0006 00000004");
    talk_answer(talk, 0, API_METADATA, 1, 1, NONE_GIVEN);
    talk_answer(talk, 0, API_METADATA, 1, 3, NONE_GIVEN);
    talk_send_hex(talk, CLIENT, "00000008 0012 7fff 00000005");
    struct bytes sent = buffer_bytes(&talk->client.sent);
    struct span last = pages_bytes("00000010 00000005 0023 00000001 0012 0000 0005");
    assert_memory_equal(sent.at + sent.len - last.len, last.at, last.len);
    free(last.at);
}

static void an_unknown_version_of_api_versions_is_answered_in_the_clients_order(void **state)
{
    (void)state;
    talk_every_way(
        "ApiVersions v99, v6, v32767", scene_newer_api_versions,
        "link 0 <- Metadata v1 #1\nlink 0 <- Metadata v1 #3\n"
        "client <- #1, 20 bytes\nclient <- #2, 20 bytes\nclient <- #3, 20 bytes\nclient <- #4, 20 bytes\n"
        "client <- #5, 20 bytes\n");
}

static void scene_newer_api_versions_first(struct talk *talk)
{
    talk_connect(talk);
    talk_send_hex(talk, CLIENT, "00000010 0012 0063 00000002 0002 'me' 00 020304");
    talk_eof(talk, CLIENT);
}

static void an_unknown_version_of_api_versions_needs_no_link(void **state)
{
    (void)state;
    talk_every_way("ApiVersions v99", scene_newer_api_versions_first,
                   "client <- #2, 20 bytes\nclose CLIENT_CLOSED: \n");
}

/* ---------------------------------------------------------------- limits */

static void scene_in_flight(struct talk *talk)
{
    talk->bridge.limits.in_flight = 2;
    begin_with_one(talk);
    for (int i = 1; i <= 4; i++)
        talk_request(talk, API_METADATA, 1, i, NONE_GIVEN);
    talk_expect(talk, "two go on", "link 0 <- Metadata v1 #1\nlink 0 <- Metadata v1 #2\nclient off\n");
    for (int i = 1; i <= 4; i++)
        talk_answer(talk, 0, API_METADATA, 1, i, NONE_GIVEN);
}

static void the_client_is_not_read_while_limits_in_flight_are_not_answered(void **state)
{
    (void)state;
    talk_every_way("a limit of 2", scene_in_flight,
                   "client <- #1, 20 bytes\nclient on\nlink 0 <- Metadata v1 #3\nclient off\n"
                   "client <- #2, 20 bytes\nclient on\nlink 0 <- Metadata v1 #4\n"
                   "client <- #3, 20 bytes\nclient <- #4, 20 bytes\n");
}

struct refused {
    const char *claim, *hex, *page;
};

static const struct refused refused_first[] = {
    {"TLS", "16030102 00 01 00 01 fc",
     "close CLIENT_FOREIGN: it speaks TLS to a plaintext Kafka port: "
     "set the client's security.protocol to PLAINTEXT (or SASL_PLAINTEXT)\n"},
    {"HTTP", "'GET / HTTP/1.1' 0d0a",
     "close CLIENT_FOREIGN: it speaks HTTP to a plaintext Kafka port: "
     "only Kafka clients can use this port\n"},
    {"SSH", "'SSH-2.0-OpenSSH' 0d0a",
     "close CLIENT_FOREIGN: it speaks SSH to a plaintext Kafka port: "
     "only Kafka clients can use this port\n"},
    {"PROXY", "'PROXY TCP4 192.0.2.1' 0d0a",
     "close CLIENT_FOREIGN: it speaks the PROXY protocol to a plaintext Kafka port: "
     "turn that off in the balancer that connects to this port\n"},
    {"a length of 7", "00000007 00120000000000",
     "close FRAME_SIZE: 7 bytes (they look like \"\\x00\\x00\\x00\\x07\"), where 8 to limits.frame = 1000000 "
     "are allowed: this is no Kafka client\n"},
    {"a length of 0", "00000000 0012",
     "close FRAME_SIZE: 0 bytes (they look like \"\\x00\\x00\\x00\\x00\"), where 8 to limits.frame = 1000000 "
     "are allowed: this is no Kafka client\n"},
    {"one above limits.frame", "000f4241 0012",
     "close FRAME_SIZE: 1000001 bytes (they look like \"\\x00\\x0fBA\"), where 8 to limits.frame = 1000000 "
     "are allowed: either this is no Kafka client, or limits.frame is too small for it\n"},
    {"a negative length", "ffffffff 0012",
     "close FRAME_SIZE: -1 bytes (they look like \"\\xff\\xff\\xff\\xff\"), where 8 to limits.frame = "
     "1000000 are allowed: this is no Kafka client\n"},
    {"a client id beyond the end", "00000010 0003 0001 00000001 0010 'kafka'",
     "close REQUEST_MALFORMED: Metadata v1 of 20 bytes cannot be read: at ClientId, a length goes beyond its "
     "end\n"},
    {"no client id", "00000008 0003 0001 00000001",
     "close REQUEST_MALFORMED: Metadata v1 of 12 bytes cannot be read: at ClientId, it ends before a "
     "field\n"},
    {"a topic that is cut off", "00000019 0000 0003 00000001 ffff ffff 0001 00000000 00000001 0020 'x'",
     "close REQUEST_MALFORMED: Produce v3 of 29 bytes cannot be read: at Name, a length goes beyond its "
     "end\n"},
};

static const struct refused *refused;

static void scene_refused(struct talk *talk)
{
    talk_connect(talk);
    talk_send_hex(talk, CLIENT, refused->hex);
}

static void first_bytes_that_are_no_request_end_it_with_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused_first / sizeof refused_first[0]; i++) {
        refused = &refused_first[i];
        talk_every_way(refused->claim, scene_refused, refused->page);
    }
}

static void scene_largest(struct talk *talk)
{
    talk->bridge.limits.frame = 40;
    begin_with_one(talk);
    talk_send_hex(talk, CLIENT, "00000028 03e7 0005 00000009 '0123456789abcdef0123456789abcdef'");
    talk_send_hex(talk, CLIENT, "00000029 03e7 0005 00000009 '0123456789abcdef0123456789abcdef' 'g'");
    talk_send_hex(talk, 0, "00000004 00000009");
}

/* What is refused ends the client behind the answers that are ahead of it. */
static void a_frame_of_limits_frame_passes_and_one_more_does_not(void **state)
{
    (void)state;
    talk_every_way(
        "40 and 41 bytes", scene_largest,
        "link 0 <- key 999 v5 #9\nclient <- #9, 8 bytes\n"
        "close FRAME_SIZE: 41 bytes (they look like \"\\x00\\x00\\x00)\"), where 8 to limits.frame = 40 are "
        "allowed: either this is no Kafka client, or limits.frame is too small for it\n");
}

/* Only the first request can be something else: later, these are lengths. */
static void a_later_length_is_never_taken_for_another_protocol(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    talk.bridge.limits.frame = 0x7fffffff;
    begin_with_one(&talk);
    talk_send_hex(&talk, CLIENT, "16030100 03e7 0005 00000009");
    assert_false(talk.over);
    assert_int_equal(talk.links[0].sent.len, 21 + 12);
    talk_end(&talk);
}

/* A name that decides where the request belongs, behind which nothing decides any more. */
static void send_long_transaction(struct talk *talk, size_t client_id, size_t name)
{
    struct buffer frame = {.allocator = &talk->own.allocator};
    static char text[1 << 15];
    memset(text, 'x', sizeof text);
    uint8_t head[14] = {0, 0, 0, 0, 0, 24, 0, 0, 0, 0, 0, 1, (uint8_t)(client_id >> 8), (uint8_t)client_id};
    uint8_t length[2] = {(uint8_t)(name >> 8), (uint8_t)name};
    uint8_t rest[14] = {0};
    assert_true(buffer_append(&frame, (struct bytes){head, 14}));
    assert_true(buffer_append(&frame, (struct bytes){(uint8_t *)text, client_id}));
    assert_true(buffer_append(&frame, (struct bytes){length, 2}));
    assert_true(buffer_append(&frame, (struct bytes){(uint8_t *)text, name}));
    assert_true(buffer_append(&frame, (struct bytes){rest, 14}));
    frame.at[1] = (uint8_t)((frame.len - 4) >> 16);
    frame.at[2] = (uint8_t)((frame.len - 4) >> 8);
    frame.at[3] = (uint8_t)(frame.len - 4);
    talk_send(talk, CLIENT, buffer_bytes(&frame));
    buffer_free(&frame);
}

static void the_longest_names_can_be_held(void **state)
{
    (void)state;
    const size_t cuts[] = {0, TALK_BYTEWISE, 1 << 15};
    for (size_t i = 0; i < 3; i++) {
        static struct talk talk;
        talk_begin(&talk);
        talk.cut = cuts[i];
        talk_learn_brokers(&talk, 3);
        talk_connect(&talk);
        send_long_transaction(&talk, 0x7fff, 0x7fff);
        talk_expect(&talk, "AddPartitionsToTxn v0", "dial link 0: kafka:9092\nclient off\n");
        talk_end(&talk);
    }
}

static void scene_undecided(struct talk *talk)
{
    enum { HELD_MOST = 68 << 10 };
    talk_connect(talk);
    static const uint8_t name[100000];
    talk_send_hex(talk, CLIENT, "000186a0 0012 0003 00000001 ffff 00 ffff05");
    talk_send(talk, CLIENT, (struct bytes){name, HELD_MOST - 18});
    talk_expect(talk, "so far it is held", "");
    talk_send(talk, CLIENT, (struct bytes){name, 1});
}

static void a_request_that_does_not_decide_within_68_kib_is_refused(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    scene_undecided(&talk);
    talk_expect(&talk, "a long software name",
                "close REQUEST_MALFORMED: ApiVersions v3 of 100004 bytes cannot be read: its first 68 KiB do "
                "not tell where it "
                "belongs\n");
    talk_end(&talk);
}

/* ---------------------------------------------------------------- who the client is */

static void scene_who(struct talk *talk)
{
    talk->tells_facts = true;
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    talk_send_hex(talk, CLIENT, "0000001a 0012 0003 00000001 0002 'me' 00 06 'kafka' 06 '4.3.0' 00");
    talk_expect(talk, "before any response",
                "fact: client \"me\" \"kafka 4.3.0\"\ndial link 0: kafka:9092\nclient off\n");
    talk_up(talk, 0);
    talk_send_hex(talk, CLIENT, "0000001a 0012 0003 00000002 0002 'ME' 00 06 'KAFKA' 06 '4.3.0' 00");
}

static void the_client_is_told_once_with_its_id_and_software(void **state)
{
    (void)state;
    talk_every_way(
        "two ApiVersions", scene_who,
        "fact: request 0 key 18 v3 #1 node 1, 30 and 0 bytes\nlink 0 <- ApiVersions v3 #1\nclient on\n"
        "fact: request 1 key 18 v3 #2 node 1, 30 and 0 bytes\nlink 0 <- ApiVersions v3 #2\n");
}

static void scene_who_without_software(struct talk *talk)
{
    talk->tells_facts = true;
    talk_learn_brokers(talk, 1);
    talk_connect(talk);
    talk_send_hex(talk, CLIENT,
                  "0000005a 0003 0001 00000001 004c "
                  "'0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab'"
                  "ffffffff");
}

static void a_long_client_id_is_cut_to_63_bytes(void **state)
{
    (void)state;
    talk_every_way("76 bytes", scene_who_without_software,
                   "fact: client \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\" \"\"\n"
                   "dial link 0: kafka:9092\nclient off\n");
}

static void scene_fields(struct talk *talk)
{
    static const _Atomic uint8_t wants_fields = 1;
    talk->bridge.facts.wants_fields = &wants_fields;
    begin_with_one(talk);
    produce(talk, 9, 1, 1, "t");
    talk_answer(talk, 0, API_PRODUCE, 9, 1, NONE_GIVEN);
}

static void fields_are_told_where_they_are_wanted(void **state)
{
    (void)state;
    talk_every_way("Produce v9", scene_fields,
                   "fact: request 1 RequestApiKey 0\nfact: request 1 RequestApiVersion 9\nfact: request 1 "
                   "CorrelationId 1\n"
                   "fact: request 1 Acks 1\nfact: request 1 Index 0\n"
                   "link 0 <- Produce v9 #1\nclient <- #1, 15 bytes\n");
}

static uint64_t only_partitions(uint8_t watched)
{
    assert_int_equal(watched, 1);
    return ROLE_SET(ROLE_PARTITION);
}

static void scene_few_fields(struct talk *talk)
{
    talk->bridge.facts.roles = only_partitions;
    scene_fields(talk);
}

/* The one that the bridge itself has to see is told as well. */
static void only_fields_that_are_wanted_are_told(void **state)
{
    (void)state;
    talk_every_way("Produce v9", scene_few_fields,
                   "fact: request 1 Acks 1\nfact: request 1 Index 0\n"
                   "link 0 <- Produce v9 #1\nclient <- #1, 15 bytes\n");
}

/* ---------------------------------------------------------------- SaslHandshake v0 */

static void scene_tokens(struct talk *talk)
{
    talk->raw = true;
    begin_with_one(talk);
    talk_request(talk, API_SASL_HANDSHAKE, 0, 1, GIVENS(given_bytes(ROLE_MECHANISM, bytes_of("PLAIN"))));
    talk_answer(talk, 0, API_SASL_HANDSHAKE, 0, 1, NONE_GIVEN);
    talk_send_hex(talk, CLIENT, "00000014 00 'somebody' 00 'a password'");
    talk_send_hex(talk, 0, "00000000");
    talk_send_hex(talk, CLIENT, "00000000");
    talk_send_hex(talk, 0, "00000003 'yes'");
    talk_send_hex(talk, CLIENT, "00000008 '12345678'");
    talk_send_hex(talk, 0, "00000004 '1234'");
    talk_send_hex(talk, CLIENT, "00000011 0010 0000 00000002 0007 'kbridge'");
    talk_send_hex(talk, 0, "0000000a 00000002 0000 00000000");
}

static void behind_sasl_handshake_v0_come_bare_tokens_until_a_request_fits(void **state)
{
    (void)state;
    talk_every_way("PLAIN, an empty token, a short one", scene_tokens,
                   "link 0 <- 00 00 00 18 00 11 00 00 00 00 00 01 00 07 'kbridge' 00 05 'PLAIN'\n"
                   "client <- 00 00 00 0a 00 00 00 01 00 00 00 00 00 00\n"
                   "link 0 <- 00 00 00 14 00 'somebody' 00 'a' 20 'password'\n"
                   "client <- 00 00 00 00\n"
                   "link 0 <- 00 00 00 00\n"
                   "client <- 00 00 00 03 'yes'\n"
                   "link 0 <- 00 00 00 08 '12345678'\n"
                   "client <- 00 00 00 04 '1234'\n"
                   "link 0 <- 00 00 00 11 00 10 00 00 00 00 00 02 00 07 'kbridge'\n"
                   "client <- 00 00 00 0a 00 00 00 02 00 00 00 00 00 00\n");
}

static void scene_token_stands_still(struct talk *talk)
{
    talk->bridge.limits.header_ms = 30000;
    begin_with_one(talk);
    talk_request(talk, API_SASL_HANDSHAKE, 0, 1, GIVENS(given_bytes(ROLE_MECHANISM, bytes_of("PLAIN"))));
    talk_answer(talk, 0, API_SASL_HANDSHAKE, 0, 1, NONE_GIVEN);
    talk_send_hex(talk, CLIENT, "00000014 00 'me' 00 'secr'");
    talk_tick(talk, conversation_due_ms(talk->conversation));
}

static void a_token_that_stands_still_is_told_without_its_bytes(void **state)
{
    (void)state;
    talk_every_way("half a password", scene_token_stands_still,
                   "link 0 <- SaslHandshake v0 #1\nclient <- #1, 14 bytes\n"
                   "close HEADER_TIMEOUT: nothing came for 30 s (timeouts.header) behind "
                   "\"\\x00\\x00\\x00\\x14…\": either this is no Kafka client, or what lies between it and "
                   "kbridge stands still\n");
}

static void scene_handshake_v1(struct talk *talk)
{
    begin_with_one(talk);
    talk_request(talk, API_SASL_HANDSHAKE, 1, 1, NONE_GIVEN);
    talk_answer(talk, 0, API_SASL_HANDSHAKE, 1, 1, NONE_GIVEN);
    talk_request(talk, API_SASL_AUTHENTICATE, 2, 2, NONE_GIVEN);
    talk_send_hex(talk, CLIENT, "00000000");
    talk_answer(talk, 0, API_SASL_AUTHENTICATE, 2, 2, NONE_GIVEN);
}

static void behind_sasl_handshake_v1_come_requests(void **state)
{
    (void)state;
    talk_every_way("a token", scene_handshake_v1,
                   "link 0 <- SaslHandshake v1 #1\nclient <- #1, 14 bytes\nlink 0 <- SaslAuthenticate v2 #2\n"
                   "client <- #2, 22 bytes\n"
                   "close FRAME_SIZE: 0 bytes (they look like \"\\x00\\x00\\x00\\x00\"), where 8 to "
                   "limits.frame = 1000000 are "
                   "allowed: this is no Kafka client\n");
}

/* ---------------------------------------------------------------- memory */

static void out_of_memory_at_any_allocation_ends_it_and_nothing_leaks(void **state)
{
    (void)state;
    static struct talk talk;
    bool over = true;
    int failed = 1;
    for (; over; failed++) {
        talk_begin(&talk);
        talk.cut = TALK_BYTEWISE;
        talk_learn_brokers(&talk, 3);
        talk_learn_leader(&talk, "t", 0, 2);
        talk.memory.left = failed;
        talk_connect(&talk);
        produce(&talk, 3, 1, 1, "t");
        if (!talk.over)
            talk_up(&talk, 0);
        if (!talk.over)
            talk_answer(&talk, 0, API_PRODUCE, 3, 1, NONE_GIVEN);
        over = talk.over;
        if (over)
            assert_non_null(strstr(talk.page.text, "close OUT_OF_MEMORY: \n"));
        talk_end(&talk);
    }
    assert_in_range(failed, 6, 20);
}

static void without_memory_there_is_no_conversation(void **state)
{
    (void)state;
    static struct talk talk;
    talk_begin(&talk);
    talk.memory.left = 0;
    assert_null(conversation_new(&talk.bridge, NULL, NULL, &talk.place));
    talk.memory.left = 1;
    talk_connect(&talk);
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_request_dials_and_goes_on_when_the_link_is_up),
        cmocka_unit_test(a_request_without_a_body_needs_no_further_input),
        cmocka_unit_test(several_requests_in_one_input_go_on_in_order_and_untouched),
        cmocka_unit_test(what_follows_a_waiting_request_is_left_unused),
        cmocka_unit_test(produce_with_acks_0_awaits_no_answer),
        cmocka_unit_test(a_client_that_leaves_behind_acks_0_is_through),
        cmocka_unit_test(an_unknown_api_key_passes_untouched),
        cmocka_unit_test(an_unknown_version_of_a_key_that_is_not_read_passes),
        cmocka_unit_test(an_unknown_version_of_a_key_that_is_read_ends_it_with_the_reason),
        cmocka_unit_test(an_unknown_version_of_api_versions_is_answered_in_the_clients_order),
        cmocka_unit_test(an_unknown_version_of_api_versions_needs_no_link),
        cmocka_unit_test(the_client_is_not_read_while_limits_in_flight_are_not_answered),
        cmocka_unit_test(first_bytes_that_are_no_request_end_it_with_a_sentence),
        cmocka_unit_test(a_frame_of_limits_frame_passes_and_one_more_does_not),
        cmocka_unit_test(a_later_length_is_never_taken_for_another_protocol),
        cmocka_unit_test(the_longest_names_can_be_held),
        cmocka_unit_test(a_request_that_does_not_decide_within_68_kib_is_refused),
        cmocka_unit_test(the_client_is_told_once_with_its_id_and_software),
        cmocka_unit_test(a_long_client_id_is_cut_to_63_bytes),
        cmocka_unit_test(fields_are_told_where_they_are_wanted),
        cmocka_unit_test(only_fields_that_are_wanted_are_told),
        cmocka_unit_test(behind_sasl_handshake_v0_come_bare_tokens_until_a_request_fits),
        cmocka_unit_test(a_token_that_stands_still_is_told_without_its_bytes),
        cmocka_unit_test(behind_sasl_handshake_v1_come_requests),
        cmocka_unit_test(out_of_memory_at_any_allocation_ends_it_and_nothing_leaks),
        cmocka_unit_test(without_memory_there_is_no_conversation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
