/* SPDX-License-Identifier: Apache-2.0 */
/* From a sentence or a text to an answer; see answer.h. */
#include "proxy/admin/answer.h"

#include <http_parser.h>

static void reply(struct http_connection *connection, unsigned status, const char *type, struct bytes body)
{
    http_reply(connection,
               &(struct http_answer){.status = status, .type = type, .headers = "", .body = body});
}

void answer_sentence(struct http_connection *connection, unsigned status, const char *sentence)
{
    struct text text = {.at = NULL};
    text_add(&text, sentence);
    text_add(&text, "\n");
    reply(connection, status, "text/plain; charset=utf-8", text_bytes(&text));
    text_free(&text);
}

void answer_text(struct http_connection *connection, const char *type, struct text *text)
{
    if (text->failed)
        answer_sentence(connection, HTTP_STATUS_SERVICE_UNAVAILABLE, "kbridge is out of memory.");
    else
        reply(connection, HTTP_STATUS_OK, type, text_bytes(text));
    text_free(text);
}
