/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a response on its way: made before and after with the writer, and compared byte for byte, for every
 * split of the input. */
#include "proxy/kafka/keys.h"
#include "proxy/kafka/rewrite.h"
#include "proxy/kafka/write.h"

#include "tests/unit/kafka/memory.h"
#include "tests/unit/kafka/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GIVENS(...)                                                                                          \
    ((struct givens){(const struct given[]){__VA_ARGS__},                                                    \
                     sizeof((const struct given[]){__VA_ARGS__}) / sizeof(struct given)})

enum { CORRELATION = 0x01020304, TOLD_PORT = 29092, EVERY_CUT = 0, FEW_CUTS = 1 };

/* ---------------------------------------------------------------- one rewriting */

struct run {
    int key, version;
    bool see_all, reading;
    uint64_t roles;    /* that are seen to the end without see_all */
    int allocations;   /* that succeed; 0: plenty */
    const char *told;  /* the host that clients are told */
    struct page *seen; /* may be NULL */
    struct buffer out;
    struct sentence why;
    struct memory memory, own; /* of the code under test, of the test */
};

static void tell(void *context, int32_t node_id, struct address *address)
{
    const struct run *run = context;
    assert_true(node_id >= 0);
    assert_true(address->port > 0 && address->host[0]);
    (void)snprintf(address->host, sizeof address->host, "%s", run->told);
    address->port = TOLD_PORT + node_id;
}

static void see(void *context, enum walk_step step, const struct walk_event *event)
{
    static const char *const names[] = {
        [WALK_TAG] = "TAG",     [WALK_BEGIN] = "BEGIN",     [WALK_PIECE] = "PIECE",
        [WALK_VALUE] = "VALUE", [WALK_ELEMENT] = "ELEMENT", [WALK_END] = "END",
    };
    const struct run *run = context;
    if (!run->seen || (step == WALK_PIECE && event->left))
        return;
    page_add(run->seen, "%s %s\n", names[step], event->field->name);
}

/* Feeds the frame; false where it was refused. What has come out is in run->out. */
static bool run_cut(struct run *run, struct bytes frame, size_t cut)
{
    struct rewrite_rules rules = {.tell = tell, .see = see, .context = run};
    struct rewrite rewrite;
    memory_begin(&run->memory, run->allocations ? run->allocations - 1 : MEMORY_PLENTY);
    memory_begin(&run->own, MEMORY_PLENTY);
    run->out = (struct buffer){.allocator = &run->own.allocator};
    run->why = (struct sentence){.len = 0};
    if (run->reading)
        rewrite_begin_reading(&rewrite, &rules, &run->memory.allocator, run->key, run->version,
                              (uint32_t)frame.len);
    else
        rewrite_begin(&rewrite, &rules, &run->memory.allocator, run->key, run->version, (uint32_t)frame.len,
                      run->see_all ? WALK_ALL : run->roles);
    bool fine = true;
    for (size_t done = 0; fine && done < frame.len;) {
        struct span piece = pages_copy((struct bytes){frame.at + done, pages_next(done, frame.len, cut)});
        struct rewrite_output output;
        assert_false(rewrite_is_done(&rewrite));
        fine = rewrite_feed(&rewrite, piece, &output, &run->why);
        if (fine) {
            assert_true(buffer_append(&run->out, output.own));
            assert_true(buffer_append(&run->out, output.pass));
        }
        if (fine && output.pass.len)
            assert_ptr_equal(output.pass.at + output.pass.len, piece.at + piece.len);
        done += piece.len;
        free(piece.at);
    }
    assert_int_equal(fine, rewrite_is_done(&rewrite) && run->why.len == 0);
    rewrite_end(&rewrite);
    rewrite_end(&rewrite);
    memory_end(&run->memory);
    return fine;
}

static void run_end(struct run *run)
{
    buffer_free(&run->out);
    memory_end(&run->own);
}

