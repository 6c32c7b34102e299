/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 for a browser, Prometheus and health checks: one request a connection, and streams of events.
 * Apart, because it knows nothing of what is served. The grammar is http_parser's (Debian's libhttp-parser), sockets and
 * bounds are ours:
 *
 *     READING ──message complete──► handler ──http_reply──► ENDING ──sent──► closed
 *                                      │──http_stream────► STREAMING ──client closes, or reads too slowly──► closed
 *                                      └──(later)────────► HELD ──http_reply──► ENDING
 *
 * Why this library: it is a parser alone, which takes bytes from our own uv streams, needs no memory, no thread and no
 * loop, and adds 33 KB to the image. libmicrohttpd brings GnuTLS with it (6 MB: the image would have more than 15), and an epoll of its
 * own inside ours; libwebsockets brings OpenSSL into the proxy's process and holds 1.5 MB before the first request. http_parser
 * is finished: nothing has been added since 2020, Debian keeps it safe, and llhttp, which follows it, is no package there yet. */
#ifndef KBRIDGE_ADMIN_HTTP_H
#define KBRIDGE_ADMIN_HTTP_H

#include <uv.h>

#include "proxy/kafka/bytes.h"
#include "proxy/net/sockaddr.h"

enum {
    HTTP_CONNECTIONS_MAX =
        64,                /* people, scrapers and health checks together; further ones are closed at once */
    HTTP_URL_ROOM = 2048,  /* path and query; longer is 414 */
    HTTP_VALUE_ROOM = 512, /* of each header that is looked at; longer is 431 */
    HTTP_HEAD_MS = 10000,  /* until the request is whole */
    HTTP_SEND_MS = 30000,  /* until an answer is taken */
    HTTP_STREAM_QUEUE_MAX = 1 << 20, /* a reader of events that lags so far behind is dropped */
    HTTP_TICK_MS = 1000,
};

/* The headers that are looked at: name, field of struct http_request. */
#define HTTP_HEADERS(X)                                                                                      \
    X("host", host)                                                                                          \
    X("origin", origin)                                                                                      \
    X("authorization", authorization)

struct http_request {
    unsigned method; /* enum http_method of http_parser.h */
    char url[HTTP_URL_ROOM];
    const char *query; /* in `url`, behind the ?; "" where there is none. `url` is the path alone */
#define HTTP_HEADER(name, field) char field[HTTP_VALUE_ROOM];
    HTTP_HEADERS(HTTP_HEADER)
#undef HTTP_HEADER
    union sockaddr_ip peer;
};

struct http_answer {
    unsigned status;
    const char *type;    /* "text/plain; charset=utf-8" */
    const char *headers; /* further ones, each with its \r\n; "" for none */
    struct bytes body;   /* copied */
};

struct http_connection;

struct http_server {
    uv_loop_t *loop;
    uv_timer_t timer; /* runs while somebody is connected */
    uv_tcp_t *listeners;
    size_t listener_count;
    struct http_connection *connections;
    uint32_t count;
    bool closed;
    uint64_t dropped; /* readers of events that were too slow */
    /* A request is whole. Answered at once, or later: it lives until http_reply, or until `gone`. */
    void (*handle)(void *context, struct http_connection *connection, const struct http_request *request);
    /* A connection that was held or streams is closed: whoever knows it forgets it now. */
    void (*gone)(void *context, struct http_connection *connection);
    void *context;
    char read_room[4096];
};

/* handle, gone, context and loop are set. Returns 0, or UV_E… with no listener open that was not there before. */
int http_listen(struct http_server *server, const struct sockaddr *address);
void http_close(struct http_server *server);

void http_reply(struct http_connection *connection, const struct http_answer *answer);

/* text/event-stream from now on. */
void http_stream(struct http_connection *connection);
/* An event is one or more lines, with the empty one behind it. */
void http_stream_send(struct http_connection *connection, struct bytes event);

/* True where `name` is in the query, decoded into `value`, cut to its room. */
bool http_query(const struct http_request *request, const char *name, char *value, size_t room);

#endif
