/* SPDX-License-Identifier: Apache-2.0 */
/* The page itself: page.html, put into the executable when it is built.
 * Apart, because its scripts and styles carry a number of their own in each answer (a nonce), and nothing else may run in it. */
#ifndef KBRIDGE_ADMIN_PAGE_H
#define KBRIDGE_ADMIN_PAGE_H

#include "proxy/admin/text.h"

enum { PAGE_NONCE_ROOM = 33 };

/* page.html, with a 0 behind it; made by page.cmake. */
extern const char page_html[];

/* The page with `nonce` in each place for it. False: the system has no random numbers. */
bool page_write(struct text *page, char nonce[PAGE_NONCE_ROOM]);

#endif
