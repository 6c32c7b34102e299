/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving, connecting, and telling what went wrong; see dial.h. */
#include "proxy/net/dial.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/net/call.h"
#include "proxy/net/sockaddr.h"
#include "proxy/net/worker.h"

enum dial_state { DIAL_RESOLVING, DIAL_CONNECTING, DIAL_FAILED };

/* Memory of its own: libuv cannot take back a question that a thread is asking already. */
struct question {
    uv_getaddrinfo_t resolve;
    struct dial *dial; /* NULL: nobody waits for the answer any more */
};

struct dial {
    uv_connect_t connect;
    struct end *end;
    struct question *question; /* DIAL_RESOLVING; owned by libuv */
    struct addrinfo *found;    /* owned; NULL where the host is an IP address */
    union sockaddr_ip ip;
    struct addrinfo ip_only; /* the list that consists of `ip` */
    const struct addrinfo *at, *next;
    uint64_t deadline_ms;
    uint64_t attempt_deadline_ms;
    struct address address;
    struct sentence why;
    int error;     /* of the last attempt */
    uint8_t state; /* enum dial_state */
    enum reason reason;
};

static struct worker *worker_of(const struct dial *dial)
{
    return dial->end->connection->worker;
}

static void give_up(struct dial *dial)
{
    dial->state = DIAL_FAILED;
    end_reset(dial->end);
}

/* What is behind an error, for those who have not met it yet. */
static const char *meaning(int error)
{
    switch (error) {
    case UV_ECONNREFUSED:
        return " (nobody listens there)";
    case UV_ETIMEDOUT:
        return " (nobody answers there: a wrong address, or a firewall)";
    default:
        return "";
    }
}

/* One more address has failed: "kafka:9092 (172.18.0.2, 172.18.0.3): connection refused; (172.18.0.4): …". */
static void note_failure(struct dial *dial, int error)
{
    struct sentence *why = &dial->why;
    char ip[IP_TEXT_ROOM];
    sockaddr_text(dial->at->ai_addr, ip);
    if (!dial->error) {
        sockaddr_add_endpoint(why, dial->address.host, dial->address.port);
        sentence_add(why, dial->found ? " (" : "");
    } else if (dial->error == error) {
        sentence_add(why, ", ");
    } else {
        sentence_add(why, "): ");
        sentence_add(why, uv_strerror(dial->error));
        sentence_add(why, "; (");
    }
    sentence_add(why, dial->found ? ip : "");
    dial->error = error;
    if (dial->next)
        return;
    sentence_add(why, dial->found ? "): " : ": ");
    sentence_add(why, uv_strerror(error));
    sentence_add(why, meaning(error));
}

static void attempt_failed(struct dial *dial, int error)
{
    note_failure(dial, error);
    dial->attempt_deadline_ms = UINT64_MAX;
    if (dial->next)
        end_reset(dial->end);
    else
        give_up(dial);
}

/* The kernel may connect a socket to itself, where nobody listens on a port from which it takes free ones. */
static bool is_connected_to_itself(const uv_tcp_t *tcp)
{
    union sockaddr_ip here, there;
    int here_len = sizeof here, there_len = sizeof there;
    if (uv_tcp_getsockname(tcp, &here.any, &here_len) < 0 ||
        uv_tcp_getpeername(tcp, &there.any, &there_len) < 0 ||
        sockaddr_port(&here.any) != sockaddr_port(&there.any))
        return false;
    struct ip here_ip = sockaddr_to_ip(&here.any), there_ip = sockaddr_to_ip(&there.any);
    return ip_equal(&here_ip, &there_ip);
}

static void on_connect(uv_connect_t *connect, int status)
{
    struct end *end = connect->handle->data;
    struct dial *dial = end->dial;
    if (status == UV_ECANCELED)
        return; /* its time was over, or nobody wants it any more: the handle is closing */
    if (status == 0 && is_connected_to_itself(&end->tcp))
        status = UV_ECONNREFUSED;
    if (status < 0) {
        attempt_failed(dial, status);
        return;
    }
    dial_free(dial);
    end->dial = NULL;
    end_open(end);
    call_dialled(end);
}

static bool is_loop(struct dial *dial, const struct sockaddr *at)
{
    struct sentence *why = &dial->why;
    if (!listeners_serve(&worker_of(dial)->listeners, at))
        return false;
    *why = (struct sentence){0};
    sockaddr_add_endpoint(why, dial->address.host, dial->address.port);
    sentence_add(why, " is an address on which kbridge itself listens; give ");
    sentence_add(why,
                 conversation_target(dial->end->connection->conversation)
                     ? "the address of the service that is meant, or another one for kbridge with --forward"
                     : "the broker's address as upstream, or another one for kbridge with --listen");
    return true;
}