static void expect_out(const char *claim, struct run *run, struct bytes in, struct bytes out, size_t cut)
{
    if (!run_cut(run, in, cut))
        fail_msg("%s, v%d, cut %zu: refused: %s", claim, run->version, cut, run->why.text);
    if (!bytes_equal(buffer_bytes(&run->out), out)) {
        static struct page expected, got;
        expected.len = got.len = 0;
        page_add_bytes(&expected, (struct bytes){out.at, out.len < 4096 ? out.len : 4096});
        page_add_bytes(&got, (struct bytes){run->out.at, run->out.len < 4096 ? run->out.len : 4096});
        fail_msg("%s, v%d, cut %zu\n%.400s\n%.400s", claim, run->version, cut, expected.text, got.text);
    }
    run_end(run);
}

static void expect_bytes(const char *claim, struct run *run, struct bytes in, struct bytes out, int cuts)
{
    for (int all = 0; all < 2; all++) {
        run->see_all = all;
        expect_out(claim, run, in, out, 0);
        expect_out(claim, run, in, out, in.len);
        for (size_t cut = 1; cut < in.len; cut += cuts == EVERY_CUT ? 1 : in.len / 4)
            expect_out(claim, run, in, out, cut);
    }
}

static struct buffer written(struct memory *memory, const struct run *run, struct givens givens)
{
    struct buffer frame = {.allocator = &memory->allocator};
    const char *bad = write_response(&frame, run->key, run->version, CORRELATION, givens);
    if (bad)
        fail_msg("not written: %s", bad);
    return frame;
}

/* Both are made by the writer for this version. */
static void expect_rewritten(const char *claim, struct run *run, struct givens before, struct givens after,
                             int cuts)
{
    struct memory memory;
    memory_begin(&memory, MEMORY_PLENTY);
    struct buffer in = written(&memory, run, before);
    struct buffer out = written(&memory, run, after);
    expect_bytes(claim, run, buffer_bytes(&in), buffer_bytes(&out), cuts);
    buffer_free(&in);
    buffer_free(&out);
    memory_end(&memory);
}

static void expect_refused(const char *claim, struct run *run, struct bytes frame, const char *sentence)
{
    for (size_t cut = 0; cut <= frame.len; cut += cut > 64 && cut + 1000 < frame.len ? 997 : 1) {
        if (run_cut(run, frame, cut))
            fail_msg("%s, cut %zu: not refused", claim, cut);
        assert_string_equal(run->why.text, sentence);
        run_end(run);
    }
}

#define NODE(id, host, port)                                                                                 \
    GIVENS(given_number(ROLE_NODE_ID, id), given_bytes(ROLE_HOST, bytes_of(host)),                           \
           given_number(ROLE_PORT, port))

/* ---------------------------------------------------------------- which addresses */

static void metadata_tells_each_broker_at_its_told_address(void **state)
{
    (void)state;
    const struct givens topic[] = {GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("kafka")))};
    const struct givens before[] = {NODE(0, "kafka-0", 9092), NODE(7, "a.longer.name.of.kafka", 9093)};
    const struct givens after[] = {NODE(0, "localhost", TOLD_PORT), NODE(7, "localhost", TOLD_PORT + 7)};
    const struct given topics = given_array(ROLE_TOPICS, topic, 1);
    for (int version = 0; tables_knows(API_METADATA, version); version++) {
        struct run run = {.key = API_METADATA, .version = version, .told = "localhost"};
        expect_rewritten("Metadata", &run, GIVENS(given_array(ROLE_BROKERS, before, 2), topics),
                         GIVENS(given_array(ROLE_BROKERS, after, 2), topics), EVERY_CUT);
        expect_rewritten("no brokers", &run, GIVENS(topics), GIVENS(topics), EVERY_CUT);
    }
}

