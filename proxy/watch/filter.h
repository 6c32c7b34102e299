/* SPDX-License-Identifier: Apache-2.0 */
/* Which traffic lines one taker wants.
 * Apart, because each taker has its own, and it may be set anew at any time: it is plain data without pointers. */
#ifndef KBRIDGE_WATCH_FILTER_H
#define KBRIDGE_WATCH_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/kafka/sentence.h"

enum { PATTERN_ROOM = 256, FILTER_KEYS = 128 };

/* All zero lets everything pass, folded (see taker.h). What is given must all be true of a line. */
struct filter {
    uint64_t apis[FILTER_KEYS / 64]; /* a bit for each api key; none: every API */
    char topic[PATTERN_ROOM];        /* a name, with * for any characters and ? for one; "": any */
    char client[PATTERN_ROOM];       /* the client id, likewise */
    uint64_t slow_us;                /* what took at least so long */
    bool errors;                     /* only what has an error, or no answer */
    bool all;                        /* nothing is folded */
};

/* From text: "produce,fetch", "orders*", "app-*". False: it is none, and `why` says so in a half sentence that begins
 * with the quoted text; the filter is as it was. Empty text takes the restriction away. */
bool filter_set_only(struct filter *filter, const char *text, struct sentence *why);
bool filter_set_topic(struct filter *filter, const char *text, struct sentence *why);
bool filter_set_client(struct filter *filter, const char *text, struct sentence *why);

bool filter_has_api(const struct filter *filter, int api_key);

/* `*` and `?` as in file names; an empty pattern fits everything. */
bool filter_fits(const char *pattern, const uint8_t *text, size_t len);

#endif
