/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile broker: the client asks one question, and the rest of the input is the answer.
 *
 *     pieces and brokers : 1   api key : 1   version : 1   answer, its length prefix included
 *
 * The question has the correlation id of the answer: a broker that has a wrong one gets no further anyway. */
#include "proxy/kafka/write.h"
#include "tests/fuzz/bed.h"
#include "tests/fuzz/target.h"

enum { ANSWER_AT = 3 };

static struct bed bed;

static int32_t correlation_id_of(const uint8_t *answer, size_t len)
{
    uint32_t id = 0;
    for (size_t i = 4; i < 8 && i < len; i++)
        id = id << 8 | answer[i];
    return (int32_t)id;
}

static void ask(struct bed *in, int api_key, int version, int32_t correlation_id)
{
    struct buffer request = {.allocator = in->client.queue.allocator};
    if (!write_request(&request, api_key, version, correlation_id, (struct givens){NULL, 0}))
        bed_input(in, CLIENT, request.at, request.len);
    buffer_free(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    if (len < ANSWER_AT)
        return 0;
    const uint8_t *answer = at + ANSWER_AT;
    size_t rest = len - ANSWER_AT;
    size_t piece = at[0] >> 2 ? at[0] >> 2 : rest;
    bed_begin(&bed, at[0] & 3, 0);
    ask(&bed, at[1], at[2], correlation_id_of(answer, rest));
    for (size_t done = 0; done < rest; done += piece)
        for (end_id link = 0; link < 4; link++) /* whichever was asked */
            bed_input(&bed, link, answer + done, rest - done < piece ? rest - done : piece);
    bed_end(&bed);
    return 0;
}