static void placeholders_pass_as_they_are(void **state)
{
    (void)state;
    const struct givens nodes[] = {NODE(-1, "", -1), NODE(-1, "kafka", 9092), NODE(3, "", 9092),
                                   NODE(3, "kafka", 0), NODE(3, "kafka", -1)};
    const struct givens before[] = {NODE(3, "kafka", 1)};
    const struct givens after[] = {NODE(3, "localhost", TOLD_PORT + 3)};
    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
        struct run run = {.key = API_METADATA, .version = 9, .told = "localhost"};
        const struct givens both[] = {nodes[i], before[0]}, told[] = {nodes[i], after[0]};
        expect_rewritten("beside a broker", &run, GIVENS(given_array(ROLE_BROKERS, both, 2)),
                         GIVENS(given_array(ROLE_BROKERS, told, 2)), EVERY_CUT);
        run = (struct run){.key = API_FIND_COORDINATOR, .version = 1, .told = "localhost"};
        expect_rewritten("flat", &run, nodes[i], nodes[i], EVERY_CUT);
        run.version = 4;
        expect_rewritten("listed", &run, GIVENS(given_array(ROLE_COORDINATORS, &nodes[i], 1)),
                         GIVENS(given_array(ROLE_COORDINATORS, &nodes[i], 1)), EVERY_CUT);
    }
}

static void find_coordinator_is_rewritten_flat_and_listed(void **state)
{
    (void)state;
    const struct givens before[] = {NODE(2, "kafka", 9092), NODE(-1, "", -1), NODE(3, "k", 1)};
    const struct givens after[] = {NODE(2, "localhost", TOLD_PORT + 2), NODE(-1, "", -1),
                                   NODE(3, "localhost", TOLD_PORT + 3)};
    for (int version = 0; tables_knows(API_FIND_COORDINATOR, version); version++) {
        struct run run = {.key = API_FIND_COORDINATOR, .version = version, .told = "localhost"};
        if (version < 4)
            expect_rewritten("flat", &run, before[0], after[0], EVERY_CUT);
        else
            expect_rewritten("listed", &run, GIVENS(given_array(ROLE_COORDINATORS, before, 3)),
                             GIVENS(given_array(ROLE_COORDINATORS, after, 3)), EVERY_CUT);
    }
}

static void brokers_of_describe_cluster_are_rewritten_and_controllers_are_not(void **state)
{
    (void)state;
    const struct givens before[] = {NODE(1, "kafka", 9092)};
    const struct givens after[] = {NODE(1, "localhost", TOLD_PORT + 1)};
    for (int version = 0; tables_knows(API_DESCRIBE_CLUSTER, version); version++) {
        struct run run = {.key = API_DESCRIBE_CLUSTER, .version = version, .told = "localhost"};
        struct givens brokers = GIVENS(given_array(ROLE_BROKERS, before, 1));
        expect_rewritten("brokers", &run, brokers, GIVENS(given_array(ROLE_BROKERS, after, 1)), EVERY_CUT);
        if (version == 0)
            continue;
        struct givens controllers =
            GIVENS(given_number(ROLE_ENDPOINT_TYPE, 2), given_array(ROLE_BROKERS, before, 1));
        expect_rewritten("controllers", &run, controllers, controllers, EVERY_CUT);
    }
}

static void endpoints_of_produce_are_rewritten_with_their_size(void **state)
{
    (void)state;
    const struct givens before[] = {NODE(1, "kafka", 9092), NODE(2, "kafka", 9093)};
    const struct givens after[] = {NODE(1, "localhost", TOLD_PORT + 1), NODE(2, "localhost", TOLD_PORT + 2)};
    for (int version = 10; tables_knows(API_PRODUCE, version); version++) {
        struct run run = {.key = API_PRODUCE, .version = version, .told = "localhost"};
        expect_rewritten("endpoints", &run, GIVENS(given_array(ROLE_NODE_ENDPOINTS, before, 2)),
                         GIVENS(given_array(ROLE_NODE_ENDPOINTS, after, 2)), EVERY_CUT);
        expect_rewritten("none, but tagged", &run, GIVENS(given_array(ROLE_NODE_ENDPOINTS, NULL, 0)),
                         GIVENS(given_array(ROLE_NODE_ENDPOINTS, NULL, 0)), EVERY_CUT);
        expect_rewritten("none", &run, GIVENS(given_null(ROLE_NODE_ENDPOINTS)),
                         GIVENS(given_null(ROLE_NODE_ENDPOINTS)), EVERY_CUT);
    }
}

