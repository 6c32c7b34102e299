/* SPDX-License-Identifier: Apache-2.0 */
/* Making, sending and hearing; see ask.h. */
#include "proxy/ask/ask.h"

#include <errno.h>

#include "proxy/ask/socket.h"
#include "proxy/heap.h"

enum {
    CORRELATION_ID = 0x6b62,
    ANSWER_HEAD = 8,       /* length and correlation id */
    ANSWER_MAX = 64 << 20, /* the Metadata of 100,000 partitions has a tenth of it */
    PIECE = 64 << 10,
};

static bool send_question(int fd, const struct question *question, int64_t deadline_ms,
                          struct problem *problem)
{
    struct buffer frame = {.allocator = &heap_allocator};
    const char *bad =
        write_request(&frame, question->api_key, question->version, CORRELATION_ID, question->givens);
    bool sent = !bad && socket_send(fd, buffer_bytes(&frame), deadline_ms);
    buffer_free(&frame);
    if (bad)
        return problem_say(problem, "the question cannot be made: %s", bad);
    return sent || problem_say(problem, "the question cannot be sent (%s)", socket_why(errno));
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Memory grows with what has come, not with what a length announces. */
static bool receive_body(int fd, size_t len, struct buffer *answer, int64_t deadline_ms)
{
    while (len > 0) {
        size_t part = len < PIECE ? len : PIECE;
        if (!buffer_reserve(answer, part)) {
            errno = ENOMEM;
            return false;
        }
        if (!socket_receive(fd, answer->at + answer->len, part, deadline_ms))
            return false;
        answer->len += part;
        len -= part;
    }
    return true;
}

static bool say_silent(const struct question *question, int error, struct problem *problem)
{
    if (error == ETIMEDOUT)
        return problem_say(problem, "no answer came within %lld s", (long long)question->timeout_ms / 1000);
    return problem_say(problem, "the connection ended without an answer (%s)", socket_why(error));
}

/* Length and correlation id. What ends before, a TLS alert of 7 bytes for one, is given in `answer`. */
static bool hear_head(int fd, uint8_t head[ANSWER_HEAD], struct buffer *answer, int64_t deadline_ms)
{
    for (size_t have = 0; have < ANSWER_HEAD;) {
        long got = socket_receive_some(fd, head + have, ANSWER_HEAD - have, deadline_ms);
        if (got < 0) {
            int why = errno;
            buffer_append(answer, (struct bytes){head, have});
            errno = why;
            return false;
        }
        have += (size_t)got;
    }
    return true;
}

/* The answer is read to its end: to close before that would look like a broken connection. */
static bool hear(int fd, const struct question *question, int64_t deadline_ms, struct buffer *answer,
                 struct problem *problem)
{
    uint8_t head[ANSWER_HEAD];
    if (!hear_head(fd, head, answer, deadline_ms))
        return say_silent(question, errno, problem);
    size_t len = big_endian(head);
    if (len < 4 || len > ANSWER_MAX || big_endian(head + 4) != CORRELATION_ID) {
        buffer_append(answer, (struct bytes){head, sizeof head});
        return problem_say(problem, "what came is no answer to the question");
    }
    return receive_body(fd, len - 4, answer, deadline_ms) || say_silent(question, errno, problem);
}

bool ask(int fd, const struct question *question, struct buffer *answer, struct problem *problem)
{
    int64_t deadline_ms = socket_now_ms() + question->timeout_ms;
    return send_question(fd, question, deadline_ms, problem) &&
           hear(fd, question, deadline_ms, answer, problem);
}
