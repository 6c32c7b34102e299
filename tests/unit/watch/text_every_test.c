/* SPDX-License-Identifier: Apache-2.0 */
/* One exchange of each API in its newest version, with a value in each field that a line can show, as a page:
 * text_every.txt. Whoever changes lines on purpose writes it anew: WRITE_PAGE=1 ctest --preset dev -R text_every
 * No line, in no form, has a secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/heap.h"
#include "proxy/kafka/write.h"
#include "proxy/watch/json_event.h"
#include "proxy/watch/text.h"
#include "proxy/watch/traffic.h"
#include "tests/unit/watch/page.h"

#define PAGE_PATH "tests/unit/watch/text_every.txt"
#define SECRET "hunter2"

enum { PAGE_MOST = 64 << 10, FRAME_HEAD = 4 };

static char page[PAGE_MOST];
static size_t page_len;
static struct text json;

static void take(void *context, const struct traffic_event *event)
{
    struct line line = {.len = 0};
    (void)context;
    text_event(&line, event, false);
    assert_true(page_len + line.len < PAGE_MOST);
    memcpy(page + page_len, line.text, line.len + 1);
    page_len += line.len;
    json_event(&json, NULL, event);
    text_add_bytes(&json, (struct bytes){(const uint8_t *)"", 1});
    assert_null(strstr(json.at, SECRET));
    text_free(&json);
}

/* ---- messages with everything in them ---- */

typedef const char *write_fn(struct buffer *to, int api_key, int version, int32_t correlation_id,
                             struct givens givens);

/* What all messages may have, with an error code for responses. */
static void write_full(struct buffer *to, write_fn *write, int api_key, int version, int error)
{
    const struct given partition[] = {given_number(ROLE_PARTITION, 3), given_number(ROLE_OFFSET, 41),
                                      given_number(ROLE_ERROR_CODE, error)};
    const struct givens partitions[] = {{partition, 3}};
    const struct given topic[] = {given_bytes(ROLE_TOPIC_NAME, bytes_of("orders")),
                                  given_bytes(ROLE_TOPIC_ID, bytes_of("0123456789abcdef")),
                                  given_array(ROLE_PARTITIONS, partitions, 1),
                                  given_number(ROLE_PARTITION, 3), given_number(ROLE_ERROR_CODE, error)};
    const struct givens topics[] = {{topic, 5}};
    const struct given group[] = {given_bytes(ROLE_GROUP_ID, bytes_of("billing")),
                                  given_array(ROLE_TOPICS, topics, 1), given_number(ROLE_ERROR_CODE, error)};
    const struct givens groups[] = {{group, 3}};
    const struct given resource[] = {given_number(ROLE_RESOURCE_TYPE, 2),
                                     given_bytes(ROLE_RESOURCE_NAME, bytes_of("orders")),
                                     given_number(ROLE_ERROR_CODE, error)};
    const struct givens resources[] = {{resource, 3}};
    const struct given transaction[] = {given_bytes(ROLE_TRANSACTIONAL_ID, bytes_of("payments-tx"))};
    const struct givens transactions[] = {{transaction, 1}};
    const struct given givens[] = {
        given_array(ROLE_TOPICS, topics, 1),
        given_array(ROLE_GROUPS, groups, 1),
        given_array(ROLE_RESOURCES, resources, 1),
        given_array(ROLE_TRANSACTIONS, transactions, 1),
        given_bytes(ROLE_GROUP_ID, bytes_of("billing")),
        given_bytes(ROLE_MEMBER_ID, bytes_of("billing-1")),
        given_bytes(ROLE_TRANSACTIONAL_ID, bytes_of("payments-tx")),
        given_bytes(ROLE_COORDINATOR_KEY, bytes_of("billing")),
        given_bytes(ROLE_MECHANISM, bytes_of("PLAIN")),
        given_bytes(ROLE_SECRET, bytes_of(SECRET)),
        given_bytes(ROLE_CHALLENGE, bytes_of(SECRET)),
        given_number(ROLE_GENERATION, 5),
        given_number(ROLE_ISOLATION, 1),
        given_number(ROLE_PRODUCER_ID, 1000),
        given_number(ROLE_COMMITTED, 1),
        given_number(ROLE_ACKS, -1),
        given_number(ROLE_ERROR_CODE, error),
    };
    assert_null(write(to, api_key, version, 1, (struct givens){givens, sizeof givens / sizeof *givens}));
}