/* Crosses the longer prefix of a compact string (127 bytes) and the longer size of a tagged field. */
static void a_host_of_any_length_is_told_and_replaced(void **state)
{
    (void)state;
    static const struct {
        int key, version;
        enum role role;
    } rows[] = {{API_METADATA, 0, ROLE_BROKERS},
                {API_METADATA, 9, ROLE_BROKERS},
                {API_FIND_COORDINATOR, 6, ROLE_COORDINATORS},
                {API_PRODUCE, 10, ROLE_NODE_ENDPOINTS}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t len = 1; len <= 255; len++) {
            char host[HOST_ROOM] = "", other[HOST_ROOM] = "";
            memset(host, 'a', len);
            memset(other, 'b', 256 - len);
            struct run run = {.key = rows[i].key, .version = rows[i].version, .told = other};
            const struct givens before[] = {NODE(1, host, 9092)}, after[] = {NODE(1, other, TOLD_PORT + 1)};
            expect_rewritten("one host", &run, GIVENS(given_array(rows[i].role, before, 1)),
                             GIVENS(given_array(rows[i].role, after, 1)), FEW_CUTS);
        }
    }
}

static void what_has_no_address_passes_without_memory(void **state)
{
    (void)state;
    static const struct {
        int key, version;
    } rows[] = {{API_PRODUCE, 9},     {API_PRODUCE, 10},          {API_FETCH, 15}, {API_FETCH, 16},
                {API_SHARE_FETCH, 1}, {API_SHARE_ACKNOWLEDGE, 1}, {11, 5},         {API_METADATA, 12}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct memory memory;
        memory_begin(&memory, MEMORY_PLENTY);
        struct run run = {.key = rows[i].key, .version = rows[i].version, .allocations = 1, .told = "x"};
        struct buffer frame = written(&memory, &run, (struct givens){NULL, 0});
        expect_out("whole", &run, buffer_bytes(&frame), buffer_bytes(&frame), 0);
        buffer_free(&frame);
    }
}

/* ---------------------------------------------------------------- made inert in place */

static void endpoints_of_fetch_become_an_unknown_tag(void **state)
{
    (void)state;
    const struct givens nodes[] = {NODE(1, "kafka", 9092)};
    const struct givens partition[] = {GIVENS(given_bytes(ROLE_RECORDS, bytes_of("records")))};
    const struct givens topic[] = {GIVENS(given_array(ROLE_PARTITIONS, partition, 1))};
    for (int version = 0; tables_knows(API_FETCH, version); version++) {
        struct memory memory;
        memory_begin(&memory, MEMORY_PLENTY);
        struct run run = {.key = API_FETCH, .version = version, .told = "localhost"};
        struct buffer in =
            written(&memory, &run,
                    GIVENS(given_array(ROLE_TOPICS, topic, 1), given_array(ROLE_NODE_ENDPOINTS, nodes, 1)));
        struct span out = pages_copy(buffer_bytes(&in));
        size_t tag =
            4 + 1 + 5 + 1 + 4 + 4 + 3 + 1 + 1; /* from the end: rack, tags, port, host, id, count, size */
        if (version >= 16) {
            tag = 2 + 4 + 6 + 4 + 1 + 1 + 1;
            assert_int_equal(out.at[out.len - tag], 0);
            out.at[out.len - tag] = 0x7f;
        }
        expect_bytes("Fetch", &run, buffer_bytes(&in), (struct bytes){out.at, out.len}, EVERY_CUT);
        free(out.at);
        buffer_free(&in);
    }
}

