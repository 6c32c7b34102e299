/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of the beginning of a Produce request, and when it is not enough. That it is what a walk tells first is seen in
 * walk_every_test, of every message. */
#include "proxy/kafka/peek.h"

#include "proxy/kafka/keys.h"

#include "tests/unit/kafka/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define WANTED (ROLE_SET(ROLE_ACKS) | ROLE_SET(ROLE_TOPIC_NAME) | ROLE_SET(ROLE_PARTITION))

static struct page page;

/* Up to the partition. */
static bool take(void *context, enum walk_step step, const struct walk_event *event)
{
    (void)context;
    if (step == WALK_VALUE)
        page_add(&page, "%s %d\n", event->field->name, (int)event->number);
    if (step == WALK_PIECE)
        page_add(&page, "%s of %zu bytes\n", event->field->name, event->piece.len);
    return event->field->role != ROLE_PARTITION;
}

static void expect(const char *claim, bool enough, const char *hex, const char *told)
{
    struct span body = pages_bytes(hex);
    page = (struct page){.len = 0};
    bool had =
        peek(tables_message(REQUEST, API_PRODUCE), 9, WANTED, (struct bytes){body.at, body.len}, take, NULL);
    page_expect(claim, &page, told);
    assert_int_equal(had, enough);
    free(body.at);
}

static void the_first_partition_is_found_where_it_is_here(void **state)
{
    (void)state;
    expect("the records need not be here", true, "00 ffff 00007530 02 03 't1' 02 00000005",
           "Acks -1\nName of 2 bytes\nIndex 5\n");
    expect("half of its number", false, "00 ffff 00007530 02 03 't1' 02 000000",
           "Acks -1\nName of 2 bytes\n");
    expect("half of a name", false, "00 ffff 00007530 02 03 't'", "Acks -1\n");
    expect("nothing", false, "", "");
}

static void behind_the_first_element_it_is_not_looked_for(void **state)
{
    (void)state;
    expect("a first topic without partitions", false,
           "00 ffff 00007530 03 03 't1' 01 00 03 't2' 02 00000005 00 00 00", "Acks -1\nName of 2 bytes\n");
    expect("no topics", false, "00 ffff 00007530 01 00", "Acks -1\n");
}

static void what_is_wrong_is_left_to_the_walker(void **state)
{
    (void)state;
    expect("a name that is null", false, "00 ffff 00007530 02 00 02 00000005", "Acks -1\n");
    expect("a length below null", false, "00 ffff 00007530 8080808080", "Acks -1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_partition_is_found_where_it_is_here),
        cmocka_unit_test(behind_the_first_element_it_is_not_looked_for),
        cmocka_unit_test(what_is_wrong_is_left_to_the_walker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
