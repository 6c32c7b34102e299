/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a service that is not Kafka is there: a port that accepts, a page that is served.
 * Apart, because this needs nothing but a socket. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proxy/ask/socket.h"
#include "proxy/tools/wait.h"

enum { REQUEST_ROOM = 1024, STATUS_AT = 9, STATUS_LINE = STATUS_AT + 3 };

bool wait_tcp(const struct target *target, int64_t deadline_ms, struct problem *problem)
{
    int fd = socket_reach(&target->endpoint, deadline_ms, problem);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* The status of the answer's first line, "HTTP/1.1 200 OK"; 0: it is none, or did not come. */
static int hear_status(int fd, int64_t deadline_ms)
{
    char line[STATUS_LINE + 1] = "";
    int status = 0;
    if (!socket_receive(fd, (uint8_t *)line, STATUS_LINE, deadline_ms) || strncmp(line, "HTTP/1.", 7) != 0)
        return 0;
    return number_parse(line + STATUS_AT, 999, &status) ? status : 0;
}

static int ask_page(int fd, const struct target *target, int64_t deadline_ms)
{
    char request[REQUEST_ROOM];
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: %s\r\nUser-Agent: kbridge\r\n\r\n",
                       *target->path ? target->path : "/", target->endpoint.host);
    struct bytes bytes = {(const uint8_t *)request, (size_t)len};
    return len < REQUEST_ROOM && socket_send(fd, bytes, deadline_ms) ? hear_status(fd, deadline_ms) : 0;
}

bool wait_http(const struct target *target, int64_t deadline_ms, struct problem *problem)
{
    int fd = socket_reach(&target->endpoint, deadline_ms, problem);
    if (fd < 0)
        return false;
    int status = ask_page(fd, target, deadline_ms);
    close(fd);
    if (status == 0)
        return problem_say(problem, "it accepts connections, and gives no answer of HTTP");
    return status < 400 || problem_say(problem, "it answers with status %d", status);
}
