/* SPDX-License-Identifier: Apache-2.0 */
/* Counting instead of showing; see fold.h. */
#include "proxy/watch/fold.h"

#include "proxy/kafka/keys.h"

enum { FOLD_US = FOLD_MS * 1000 };

static bool is_heartbeat(int16_t api_key)
{
    return api_key == API_HEARTBEAT || api_key == API_CONSUMER_GROUP_HEARTBEAT ||
           api_key == API_SHARE_GROUP_HEARTBEAT || api_key == API_STREAMS_GROUP_HEARTBEAT;
}

/* A member that comes (epoch 0), goes (below 0) or is moved to another epoch is news. */
bool fold_is_for(const struct summary *summary)
{
    int16_t api_key = summary->exchange.api_key;
    if (summary->error_count)
        return false;
    if (api_key == API_FETCH || api_key == API_SHARE_FETCH)
        return summary->record_bytes == 0;
    bool steady = summary->generation == summary->generation_asked;
    return is_heartbeat(api_key) && (api_key == API_HEARTBEAT || (summary->generation_asked > 0 && steady));
}

static struct fold *oldest_of(struct folds *folds, bool *full)
{
    struct fold *oldest = NULL;
    *full = true;
    for (struct fold *fold = folds->at; fold < folds->at + FOLDS_MAX; fold++) {
        *full = *full && fold->used;
        if (fold->used && (!oldest || fold->began_us < oldest->began_us))
            oldest = fold;
    }
    return oldest;
}

struct fold *folds_due(struct folds *folds, uint64_t now_us, bool full)
{
    bool is_full;
    if (!folds->due_us || (now_us < folds->due_us && !full))
        return NULL;
    struct fold *oldest = oldest_of(folds, &is_full);
    folds->due_us = oldest ? oldest->began_us + FOLD_US : 0;
    return oldest && (now_us >= folds->due_us || (full && is_full)) ? oldest : NULL;
}

static bool is_of(const struct fold *fold, const struct who *who)
{
    return fold->used && strncmp(fold->client_id, who->client_id, FOLD_TEXT_ROOM - 1) == 0 &&
           fold->place.peer.len == who->place->peer.len &&
           memcmp(fold->place.peer.at, who->place->peer.at, who->place->peer.len) == 0;
}

static void copy_text(char to[FOLD_TEXT_ROOM], const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len >= FOLD_TEXT_ROOM)
        len = FOLD_TEXT_ROOM - 1;
    if (len)
        memcpy(to, text, len);
    to[len] = 0;
}

static struct fold *find(struct folds *folds, const struct who *who, uint64_t now_us)
{
    struct fold *unused = NULL;
    for (struct fold *fold = folds->at; fold < folds->at + FOLDS_MAX; fold++) {
        if (is_of(fold, who))
            return fold;
        if (!fold->used)
            unused = fold;
    }
    if (!unused)
        return NULL;
    *unused = (struct fold){.used = true, .began_us = now_us, .place = *who->place};
    copy_text(unused->client_id, who->client_id);
    copy_text(unused->software, who->software);
    if (!folds->due_us)
        folds->due_us = now_us + FOLD_US;
    return unused;
}

void folds_add(struct folds *folds, const struct summary *summary, const struct who *who, uint64_t now_us)
{
    struct fold *fold = find(folds, who, now_us);
    if (!fold)
        return;
    if (is_heartbeat(summary->exchange.api_key))
        fold->heartbeats++;
    else
        fold->empty_fetches++;
}
