/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping, and reading what was kept; see excerpt.h. */
#include "proxy/watch/excerpt.h"

#include <stdlib.h>

struct excerpt *excerpt_new(void)
{
    struct excerpt *excerpt = malloc(sizeof *excerpt);
    if (excerpt)
        excerpt->count = excerpt->len = 0;
    return excerpt;
}

void excerpt_free(struct excerpt *excerpt)
{
    free(excerpt);
}

/* Where there is no room for another field, its bytes belong to none. */
void excerpt_begin(struct excerpt *excerpt, const struct named *topic, int32_t partition)
{
    if (excerpt->count == EXCERPT_FIELDS) {
        excerpt->len = EXCERPT_ROOM;
        return;
    }
    excerpt->fields[excerpt->count++] =
        (struct excerpt_field){.topic = *topic, .partition = partition, .begin = excerpt->len};
}

void excerpt_add(struct excerpt *excerpt, struct bytes piece)
{
    size_t room = EXCERPT_ROOM - excerpt->len;
    size_t len = piece.len < room ? piece.len : room;
    if (!excerpt->count || !len)
        return;
    memcpy(excerpt->room + excerpt->len, piece.at, len);
    excerpt->len += (uint32_t)len;
    excerpt->fields[excerpt->count - 1].len += (uint32_t)len;
}

bool excerpt_show(const struct excerpt *excerpt, excerpt_fn *show, void *context)
{
    uint8_t *room = malloc(EXCERPT_UNPACKED);
    bool all_read = room != NULL;
    uint32_t shown = 0;
    for (uint32_t i = 0; room && i < excerpt->count; i++) {
        const struct excerpt_field *field = &excerpt->fields[i];
        struct records records;
        struct record record;
        records_begin(&records, (struct bytes){excerpt->room + field->begin, field->len}, room,
                      EXCERPT_UNPACKED);
        while (shown < RECORDS_SHOWN && records_next(&records, &record)) {
            show(context, field, &record);
            shown++;
        }
        all_read = all_read && !records.unread;
    }
    free(room);
    return all_read;
}
