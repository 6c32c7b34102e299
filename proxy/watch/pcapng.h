/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of a pcapng file (IETF draft-ietf-opsawg-pcapng): what Wireshark and tshark read.
 * Apart, because this is a file format and nothing else: it knows no TCP and no Kafka.
 *
 *     file:   [section: what this is][interface: raw IP, µs] [packet] [packet] … [statistics: packets lost]
 *     block:  [type][length][body][options: code, length, text, padded to 4 …][length again]            host byte order */
#ifndef KBRIDGE_WATCH_PCAPNG_H
#define KBRIDGE_WATCH_PCAPNG_H

#include "proxy/kafka/bytes.h"

enum {
    PCAPNG_BEGIN_ROOM = 1024,  /* of the two blocks with which a file begins */
    PCAPNG_HEAD = 28,          /* of a packet, in front of its bytes */
    PCAPNG_COMMENT_MOST = 512, /* longer ones are cut */
    PCAPNG_TAIL_ROOM = PCAPNG_COMMENT_MOST + 24,
    PCAPNG_STATISTICS_ROOM = 64,
};

/* The types of blocks, and the link type. */
enum {
    PCAPNG_SECTION = 0x0a0d0d0a,
    PCAPNG_BYTE_ORDER = 0x1a2b3c4d,
    PCAPNG_INTERFACE = 1,
    PCAPNG_STATISTICS = 5,
    PCAPNG_PACKET = 6,
    PCAPNG_LINK_RAW_IP = 101,
    PCAPNG_OPTION_END = 0,
    PCAPNG_OPTION_COMMENT = 1,
};

/* How many bytes they took. Texts are UTF-8. */
size_t pcapng_begin(uint8_t at[PCAPNG_BEGIN_ROOM], const char *program, const char *comment);
size_t pcapng_statistics(uint8_t at[PCAPNG_STATISTICS_ROOM], uint64_t wall_us, uint64_t received,
                         uint64_t lost);

/* What stands behind and in front of the `len` bytes of a packet; `tail`: how many bytes stand behind them. `comment` "" is none. */
size_t pcapng_packet_tail(uint8_t at[PCAPNG_TAIL_ROOM], size_t len, const char *comment);
void pcapng_packet_head(uint8_t at[PCAPNG_HEAD], uint64_t wall_us, size_t len, size_t tail);

#endif
