/* SPDX-License-Identifier: Apache-2.0 */
/* Packets out of a file: kbridge's own recordings, and what tcpdump, dumpcap or Wireshark have written (pcap, pcapng).
 * Apart, because a file may hold anything: each length in it is checked here, and nowhere else. One block is in memory at a time.
 * Not by libpcap, which gives no comment of a packet (who answered), and Debian's brings D-Bus into the image. */
#ifndef KBRIDGE_WATCH_CAPTURE_H
#define KBRIDGE_WATCH_CAPTURE_H

#include <stdio.h>

#include "proxy/bridge/told.h"
#include "proxy/kafka/sentence.h"

enum {
    CAPTURE_BLOCK_MOST = 1 << 20, /* a packet has 64 KiB; what says that it has more is no capture */
    CAPTURE_INTERFACES = 64,      /* of one section; packets of further ones are passed over */
};

struct capture_interface {
    uint16_t link;    /* link type: LINKTYPE_… of tcpdump.org */
    uint8_t per_unit; /* of time: a power of ten, or, with the high bit, of two */
};

struct capture {
    FILE *file; /* borrowed */
    bool classic, swapped;
    struct capture_interface interfaces[CAPTURE_INTERFACES];
    uint32_t interface_count;
    uint8_t block[CAPTURE_BLOCK_MOST];
};

/* A segment of TCP. */
struct captured {
    uint64_t wall_us;
    struct ip from, to;
    uint16_t from_port, to_port;
    uint32_t number;
    uint8_t flags;
    struct span payload; /* borrowed until the next call, as is: */
    struct bytes comment;
};

/* Reads the beginning. False: `why` says what the file is not. */
bool capture_begin(struct capture *capture, FILE *file, struct sentence *why);

enum capture_step { CAPTURE_SEGMENT, CAPTURE_OTHER /* no TCP */, CAPTURE_END, CAPTURE_BAD /* see `why` */ };
enum capture_step capture_next(struct capture *capture, struct captured *captured, struct sentence *why);

#endif
