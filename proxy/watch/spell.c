/* SPDX-License-Identifier: Apache-2.0 */
/* Digits and the calendar; see spell.h. */
#include "proxy/watch/spell.h"

#include <arpa/inet.h>

#include "proxy/kafka/digits.h"

/* ---- time ---- */

struct date {
    uint64_t year;
    unsigned month, day;
};

/* The calendar begins with March, so that the leap day is the last of a year: months then have 153 days in five, and what is
 * left over at the end of 400 years is none. */
static struct date date_of(uint64_t days_since_1970)
{
    enum { TO_MARCH_OF_YEAR_0 = 719468, DAYS_OF_400_YEARS = 146097 };
    uint64_t days = days_since_1970 + TO_MARCH_OF_YEAR_0;
    uint64_t era = days / DAYS_OF_400_YEARS;
    unsigned day = (unsigned)(days % DAYS_OF_400_YEARS);
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    unsigned day_of_year = day - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * day_of_year + 2) / 153; /* 0: March */
    return (struct date){
        .year = era * 400 + year + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - (153 * month + 2) / 5 + 1,
    };
}

void spell_time(char to[SPELL_TIME_LEN], uint64_t wall_us)
{
    uint64_t ms = wall_us / 1000, seconds = ms / 1000;
    struct date date = date_of(seconds / 86400);
    unsigned of_day = (unsigned)(seconds % 86400);
    memcpy(to, "0000-00-00T00:00:00.000Z", SPELL_TIME_LEN);
    digits_write_fixed(to, 4, date.year);
    digits_write_fixed(to + 5, 2, date.month);
    digits_write_fixed(to + 8, 2, date.day);
    digits_write_fixed(to + 11, 2, of_day / 3600);
    digits_write_fixed(to + 14, 2, of_day / 60 % 60);
    digits_write_fixed(to + 17, 2, of_day % 60);
    digits_write_fixed(to + 20, 3, ms % 1000);
}

/* ---- addresses ---- */

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
