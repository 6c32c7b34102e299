/* SPDX-License-Identifier: Apache-2.0 */
/* Every version of every message, made by the tables together with the steps that the walker must give; then cut off,
 * and garbled. */
#include "tests/unit/kafka/steps.h"

#include "proxy/kafka/peek.h"

#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Makes a message by its table, with a value in every field of the version, and the page that a walk must give. */
struct maker {
    uint8_t bytes[1 << 14];
    size_t len;
    struct page page;
    uint32_t chance;
    int version;
    bool flexible;
};

static void make_struct(struct maker *maker, const struct field *first, size_t count);

static uint32_t choose(struct maker *maker, uint32_t below)
{
    maker->chance = maker->chance * 1664525 + 1013904223;
    return (maker->chance >> 16) % below;
}

static bool in_version(const struct maker *maker, const struct field *field)
{
    return version_in(maker->version, field->first, field->last);
}

static void put(struct maker *maker, uint64_t number, size_t width)
{
    assert_true(maker->len + width < sizeof maker->bytes);
    for (size_t i = width; i > 0; i--)
        maker->bytes[maker->len++] = (uint8_t)(number >> (8 * (i - 1)));
}

static void put_varint(struct maker *maker, uint32_t number)
{
    for (; number >= 0x80; number >>= 7)
        put(maker, (number & 0x7f) | 0x80, 1);
    put(maker, number, 1);
}

static void put_length(struct maker *maker, const struct field *field, int length, size_t width)
{
    if (maker->flexible && !field->never_compact)
        put_varint(maker, (uint32_t)(length + 1));
    else
        put(maker, (uint64_t)length, width);
}

static void make_number(struct maker *maker, const struct field *field)
{
    static const size_t widths[] = {
        [KIND_BOOL] = 1,  [KIND_INT8] = 1,   [KIND_INT16] = 2, [KIND_UINT16] = 2,
        [KIND_INT32] = 4, [KIND_UINT32] = 4, [KIND_INT64] = 8, [KIND_FLOAT64] = 8};
    size_t width = widths[field->kind];
    uint64_t bits = (uint64_t)choose(maker, 65536) << 48 | choose(maker, 65536);
    bits = (bits >> 48 << (8 * width - 8)) | (bits & 0xff);
    put(maker, bits, width);
    int64_t number = 0;
    bool is_signed = field->kind == KIND_INT8 || field->kind == KIND_INT16 || field->kind == KIND_INT32;
    for (size_t i = 0; i < width; i++)
        number = (int64_t)((uint64_t)number << 8 | maker->bytes[maker->len - width + i]);
    if (is_signed && maker->bytes[maker->len - width] & 0x80)
        number -= (int64_t)1 << (8 * width);
    if (field->role)
        page_add(&maker->page, "VALUE %s %" PRId64 "\n", field->name, number);
}

static void make_uuid(struct maker *maker, const struct field *field)
{
    for (int i = 0; i < 16; i++)
        put(maker, choose(maker, 256), 1);
    if (!field->role)
        return;
    page_add(&maker->page, "VALUE %s ", field->name);
    page_add_bytes(&maker->page, (struct bytes){maker->bytes + maker->len - 16, 16});
    page_add(&maker->page, "\n");
}

static bool make_null(struct maker *maker, const struct field *field)
{
    return version_in(maker->version, field->null_first, field->null_last) && choose(maker, 3) == 0;
}

static void make_text(struct maker *maker, const struct field *field)
{
    bool null = !field->is_array && make_null(maker, field);
    int length = null ? -1 : (int)choose(maker, 2) * (int)choose(maker, 200);
    put_length(maker, field, length, field->kind == KIND_STRING ? 2 : 4);
    for (int i = 0; i < length; i++)
        put(maker, choose(maker, 256), 1);
    if (!field->role)
        return;
    page_add(&maker->page, null ? "PIECE null" : "PIECE ");
    if (length > 0)
        page_add_bytes(&maker->page, (struct bytes){maker->bytes + maker->len - length, (size_t)length});
    page_add(&maker->page, "\n");
}

static void make_value(struct maker *maker, const struct field *field)
{
    if (field->kind == KIND_STRUCT)
        make_struct(maker, &tables_fields[field->children], field->count);
    else if (field->kind == KIND_UUID)
        make_uuid(maker, field);
    else if (field->kind >= KIND_STRING)
        make_text(maker, field);
    else
        make_number(maker, field);
}

static void end(struct maker *maker, const struct field *field, bool null)
{
    if (field->role)
        page_add(&maker->page, "END %s%s\n", field->name, null ? " null" : "");
}

static void make_array(struct maker *maker, const struct field *field)
{
    bool null = make_null(maker, field);
    int count = null ? -1 : (int)choose(maker, 3);
    put_length(maker, field, count, 4);
    for (int i = 0; i < count; i++) {
        if (field->role)
            page_add(&maker->page, "ELEMENT %s %d\n", field->name, i);
        make_value(maker, field);
    }
    end(maker, field, null);
}

