/* SPDX-License-Identifier: Apache-2.0 */
/* A model broker for the benchmark, which answers ApiVersions, Metadata, Produce and Fetch at once.
 * A program of its own, so that it costs less than any real broker, and the same behind each proxy.
 *
 *     bench_broker RECORD_BYTES NODES PARTITIONS
 *
 * prints the port that it listens on, on 127.0.0.1, and runs until it is killed. All NODES are itself. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/frames.h"
#include "tests/bench/peer.h"

enum { EVENTS = 64, BACKLOG = 1024, KEYS = 20, VERSIONS = 20 };

struct broker {
    int epoll, listener;
    struct model model;
    struct bytes answers[KEYS][VERSIONS]; /* made when they are first asked for */
};

static void on_request(void *context, struct peer *peer, const uint8_t head[PEER_HEAD])
{
    struct broker *broker = context;
    uint32_t key = peer_number(head + REQUEST_KEY_AT, 2), version = peer_number(head + REQUEST_VERSION_AT, 2);
    if (key >= KEYS || version >= VERSIONS) {
        fprintf(stderr, "The model broker was sent api %u version %u.\n", key, version);
        exit(EXIT_FAILURE);
    }
    struct bytes *answer = &broker->answers[key][version];
    if (!answer->at)
        *answer = frames_response((int)key, (int)version, &broker->model);
    peer_push(peer, *answer, RESPONSE_CORRELATION_AT, peer_number(head + REQUEST_CORRELATION_AT, 4));
}

static void listen_somewhere(struct broker *broker)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    socklen_t len = sizeof address;
    broker->epoll = epoll_create1(0);
    broker->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(broker->listener, (struct sockaddr *)&address, len) < 0 ||
        listen(broker->listener, BACKLOG) < 0 ||
        getsockname(broker->listener, (struct sockaddr *)&address, &len) < 0 ||
        epoll_ctl(broker->epoll, EPOLL_CTL_ADD, broker->listener, &event) < 0)
        peer_die("The model broker cannot listen");
    broker->model.port = ntohs(address.sin_port);
}

static void accept_all(struct broker *broker)
{
    for (;;) {
        int fd = accept(broker->listener, NULL, NULL);
        if (fd < 0 && errno != EAGAIN)
            peer_die("The model broker cannot accept a connection");
        if (fd < 0)
            return;
        struct peer *peer = malloc(sizeof *peer);
        if (!peer)
            peer_die("The model broker has no memory for a connection");
        peer_open(peer, fd, broker->epoll);
    }
}

static void serve(struct broker *broker, struct peer *peer)
{
    if (peer_receive(peer, on_request, broker)) {
        peer_flush(peer);
        return;
    }
    peer_close(peer);
    free(peer);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s RECORD_BYTES NODES PARTITIONS\n", argv[0]);
        return 2;
    }
    struct broker broker = {.model = {.record_bytes = strtoul(argv[1], NULL, 10),
                                      .nodes = (uint32_t)strtoul(argv[2], NULL, 10),
                                      .partitions = (uint32_t)strtoul(argv[3], NULL, 10)}};
    listen_somewhere(&broker);
    printf("%u\n", broker.model.port);
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(broker.epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                serve(&broker, events[i].data.ptr);
            else
                accept_all(&broker);
        }
    }
}
