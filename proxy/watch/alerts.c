/* SPDX-License-Identifier: Apache-2.0 */
/* A handful of sentences with their counts; see alerts.h. */
#include "proxy/watch/alerts.h"

/* The one with this key, or else the one that has to make room. */
static struct alert *place_of(struct alerts *alerts, uint64_t key)
{
    struct alert *oldest = alerts->at;
    for (struct alert *alert = alerts->at; alert < alerts->at + ALERTS_KEPT; alert++) {
        if (alert->count && alert->key == key)
            return alert;
        if (alert->last_us < oldest->last_us)
            oldest = alert;
    }
    return oldest;
}

void alerts_note(struct alerts *alerts, uint64_t key, enum level level, uint64_t now_us,
                 const struct line *text)
{
    struct alert *alert = place_of(alerts, key);
    if (!alert->count || alert->key != key)
        *alert = (struct alert){.key = key, .level = level, .first_us = now_us};
    alert->text = *text;
    alert->last_us = now_us;
    alert->count++;
}
