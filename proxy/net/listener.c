/* SPDX-License-Identifier: Apache-2.0 */
/* Listening, accepting and refusing; see listener.h. */
#include "proxy/net/listener.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdlib.h>

#include "proxy/net/connection.h"
#include "proxy/net/listen_address.h"
#include "proxy/net/node_sockets.h"
#include "proxy/net/worker.h"

enum {
    BACKLOG = 1024,
    REFUSED_TELL_MS = 10000, /* at most one line about refused clients in this time */
};

/* ---- sentences ---- */

static const char *advice(int error)
{
    switch (error) {
    case UV_EADDRINUSE:
        return "; stop what listens there, or choose another port with ";
    case UV_EACCES:
        return "; ports below 1024 need a privilege, choose another one with ";
    case UV_EADDRNOTAVAIL:
        return "; no interface of this machine has this address, choose another one with ";
    default:
        return NULL;
    }
}

/* `what_to_do`: up to the name of the setting, or NULL. */
static void say_cannot_listen(const struct listener *listener, const char *host, int32_t port,
                              const char *why, const char *what_to_do)
{
    struct sentence sentence = {0};
    sentence_add(&sentence, "cannot listen on ");
    sockaddr_add_endpoint(&sentence, host, port);
    sentence_add(&sentence, ": ");
    sentence_add(&sentence, why);
    sentence_add(&sentence, what_to_do ? what_to_do : "");
    if (what_to_do)
        sentence_add(&sentence, listener->target ? "--forward" : "--listen");
    worker_say(listener->worker, LEVEL_ERROR, &sentence);
}

static void say_socket_failed(const struct listener *listener, int error)
{
    char host[IP_TEXT_ROOM];
    sockaddr_text(&listener->at.any, host);
    say_cannot_listen(listener, host, sockaddr_port(&listener->at.any), uv_strerror(error), advice(error));
}

static void say_refused(struct worker *worker, enum accept why)
{
    struct sentence sentence = {0};
    struct listeners *listeners = &worker->listeners;
    const struct counters *counters = &worker->totals->counters;
    uint64_t now_ms = worker_now_ms(worker);
    if (listeners->refused_told_ms && now_ms < listeners->refused_told_ms + REFUSED_TELL_MS)
        return;
    listeners->refused_told_ms = now_ms;
    if (why == ACCEPT_NO_MEMORY) {
        sentence_add(&sentence, "a client was refused: out of memory");
    } else if (worker->totals->client_count >= worker->settings->connections_max) {
        sentence_add(&sentence, "a client was refused: limits.connections (");
        sentence_add_number(&sentence, worker->settings->connections_max);
        sentence_add(&sentence, ") is reached; raise it where so many are meant");
    } else {
        sentence_add(&sentence, "a client was refused: the system lets kbridge open no more than ");
        sentence_add_number(&sentence, worker->totals->socket_max);
        sentence_add(&sentence, " sockets (raise it with `ulimit -n`, or LimitNOFILE)");
    }
    sentence_add(&sentence, "; refused so far: ");
    sentence_add_number(&sentence, (int64_t)(counters->refused_limit + counters->refused_memory));
    worker_say(worker, LEVEL_WARN, &sentence);
}

/* ---- accepting ---- */

static void on_connection(uv_stream_t *stream, int status);

bool listener_is_open(const struct listener *listener)
{
    return listener->resume_ms == 0 && !uv_is_closing((const uv_handle_t *)&listener->tcp);
}

/* Until uv_accept is called, libuv accepts no further client: they are refused one by one. */
static void on_refused(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    bool waiting = listener->next_waits;
    handle->data = NULL;
    listener->next_waits = false;
    if (waiting && listener_is_open(listener))
        on_connection((uv_stream_t *)&listener->tcp, 0);
}

static void refuse(struct listener *listener, enum accept why)
{
    struct counters *counters = &listener->worker->totals->counters;
    listener->next_waits = listener->refused.data != NULL;
    if (listener->next_waits)
        return;
    uv_tcp_init(&listener->worker->loop, &listener->refused);
    listener->refused.data = listener;
    if (uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&listener->refused) == 0) {
        if (why == ACCEPT_NO_MEMORY)
            counters->refused_memory++;
        else
            counters->refused_limit++;
        say_refused(listener->worker, why);
    }
    uv_close((uv_handle_t *)&listener->refused, on_refused);
}