static void make_inner_struct(struct maker *maker, const struct field *field)
{
    bool null = make_null(maker, field);
    if (version_in(maker->version, field->null_first, field->null_last))
        put(maker, null ? 0xff : 1, 1);
    if (!null)
        make_value(maker, field);
    end(maker, field, null);
}

static void make_field(struct maker *maker, const struct field *field)
{
    bool is_number = !field->is_array && (field->kind < KIND_STRING);
    if (field->role && !is_number)
        page_add(&maker->page, "BEGIN %s\n", field->name);
    if (field->is_array)
        make_array(maker, field);
    else if (field->kind == KIND_STRUCT)
        make_inner_struct(maker, field);
    else
        make_value(maker, field);
}

/* Puts the size of what stands from `start` on before it. */
static void insert_size(struct maker *maker, size_t start)
{
    uint8_t content[sizeof maker->bytes];
    size_t size = maker->len - start;
    memcpy(content, maker->bytes + start, size);
    maker->len = start;
    put_varint(maker, (uint32_t)size);
    memcpy(maker->bytes + maker->len, content, size);
    maker->len += size;
}

static void make_tagged(struct maker *maker, const struct field *field)
{
    put_varint(maker, (uint32_t)field->tag);
    if (field->role)
        page_add(&maker->page, "TAG %s\n", field->name);
    size_t start = maker->len;
    make_field(maker, field);
    insert_size(maker, start);
}

static void make_struct(struct maker *maker, const struct field *first, size_t count)
{
    enum { UNKNOWN_TAG = 1000 };
    uint32_t tagged = 0;
    for (size_t i = 0; i < count; i++) {
        if (in_version(maker, &first[i]) && first[i].tag == TAG_NONE)
            make_field(maker, &first[i]);
        tagged += in_version(maker, &first[i]) && first[i].tag != TAG_NONE;
    }
    if (!maker->flexible)
        return;
    bool with_unknown = choose(maker, 2);
    put_varint(maker, tagged + with_unknown);
    for (size_t i = 0; i < count; i++)
        if (in_version(maker, &first[i]) && first[i].tag != TAG_NONE)
            make_tagged(maker, &first[i]);
    if (!with_unknown)
        return;
    put_varint(maker, UNKNOWN_TAG);
    put_varint(maker, 3);
    put(maker, 0x010203, 3);
}

static void make(struct maker *maker, const struct message *message, int version, uint32_t chance)
{
    *maker =
        (struct maker){.chance = chance, .version = version, .flexible = version >= message->flexible_first};
    make_struct(maker, &tables_fields[message->fields], message->count);
    page_add(&maker->page, "DONE\n");
}

typedef void made_fn(const struct maker *maker, const struct message *message, int version);

static void for_each_version(const struct message *message, made_fn *check, uint32_t times)
{
    static struct maker maker;
    for (int version = message->first; version <= message->last; version++) {
        for (uint32_t time = 0; time < times; time++) {
            make(&maker, message, version, time * 7919 + (uint32_t)(message->api_key * 256 + version));
            check(&maker, message, version);
        }
    }
}

/* Every version of every request and response, each a few times with other values. */
static void for_each_made(made_fn *check, uint32_t times)
{
    for (int key = 0; key <= tables_api_key_last; key++) {
        for_each_version(tables_message(REQUEST, key), check, times);
        for_each_version(tables_message(RESPONSE, key), check, times);
    }
}

static void check_steps(const struct maker *maker, const struct message *message, int version)
{
    static struct page page;
    struct bytes bytes = {maker->bytes, maker->len};
    for (size_t i = 0; i <= 8; i++) {
        steps_walk(&page, message, version, (uint32_t)bytes.len, bytes, bytes.len * i / 8);
        page_expect(message->name, &page, maker->page.text);
    }
}

static void every_version_of_every_message_gives_its_steps(void **state)
{
    (void)state;
    for_each_made(check_steps, 4);
}

static void check_cut_off(const struct maker *maker, const struct message *message, int version)
{
    static struct page page;
    for (size_t len = 0; len < maker->len; len += 1 + len / 16) {
        struct bytes bytes = {maker->bytes, len};
        if (steps_walk(&page, message, version, (uint32_t)len, bytes, 0) != WALK_BAD)
            fail_msg("%s v%d cut to %zu of %zu bytes:\n%s", message->name, version, len, maker->len,
                     page.text);
        if (steps_walk(&page, message, version, (uint32_t)maker->len, bytes, 0) != WALK_MORE)
            fail_msg("%s v%d with %zu of %zu bytes here:\n%s", message->name, version, len, maker->len,
                     page.text);
    }
}

static void what_is_cut_off_is_never_waited_for_and_what_is_to_come_always(void **state)
{
    (void)state;
    for_each_made(check_cut_off, 1);
}

