/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of IP and TCP for bytes that came over a socket, so that tools for packets can read them.
 * Apart, because no packet was ever seen: addresses, ports and the order of the bytes are true, all else is what such a
 * header has to have. */
#ifndef KBRIDGE_WATCH_SEGMENT_H
#define KBRIDGE_WATCH_SEGMENT_H

#include "proxy/bridge/told.h"

enum {
    SEGMENT_HEADERS_MOST = 60,     /* IPv6 and TCP */
    SEGMENT_BYTES_MOST = 60 << 10, /* an IP packet has 65,535 at most */
};

/* Flags of TCP. */
enum { SEGMENT_FIN = 1, SEGMENT_SYN = 2, SEGMENT_PUSH = 8, SEGMENT_ACK = 16 };

struct segment {
    const struct ip *from, *to; /* of one family */
    uint16_t from_port, to_port;
    uint32_t number;  /* of its first byte */
    uint32_t awaited; /* the number of the next byte of the other direction */
    uint8_t flags;
    size_t len; /* bytes behind the headers */
};

/* How many bytes the headers took. */
size_t segment_write(uint8_t at[SEGMENT_HEADERS_MOST], const struct segment *segment);

#endif
