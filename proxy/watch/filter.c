/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and applying what a taker wants; see filter.h. */
#include "proxy/watch/filter.h"

#include <strings.h>

#include "proxy/kafka/tables.h"

static bool refuse(struct sentence *why, const char *text, size_t len, const char *fault)
{
    sentence_add(why, "\"");
    sentence_add_bytes(why, (struct bytes){(const uint8_t *)text, len}, PATTERN_ROOM);
    sentence_add(why, "\" ");
    sentence_add(why, fault);
    return false;
}

/* -1: there is none of this name. */
static int key_of(const char *name, size_t len)
{
    for (int key = 0; key <= tables_api_key_last && key < FILTER_KEYS; key++) {
        const char *api = tables_api_name(key);
        if (api && strlen(api) == len && strncasecmp(api, name, len) == 0)
            return key;
    }
    return -1;
}

bool filter_set_only(struct filter *filter, const char *text, struct sentence *why)
{
    uint64_t apis[FILTER_KEYS / 64] = {0};
    while (*text) {
        size_t len = strcspn(text, ",");
        int key = key_of(text, len);
        if (key < 0)
            return refuse(why, text, len, "is no API of Kafka; expected names such as produce,fetch");
        apis[key / 64] |= UINT64_C(1) << key % 64;
        text += len + (text[len] == ',');
    }
    memcpy(filter->apis, apis, sizeof apis);
    return true;
}

static bool set_pattern(char pattern[PATTERN_ROOM], const char *text, struct sentence *why)
{
    if (strlen(text) >= PATTERN_ROOM)
        return refuse(why, text, strlen(text), "is too long; no name in Kafka is");
    strcpy(pattern, text);
    return true;
}

bool filter_set_topic(struct filter *filter, const char *text, struct sentence *why)
{
    return set_pattern(filter->topic, text, why);
}

bool filter_set_client(struct filter *filter, const char *text, struct sentence *why)
{
    return set_pattern(filter->client, text, why);
}

bool filter_has_api(const struct filter *filter, int api_key)
{
    uint64_t any = 0;
    for (size_t i = 0; i < FILTER_KEYS / 64; i++)
        any |= filter->apis[i];
    if (!any)
        return true;
    return api_key >= 0 && api_key < FILTER_KEYS && filter->apis[api_key / 64] >> api_key % 64 & 1;
}

/* Behind a star that did not lead to a fit, the text is tried from one character further on; only the last star needs
 * that, so the time is bounded by the product of both lengths. */
bool filter_fits(const char *pattern, const uint8_t *text, size_t len)
{
    const char *star = NULL;
    size_t at = 0, star_at = 0;
    if (!*pattern)
        return true;
    while (at < len) {
        if (*pattern == '*') {
            star = pattern++;
            star_at = at;
        } else if (*pattern && (*pattern == '?' || (uint8_t)*pattern == text[at])) {
            pattern++;
            at++;
        } else if (star) {
            pattern = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
