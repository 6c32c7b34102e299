/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets, turns of the loop, and expectations; see rig.h. */
#include "tests/unit/net/rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void on_say(void *context, const struct conversation *conversation, enum level level,
                   const struct sentence *sentence)
{
    struct rig *rig = context;
    (void)conversation, (void)level;
    if (rig->log_count < sizeof rig->log / sizeof *rig->log)
        strcpy(rig->log[rig->log_count++], sentence->text);
}

static void on_listening(void *context, const struct address *address, const struct address *target)
{
    struct rig *rig = context;
    (void)target;
    assert_true(rig->listening_count < sizeof rig->listening / sizeof *rig->listening);
    rig->listening[rig->listening_count++] = *address;
}

static void on_gone(void *context, const struct conversation *conversation)
{
    struct rig *rig = context;
    assert_non_null(conversation);
    rig->gone++;
}

void rig_open(struct rig *rig)
{
    uint16_t port;
    *rig = (struct rig){.listen = {.host = "localhost"}};
    rig->broker = rig_listen(&port);
    for (int i = 0; i < RIG_UPSTREAMS; i++)
        rig->upstream[i] = (struct address){.host = "127.0.0.1", .port = port};
    rig->settings = (struct server_settings){
        .listen = &rig->listen,
        .listen_count = 1,
        .upstream = rig->upstream,
        .upstream_count = 1,
        .worker_count = 1,
        .connections_max = 100,
        .held_bytes_max = 64 << 20,
        .dial_timeout_ms = 5000,
        .facts = {.context = rig, .say = on_say},
        .listening = on_listening,
        .gone = on_gone,
    };
}

void rig_start(struct rig *rig)
{
    totals_open(&rig->totals, 1);
    assert_true(worker_open(&rig->worker, &rig->settings, &rig->totals));
    assert_true(worker_start(&rig->worker, NULL));
    probe_stop(&rig->worker.probe); /* its tests start it again */
}

void rig_close(struct rig *rig)
{
    if (!rig->worker.stopping)
        worker_stop(&rig->worker);
    worker_run(&rig->worker);
    assert_null(rig->worker.connections);
    assert_int_equal(rig->totals.held_bytes, 0);
    assert_int_equal(rig->totals.client_count, 0);
    assert_int_equal(rig->totals.socket_count, 0);
    assert_int_equal(rig->script.born, rig->script.freed);
    rig_wait(rig, rig->worker.question_count ==
                      0); /* a process just ends, but here the loop's memory is looked for */
    assert_true(worker_close(&rig->worker));
    close(rig->broker);
}

void rig_turn(struct rig *rig)
{
    uv_run(&rig->worker.loop, UV_RUN_NOWAIT);
    struct pollfd ready = {uv_backend_fd(&rig->worker.loop), POLLIN, 0};
    poll(&ready, 1, 1); /* the test's other side runs in this thread, so nothing else can happen meanwhile */
}

void rig_turn_again(struct rig *rig, uint64_t since_ms, const char *condition)
{
    if (rig_clock_ms() > since_ms + RIG_PATIENCE_MS)
        fail_msg("this did not come to be: %s", condition);
    rig_turn(rig);
}

uint64_t rig_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool rig_logged(const struct rig *rig, const char *text)
{
    for (unsigned i = 0; i < rig->log_count; i++)
        if (strstr(rig->log[i], text))
            return true;
    return false;
}

static int make_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    return fd;
}

static int never_block(int fd)
{
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

int rig_listen(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = make_socket();
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(fd, 100), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(at.sin_port);
    return never_block(fd);
}

/* Bound, so that it is nobody else's; and whoever asks for an address that is to be used again, as libuv does, may listen there. */
uint16_t rig_closed_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = make_socket(), on = 1; /* stays open to the end of the process */
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    return ntohs(at.sin_port);
}

int rig_connect(struct rig *rig)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)rig->listening[0].port),
    };
    int fd = make_socket();
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return never_block(fd);
}

int rig_accept(struct rig *rig)
{
    int fd = -1;
    rig_wait(rig, (fd = accept(rig->broker, NULL, NULL)) >= 0);
    return never_block(fd);
}

void rig_pair(struct rig *rig, int *client, int *broker)
{
    *client = rig_connect(rig);
    rig_send(rig, *client, "?");
    *broker = rig_accept(rig);
    rig_expect(rig, *broker, "?");
}

ssize_t rig_read(int fd, void *bytes, size_t len)
{
    errno = 0;
    return recv(fd, bytes, len, MSG_DONTWAIT);
}

void rig_send(struct rig *rig, int fd, const char *text)
{
    size_t sent = 0, len = strlen(text);
    ssize_t now;
    while (sent < len) {
        rig_wait(rig, (now = send(fd, text + sent, len - sent, MSG_NOSIGNAL)) > 0);
        sent += (size_t)now;
    }
}

void rig_expect(struct rig *rig, int fd, const char *text)
{
    char got[256] = "";
    size_t len = 0;
    assert_true(strlen(text) < sizeof got);
    while (len < strlen(text)) {
        ssize_t now;
        rig_wait(rig, (now = rig_read(fd, got + len, strlen(text) - len)) >= 0);
        assert_true(now > 0);
        len += (size_t)now;
    }
    assert_string_equal(got, text);
}

void rig_expect_eof(struct rig *rig, int fd)
{
    char byte;
    ssize_t got;
    rig_wait(rig, (got = rig_read(fd, &byte, 1)) >= 0 || errno != EAGAIN);
    assert_int_equal(got, 0);
}

void rig_fill(uint8_t *bytes, uint64_t position, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint64_t mixed = (position + i) * 0x9e3779b97f4a7c15u;
        bytes[i] = (uint8_t)(mixed >> 56);
    }
}

static size_t some(const struct flow *flow, uint64_t left)
{
    size_t most = 1 + (size_t)rand() % flow->piece;
    return left < most ? (size_t)left : most;
}

void rig_flow(struct flow *flow)
{
    uint8_t *bytes = malloc(2 * flow->piece), *expected = bytes + flow->piece;
    assert_non_null(bytes);
    size_t len = some(flow, flow->total - flow->sent);
    rig_fill(bytes, flow->sent, len);
    ssize_t now = len ? send(flow->from, bytes, len, MSG_NOSIGNAL) : 0;
    if (now > 0)
        flow->sent += (uint64_t)now;
    now = flow->to < 0 ? 0 : rig_read(flow->to, bytes, some(flow, flow->piece));
    if (now > 0) {
        rig_fill(expected, flow->received, (size_t)now);
        assert_memory_equal(bytes, expected, (size_t)now);
        flow->received += (uint64_t)now;
    }
    free(bytes);
}