/* Closed, because libuv would try again at once, and for ever. */
static void pause_accepting(struct listener *listener, int error)
{
    struct worker *worker = listener->worker;
    struct sentence sentence = {0};
    worker->totals->counters.accept_failed++;
    sentence_add(&sentence, "a client could not be accepted: ");
    sentence_add(&sentence, uv_strerror(error));
    sentence_add(&sentence, "; trying again in a second, failed so far: ");
    sentence_add_number(&sentence, (int64_t)worker->totals->counters.accept_failed);
    worker_say(worker, LEVEL_WARN, &sentence);
    listener->resume_ms = worker_now_ms(worker) + LISTENER_PAUSE_MS;
    worker_wake_at(worker, listener->resume_ms);
    uv_close((uv_handle_t *)&listener->tcp, NULL);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = stream->data;
    enum accept accept = status < 0 ? ACCEPTED : connection_accept(listener);
    if (status < 0)
        pause_accepting(listener, status);
    else if (accept != ACCEPTED)
        refuse(listener, accept);
}

/* ---- opening ---- */

static bool is_any(const struct ip *ip)
{
    static const uint8_t zeroes[16];
    return memcmp(ip->at, zeroes, ip->len) == 0;
}

/* True where another listener has the same address, or all of its family, and another port. */
static bool is_covered(const struct listeners *listeners, size_t index)
{
    struct ip ip = sockaddr_to_ip(&listeners->at[index].at.any);
    for (size_t i = 0; i < index; i++) {
        struct ip other = sockaddr_to_ip(&listeners->at[i].at.any);
        if (other.len == ip.len && (is_any(&other) || ip_equal(&other, &ip)))
            return true;
    }
    return false;
}