static void endpoints_of_a_produce_response_above_64_kib_become_an_unknown_tag(void **state)
{
    (void)state;
    enum { HELD_MOST = 1 << 16 };
    const struct givens before[] = {NODE(1, "kafka", 9092)}, after[] = {NODE(1, "localhost", TOLD_PORT + 1)};
    for (size_t more = 0; more < 2; more++) {
        struct memory memory;
        memory_begin(&memory, MEMORY_PLENTY);
        struct run run = {.key = API_PRODUCE, .version = 10, .told = "localhost"};
        static char names[3][1 << 15];
        size_t len[3] = {30000, 30000, HELD_MOST - 60048 + more};
        struct given name[3];
        struct givens topics[3];
        for (int i = 0; i < 3; i++) {
            name[i] = given_bytes(ROLE_TOPIC_NAME, (struct bytes){(const uint8_t *)names[i], len[i]});
            topics[i] = (struct givens){&name[i], 1};
        }
        struct givens in_givens =
            GIVENS(given_array(ROLE_TOPICS, topics, 3), given_array(ROLE_NODE_ENDPOINTS, before, 1));
        struct givens out_givens =
            GIVENS(given_array(ROLE_TOPICS, topics, 3), given_array(ROLE_NODE_ENDPOINTS, after, 1));
        struct buffer in = written(&memory, &run, in_givens);
        struct buffer out = written(&memory, &run, more ? in_givens : out_givens);
        assert_int_equal(in.len, HELD_MOST + more);
        if (more)
            out.at[out.len - 19] = 0x7f;
        expect_bytes("large Produce", &run, buffer_bytes(&in), buffer_bytes(&out), FEW_CUTS);
        buffer_free(&in);
        buffer_free(&out);
    }
}

/* A tail of `size` bytes: count, id, host, port, rack, tags; and the tags of the message. Lengths at which no host fits
 * are left out. */
static size_t host_for_tail(size_t size)
{
    size_t without = 1 + 4 + 4 + 1 + 1 + 1;
    for (size_t prefix = 1; prefix <= 3; prefix++) {
        size_t len = size - without - prefix;
        size_t needed = len + 1 < 0x80 ? 1 : len + 1 < 0x4000 ? 2 : 3;
        if (size > without + prefix && needed == prefix)
            return len;
    }
    return 0;
}

static void expect_inert_tail(struct run *run, size_t size)
{
    struct memory memory;
    memory_begin(&memory, MEMORY_PLENTY);
    size_t len = host_for_tail(size);
    if (!len)
        return;
    char *host = calloc(len + 1, 1);
    memset(host, 'h', len);
    const struct givens nodes[] = {NODE(1, host, 9092)};
    struct buffer in = written(&memory, run, GIVENS(given_array(ROLE_NODE_ENDPOINTS, nodes, 1)));
    struct span out = pages_copy(buffer_bytes(&in));
    uint8_t *tail = out.at + out.len - size;
    assert_int_equal(tail[0], 2);
    size_t varint = 1;
    while (varint < 5 && (size - 3 - varint) >> (7 * varint))
        varint++;
    tail[0] = 1;
    tail[1] = 1;
    tail[2] = 0x7f;
    for (size_t i = 0; i < varint; i++)
        tail[3 + i] = (uint8_t)((((size - 3 - varint) >> (7 * i)) & 0x7f) | (i + 1 < varint ? 0x80 : 0));
    expect_bytes("tail", run, buffer_bytes(&in), (struct bytes){out.at, out.len},
                 in.len < 200 ? EVERY_CUT : FEW_CUTS);

    struct walk walk;
    struct walk_event event;
    struct span body = {out.at + 9, out.len - 9};
    enum walk_step step;
    walk_begin(&walk, tables_message(RESPONSE, run->key), run->version, (uint32_t)body.len);
    while ((step = walk_next(&walk, &body, &event)) > WALK_BAD)
        assert_true(step != WALK_ELEMENT || event.field->role != ROLE_NODE_ENDPOINTS);
    assert_int_equal(step, WALK_DONE);
    assert_int_equal(walk.left, 0);
    free(out.at);
    free(host);
    buffer_free(&in);
}

