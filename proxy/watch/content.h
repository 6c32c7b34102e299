/* SPDX-License-Identifier: Apache-2.0 */
/* What a key, a value or a header of a record is to be shown as.
 * Apart, because the lines for people and those for programs show the same: text as it is, anything else in hexadecimal
 * digits, and in front of it the id of its schema, where it is framed as Confluent's serializers do. */
#ifndef KBRIDGE_WATCH_CONTENT_H
#define KBRIDGE_WATCH_CONTENT_H

#include "proxy/watch/records.h"

struct content {
    bool has_schema;
    uint32_t schema;
    bool text; /* UTF-8 without control characters but tab and line breaks */
    bool cut;
    struct bytes shown; /* of the part, without the frame */
};

/* `most` bytes of it at most; a character that is cut is left out. */
struct content content_of(const struct record_part *part, size_t most);

#endif
