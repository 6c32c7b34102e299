/* SPDX-License-Identifier: Apache-2.0 */
/* The cuts and the comparisons; see proof.h. */
#include "tests/conformance/proof.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proxy/kafka/skip.h"

/* Frames up to 4 KiB are cut at every byte, longer ones at 200 random places. A response in which kbridge
 * changes nothing has been walked at every split; that it passes as it is needs no more than a few. */
enum { ALL_SPLITS_MAX = 4096, RANDOM_SPLITS = 200, FEW_SPLITS = 10 };

static const char *const ways[] = {
    [WALKED] = "walked", [REWRITTEN] = "rewritten", [REWRITTEN_SEEN] = "rewritten and seen", [READ] = "read"};

/* ---- telling a difference ---- */

static void print_hex(const struct proof *proof, const char *title, struct bytes bytes, size_t around)
{
    enum { BEFORE = 16, BEHIND = 32 };
    size_t from = around > BEFORE ? around - BEFORE : 0;
    size_t to = around + BEHIND < bytes.len ? around + BEHIND : bytes.len;
    fprintf(proof->tell, "  %-8s %6zu bytes, from %zu:", title, bytes.len, from);
    for (size_t i = from; i < to; i++)
        fprintf(proof->tell, i == around ? " [%02x]" : " %02x", bytes.at[i]);
    fprintf(proof->tell, "\n");
}

/* Always false, so that a check can end with it. */
static bool differs(const struct proof *proof, const char *wrong)
{
    const struct test_case *one = proof->one;
    const char *name = tables_api_name(one->api_key);
    fprintf(proof->tell, "DIFFERENT: case %" PRIu32 ", %s (%d) %s v%d", one->number, name ? name : "?",
            one->api_key, one->kind == CASE_REQUEST ? "request" : "response", one->wire_version);
    if (one->request_version != one->wire_version)
        fprintf(proof->tell, " for a request v%d", one->request_version);
    fprintf(proof->tell, ", %s, ", ways[proof->way]);
    if (proof->cut.step)
        fprintf(proof->tell, "in pieces of %zu: %s\n", proof->cut.step, wrong);
    else
        fprintf(proof->tell, "cut at %zu of %zu bytes: %s\n", proof->cut.at, one->frame.len, wrong);
    return false;
}

static bool bytes_differ(const struct proof *proof, struct bytes given, struct bytes expected)
{
    size_t at = 0;
    while (at < given.len && at < expected.len && given.at[at] == expected.at[at])
        at++;
    differs(proof, "other bytes go on");
    print_hex(proof, "given", given, at);
    print_hex(proof, "expected", expected, at);
    print_hex(proof, "frame", proof->one->frame, at);
    return false;
}

static bool traces_differ(struct proof *proof)
{
    struct outcome outcome = {.trace = {.to = proof->tell}};
    differs(proof, "other fields are seen than in the whole frame; first with this cut, then whole:");
    run(proof->one, proof->way, proof->cut, &outcome);
    fprintf(proof->tell, "    ----\n");
    run(proof->one, proof->way, (struct cut){0, 0}, &outcome);
    outcome_free(&outcome);
    return false;
}

/* ---- one cut ---- */

/* What kbridge makes of an INERT case is for Kafka to judge; here every cut must give the same. */
static void remember_inert(struct proof *proof, struct bytes given)
{
    proof->inert_room = realloc(proof->inert_room, given.len);
    if (!proof->inert_room)
        abort();
    memcpy(proof->inert_room, given.at, given.len);
    proof->inert = (struct bytes){proof->inert_room, given.len};
}

static bool check_given(struct proof *proof)
{
    if (proof->outcome.why.len)
        return differs(proof, proof->outcome.why.text);
    struct bytes given = buffer_bytes(&proof->outcome.given);
    struct bytes expected = proof->way == READ ? proof->one->frame : proof->one->expected;
    if (proof->one->kind == CASE_INERT && proof->way != READ) {
        if (!proof->inert.len)
            remember_inert(proof, given);
        expected = proof->inert;
    }
    return bytes_equal(given, expected) || bytes_differ(proof, given, expected);
}

