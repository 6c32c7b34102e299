/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the sockets of single nodes; see node_sockets.h. */
#include "proxy/net/node_sockets.h"

#include "proxy/net/listen_address.h"
#include "proxy/net/worker.h"

/* Ids that a cluster has had while kbridge ran: far more than there are brokers in any. */
enum { LOOPBACKS_MAX = 1000 };

size_t node_sockets_max(const struct server_settings *settings)
{
    switch (settings->exact.mode) {
    case EXACT_PORTS:
        return (size_t)exact_size(&settings->exact);
    case EXACT_LOOPBACK:
        return LOOPBACKS_MAX;
    default:
        return 0;
    }
}

static bool serves_kafka(const struct listener *listener)
{
    return listener_is_open(listener) && !listener->target;
}

static bool is_served(const struct worker *worker, const union sockaddr_ip *address)
{
    return listeners_serve(&worker->listeners, &address->any);
}

/* Each takes one of the file descriptors that clients could have had. */
static bool add(struct worker *worker, const union sockaddr_ip *address)
{
    bool open = listeners_add(&worker->listeners, worker, &address->any);
    if (open && worker->totals->socket_max > 1)
        worker->totals->socket_max--;
    return open;
}

/* ---- a port for each ---- */

static void tell_ports(const struct worker *worker, const union sockaddr_ip *beside)
{
    const struct exact *exact = &worker->settings->exact;
    struct sentence sentence = {.len = 0};
    char host[IP_TEXT_ROOM];
    sockaddr_text(&beside->any, host);
    sentence_add(&sentence, "listening on ");
    sockaddr_add_endpoint(&sentence, host, exact->first);
    sentence_add(&sentence, "-");
    sentence_add_number(&sentence, exact->last);
    sentence_add(&sentence, ", a port for each node");
    worker_say(worker, LEVEL_INFO, &sentence);
}

static bool open_ports(struct worker *worker, union sockaddr_ip beside)
{
    const struct exact *exact = &worker->settings->exact;
    for (uint32_t port = exact->first; port <= exact->last; port++) {
        sockaddr_set_port(&beside.any, (uint16_t)port);
        if (!is_served(worker, &beside) && !add(worker, &beside))
            return false;
    }
    tell_ports(worker, &beside);
    return true;
}

static bool open_all_ports(struct worker *worker)
{
    const struct listeners *listeners = &worker->listeners;
    for (size_t i = 0, count = listeners->count; i < count; i++)
        if (serves_kafka(&listeners->at[i]) && !open_ports(worker, listeners->at[i].at))
            return false;
    return true;
}

/* ---- a loopback address for each ---- */

static union sockaddr_ip address_of(const struct worker *worker, int32_t number, uint16_t port)
{
    struct address address = {.port = port};
    union sockaddr_ip ip = {0};
    exact_address(&worker->settings->exact, number, &address);
    sockaddr_parse(address.host, port, &ip);
    return ip;
}

static bool serves_loopback(const struct worker *worker, uint16_t port)
{
    union sockaddr_ip loopback;
    return sockaddr_parse("127.0.0.1", port, &loopback) && is_served(worker, &loopback);
}

static bool refuse_loopback(const struct worker *worker, const char *why)
{
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "listen.per-broker: loopback is not possible here, because ");
    sentence_add(&sentence, why);
    sentence_add(&sentence, "; give it a range of ports instead, such as 29093-29192");
    worker_say(worker, LEVEL_ERROR, &sentence);
    return false;
}

static bool check_loopback(const struct worker *worker)
{
    const struct listeners *listeners = &worker->listeners;
    union sockaddr_ip first = address_of(worker, 0, 0);
    bool serves = false;
    for (size_t i = 0; i < listeners->count; i++)
        serves = serves || (serves_kafka(&listeners->at[i]) &&
                            serves_loopback(worker, sockaddr_port(&listeners->at[i].at.any)));
    if (!serves)
        return refuse_loopback(worker, "kbridge does not listen on 127.0.0.1");
    if (!listen_address_is_here(&first))
        return refuse_loopback(worker, "this system has no loopback addresses but 127.0.0.1");
    return true;
}

/* One that could not be opened is not tried again: what is wrong has been told. */
static bool was_tried(const struct worker *worker, const union sockaddr_ip *address)
{
    const struct listeners *listeners = &worker->listeners;
    struct ip ip = sockaddr_to_ip(&address->any);
    for (size_t i = 0; i < listeners->count; i++) {
        struct ip other = sockaddr_to_ip(&listeners->at[i].at.any);
        if (ip_equal(&ip, &other) && sockaddr_port(&listeners->at[i].at.any) == sockaddr_port(&address->any))
            return true;
    }
    return false;
}

static bool listen_at(struct worker *worker, int32_t number, uint16_t port)
{
    union sockaddr_ip address = address_of(worker, number, port);
    if (is_served(worker, &address))
        return true;
    return !worker->stopping && !was_tried(worker, &address) && add(worker, &address);
}

bool node_sockets_listen(void *context, int32_t number)
{
    struct worker *worker = context;
    bool all = true;
    for (size_t i = 0, count = worker->listeners.count; i < count; i++) {
        uint16_t port = sockaddr_port(&worker->listeners.at[i].at.any);
        if (serves_kafka(&worker->listeners.at[i]) && serves_loopback(worker, port))
            all = listen_at(worker, number, port) && all;
    }
    return all;
}

/* ---- at start ---- */

bool node_sockets_open(struct worker *worker)
{
    switch (worker->settings->exact.mode) {
    case EXACT_PORTS:
        return open_all_ports(worker);
    case EXACT_LOOPBACK:
        return check_loopback(worker);
    default:
        return true;
    }
}