/* Any byte may be wrong: the walk ends, within its bounds (ASan sees the rest). */
static void check_garbled(const struct maker *maker, const struct message *message, int version)
{
    static struct page page;
    static struct maker garbled;
    garbled = *maker;
    for (size_t at = 0; at < maker->len; at += 1 + at / 8) {
        garbled.bytes[at] = (uint8_t)choose(&garbled, 256);
        struct bytes bytes = {garbled.bytes, maker->len};
        enum walk_step last = steps_walk(&page, message, version, (uint32_t)maker->len, bytes, at);
        assert_in_range(last, WALK_DONE, WALK_BAD);
    }
}

static void what_is_garbled_comes_to_an_end(void **state)
{
    (void)state;
    for_each_made(check_garbled, 1);
}

/* Nobody wants to see anything: the walk takes the same way, and says nothing on it. */
static void check_silent(const struct maker *maker, const struct message *message, int version)
{
    static struct page page;
    struct bytes bytes = {maker->bytes, maker->len};
    for (size_t i = 0; i <= 8; i++) {
        steps_walk_seeing(&page, 0, message, version, (uint32_t)bytes.len, bytes, bytes.len * i / 8);
        page_expect(message->name, &page, "DONE\n");
    }
    for (size_t len = 0; len < maker->len; len += 1 + len / 16) {
        struct bytes cut = {maker->bytes, len};
        assert_int_equal(steps_walk_seeing(&page, 0, message, version, (uint32_t)len, cut, 0), WALK_BAD);
        assert_int_equal(steps_walk_seeing(&page, 0, message, version, (uint32_t)maker->len, cut, 0),
                         WALK_MORE);
    }
}

static void what_nobody_wants_to_see_is_passed_all_the_same(void **state)
{
    (void)state;
    for_each_made(check_silent, 2);
}

/* ---------------------------------------------------------------- peek.h */

enum { ENOUGH = 2 };

struct peeked {
    struct page page;
    int told;
};

/* Values and pieces, as steps_walk writes them down; so many are enough. */
static bool take_peeked(void *context, enum walk_step step, const struct walk_event *event)
{
    struct peeked *peeked = context;
    if (step == WALK_BEGIN)
        return true;
    assert_true(peeked->told < ENOUGH);
    page_add(&peeked->page,
             step == WALK_VALUE ? "VALUE %s "
             : event->null      ? "PIECE null"
                                : "PIECE ",
             event->field->name);
    if (step == WALK_VALUE && event->field->kind != KIND_UUID)
        page_add(&peeked->page, "%" PRId64, event->number);
    else
        page_add_bytes(&peeked->page, event->piece);
    page_add(&peeked->page, "\n");
    return ++peeked->told < ENOUGH;
}

static void only_values_and_pieces(char *text)
{
    char *to = text;
    for (char *line = text, *next; *line; line = next) {
        next = strchr(line, '\n') + 1;
        if (strncmp(line, "VALUE", 5) != 0 && strncmp(line, "PIECE", 5) != 0)
            continue;
        memmove(to, line, (size_t)(next - line));
        to += next - line;
    }
    *to = 0;
}

static int peeks_that_had_enough;

static void expect_peeked(const struct page *walked, uint64_t roles, const struct message *message,
                          int version, struct bytes here)
{
    static struct peeked peeked;
    struct span part = pages_copy(here);
    peeked.told = 0;
    peeked.page = (struct page){.len = 0};
    bool enough = peek(message, version, roles, (struct bytes){part.at, part.len}, take_peeked, &peeked);
    peeks_that_had_enough += enough;
    assert_int_equal(enough, peeked.told == ENOUGH);
    if (strncmp(walked->text, peeked.page.text, peeked.page.len) != 0)
        fail_msg("%s v%d, %zu bytes:\n%sand a walk says:\n%s", message->name, version, here.len,
                 peeked.page.text, walked->text);
    free(part.at);
}

/* What a peek tells is what a walk tells first, also of a part of the message. */
static void check_peeked(const struct maker *maker, const struct message *message, int version)
{
    static struct page walked;
    for (int role = ROLE_NONE; role < ROLE_COUNT; role++) {
        uint64_t roles = role == ROLE_NONE ? WALK_ALL : ROLE_SET(role);
        steps_walk_seeing(&walked, roles, message, version, (uint32_t)maker->len,
                          (struct bytes){maker->bytes, maker->len}, 0);
        only_values_and_pieces(walked.text);
        for (size_t len = 0; len <= maker->len; len += 1 + len / 4)
            expect_peeked(&walked, roles, message, version, (struct bytes){maker->bytes, len});
    }
}

static void what_is_seen_at_a_glance_is_what_a_walk_tells_first(void **state)
{
    (void)state;
    peeks_that_had_enough = 0;
    for_each_made(check_peeked, 1);
    assert_in_range(peeks_that_had_enough, 1000, INT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version_of_every_message_gives_its_steps),
        cmocka_unit_test(what_is_cut_off_is_never_waited_for_and_what_is_to_come_always),
        cmocka_unit_test(what_is_garbled_comes_to_an_end),
        cmocka_unit_test(what_nobody_wants_to_see_is_passed_all_the_same),
        cmocka_unit_test(what_is_seen_at_a_glance_is_what_a_walk_tells_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
