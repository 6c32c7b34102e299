/* SPDX-License-Identifier: Apache-2.0 */
/* What the text of an HTTP answer needs besides JSON: formats, and the labels of Prometheus' format.
 * Apart from watch/json.h, because traffic lines, which that is for as well, have neither. */
#ifndef KBRIDGE_ADMIN_TEXT_H
#define KBRIDGE_ADMIN_TEXT_H

#include "proxy/watch/json.h"

void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The value of a label: \, " and line breaks escaped; what is no UTF-8 becomes '?'. */
void text_add_label(struct text *text, struct bytes value);

#endif