static void endpoints_of_share_apis_become_none_and_an_unknown_tag(void **state)
{
    (void)state;
    static const size_t sizes[] = {14,  15,    16,    130,   131,   132,   133,  134,
                                   135, 16386, 16387, 16388, 16389, 16390, 20000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct run fetch = {.key = API_SHARE_FETCH, .version = 1, .told = "localhost"};
        struct run acknowledge = {.key = API_SHARE_ACKNOWLEDGE, .version = 2, .told = "localhost"};
        expect_inert_tail(&fetch, sizes[i]);
        expect_inert_tail(&acknowledge, sizes[i]);
    }
}

static void share_apis_without_endpoints_pass_as_they_are(void **state)
{
    (void)state;
    for (int version = 0; tables_knows(API_SHARE_FETCH, version); version++) {
        struct run run = {.key = API_SHARE_FETCH, .version = version, .told = "localhost"};
        expect_rewritten("ShareFetch", &run, GIVENS(given_number(ROLE_ERROR_CODE, 3)),
                         GIVENS(given_number(ROLE_ERROR_CODE, 3)), EVERY_CUT);
    }
}

/* ---------------------------------------------------------------- bounds and refusals */

static void a_zone_of_1_mib_is_held_and_no_more(void **state)
{
    (void)state;
    enum { BROKERS_MOST = ((1 << 20) - 12) / 32 };
    static struct givens before[BROKERS_MOST + 1], after[BROKERS_MOST + 1];
    const struct given short_node[] = {given_number(ROLE_NODE_ID, 0), given_bytes(ROLE_HOST, bytes_of("k")),
                                       given_number(ROLE_PORT, 1)};
    const struct given long_node[] = {given_number(ROLE_NODE_ID, 0),
                                      given_bytes(ROLE_HOST, bytes_of("abcdefghij.abcdefghi.k")),
                                      given_number(ROLE_PORT, TOLD_PORT)};
    for (int i = 0; i <= BROKERS_MOST; i++) {
        before[i] = (struct givens){short_node, 3};
        after[i] = (struct givens){long_node, 3};
    }
    struct run run = {.key = API_METADATA, .version = 0, .told = "abcdefghij.abcdefghi.k"};
    struct memory memory;
    memory_begin(&memory, MEMORY_PLENTY);
    struct buffer in = written(&memory, &run, GIVENS(given_array(ROLE_BROKERS, before, BROKERS_MOST)));
    struct buffer out = written(&memory, &run, GIVENS(given_array(ROLE_BROKERS, after, BROKERS_MOST)));
    expect_out("the most that fits", &run, buffer_bytes(&in), buffer_bytes(&out), 0);
    expect_out("the most that fits", &run, buffer_bytes(&in), buffer_bytes(&out), in.len);
    in.len = 0;
    assert_null(
        write_response(&in, API_METADATA, 0, 1, GIVENS(given_array(ROLE_BROKERS, before, BROKERS_MOST + 1))));
    assert_false(run_cut(&run, buffer_bytes(&in), 0));
    assert_string_equal(
        run.why.text,
        "the Metadata v0 response of 360464 bytes cannot be read: its addresses take more than 1 MiB");
    run_end(&run);
    buffer_free(&in);
    buffer_free(&out);
}

static void a_host_of_256_bytes_is_refused(void **state)
{
    (void)state;
    char host[257] = "";
    memset(host, 'h', 256);
    const struct givens nodes[] = {NODE(1, host, 9092)};
    struct run run = {.key = API_METADATA, .version = 1, .told = "localhost"};
    struct memory memory;
    memory_begin(&memory, MEMORY_PLENTY);
    struct buffer in = written(&memory, &run, GIVENS(given_array(ROLE_BROKERS, nodes, 1)));
    expect_refused(
        "a long host", &run, buffer_bytes(&in),
        "the Metadata v1 response of 288 bytes cannot be read: a host name has more than 255 bytes");
    buffer_free(&in);
}

