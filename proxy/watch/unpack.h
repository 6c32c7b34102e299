/* SPDX-License-Identifier: Apache-2.0 */
/* What compressed records were before.
 * Apart, because it is the only code that knows the libraries, and what they may take is bounded here, whatever the bytes say
 * of themselves: the room of the caller's for what comes out, and UNPACK_MEMORY within, for the time of the call. */
#ifndef KBRIDGE_WATCH_UNPACK_H
#define KBRIDGE_WATCH_UNPACK_H

#include "proxy/kafka/batches.h"

/* Windows of zstd up to level 19 (larger ones are not read), and the largest blocks of lz4 twice. */
enum { UNPACK_WINDOW_BITS = 23, UNPACK_MEMORY = 9 << 20 };

/* Writes at most `room` bytes, the beginning of what `packed` holds, which may be a beginning itself. Returns how many; 0: it
 * could not be read. */
size_t unpack(enum compression compression, struct bytes packed, uint8_t *to, size_t room);

#endif
