/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3629; see utf8.h. */
#include "proxy/watch/utf8.h"

size_t utf8_size(struct bytes bytes)
{
    uint8_t first = bytes.at[0];
    size_t size = first < 0x80   ? 1
                  : first < 0xc2 ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf5 ? 4
                                 : 0;
    if (size > bytes.len)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((bytes.at[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (first == 0xe0 && bytes.at[1] < 0xa0) || (first == 0xf0 && bytes.at[1] < 0x90);
    bool beyond = (first == 0xed && bytes.at[1] >= 0xa0) || (first == 0xf4 && bytes.at[1] >= 0x90);
    return overlong || beyond ? 0 : size;
}
