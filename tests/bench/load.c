/* SPDX-License-Identifier: Apache-2.0 */
/* The load generator: keeps so many requests under way on so many connections until so many are answered; or, with a rate, sends
 * each when its time has come, whether or not the one before is answered, and takes its time from then on: what waits behind a
 * slow answer is slow, too.
 * A program of its own, so that what it costs is not the proxy's.
 *
 *     bench_load PORT produce|fetch|metadata RECORD_BYTES CONNECTIONS DEPTH REQUESTS [RATE]
 *
 * When all connections have asked for ApiVersions and sent a request, it prints "ready" and waits for a line; so whoever
 * started it can look at the proxy's clock before and after. Then it sends the requests and prints one line of JSON. */
#define _GNU_SOURCE /* epoll_pwait2: a rate needs more than milliseconds */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/frames.h"
#include "tests/bench/peer.h"

enum { EVENTS = 64, DEPTH_MAX = PEER_QUEUE, STALL_S = 20, NS_PER_S = 1000000000 };

struct client {
    struct peer peer; /* first: the event's pointer is both */
    uint32_t next_sent, next_answered;
    uint64_t sent_at_ns[DEPTH_MAX]; /* by correlation id, modulo DEPTH_MAX */
};

struct load {
    int epoll;
    struct client *clients;
    uint32_t client_count, depth;
    struct bytes request;
    uint32_t wanted, sent, answered;
    uint64_t now_ns;
    uint64_t began_ns;
    uint32_t rate;          /* requests a second, 0: the next one goes when an answer has come */
    uint32_t *latencies_ns; /* one for each answer */
};

static uint64_t read_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void die(const char *sentence)
{
    fprintf(stderr, "%s\n", sentence);
    exit(EXIT_FAILURE);
}

/* ---- requests and answers ---- */

static void ask(struct load *load, struct client *client, struct bytes request, uint64_t at_ns)
{
    client->sent_at_ns[client->next_sent % DEPTH_MAX] = at_ns;
    peer_push(&client->peer, request, REQUEST_CORRELATION_AT, client->next_sent++);
    load->sent++;
}

static void on_answer(void *context, struct peer *peer, const uint8_t head[PEER_HEAD])
{
    struct load *load = context;
    struct client *client = (struct client *)peer;
    if (peer_number(head + RESPONSE_CORRELATION_AT, 4) != client->next_answered)
        die("An answer has not the correlation id of the request that it should answer.");
    uint64_t latency_ns = load->now_ns - client->sent_at_ns[client->next_answered++ % DEPTH_MAX];
    load->latencies_ns[load->answered++] = latency_ns < UINT32_MAX ? (uint32_t)latency_ns : UINT32_MAX;
    if (load->sent < load->wanted && !load->rate)
        ask(load, client, load->request, load->now_ns);
}

/* ---- a rate ---- */

static uint64_t due_ns(const struct load *load)
{
    return load->began_ns + (uint64_t)load->sent * NS_PER_S / load->rate;
}

/* Sends what is due, in turn on each connection; one that is full lets all wait, whose times pass nevertheless. */
static void ask_what_is_due(struct load *load)
{
    load->now_ns = read_clock_ns();
    while (load->sent < load->wanted && due_ns(load) <= load->now_ns) {
        struct client *client = &load->clients[load->sent % load->client_count];
        if (client->next_sent - client->next_answered == DEPTH_MAX)
            return;
        ask(load, client, load->request, due_ns(load));
        peer_flush(&client->peer);
    }
}

static uint64_t wait_ns(const struct load *load)
{
    uint64_t stall_ns = (uint64_t)STALL_S * NS_PER_S;
    if (!load->rate || load->sent == load->wanted)
        return stall_ns;
    uint64_t due = due_ns(load), now_ns = read_clock_ns();
    return due > now_ns ? due - now_ns : 0;
}

static int wait_for_events(const struct load *load, struct epoll_event events[EVENTS])
{
    uint64_t ns = wait_ns(load);
    struct timespec most = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
    int count = epoll_pwait2(load->epoll, events, EVENTS, &most, NULL);
    if (count == 0 && ns == (uint64_t)STALL_S * NS_PER_S)
        die("No answer has come for 20 s.");
    return count;
}

