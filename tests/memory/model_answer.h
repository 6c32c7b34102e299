/* SPDX-License-Identifier: Apache-2.0 */
/* What model brokers answer.
 * Apart, because each answer is made twice: as the broker sends it, and as the client must see it. */
#ifndef KBRIDGE_TESTS_MODEL_ANSWER_H
#define KBRIDGE_TESTS_MODEL_ANSWER_H

#include "tests/memory/model_moves.h"
#include "tests/memory/model_request.h"

/* What `broker` answers to the request in `frame`, and into `expected` (NULL where it is kbridge's own)
 * what the client must see of it; returns what that tells of the cluster. */
struct model_news model_answer(struct model_client *client, const struct model_request *request, int broker,
                               struct bytes frame, struct buffer *answer, struct buffer *expected);

#endif
