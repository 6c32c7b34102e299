/* SPDX-License-Identifier: Apache-2.0 */
/* The setting that was probably meant by a name that is none.
 * Apart, because flags, variables and the file all ask for it. */
#include <string.h>

#include "config/setting.h"

/* Case and the characters between the words make no difference. */
static char normal(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (char)(c == '.' || c == '-' ? '_' : c);
}

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* How many characters must be put in, left out or changed (Levenshtein). Both shorter than
 * SETTING_NAME_ROOM. */
static size_t distance(const char *a, const char *b)
{
    size_t row[SETTING_NAME_ROOM];
    size_t b_len = strlen(b);
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b_len; j++) {
            size_t changed = diagonal + (normal(a[i]) != normal(b[j]));
            diagonal = row[j + 1];
            row[j + 1] = least_of(changed, row[j] + 1, diagonal + 1);
        }
    }
    return row[b_len];
}

/* The last part of a name alone is one mistake. */
static size_t mistakes(const char *given, const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t whole = distance(given, name);
    size_t part = dot ? distance(given, dot + 1) + 1 : whole;
    return whole < part ? whole : part;
}

const struct setting *setting_nearest(const char *given)
{
    const struct setting *nearest = NULL;
    size_t len = strlen(given);
    if (len >= SETTING_NAME_ROOM)
        return NULL;
    size_t fewest = len < 6 ? 2 : len / 3; /* more, and it is another word */
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        size_t count = mistakes(given, setting_table[i].name);
        if (count < fewest || (count == fewest && !nearest)) {
            nearest = &setting_table[i];
            fewest = count;
        }
    }
    return nearest;
}
