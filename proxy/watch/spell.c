/* SPDX-License-Identifier: Apache-2.0 */
/* Digits without stdio; see spell.h. */
#include "proxy/watch/spell.h"

#include <arpa/inet.h>
#include <time.h>

#include "proxy/kafka/digits.h"

/* ---- time ---- */

void spell_time(char to[SPELL_TIME_LEN], uint64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    memcpy(to, "0000-00-00T00:00:00.000Z", SPELL_TIME_LEN);
    digits_write_fixed(to, 4, (uint64_t)utc.tm_year + 1900);
    digits_write_fixed(to + 5, 2, (uint64_t)utc.tm_mon + 1);
    digits_write_fixed(to + 8, 2, (uint64_t)utc.tm_mday);
    digits_write_fixed(to + 11, 2, (uint64_t)utc.tm_hour);
    digits_write_fixed(to + 14, 2, (uint64_t)utc.tm_min);
    digits_write_fixed(to + 17, 2, (uint64_t)utc.tm_sec);
    digits_write_fixed(to + 20, 3, wall_us / 1000);
}

/* ---- addresses ---- */

/* inet_ntop goes through stdio for these: five times as dear. */
static size_t spell_ip4(char *to, const uint8_t *ip)
{
    size_t len = 0;
    for (size_t i = 0; i < 4; i++) {
        if (i)
            to[len++] = '.';
        len += digits_write(to + len, ip[i]);
    }
    return len;
}

static size_t spell_ip6(char *to, const uint8_t *ip)
{
    to[0] = '[';
    if (!inet_ntop(AF_INET6, ip, to + 1, IP_TEXT_ROOM))
        strcpy(to + 1, "?");
    size_t len = strlen(to);
    to[len] = ']';
    return len + 1;
}

size_t spell_ip(char to[SPELL_IP_ROOM], const struct ip *ip, uint16_t port)
{
    size_t len = ip->len == 4 ? spell_ip4(to, ip->at) : spell_ip6(to, ip->at);
    to[len++] = ':';
    return len + digits_write(to + len, port);
}

/* ---- topic ids ---- */

void spell_topic_id(char to[SPELL_TOPIC_ID_LEN], const uint8_t *id)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    enum { BITS = 6, ID_SIZE = 16 };
    for (size_t i = 0; i < SPELL_TOPIC_ID_LEN; i++) {
        size_t bit = i * BITS, byte = bit / 8;
        unsigned pair = (unsigned)id[byte] << 8 | (byte + 1 < ID_SIZE ? id[byte + 1] : 0U);
        to[i] = digits[pair >> (16 - BITS - bit % 8) & 63];
    }
}
