/* SPDX-License-Identifier: Apache-2.0 */
/* Growing and freeing of owned bytes; see buffer.h. */
#include "proxy/kafka/buffer.h"

enum { FIRST_ROOM = 256 };

const char buffer_exhausted[] = "out of memory";

bool buffer_reserve(struct buffer *buffer, size_t more)
{
    if (more <= buffer->room - buffer->len)
        return true;
    size_t room = buffer->room ? buffer->room : FIRST_ROOM;
    while (room - buffer->len < more) {
        if (room > SIZE_MAX / 2)
            return false;
        room *= 2;
    }
    void *at = buffer->allocator->resize(buffer->allocator->context, buffer->at, room);
    if (!at)
        return false;
    buffer->at = at;
    buffer->room = room;
    return true;
}

bool buffer_append(struct buffer *buffer, struct bytes bytes)
{
    if (bytes.len == 0)
        return true;
    if (!buffer_reserve(buffer, bytes.len))
        return false;
    memcpy(buffer->at + buffer->len, bytes.at, bytes.len);
    buffer->len += bytes.len;
    return true;
}

void buffer_free(struct buffer *buffer)
{
    if (buffer->at)
        buffer->allocator->resize(buffer->allocator->context, buffer->at, 0);
    buffer->at = NULL;
    buffer->len = 0;
    buffer->room = 0;
}