static bool check_cut(struct proof *proof, size_t at, size_t step)
{
    proof->cut = (struct cut){at, step};
    bool is_whole = at == 0 && step == 0;
    const struct outcome *outcome = &proof->outcome;
    const char *wrong = run(proof->one, proof->way, proof->cut, &proof->outcome);
    proof->runs++;
    if (outcome->held_at_most > proof->held_at_most)
        proof->held_at_most = outcome->held_at_most;
    if (wrong)
        return differs(proof, wrong);
    if (proof->one->kind == CASE_REFUSED)
        return outcome->why.len || differs(proof, "it was not refused");
    if (proof->way != WALKED && !check_given(proof))
        return false;
    if (is_whole)
        proof->whole = outcome->trace;
    bool same = outcome->trace.fields == proof->whole.fields && outcome->trace.places == proof->whole.places;
    return same || traces_differ(proof);
}

/* ---- all cuts ---- */

static size_t random_below(struct proof *proof, size_t end)
{
    proof->dice ^= proof->dice << 13;
    proof->dice ^= proof->dice >> 7;
    proof->dice ^= proof->dice << 17;
    return proof->dice % end;
}

static bool check_random_splits(struct proof *proof, int count)
{
    for (; count > 0; count--)
        if (!check_cut(proof, 1 + random_below(proof, proof->one->frame.len - 1), 0))
            return false;
    return true;
}

static bool check_all_splits(struct proof *proof)
{
    for (size_t at = 1; at < proof->one->frame.len; at++)
        if (!check_cut(proof, at, 0))
            return false;
    return true;
}

static bool check_cuts(struct proof *proof, bool few)
{
    if (!check_cut(proof, 0, 0) || !check_cut(proof, 0, 1) || !check_cut(proof, 0, 3))
        return false;
    if (few)
        return check_random_splits(proof, FEW_SPLITS);
    if (proof->one->frame.len > ALL_SPLITS_MAX)
        return check_random_splits(proof, RANDOM_SPLITS);
    return check_all_splits(proof);
}

/* An ApiVersions answer with an error is not read on. */
static bool is_seen_whole(const struct test_case *one)
{
    enum { ERROR_AT = 8 };
    return rewrite_mode_of(one->api_key, one->request_version) != REWRITE_API_VERSIONS ||
           (one->frame.at[ERROR_AT] == 0 && one->frame.at[ERROR_AT + 1] == 0);
}

/* What is seen while a response is rewritten or read is what a walk alone tells, to the end. */
static bool check_seen(struct proof *proof, uint64_t walked)
{
    return proof->whole.fields == walked || differs(proof, "other fields are seen than in a walk");
}

/* What passes as it is, since it is found to need nothing, is what the rewriter would make of it. */
static bool check_needs(const struct proof *proof)
{
    const struct test_case *one = proof->one;
    struct bytes expected = one->kind == CASE_INERT ? proof->inert : one->expected;
    bool passes = rewrite_is_in_tags(one->api_key, one->request_version) &&
                  skip_response(one->api_key, one->request_version, one->frame, NULL);
    return !passes || bytes_equal(one->frame, expected) || differs(proof, "it is said to need nothing");
}

static bool check_request(struct proof *proof)
{
    proof->way = WALKED;
    return check_cuts(proof, false);
}

static bool check_response(struct proof *proof)
{
    bool few = rewrite_mode_of(proof->one->api_key, proof->one->request_version) == REWRITE_NOTHING;
    proof->way = WALKED;
    if (!check_cuts(proof, false))
        return false;
    uint64_t walked = proof->whole.fields;
    proof->way = REWRITTEN;
    if (!check_cuts(proof, few) || !check_needs(proof))
        return false;
    proof->way = REWRITTEN_SEEN;
    if (!check_cuts(proof, few) || (is_seen_whole(proof->one) && !check_seen(proof, walked)))
        return false;
    bool as_asked = proof->one->request_version == proof->one->wire_version;
    proof->way = READ;
    return !as_asked || (check_cuts(proof, true) && check_seen(proof, walked));
}

static bool check_refused(struct proof *proof)
{
    proof->way = REWRITTEN;
    if (!check_cuts(proof, false))
        return false;
    proof->way = REWRITTEN_SEEN;
    return check_cuts(proof, false);
}

bool proof_check(struct proof *proof, const struct test_case *one)
{
    proof->one = one;
    proof->way = WALKED;
    proof->cut = (struct cut){0, 0};
    proof->inert.len = 0;
    proof->dice = 0x9e3779b97f4a7c15u * (one->number + 1u);
    if (!tables_knows(one->api_key, one->wire_version))
        return differs(proof, "the tables do not know this version");
    if (one->kind == CASE_REQUEST)
        return check_request(proof);
    return one->kind == CASE_REFUSED ? check_refused(proof) : check_response(proof);
}

void proof_end(struct proof *proof)
{
    free(proof->inert_room);
    proof->inert_room = NULL;
    outcome_free(&proof->outcome);
}
