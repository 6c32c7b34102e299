/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as decimal digits, without stdio.
 * Apart, because sentences, which may use nothing but mem* and str*, and traffic lines, of which there are many, write them alike. */
#ifndef KBRIDGE_KAFKA_DIGITS_H
#define KBRIDGE_KAFKA_DIGITS_H

#include <stddef.h>
#include <stdint.h>

enum { DIGITS_ROOM = 20 }; /* of the longest, -9223372036854775808 */

/* Returns how many bytes it has; no 0 behind them. */
size_t digits_write(char to[DIGITS_ROOM], int64_t number);

/* Exactly `count` of them, the last ones of `number`, with zeros in front: 07, 042. */
void digits_write_fixed(char *to, size_t count, uint64_t number);

#endif
