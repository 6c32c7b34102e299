/* SPDX-License-Identifier: Apache-2.0 */
/* See page.h. */
#include "tests/unit/watch/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

void page_begin(struct page *page)
{
    *page = (struct page){.wall_us = PAGE_TIME};
}

static void take_line(void *context, const char *text, size_t len)
{
    struct page *page = context;
    assert_true(len > 0 && text[len - 1] == '\n');
    assert_ptr_equal(memchr(text, '\n', len), text + len - 1);
    assert_true(page->len + len < PAGE_ROOM);
    memcpy(page->text + page->len, text, len);
    page->len += len;
    page->text[page->len] = 0;
    page->line_count++;
}

struct sink page_sink(struct page *page)
{
    return (struct sink){.write = take_line, .context = page};
}

static uint64_t wall_us(void *context)
{
    return ((struct page *)context)->wall_us;
}

static uint64_t steady_us(void *context)
{
    return ((struct page *)context)->steady_us;
}

struct clocks page_clocks(struct page *page)
{
    return (struct clocks){.wall_us = wall_us, .steady_us = steady_us, .context = page};
}

void page_assert(struct page *page, const char *text)
{
    assert_string_equal(page->text, text);
    page->len = 0;
    page->text[0] = 0;
    page->line_count = 0;
}

struct place page_place(uint8_t last_byte, uint16_t port)
{
    return (struct place){.peer = {{172, 18, 0, last_byte}, 4}, .peer_port = port, .port = 29092};
}
