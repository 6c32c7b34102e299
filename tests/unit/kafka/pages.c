/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of text and of bytes; see pages.h. */
#include "tests/unit/kafka/pages.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

void page_add(struct page *page, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int len = vsnprintf(page->text + page->len, sizeof page->text - page->len, format, values);
    va_end(values);
    assert_in_range(len, 0, sizeof page->text - page->len - 1);
    page->len += (size_t)len;
}

void page_add_bytes(struct page *page, struct bytes bytes)
{
    bool in_text = false;
    for (size_t i = 0; i < bytes.len; i++) {
        bool is_text = isgraph(bytes.at[i]) && bytes.at[i] != '\'';
        if (is_text != in_text)
            page_add(page, in_text ? "' " : "'");
        page_add(page, is_text ? "%c" : "%02x ", bytes.at[i]);
        in_text = is_text;
    }
    if (in_text)
        page_add(page, "'");
    else if (bytes.len)
        page->text[--page->len] = 0;
}

/* The line in which they differ first, and the one before: whole pages would be cut by cmocka. */
void page_expect(const char *claim, const struct page *page, const char *expected)
{
    size_t at = 0, line = 0;
    while (expected[at] && expected[at] == page->text[at])
        at++;
    if (!expected[at] && !page->text[at])
        return;
    for (size_t i = 0, lines = 2; i < at && lines; i++)
        if (expected[at - 1 - i] == '\n' && --lines == 0)
            line = at - i;
    print_message("%s\n--- expected, from the line before:\n%.400s\n--- but:\n%.400s\n", claim,
                  expected + line, page->text + line);
    fail_msg("%s", claim);
}

struct span pages_copy(struct bytes bytes)
{
    struct span copy = {malloc(bytes.len ? bytes.len : 1), bytes.len};
    assert_non_null(copy.at);
    if (bytes.len)
        memcpy(copy.at, bytes.at, bytes.len);
    return copy;
}

static uint8_t digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = strchr(digits, c);
    if (!c || !at)
        fail_msg("'%c' is no hex digit", c);
    return (uint8_t)(at - digits);
}

struct span pages_bytes(const char *text)
{
    uint8_t *made = malloc(strlen(text) + 1);
    assert_non_null(made);
    size_t len = 0;
    bool in_text = false;
    for (; *text; text++) {
        if (*text == '\'')
            in_text = !in_text;
        else if (in_text)
            made[len++] = (uint8_t)*text;
        else if (!isspace((unsigned char)*text)) {
            made[len++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
            text++;
        }
    }
    struct span exact = pages_copy((struct bytes){made, len});
    free(made);
    return exact;
}

size_t pages_next(size_t done, size_t len, size_t cut)
{
    if (cut == len)
        return len ? 1 : 0;
    return done < cut ? cut - done : len - done;
}
