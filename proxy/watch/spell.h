/* SPDX-License-Identifier: Apache-2.0 */
/* Times, addresses and topic ids as text, into room of the caller's.
 * Apart, because the log, the lines for people and those for programs spell them alike, and because none of it goes through
 * stdio: a traffic line has several of them, and formats cost more than all else of it. */
#ifndef KBRIDGE_WATCH_SPELL_H
#define KBRIDGE_WATCH_SPELL_H

#include "proxy/bridge/told.h"

enum {
    SPELL_TIME_LEN = sizeof "2026-11-24T03:04:05.678Z" - 1,
    SPELL_TOPIC_ID_LEN = 22,
    SPELL_IP_ROOM = IP_TEXT_ROOM + sizeof "[]:65535" - 1,
};

/* Each writes no 0 behind it. */
void spell_time(char to[SPELL_TIME_LEN], uint64_t wall_us); /* since 1970, UTC */
size_t spell_ip(char to[SPELL_IP_ROOM], const struct ip *ip,
                uint16_t port); /* 127.0.0.1:29092, [::1]:29092 */
/* As Kafka's tools write it: base64 for URLs, without padding. */
void spell_topic_id(char to[SPELL_TOPIC_ID_LEN], const uint8_t *id);

#endif