struct refusal {
    const char *claim;
    int key, version;
    const char *frame, *sentence;
};

static const struct refusal refusals[] = {
    {"the brokers are cut off", API_METADATA, 1, "0000000c 01020304 00000001 00000007",
     "the Metadata v1 response of 16 bytes cannot be read: at Host, it ends before a field"},
    {"a host longer than the response", API_METADATA, 1, "0000000f 01020304 00000001 00000007 0009 'k'",
     "the Metadata v1 response of 19 bytes cannot be read: at Host, a length goes beyond its end"},
    {"a header that is cut off", API_FIND_COORDINATOR, 3, "00000004 01020304",
     "the FindCoordinator v3 response of 8 bytes cannot be read: it ends inside a field"},
    {"a tag that is wrong", API_PRODUCE, 10, "00000010 01020304 00 01 00000000 01 00 02 01 00",
     "the Produce v10 response of 19 bytes cannot be read: at NodeEndpoints, a tagged field is not as long "
     "as it says"},
    {"records longer than the response", API_FETCH, 16,
     "00000013 01020304 00 00000000 0000 00000000 02 'ABC'",
     "the Fetch v16 response of 23 bytes cannot be read: at TopicId, it ends inside a field"},
    {"endpoints that are cut off", API_SHARE_FETCH, 1,
     "00000017 01020304 00 00000000 0000 00 00000000 01 02 000000 01 00",
     "the ShareFetch v1 response of 27 bytes cannot be read: its node endpoints are cut off"},
};

static void what_is_no_such_response_is_refused_with_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *refusal = &refusals[i];
        struct span frame = pages_bytes(refusal->frame);
        struct run run = {.key = refusal->key, .version = refusal->version, .told = "localhost"};
        expect_refused(refusal->claim, &run, (struct bytes){frame.at, frame.len}, refusal->sentence);
        free(frame.at);
    }
}

static void out_of_memory_is_refused_at_every_allocation(void **state)
{
    (void)state;
    char host[HOST_ROOM] = "";
    memset(host, 'h', sizeof host - 1);
    const struct givens nodes[] = {NODE(1, host, 9092), NODE(2, host, 9092)};
    const int keys[] = {API_METADATA, API_PRODUCE};
    for (int i = 0; i < 2; i++) {
        struct run run = {.key = keys[i], .version = 10, .told = host};
        struct memory memory;
        memory_begin(&memory, MEMORY_PLENTY);
        struct buffer in =
            written(&memory, &run,
                    GIVENS(given_array(ROLE_BROKERS, nodes, 2), given_array(ROLE_NODE_ENDPOINTS, nodes, 2)));
        bool fine = false;
        for (run.allocations = 1; !fine; run.allocations++) {
            fine = run_cut(&run, buffer_bytes(&in), in.len);
            const char *end = run.why.text + (run.why.len < 13 ? 0 : run.why.len - 13);
            assert_string_equal(end, fine ? "" : "out of memory");
            run_end(&run);
        }
        assert_in_range(run.allocations, 4, 10);
        buffer_free(&in);
    }
}

/* ---------------------------------------------------------------- what is seen */

static const char brokers_seen[] = "BEGIN Brokers\nELEMENT Brokers\nVALUE NodeId\nBEGIN Host\nPIECE Host\n"
                                   "VALUE Port\nEND Brokers\n";
static const char rest_seen[] =
    "VALUE ControllerId\nBEGIN Topics\nELEMENT Topics\nVALUE ErrorCode\nBEGIN Name\n"
    "PIECE Name\nBEGIN Partitions\nEND Partitions\nEND Topics\n";

