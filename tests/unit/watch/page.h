/* SPDX-License-Identifier: Apache-2.0 */
/* A page on which the tests of watch/ let lines be written, and a clock that stands still until it is moved.
 * Apart, because every test of watch/ reads whole lines and chooses the time. */
#ifndef KBRIDGE_TESTS_UNIT_WATCH_PAGE_H
#define KBRIDGE_TESTS_UNIT_WATCH_PAGE_H

#include "proxy/bridge/told.h"
#include "proxy/watch/sink.h"

enum { PAGE_ROOM = 16384 };

/* 2026-11-24T03:04:05.678Z */
#define PAGE_TIME UINT64_C(1795489445678000)
#define PAGE_STAMP "2026-11-24T03:04:05.678Z "

struct page {
    uint64_t wall_us, steady_us;
    size_t len;
    unsigned line_count;
    char text[PAGE_ROOM];
};

void page_begin(struct page *page);
struct sink page_sink(struct page *page);
struct clocks page_clocks(struct page *page);

/* What was written since the last call is exactly this. */
void page_assert(struct page *page, const char *text);

struct place page_place(uint8_t last_byte, uint16_t port); /* 172.18.0.x */

#endif
