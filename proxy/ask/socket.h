/* SPDX-License-Identifier: Apache-2.0 */
/* TCP connections that wait, each call up to a moment.
 * Apart from net/, because who only asks a question or two needs no loop: the health check, `kbridge wait`,
 * `kbridge check`. */
#ifndef KBRIDGE_ASK_SOCKET_H
#define KBRIDGE_ASK_SOCKET_H

#include <netdb.h>

#include "config/endpoint.h"
#include "proxy/kafka/bytes.h"

/* A clock that only goes forward; deadlines are moments of it. */
int64_t socket_now_ms(void);

/* A connected socket, or -1 with errno. */
int socket_dial(const struct addrinfo *address, int64_t deadline_ms);

/* The addresses of the endpoint, for freeaddrinfo; NULL: `problem` has half a sentence. */
struct addrinfo *socket_resolve(const struct endpoint *endpoint, struct problem *problem);

/* A socket that is connected to the first address of the endpoint that takes it, or -1: `problem` has half a
 * sentence. */
int socket_reach(const struct endpoint *endpoint, int64_t deadline_ms, struct problem *problem);

/* All of it, or false with errno. */
bool socket_send(int fd, struct bytes bytes, int64_t deadline_ms);

/* Up to `len` bytes: how many, or -1 with errno; errno 0: the other side has closed. */
long socket_receive_some(int fd, uint8_t *to, size_t len, int64_t deadline_ms);

/* All of it, or false with errno as above. */
bool socket_receive(int fd, uint8_t *to, size_t len, int64_t deadline_ms);

/* What errno of the two above means, as half a sentence: "nothing came in time". */
const char *socket_why(int error);

#endif
