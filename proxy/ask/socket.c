/* SPDX-License-Identifier: Apache-2.0 */
/* Dialling, sending and receiving until a deadline; see socket.h. */
#include "proxy/ask/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT_TEXT_ROOM = 6 };

int64_t socket_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

/* False, with errno: time is up. An error of the socket shows when it is used. */
static bool wait_for(int fd, short event, int64_t deadline_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = event};
    for (;;) {
        int64_t left_ms = deadline_ms - socket_now_ms();
        int ready = poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0);
        if (ready > 0)
            return true;
        if (ready == 0)
            errno = ETIMEDOUT;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

int socket_dial(const struct addrinfo *address, int64_t deadline_ms)
{
    int failure = 0;
    socklen_t len = sizeof failure;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    bool started = connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS;
    if (started && wait_for(fd, POLLOUT, deadline_ms) &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) == 0 && failure == 0)
        return fd;
    if (failure)
        errno = failure;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

struct addrinfo *socket_resolve(const struct endpoint *endpoint, struct problem *problem)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    char port[PORT_TEXT_ROOM];
    snprintf(port, sizeof port, "%u", (unsigned)endpoint->port);
    int status = getaddrinfo(endpoint->host, port, &hints, &addresses);
    if (status == 0)
        return addresses;
    problem_say(problem, "%s does not resolve (%s)", endpoint->host, gai_strerror(status));
    return NULL;
}

int socket_reach(const struct endpoint *endpoint, int64_t deadline_ms, struct problem *problem)
{
    struct addrinfo *addresses = socket_resolve(endpoint, problem);
    if (!addresses)
        return -1;
    int fd = -1;
    for (const struct addrinfo *at = addresses; at && fd < 0; at = at->ai_next)
        fd = socket_dial(at, deadline_ms);
    if (fd < 0)
        problem_say(problem, "nobody can be reached there (%s)", strerror(errno));
    freeaddrinfo(addresses);
    return fd;
}

bool socket_send(int fd, struct bytes bytes, int64_t deadline_ms)
{
    while (bytes.len > 0) {
        ssize_t sent = wait_for(fd, POLLOUT, deadline_ms) ? send(fd, bytes.at, bytes.len, MSG_NOSIGNAL) : -1;
        if (sent < 0)
            return false;
        bytes.at += sent;
        bytes.len -= (size_t)sent;
    }
    return true;
}

long socket_receive_some(int fd, uint8_t *to, size_t len, int64_t deadline_ms)
{
    ssize_t got = wait_for(fd, POLLIN, deadline_ms) ? recv(fd, to, len, 0) : -1;
    if (got == 0)
        errno = 0;
    return got > 0 ? got : -1;
}

bool socket_receive(int fd, uint8_t *to, size_t len, int64_t deadline_ms)
{
    for (size_t have = 0; have < len;) {
        long got = socket_receive_some(fd, to + have, len - have, deadline_ms);
        if (got < 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

const char *socket_why(int error)
{
    return error ? strerror(error) : "closed by the other side";
}
