/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in the nonce; see page.h. */
#include "proxy/admin/page.h"

#include "proxy/admin/safety.h"

static const char mark[] = "@NONCE@";

_Static_assert((int)PAGE_NONCE_ROOM == (int)TOKEN_ROOM, "a nonce is made as a token is");

bool page_write(struct text *page, char nonce[PAGE_NONCE_ROOM])
{
    if (!token_make(nonce))
        return false;
    const char *at = page_html;
    for (const char *next; (next = strstr(at, mark)); at = next + sizeof mark - 1) {
        text_add_bytes(page, (struct bytes){(const uint8_t *)at, (size_t)(next - at)});
        text_add(page, nonce);
    }
    text_add(page, at);
    return true;
}