static void see_is_shown_the_zone_and_the_rest_only_where_it_is_wanted(void **state)
{
    (void)state;
    const struct givens nodes[] = {NODE(1, "kafka", 9092)};
    const struct givens topic[] = {GIVENS(given_bytes(ROLE_TOPIC_NAME, bytes_of("t")))};
    struct memory memory;
    memory_begin(&memory, MEMORY_PLENTY);
    static struct page page;
    static char all[1024], few[1024];
    (void)snprintf(all, sizeof all, "%s%s", brokers_seen, rest_seen);
    (void)snprintf(few, sizeof few, "%sBEGIN Name\nPIECE Name\n", brokers_seen);
    const char *const expected[] = {brokers_seen, all, all, few};
    struct run run = {.key = API_METADATA, .version = 1, .told = "localhost", .seen = &page};
    struct buffer in = written(
        &memory, &run, GIVENS(given_array(ROLE_BROKERS, nodes, 1), given_array(ROLE_TOPICS, topic, 1)));
    for (size_t cut = 0; cut <= in.len; cut++) {
        for (int i = 0; i < 4; i++) {
            page = (struct page){.len = 0};
            run.see_all = i == 1;
            run.roles = i == 3 ? ROLE_SET(ROLE_TOPIC_NAME) : 0;
            run.reading = i == 2;
            assert_true(run_cut(&run, buffer_bytes(&in), cut));
            if (run.reading)
                assert_true(bytes_equal(buffer_bytes(&run.out), buffer_bytes(&in)));
            page_expect("see", &page, expected[i]);
            run_end(&run);
        }
    }
    buffer_free(&in);
}

static void what_only_see_wanted_is_never_refused(void **state)
{
    (void)state;
    struct span frame = pages_bytes("00000012 01020304 00000000 00000001 00000001 0000");
    struct bytes bytes = {frame.at, frame.len};
    struct run run = {.key = API_METADATA, .version = 1, .told = "localhost"};
    expect_bytes("the topics are cut off", &run, bytes, bytes, EVERY_CUT);
    run.reading = true;
    expect_bytes("an answer to kbridge", &run, bytes, bytes, EVERY_CUT);
    free(frame.at);
}

static void bytes_behind_the_message_pass(void **state)
{
    (void)state;
    struct span in = pages_bytes("00000014 01020304 0000 00000001 0001 'k' 00000001 'new'");
    struct span out = pages_bytes("0000001c 01020304 0000 00000001 0009 'localhost' 000071a5 'new'");
    struct run run = {.key = API_FIND_COORDINATOR, .version = 0, .told = "localhost"};
    expect_bytes("FindCoordinator v0", &run, (struct bytes){in.at, in.len}, (struct bytes){out.at, out.len},
                 EVERY_CUT);
    free(in.at);
    free(out.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_tells_each_broker_at_its_told_address),
        cmocka_unit_test(placeholders_pass_as_they_are),
        cmocka_unit_test(find_coordinator_is_rewritten_flat_and_listed),
        cmocka_unit_test(brokers_of_describe_cluster_are_rewritten_and_controllers_are_not),
        cmocka_unit_test(endpoints_of_produce_are_rewritten_with_their_size),
        cmocka_unit_test(a_host_of_any_length_is_told_and_replaced),
        cmocka_unit_test(what_has_no_address_passes_without_memory),
        cmocka_unit_test(endpoints_of_fetch_become_an_unknown_tag),
        cmocka_unit_test(endpoints_of_a_produce_response_above_64_kib_become_an_unknown_tag),
        cmocka_unit_test(endpoints_of_share_apis_become_none_and_an_unknown_tag),
        cmocka_unit_test(share_apis_without_endpoints_pass_as_they_are),
        cmocka_unit_test(a_zone_of_1_mib_is_held_and_no_more),
        cmocka_unit_test(a_host_of_256_bytes_is_refused),
        cmocka_unit_test(what_is_no_such_response_is_refused_with_a_sentence),
        cmocka_unit_test(out_of_memory_is_refused_at_every_allocation),
        cmocka_unit_test(see_is_shown_the_zone_and_the_rest_only_where_it_is_wanted),
        cmocka_unit_test(what_only_see_wanted_is_never_refused),
        cmocka_unit_test(bytes_behind_the_message_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