/* Sockets that all let others join share their address: the kernel spreads clients over them. */
static int let_join(struct listener *listener)
{
    uv_os_fd_t fd;
    int on = 1, status = uv_fileno((uv_handle_t *)&listener->tcp, &fd);
    if (status == 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
        status = uv_translate_sys_error(errno);
    return status;
}

/* Of several workers the first takes an address for itself, so that a program that has it already is noticed, and only
 * then lets the others join. */
static int bind_now(struct listener *listener)
{
    const struct worker *worker = listener->worker;
    bool v6 = listener->at.any.sa_family == AF_INET6;
    bool joins = worker->listeners.joins;
    int status = joins ? let_join(listener) : 0;
    if (status == 0)
        status = uv_tcp_bind(&listener->tcp, &listener->at.any, v6 ? UV_TCP_IPV6ONLY : 0);
    if (status == 0 && !joins && worker->settings->worker_count > 1)
        status = let_join(listener);
    return status;
}

static int listen_now(struct listener *listener)
{
    uv_loop_t *loop = &listener->worker->loop;
    int status = uv_tcp_init_ex(loop, &listener->tcp, listener->at.any.sa_family);
    if (status < 0)
        uv_tcp_init(loop, &listener->tcp); /* a handle all the same, since it will be closed */
    listener->tcp.data = listener;
    listener->resume_ms = 0;
    if (status == 0)
        status = bind_now(listener);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
    if (status < 0) {
        uv_close((uv_handle_t *)&listener->tcp, NULL);
        listener->resume_ms = UINT64_MAX;
    }
    return status;
}

/* One more, the last, `like` this one and not open. NULL: there is no room for it. */
static struct listener *make(struct listeners *listeners, const struct listener *like,
                             const struct sockaddr *address)
{
    if (listeners->count == listeners->room)
        return NULL;
    struct listener *listener = &listeners->at[listeners->count++];
    *listener = *like;
    memcpy(&listener->at, address, sockaddr_size(address));
    return listener;
}

bool listeners_add(struct listeners *listeners, struct worker *worker, const struct sockaddr *address)
{
    const struct listener kafka = {.worker = worker, .resume_ms = UINT64_MAX};
    struct listener *listener = make(listeners, &kafka, address);
    int status = listener ? listen_now(listener) : UV_ENOMEM;
    if (listener && status < 0)
        say_socket_failed(listener, status);
    return status == 0;
}

static bool is_only_missing(int status)
{
    return status == UV_EADDRNOTAVAIL || status == UV_EAFNOSUPPORT;
}

/* Opens the listeners from `first` on, all of one setting. A family that this machine lacks is passed over. */
static bool open_all(struct listeners *listeners, size_t first)
{
    const struct listener *missing = NULL;
    int missing_status = 0;
    bool any = false;
    for (size_t i = first; i < listeners->count; i++) {
        struct listener *listener = &listeners->at[i];
        int status = listen_now(listener);
        any = any || status == 0;
        if (is_only_missing(status)) {
            missing = listener;
            missing_status = status;
        } else if (status < 0) {
            say_socket_failed(listener, status);
            return false;
        }
    }
    if (!any && missing)
        say_socket_failed(missing, missing_status);
    return any;
}

static void tell_listening(const struct server_settings *settings, const struct listener *listener)
{
    struct address address = {.port = sockaddr_port(&listener->at.any)};
    sockaddr_text(&listener->at.any, address.host);
    if (settings->listening && listener->resume_ms == 0)
        settings->listening(settings->facts.context, &address, listener->target);
}

/* Listens on all addresses of `listen`, each `like` this one. */
static bool add_setting(struct listeners *listeners, const struct listener *like,
                        const struct address *listen)
{
    union sockaddr_ip found[LISTEN_ADDRESSES_MAX];
    struct sentence why = {0};
    size_t first = listeners->count;
    size_t count = listen_address_find(listen, found, &why);
    if (count == 0) {
        say_cannot_listen(like, listen->host, listen->port, why.text,
                          "; choose an address of this machine with ");
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (!make(listeners, like, &found[i].any))
            return false;
    return open_all(listeners, first);
}

/* Listens on `port` of each address on which clients of Kafka are served. */
static bool add_beside_kafka(struct listeners *listeners, const struct listener *like, uint16_t port,
                             size_t kafka_count)
{
    size_t first = listeners->count;
    for (size_t i = 0; i < kafka_count; i++) {
        union sockaddr_ip at = listeners->at[i].at;
        sockaddr_set_port(&at.any, port);
        if (!is_covered(listeners, i) && !make(listeners, like, &at.any))
            return false;
    }
    return open_all(listeners, first);
}

static bool add_forward(struct listeners *listeners, struct worker *worker, const struct forward *forward,
                        size_t kafka_count)
{
    const struct listener like = {.worker = worker, .target = &forward->to, .resume_ms = UINT64_MAX};
    if (forward->listen.host[0])
        return add_setting(listeners, &like, &forward->listen);
    return add_beside_kafka(listeners, &like, (uint16_t)forward->listen.port, kafka_count);
}

static size_t room_for(const struct server_settings *settings)
{
    size_t kafka = (size_t)settings->listen_count * LISTEN_ADDRESSES_MAX;
    size_t each = kafka > LISTEN_ADDRESSES_MAX ? kafka : LISTEN_ADDRESSES_MAX;
    return kafka * (1 + node_sockets_max(settings)) + settings->forward_count * each;
}

static bool take_memory(struct listeners *listeners, const struct worker *worker, size_t room)
{
    listeners->room = room;
    listeners->at = calloc(room, sizeof *listeners->at);
    if (listeners->at)
        return true;
    struct sentence sentence = {0};
    sentence_add(&sentence, "cannot listen: out of memory");
    worker_say(worker, LEVEL_ERROR, &sentence);
    return false;
}

bool listeners_open(struct listeners *listeners, struct worker *worker)
{
    const struct server_settings *settings = worker->settings;
    const struct listener kafka = {.worker = worker, .resume_ms = UINT64_MAX};
    if (!take_memory(listeners, worker, room_for(settings)))
        return false;
    for (size_t i = 0; i < settings->listen_count; i++)
        if (!add_setting(listeners, &kafka, &settings->listen[i]))
            return false;
    size_t kafka_count = listeners->count;
    for (size_t i = 0; i < settings->forward_count; i++)
        if (!add_forward(listeners, worker, &settings->forwards[i], kafka_count))
            return false;
    for (size_t i = 0; i < listeners->count; i++)
        tell_listening(settings, &listeners->at[i]);
    return true;
}

bool listeners_join(struct listeners *listeners, struct worker *worker, const struct listeners *first)
{
    listeners->joins = true;
    if (!take_memory(listeners, worker, first->room))
        return false;
    for (size_t i = 0; i < first->count; i++) {
        const struct listener *other = &first->at[i];
        const struct listener like = {.worker = worker, .target = other->target, .resume_ms = UINT64_MAX};
        if (listener_is_open(other))
            make(listeners, &like, &other->at.any);
    }
    return listeners->count > 0 && open_all(listeners, 0);
}

void listeners_close(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->at[i];
        if (listener_is_open(listener))
            uv_close((uv_handle_t *)&listener->tcp, NULL);
        listener->resume_ms = UINT64_MAX;
    }
}

void listeners_free(struct listeners *listeners)
{
    free(listeners->at);
    *listeners = (struct listeners){0};
}

/* ---- which addresses are served ---- */

static bool is_own(const struct ip *ip)
{
    struct ifaddrs *interfaces;
    bool own = ip_is_loopback(ip) || is_any(ip);
    if (own || getifaddrs(&interfaces) < 0)
        return own;
    for (const struct ifaddrs *at = interfaces; at && !own; at = at->ifa_next) {
        struct ip interface = at->ifa_addr ? sockaddr_to_ip(at->ifa_addr) : (struct ip){0};
        own = interface.len && ip_equal(&interface, ip);
    }
    freeifaddrs(interfaces);
    return own;
}

static bool serves(const struct listener *listener, const struct ip *ip, uint16_t port)
{
    struct ip served = sockaddr_to_ip(&listener->at.any);
    if (listener->resume_ms == UINT64_MAX || sockaddr_port(&listener->at.any) != port ||
        served.len != ip->len)
        return false;
    return ip_equal(&served, ip) || (is_any(&served) && is_own(ip)) ||
           (is_any(ip) && ip_is_loopback(&served));
}

static bool serve_ip(const struct listeners *listeners, const struct ip *ip, uint16_t port)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (serves(&listeners->at[i], ip, port))
            return true;
    return false;
}

