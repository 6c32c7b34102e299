/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at bytes; see content.h. */
#include "proxy/watch/content.h"

#include "proxy/kafka/wire.h"
#include "proxy/watch/utf8.h"

/* Eight bytes are rather a number of Java's LongSerializer, and no schema has the id 0. */
enum { FRAME_MAGIC = 0, FRAME_SIZE = 5, NUMBER_SIZE = 8, CHARACTER_MOST = 4 };

static bool is_framed(const struct record_part *part)
{
    bool begins = part->at.len >= FRAME_SIZE && part->at.at[0] == FRAME_MAGIC;
    return begins && part->size != NUMBER_SIZE && wire_uint32(part->at.at + 1) != 0;
}

/* Also what turns the direction of writing, which makes a terminal show other text than there is. */
static bool is_shown(struct bytes text, size_t size)
{
    static const uint8_t turns[][3] = {{0xe2, 0x80, 0xaa}, {0xe2, 0x80, 0xab}, {0xe2, 0x80, 0xac},
                                       {0xe2, 0x80, 0xad}, {0xe2, 0x80, 0xae}, {0xe2, 0x81, 0xa6},
                                       {0xe2, 0x81, 0xa7}, {0xe2, 0x81, 0xa8}, {0xe2, 0x81, 0xa9}};
    uint8_t first = text.at[0];
    if (size == 1)
        return (first >= ' ' && first < 0x7f) || first == '\t' || first == '\n' || first == '\r';
    if (size == 2 && first == 0xc2 && text.at[1] < 0xa0) /* C1 controls */
        return false;
    for (size_t i = 0; size == 3 && i < sizeof turns / sizeof *turns; i++)
        if (memcmp(text.at, turns[i], size) == 0)
            return false;
    return size > 0;
}

/* How many bytes are text; the last character may be cut by the end of what is there. */
static size_t text_len(struct bytes bytes, bool *text)
{
    size_t len = 0;
    *text = true;
    while (len < bytes.len) {
        struct bytes rest = {bytes.at + len, bytes.len - len};
        size_t size = utf8_size(rest);
        if (!size || !is_shown(rest, size)) {
            *text = false;
            return len;
        }
        len += size;
    }
    return len;
}

struct content content_of(const struct record_part *part, size_t most)
{
    struct content content = {.shown = part->at};
    size_t frame = 0;
    if (is_framed(part)) {
        content.has_schema = true;
        content.schema = wire_uint32(part->at.at + 1);
        frame = FRAME_SIZE;
        content.shown = (struct bytes){part->at.at + frame, part->at.len - frame};
    }
    content.cut = part->size - frame > most || part->at.len < part->size;
    if (content.shown.len > most)
        content.shown.len = most;
    size_t len = text_len(content.shown, &content.text);
    if (!content.text && content.cut && content.shown.len - len < CHARACTER_MOST &&
        (content.shown.at[len] & 0xc0) == 0xc0) {
        content.text = true; /* but for a character that is cut */
        content.shown.len = len;
    }
    return content;
}
