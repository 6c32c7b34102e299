/* SPDX-License-Identifier: Apache-2.0 */
/* Where a character of UTF-8 ends.
 * Apart, because whatever shows foreign text has to know what of it is text. */
#ifndef KBRIDGE_WATCH_UTF8_H
#define KBRIDGE_WATCH_UTF8_H

#include "proxy/kafka/bytes.h"

/* How many bytes the character at the begin of `bytes`, which are some, has; 0: it is none. */
size_t utf8_size(struct bytes bytes);

#endif
