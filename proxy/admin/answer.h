/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of one sentence or one text that all paths give.
 * Apart from http.h, which knows no text of ours. */
#ifndef KBRIDGE_ADMIN_ANSWER_H
#define KBRIDGE_ADMIN_ANSWER_H

#include "proxy/admin/http.h"
#include "proxy/admin/text.h"

/* As a line of plain text; `status` is HTTP_STATUS_… of http_parser.h. */
void answer_sentence(struct http_connection *connection, unsigned status, const char *sentence);

/* 200, or 503 where there was no memory for it; frees the text. */
void answer_text(struct http_connection *connection, const char *type, struct text *text);

#endif
