/* SPDX-License-Identifier: Apache-2.0 */
/* Growing and shrinking of the shared read buffer; see read_buffer.h. */
#include "proxy/net/read_buffer.h"

#include <stdlib.h>

/* Out of memory: it stays as it is. */
static void resize(struct read_buffer *buffer, size_t room)
{
    uint8_t *at = malloc(room);
    if (!at)
        return;
    free(buffer->at);
    buffer->at = at;
    buffer->room = room;
}

bool read_buffer_open(struct read_buffer *buffer)
{
    *buffer = (struct read_buffer){0};
    resize(buffer, READ_FIRST);
    return buffer->at != NULL;
}

void read_buffer_close(struct read_buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct read_buffer){0};
}

void read_buffer_done(struct read_buffer *buffer, size_t len, bool passed_on, uint64_t now_ms)
{
    if (len < READ_FIRST)
        return;
    buffer->large_ms = now_ms;
    if (passed_on && len == buffer->room && buffer->room < READ_MOST)
        resize(buffer, buffer->room * 2);
}

uint64_t read_buffer_due_ms(const struct read_buffer *buffer)
{
    return buffer->room > READ_FIRST ? buffer->large_ms + READ_SHRINK_MS : UINT64_MAX;
}

void read_buffer_tick(struct read_buffer *buffer, uint64_t now_ms)
{
    if (now_ms >= read_buffer_due_ms(buffer))
        resize(buffer, READ_FIRST);
}