/* ---- a run ---- */

/* Sends `wanted` requests, `depth` of them at a time on each connection, and waits for all answers. */
static void run(struct load *load, struct bytes request, uint32_t depth, uint32_t wanted)
{
    load->request = request;
    load->wanted = wanted;
    load->sent = load->answered = 0;
    load->began_ns = load->now_ns = read_clock_ns();
    for (uint32_t i = 0; i < depth * load->client_count && load->sent < wanted && !load->rate; i++)
        ask(load, &load->clients[i % load->client_count], request, load->now_ns);
    for (uint32_t i = 0; i < load->client_count; i++)
        peer_flush(&load->clients[i].peer);
    while (load->answered < wanted) {
        struct epoll_event events[EVENTS];
        if (load->rate)
            ask_what_is_due(load);
        int count = wait_for_events(load, events);
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            load->now_ns = read_clock_ns();
            if (!peer_receive(&client->peer, on_answer, load))
                die("A connection was closed before its answer had come.");
            peer_flush(&client->peer);
        }
    }
}

/* ---- connections ---- */

static int dial(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        peer_die("The load generator cannot connect");
    return fd;
}

static void *need(void *at)
{
    if (!at)
        die("The load generator has not enough memory.");
    return at;
}

static void connect_all(struct load *load, uint16_t port)
{
    load->epoll = epoll_create1(0);
    load->clients = need(calloc(load->client_count, sizeof *load->clients));
    for (uint32_t i = 0; i < load->client_count; i++)
        peer_open(&load->clients[i].peer, dial(port), load->epoll);
}

/* ---- the result ---- */

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static double quantile_us(const struct load *load, double quantile)
{
    uint32_t last = load->wanted - 1;
    return load->latencies_ns[(uint32_t)(quantile * last)] / 1e3;
}

static void print_result(struct load *load, uint64_t took_ns)
{
    qsort(load->latencies_ns, load->wanted, sizeof *load->latencies_ns, compare);
    printf("{\"seconds\": %.6f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f}\n",
           (double)took_ns / 1e9, quantile_us(load, 0.5), quantile_us(load, 0.99), quantile_us(load, 0.999),
           quantile_us(load, 1));
    fflush(stdout);
}

static uint32_t number_of(const char *text, uint32_t least, uint32_t most)
{
    unsigned long number = strtoul(text, NULL, 10);
    if (number >= least && number <= most)
        return (uint32_t)number;
    fprintf(stderr, "%s is not from %u to %u.\n", text, least, most);
    exit(2);
}

static struct bytes request_of(const char *api, size_t record_bytes)
{
    if (strcmp(api, "fetch") == 0)
        return frames_fetch_request();
    if (strcmp(api, "metadata") == 0)
        return frames_metadata_request();
    return frames_produce_request(record_bytes);
}

int main(int argc, char **argv)
{
    if (argc < 7 || argc > 8) {
        fprintf(stderr,
                "usage: %s PORT produce|fetch|metadata RECORD_BYTES CONNECTIONS DEPTH REQUESTS [RATE]\n",
                argv[0]);
        return 2;
    }
    size_t record_bytes = number_of(argv[3], 0, 1 << 30);
    uint32_t wanted = number_of(argv[6], 1, 100000000);
    struct bytes request = request_of(argv[2], record_bytes);
    struct load load = {.client_count = number_of(argv[4], 1, 10000),
                        .depth = number_of(argv[5], 1, DEPTH_MAX)};
    uint32_t most = wanted > load.client_count ? wanted : load.client_count;
    load.latencies_ns = need(calloc(most, sizeof *load.latencies_ns));
    connect_all(&load, (uint16_t)number_of(argv[1], 1, UINT16_MAX));
    run(&load, frames_api_versions_request(), 1, load.client_count);
    run(&load, request, 1, load.client_count);
    puts("ready");
    fflush(stdout);
    if (getchar() == EOF)
        return EXIT_FAILURE;
    load.rate = argc > 7 ? number_of(argv[7], 0, 1000000) : 0;
    run(&load, request, load.depth, wanted);
    print_result(&load, read_clock_ns() - load.began_ns);
    return EXIT_SUCCESS;
}
