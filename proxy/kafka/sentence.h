/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences for people, put together without stdio.
 * Apart, because every failure in kafka/ and bridge/ is told in a sentence with the value in it, made where
 * it is known, and these rooms use nothing but mem* and str*. Too long a sentence is cut, never overrun. */
#ifndef KBRIDGE_KAFKA_SENTENCE_H
#define KBRIDGE_KAFKA_SENTENCE_H

#include "proxy/kafka/bytes.h"

enum { SENTENCE_ROOM = 320 };

/* All zero is an empty sentence; `text` always ends with 0. */
struct sentence {
    char text[SENTENCE_ROOM];
    size_t len;
};

void sentence_add(struct sentence *sentence, const char *text);
void sentence_add_number(struct sentence *sentence, int64_t number);

/* "30 s", or "300 ms" where that is no whole number of seconds. */
void sentence_add_ms(struct sentence *sentence, uint64_t ms);

/* Input as a person can read it: printable ASCII as it is, all else as \xNN, cut to `most` bytes with … */
void sentence_add_bytes(struct sentence *sentence, struct bytes bytes, size_t most);

#endif
