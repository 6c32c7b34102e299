/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences with foreign text in them; see problem.h. */
#include "config/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool problem_say(struct problem *problem, const char *format, ...)
{
    struct problem said;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(said.text, sizeof said.text, format, arguments);
    va_end(arguments);
    *problem = said;
    return false;
}

struct quote quote(const char *text)
{
    static const char hex[] = "0123456789abcdef";
    static const char cut[] = "…\"";
    struct quote quoted = {"\""};
    size_t len = 1;
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        const char escaped[] = {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
        bool plain = byte >= ' ' && byte < 0x7f;
        size_t needs = plain ? 1 : sizeof escaped;
        if (len + needs + sizeof cut > sizeof quoted.text)
            break;
        memcpy(quoted.text + len, plain ? text : escaped, needs);
        len += needs;
    }
    strcpy(quoted.text + len, *text ? cut : "\"");
    return quoted;
}
