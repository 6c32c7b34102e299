/* SPDX-License-Identifier: Apache-2.0 */
/* The least that a Kafka client does, on musl as in Alpine: asks HOST PORT for the brokers, prints what it was told
 * of the first, and asks again there.
 * Apart from suite.py, because neither Python nor librdkafka is there for musl in Debian; what can differ is how names
 * are resolved, and that is in here. */
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 << 10, HEAD = 4, HOST_AT = 18, HOST_MAX = 255 };

/* Metadata v1 without topics, correlation id 1, no client id. */
static const uint8_t question[] = {0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0};

static void fail(const char *what, const char *host, const char *port)
{
    fprintf(stderr, "%s: %s port %s\n", what, host, port);
    exit(1);
}

static int dial(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        fail("the name does not resolve", host, port);
    for (struct addrinfo *at = found; at; at = at->ai_next) {
        int fd = socket(at->ai_family, SOCK_STREAM, 0);
        if (connect(fd, at->ai_addr, at->ai_addrlen) == 0)
            return fd;
        close(fd);
    }
    fail("nobody is there", host, port);
    return -1;
}

static uint32_t big_endian(const uint8_t *at, int len)
{
    uint32_t number = 0;
    for (int i = 0; i < len; i++)
        number = number << 8 | at[i];
    return number;
}

/* The first broker of the answer: length 4, correlation id 4, count 4, node id 4, host length 2, host, port 4. */
static void ask(const char *host, const char *port, char told_host[HOST_MAX + 1], char told_port[16])
{
    static uint8_t answer[ANSWER_MAX];
    size_t have = 0;
    int fd = dial(host, port);
    if (write(fd, question, sizeof question) != sizeof question)
        fail("cannot be asked", host, port);
    while (have < HEAD || have < HEAD + (size_t)big_endian(answer, HEAD)) {
        ssize_t got = read(fd, answer + have, sizeof answer - have);
        if (got <= 0)
            fail("gave no answer", host, port);
        have += (size_t)got;
    }
    close(fd);
    uint32_t len = big_endian(answer + HOST_AT - 2, 2);
    if (have < HOST_AT || len > HOST_MAX || HOST_AT + len + 4 > have)
        fail("gave a strange answer", host, port);
    memcpy(told_host, answer + HOST_AT, len);
    told_host[len] = 0;
    snprintf(told_port, 16, "%u", (unsigned)big_endian(answer + HOST_AT + len, 4));
}

int main(int argc, char **argv)
{
    char host[HOST_MAX + 1], port[16], again[HOST_MAX + 1], again_port[16];
    if (argc != 3)
        return 2;
    ask(argv[1], argv[2], host, port);
    printf("TOLD %s:%s\n", host, port);
    ask(host, port, again, again_port);
    return strcmp(host, again) != 0 || strcmp(port, again_port) != 0;
}
