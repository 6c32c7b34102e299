/* SPDX-License-Identifier: Apache-2.0 */
/* Division by ten, from the last digit on; see digits.h. */
#include "proxy/kafka/digits.h"

size_t digits_write(char to[DIGITS_ROOM], int64_t number)
{
    uint64_t magnitude = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    size_t len = 1;
    for (uint64_t rest = magnitude; rest > 9; rest /= 10)
        len++;
    size_t sign = number < 0;
    if (sign)
        *to = '-';
    digits_write_fixed(to + sign, len, magnitude);
    return sign + len;
}

void digits_write_fixed(char *to, size_t count, uint64_t number)
{
    while (count-- > 0) {
        to[count] = (char)('0' + number % 10);
        number /= 10;
    }
}
