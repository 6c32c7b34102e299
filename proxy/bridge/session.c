/* SPDX-License-Identifier: Apache-2.0 */
/* A short array, searched from its end: the newest session is the one in use. See session.h. */
#include "proxy/bridge/session.h"

enum { FIRST_ROOM = 4 };

end_id sessions_find(const struct sessions *sessions, int32_t id)
{
    for (uint16_t i = sessions->count; i > 0; i--)
        if (sessions->at[i - 1].id == id)
            return sessions->at[i - 1].link;
    return CLIENT;
}

static struct session *place_for(struct sessions *sessions, const struct allocator *allocator)
{
    if (sessions->count == SESSIONS_MAX) {
        struct session *oldest = &sessions->at[sessions->oldest];
        sessions->oldest = (uint16_t)((sessions->oldest + 1) % SESSIONS_MAX);
        return oldest;
    }
    if (sessions->count == sessions->room) {
        uint16_t room = sessions->room ? (uint16_t)(sessions->room * 2) : FIRST_ROOM;
        struct session *at = allocator->resize(allocator->context, sessions->at, room * sizeof *at);
        if (!at)
            return NULL;
        sessions->at = at;
        sessions->room = room;
    }
    return &sessions->at[sessions->count++];
}

void sessions_learn(struct sessions *sessions, const struct allocator *allocator, int32_t id, end_id link)
{
    for (uint16_t i = 0; i < sessions->count; i++) {
        if (sessions->at[i].id == id) {
            sessions->at[i].link = link;
            return;
        }
    }
    struct session *place = place_for(sessions, allocator);
    if (place)
        *place = (struct session){.id = id, .link = link};
}

void sessions_forget_link(struct sessions *sessions, end_id link)
{
    for (uint16_t i = 0; i < sessions->count; i++)
        if (sessions->at[i].link == link)
            sessions->at[i].link = CLIENT;
}

void sessions_free(struct sessions *sessions, const struct allocator *allocator)
{
    if (sessions->at)
        allocator->resize(allocator->context, sessions->at, 0);
    *sessions = (struct sessions){.at = NULL};
}
