/* SPDX-License-Identifier: Apache-2.0 */
/* Golden tests as readable pages: bytes in, text out, run whole, byte by byte and at every split.
 * Apart, because all tests of kafka/ and bridge/ are written this way. */
#ifndef KBRIDGE_TESTS_KAFKA_PAGES_H
#define KBRIDGE_TESTS_KAFKA_PAGES_H

#include "proxy/kafka/bytes.h"

struct page {
    char text[1 << 16];
    size_t len;
};

void page_add(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The bytes as a person can read them: 'text' and hex. */
void page_add_bytes(struct page *page, struct bytes bytes);

/* Fails with the claim and both texts, unless they are equal. */
void page_expect(const char *claim, const struct page *page, const char *expected);

/* Bytes of their own, of exactly this size, so that ASan sees a read beyond them; the caller frees `at`. */
struct span pages_copy(struct bytes bytes);

/* Made from hex digits and 'text'; blanks are for the reader. The caller frees `at`. */
struct span pages_bytes(const char *text);

/* A cut says how `len` bytes come in: 0 whole, 1 … len-1 split in two there, len byte by byte. So
 * `for (size_t cut = 0; cut <= len; cut++)` is every way. Returns how many come next, behind `done`. */
size_t pages_next(size_t done, size_t len, size_t cut);

#endif