/* The time that is left is shared by the addresses that are left. */
static uint64_t attempt_deadline_ms(const struct dial *dial, uint64_t now_ms)
{
    uint64_t left_ms = dial->deadline_ms > now_ms ? dial->deadline_ms - now_ms : 0;
    uint64_t attempts = 1;
    for (const struct addrinfo *at = dial->next; at; at = at->ai_next)
        attempts++;
    return now_ms + left_ms / attempts;
}

static void try_next(struct dial *dial)
{
    struct worker *worker = worker_of(dial);
    dial->at = dial->next;
    dial->next = dial->at->ai_next;
    dial->attempt_deadline_ms = attempt_deadline_ms(dial, worker_now_ms(worker));
    worker_wake_at(worker, dial->attempt_deadline_ms);
    if (is_loop(dial, dial->at->ai_addr)) {
        dial->reason = REASON_LOOP;
        give_up(dial);
        return;
    }
    int status = uv_tcp_connect(&dial->connect, &dial->end->tcp, dial->at->ai_addr, on_connect);
    if (status < 0)
        attempt_failed(dial, status);
}

static void resolve_failed(struct dial *dial, const char *what, const char *more)
{
    sentence_add(&dial->why, dial->address.host);
    sentence_add(&dial->why, what);
    sentence_add(&dial->why, more);
    give_up(dial);
}

static void on_resolved(uv_getaddrinfo_t *resolve, int status, struct addrinfo *found)
{
    struct question *question = resolve->data;
    struct dial *dial = question->dial;
    worker_of_loop(resolve->loop)->question_count--;
    free(question);
    if (!dial) {
        uv_freeaddrinfo(found);
        return;
    }
    dial->question = NULL;
    dial->found = found;
    if (status == UV_EAI_NONAME || status == UV_EAI_NODATA) {
        resolve_failed(dial, ": name does not resolve", "");
    } else if (status < 0 || !found) {
        resolve_failed(dial, ": name does not resolve: ", uv_strerror(status));
    } else {
        dial->next = found;
        dial->state = DIAL_CONNECTING;
        try_next(dial);
    }
}

static bool ask(struct dial *dial)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct worker *worker = worker_of(dial);
    char port[sizeof "65535"];
    struct question *question = malloc(sizeof *question);
    if (!question)
        return false;
    snprintf(port, sizeof port, "%u", (unsigned)dial->address.port & 0xffff);
    question->dial = dial;
    question->resolve.data = question;
    int status =
        uv_getaddrinfo(&worker->loop, &question->resolve, on_resolved, dial->address.host, port, &hints);
    if (status < 0) {
        free(question);
        resolve_failed(dial, ": name does not resolve: ", uv_strerror(status));
        return true;
    }
    dial->question = question;
    worker->question_count++;
    return true;
}

bool dial_start(struct end *end, const struct address *address)
{
    struct worker *worker = end->connection->worker;
    struct dial *dial = calloc(1, sizeof *dial);
    if (!dial)
        return false;
    end->dial = dial;
    dial->end = end;
    dial->reason = REASON_BROKER_UNREACHABLE;
    dial->address = *address;
    dial->deadline_ms = worker_now_ms(worker) + worker->settings->dial_timeout_ms;
    dial->attempt_deadline_ms = dial->deadline_ms;
    worker_wake_at(worker, dial->deadline_ms);
    if (!sockaddr_parse(address->host, (uint16_t)address->port, &dial->ip))
        return ask(dial);
    dial->ip_only.ai_addr = &dial->ip.any;
    dial->next = &dial->ip_only;
    dial->state = DIAL_CONNECTING;
    try_next(dial);
    return true;
}

void dial_go_on(struct dial *dial)
{
    if (dial->state == DIAL_FAILED)
        call_not_dialled(dial->end, dial->reason, dial->why.text);
    else
        try_next(dial);
}

uint64_t dial_due_ms(const struct dial *dial)
{
    return dial->state == DIAL_FAILED ? UINT64_MAX : dial->attempt_deadline_ms;
}

static void forget_question(struct dial *dial)
{
    if (!dial->question)
        return;
    dial->question->dial = NULL;
    uv_cancel((uv_req_t *)&dial->question->resolve);
    dial->question = NULL;
}

void dial_tick(struct dial *dial, uint64_t now_ms)
{
    if (now_ms < dial_due_ms(dial))
        return;
    if (dial->state == DIAL_RESOLVING) {
        forget_question(dial);
        resolve_failed(dial, ": name does not resolve", ": no answer in time");
    } else {
        attempt_failed(dial, UV_ETIMEDOUT);
    }
}

void dial_free(struct dial *dial)
{
    if (!dial)
        return;
    forget_question(dial);
    uv_freeaddrinfo(dial->found);
    free(dial);
}