bool listeners_serve(const struct listeners *listeners, const struct sockaddr *address)
{
    struct ip ip = sockaddr_to_ip(address);
    return serve_ip(listeners, &ip, sockaddr_port(address));
}

bool listeners_serve_both_loopbacks(const struct listeners *listeners)
{
    static const struct ip v4 = {{127, 0, 0, 1}, 4};
    static const struct ip v6 = {{[15] = 1}, 16};
    bool any = false;
    for (size_t i = 0; i < listeners->count; i++) {
        uint16_t port = sockaddr_port(&listeners->at[i].at.any);
        if (listeners->at[i].target)
            continue;
        bool has_v4 = serve_ip(listeners, &v4, port), has_v6 = serve_ip(listeners, &v6, port);
        if (has_v4 != has_v6)
            return false;
        any = any || has_v4;
    }
    return any;
}

/* ---- time ---- */

uint64_t listeners_due_ms(const struct listeners *listeners)
{
    uint64_t due_ms = UINT64_MAX;
    for (size_t i = 0; i < listeners->count; i++) {
        uint64_t resume_ms = listeners->at[i].resume_ms;
        if (resume_ms && resume_ms < due_ms)
            due_ms = resume_ms;
    }
    return due_ms;
}

static void resume(struct listener *listener, uint64_t now_ms)
{
    int status = listen_now(listener);
    if (status == 0)
        return;
    say_socket_failed(listener, status);
    listener->resume_ms = now_ms + LISTENER_PAUSE_MS;
}

void listeners_tick(struct listeners *listeners, uint64_t now_ms)
{
    for (size_t i = 0; i < listeners->count; i++) {
        uint64_t resume_ms = listeners->at[i].resume_ms;
        if (resume_ms && resume_ms <= now_ms && resume_ms != UINT64_MAX)
            resume(&listeners->at[i], now_ms);
    }
}
