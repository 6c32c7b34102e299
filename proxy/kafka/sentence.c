/* SPDX-License-Identifier: Apache-2.0 */
/* Text, numbers and foreign bytes appended to a sentence; see sentence.h. */
#include "proxy/kafka/sentence.h"

#include "proxy/kafka/digits.h"

static void add(struct sentence *sentence, const char *text, size_t len)
{
    size_t room = SENTENCE_ROOM - 1 - sentence->len;
    if (len > room)
        len = room;
    memcpy(sentence->text + sentence->len, text, len);
    sentence->len += len;
    sentence->text[sentence->len] = 0;
}

void sentence_add(struct sentence *sentence, const char *text)
{
    add(sentence, text, strlen(text));
}

void sentence_add_number(struct sentence *sentence, int64_t number)
{
    char digits[DIGITS_ROOM];
    add(sentence, digits, digits_write(digits, number));
}

void sentence_add_ms(struct sentence *sentence, uint64_t ms)
{
    bool whole = ms % 1000 == 0;
    sentence_add_number(sentence, (int64_t)(whole ? ms / 1000 : ms));
    sentence_add(sentence, whole ? " s" : " ms");
}

void sentence_add_bytes(struct sentence *sentence, struct bytes bytes, size_t most)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len && i < most; i++) {
        uint8_t byte = bytes.at[i];
        char escaped[4] = {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
        char plain = (char)byte;
        if (byte >= ' ' && byte < 0x7f)
            add(sentence, &plain, 1);
        else
            add(sentence, escaped, sizeof escaped);
    }
    if (bytes.len > most)
        sentence_add(sentence, "…");
}