/* ---- the exchange ---- */

static void walk(struct traffic *traffic, const struct exchange *exchange, enum direction direction,
                 const struct buffer *frame)
{
    struct walk walk;
    struct walk_event event;
    enum walk_step step;
    int header = tables_header_version(direction, exchange->api_key, exchange->api_version);
    uint8_t *bytes = malloc(frame->len); /* so that reading beyond it is found */
    assert_non_null(bytes);
    memcpy(bytes, buffer_bytes(frame).at, frame->len);
    struct span input = {bytes + FRAME_HEAD, frame->len - FRAME_HEAD};
    walk_begin(&walk, direction == REQUEST ? &tables_request_header : &tables_response_header, header,
               (uint32_t)input.len);
    while (walk_next(&walk, &input, &event) > WALK_BAD)
        ;
    walk_begin(&walk, tables_message(direction, exchange->api_key), exchange->api_version,
               (uint32_t)input.len);
    while ((step = walk_next(&walk, &input, &event)) > WALK_BAD)
        traffic_field(traffic, &heap_allocator, exchange, direction, step, &event);
    assert_int_equal(step, WALK_DONE);
    free(bytes);
}

static void show(struct traffic *traffic, const struct who *who, int api_key)
{
    int version = tables_message(REQUEST, api_key)->last;
    struct exchange exchange = {.api_key = (int16_t)api_key, .api_version = (int16_t)version, .node = 1};
    struct buffer request = {.allocator = &heap_allocator}, response = {.allocator = &heap_allocator};
    if (!tables_knows(api_key, version))
        return;
    write_full(&request, write_request, api_key, version, 0);
    write_full(&response, write_response, api_key, version, api_key + 1);
    exchange.request_size = (uint32_t)request.len;
    walk(traffic, &exchange, REQUEST, &request);
    traffic_request(traffic, &heap_allocator, &exchange);
    exchange.response_size = (uint32_t)response.len;
    walk(traffic, &exchange, RESPONSE, &response);
    traffic_response(traffic, &heap_allocator, who, &exchange);
    buffer_free(&request);
    buffer_free(&response);
}

static void test_each_api_has_a_line_that_says_what_it_is_about_and_no_secret(void **state)
{
    static struct page clock;
    static struct taker taker = {.filter.all = true, .take = take};
    static char expected[PAGE_MOST];
    const struct place place = page_place(1, 5342);
    const struct who who = {.place = &place, .client_id = "app"};
    struct traffic traffic;
    (void)state;
    page_begin(&clock);
    traffic_init(&traffic, page_clocks(&clock));
    assert_true(traffic_add(&traffic, &taker));
    for (int api_key = 0; api_key <= tables_api_key_last; api_key++)
        show(&traffic, &who, api_key);
    traffic_end(&traffic, &heap_allocator, &who);
    traffic_free(&traffic);
    assert_null(strstr(page, SECRET));
    bool anew = getenv("WRITE_PAGE") != NULL;
    FILE *file = fopen(PAGE_PATH, anew ? "w" : "r");
    assert_non_null(file);
    if (anew)
        assert_int_equal(fwrite(page, 1, page_len, file), page_len);
    else
        expected[fread(expected, 1, PAGE_MOST - 1, file)] = 0;
    fclose(file);
    if (!anew)
        assert_string_equal(page, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_api_has_a_line_that_says_what_it_is_about_and_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
