/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of the HTTP server; see http.h. */
#include "proxy/admin/http.h"

#include <http_parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum http_state { HTTP_READING, HTTP_HELD, HTTP_STREAMING, HTTP_ENDING, HTTP_CLOSED };
enum { LISTEN_BACKLOG = 16, HEAD_ROOM = 1024, HEADER_NONE = -1, NAME_ROOM = 32 };

struct http_connection {
    uv_tcp_t tcp;
    struct http_server *server;
    struct http_connection *next, *previous;
    http_parser parser;
    enum http_state state;
    uint64_t deadline_ms;
    unsigned too_long;    /* the status of what did not fit; 0: all did */
    char name[NAME_ROOM]; /* of the header that comes in */
    size_t name_len;
    bool in_value;
    struct http_request request;
};

/* What is being sent, with its bytes. */
struct sending {
    uv_write_t write;
    char bytes[];
};

/* ---- the end ---- */

static void on_closed(uv_handle_t *handle)
{
    struct http_connection *connection = handle->data;
    struct http_server *server = connection->server;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    server->count--;
    free(connection);
}

static void close_connection(struct http_connection *connection)
{
    struct http_server *server = connection->server;
    bool known = connection->state == HTTP_HELD || connection->state == HTTP_STREAMING;
    if (connection->state == HTTP_CLOSED)
        return;
    connection->state = HTTP_CLOSED;
    if (known && server->gone)
        server->gone(server->context, connection);
    uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

/* ---- sending ---- */

static void on_sent(uv_write_t *write, int status)
{
    struct http_connection *connection = write->handle->data;
    free(write->data);
    if (status < 0 || connection->state == HTTP_ENDING)
        close_connection(connection);
}

/* Head and body in one write. */
static void send_bytes(struct http_connection *connection, struct bytes head, struct bytes body)
{
    struct sending *sending = malloc(sizeof *sending + head.len + body.len);
    if (!sending) {
        close_connection(connection);
        return;
    }
    memcpy(sending->bytes, head.at, head.len);
    if (body.len)
        memcpy(sending->bytes + head.len, body.at, body.len);
    sending->write.data = sending;
    uv_buf_t buf = uv_buf_init(sending->bytes, (unsigned)(head.len + body.len));
    if (uv_write(&sending->write, (uv_stream_t *)&connection->tcp, &buf, 1, on_sent) == 0)
        return;
    free(sending);
    close_connection(connection);
}

/* nosniff, no frames, no referrer: what is shown stays here. */
static int write_head(char *head, size_t room, const struct http_answer *answer, bool has_length)
{
    char length[64] = "";
    if (has_length)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", answer->body.len);
    return snprintf(head, room,
                    "HTTP/1.1 %u %s\r\nContent-Type: %s\r\n%s%s"
                    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                    "X-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
                    answer->status, http_status_str((enum http_status)answer->status), answer->type, length,
                    answer->headers);
}

static void send_head(struct http_connection *connection, const struct http_answer *answer, bool stream)
{
    char head[HEAD_ROOM];
    int len = write_head(head, sizeof head, answer, !stream);
    if (len < 0 || len >= HEAD_ROOM) {
        close_connection(connection);
        return;
    }
    bool bodiless = connection->request.method == HTTP_HEAD;
    send_bytes(connection, (struct bytes){(uint8_t *)head, (size_t)len},
               bodiless ? (struct bytes){NULL, 0} : answer->body);
}

void http_reply(struct http_connection *connection, const struct http_answer *answer)
{
    if (connection->state != HTTP_READING && connection->state != HTTP_HELD)
        return;
    connection->state = HTTP_ENDING;
    connection->deadline_ms = uv_now(connection->server->loop) + HTTP_SEND_MS;
    send_head(connection, answer, false);
}

void http_stream(struct http_connection *connection)
{
    connection->state = HTTP_STREAMING;
    connection->deadline_ms = UINT64_MAX;
    send_head(connection,
              &(struct http_answer){
                  .status = HTTP_STATUS_OK, .type = "text/event-stream; charset=utf-8", .headers = ""},
              true);
}

void http_stream_send(struct http_connection *connection, struct bytes event)
{
    if (connection->state != HTTP_STREAMING)
        return;
    if (connection->tcp.write_queue_size + event.len > HTTP_STREAM_QUEUE_MAX) {
        connection->server->dropped++;
        close_connection(connection);
        return;
    }
    send_bytes(connection, event, (struct bytes){NULL, 0});
}

/* ---- reading ---- */

static void append(struct http_connection *connection, char *to, size_t room, const char *at, size_t len,
                   unsigned status)
{
    size_t have = strlen(to);
    if (have + len >= room) {
        connection->too_long = status;
        return;
    }
    memcpy(to + have, at, len);
    to[have + len] = 0;
}

static int on_url(http_parser *parser, const char *at, size_t len)
{
    struct http_connection *connection = parser->data;
    append(connection, connection->request.url, HTTP_URL_ROOM, at, len, HTTP_STATUS_URI_TOO_LONG);
    return 0;
}

/* The name comes in pieces, and the piece of a new one follows a value. A name that is too long is none of ours. */
static int on_header_name(http_parser *parser, const char *at, size_t len)
{
    struct http_connection *connection = parser->data;
    if (connection->in_value)
        connection->name_len = 0;
    connection->in_value = false;
    for (size_t i = 0; i < len && connection->name_len < NAME_ROOM - 1; i++)
        connection->name[connection->name_len++] = at[i];
    connection->name[connection->name_len] = 0;
    return 0;
}

static char *header_room(struct http_connection *connection)
{
#define HTTP_HEADER(word, field)                                                                             \
    if (strcasecmp(connection->name, word) == 0)                                                             \
        return connection->request.field;
    HTTP_HEADERS(HTTP_HEADER)
#undef HTTP_HEADER
    return NULL;
}

/* A header that is given twice is refused: a proxy before us may have looked at the other one. */
static int on_header_value(http_parser *parser, const char *at, size_t len)
{
    struct http_connection *connection = parser->data;
    char *room = header_room(connection);
    if (room && !connection->in_value && *room)
        connection->too_long = HTTP_STATUS_BAD_REQUEST;
    connection->in_value = true;
    if (room)
        append(connection, room, HTTP_VALUE_ROOM, at, len, HTTP_STATUS_REQUEST_HEADER_FIELDS_TOO_LARGE);
    return 0;
}

static void refuse(struct http_connection *connection, unsigned status)
{
    const char *text = status == HTTP_STATUS_BAD_REQUEST ? "This is no request of HTTP/1.1.\n"
                                                         : "The request is too long.\n";
    http_reply(connection, &(struct http_answer){.status = status,
                                                 .type = "text/plain; charset=utf-8",
                                                 .headers = "",
                                                 .body = bytes_of(text)});
}

static int on_complete(http_parser *parser)
{
    struct http_connection *connection = parser->data;
    struct http_server *server = connection->server;
    struct http_request *request = &connection->request;
    char *question = strchr(request->url, '?');
    http_parser_pause(parser, 1);
    if (connection->too_long) {
        refuse(connection, connection->too_long);
        return 0;
    }
    if (question)
        *question = 0;
    request->method = parser->method;
    request->query = question ? question + 1 : "";
    connection->state = HTTP_HELD;
    connection->deadline_ms = UINT64_MAX;
    server->handle(server->context, connection, request);
    return 0;
}

static const http_parser_settings grammar = {
    .on_url = on_url,
    .on_header_field = on_header_name,
    .on_header_value = on_header_value,
    .on_message_complete = on_complete,
};

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct http_connection *connection = handle->data;
    (void)suggested;
    *buf = uv_buf_init(connection->server->read_room, sizeof connection->server->read_room);
}

/* What comes behind the request is dropped; that it ends is what is listened for. */
static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct http_connection *connection = stream->data;
    if (len < 0) {
        close_connection(connection);
        return;
    }
    if (len == 0 || connection->state != HTTP_READING)
        return;
    http_parser_execute(&connection->parser, &grammar, buf->base, (size_t)len);
    enum http_errno error = HTTP_PARSER_ERRNO(&connection->parser);
    if (connection->state == HTTP_READING && error != HPE_OK && error != HPE_PAUSED)
        refuse(connection, HTTP_STATUS_BAD_REQUEST);
}

/* ---- accepting ---- */

static void on_timer(uv_timer_t *timer)
{
    struct http_server *server = timer->data;
    uint64_t now_ms = uv_now(server->loop);
    struct http_connection *next;
    for (struct http_connection *connection = server->connections; connection; connection = next) {
        next = connection->next;
        if (connection->deadline_ms <= now_ms)
            close_connection(connection);
    }
    if (!server->connections)
        uv_timer_stop(timer);
}

static struct http_connection *connection_new(struct http_server *server)
{
    struct http_connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    connection->server = server;
    connection->next = server->connections;
    if (connection->next)
        connection->next->previous = connection;
    server->connections = connection;
    server->count++;
    uv_tcp_init(server->loop, &connection->tcp);
    connection->tcp.data = connection;
    http_parser_init(&connection->parser, HTTP_REQUEST);
    connection->parser.data = connection;
    connection->deadline_ms = uv_now(server->loop) + HTTP_HEAD_MS;
    return connection;
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct http_server *server = stream->data;
    struct http_connection *connection = status < 0 ? NULL : connection_new(server);
    int len = sizeof connection->request.peer;
    if (!connection)
        return;
    bool crowded = server->count > HTTP_CONNECTIONS_MAX;
    if (uv_accept(stream, (uv_stream_t *)&connection->tcp) < 0 || crowded ||
        uv_tcp_getpeername(&connection->tcp, &connection->request.peer.any, &len) < 0 ||
        uv_read_start((uv_stream_t *)&connection->tcp, on_room, on_read) < 0) {
        close_connection(connection);
        return;
    }
    uv_tcp_nodelay(&connection->tcp, 1);
    if (!uv_is_active((uv_handle_t *)&server->timer))
        uv_timer_start(&server->timer, on_timer, HTTP_TICK_MS, HTTP_TICK_MS);
}

static void on_listener_closed(uv_handle_t *handle)
{
    (void)handle;
}

int http_listen(struct http_server *server, const struct sockaddr *address)
{
    uv_tcp_t *listener = &server->listeners[server->listener_count];
    if (server->listener_count == 0) {
        uv_timer_init(server->loop, &server->timer);
        server->timer.data = server;
    }
    uv_tcp_init(server->loop, listener);
    listener->data = server;
    server->listener_count++;
    int status = uv_tcp_bind(listener, address, address->sa_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0);
    return status < 0 ? status : uv_listen((uv_stream_t *)listener, LISTEN_BACKLOG, on_connection);
}

void http_close(struct http_server *server)
{
    if (server->closed)
        return;
    server->closed = true;
    if (server->listener_count == 0)
        return;
    for (size_t i = 0; i < server->listener_count; i++)
        uv_close((uv_handle_t *)&server->listeners[i], on_listener_closed);
    uv_close((uv_handle_t *)&server->timer, NULL);
    for (struct http_connection *connection = server->connections; connection; connection = connection->next)
        close_connection(connection);
}

/* ---- queries ---- */

static int digit_of(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = digit ? strchr(digits, digit | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* "a%20b+c" up to & into `value`. */
static void decode(const char *at, char *value, size_t room)
{
    size_t len = 0;
    for (; *at && *at != '&' && len + 1 < room; at++) {
        int high = at[0] == '%' ? digit_of(at[1]) : -1;
        int low = high >= 0 ? digit_of(at[2]) : -1;
        char plain = (char)(*at == '+' ? ' ' : *at);
        if (low >= 0) {
            plain = (char)(high << 4 | low);
            at += 2;
        }
        value[len++] = plain;
    }
    value[len] = 0;
}

bool http_query(const struct http_request *request, const char *name, char *value, size_t room)
{
    size_t len = strlen(name);
    const char *at = request->query;
    while (at && *at) {
        if (strncmp(at, name, len) == 0 && at[len] == '=') {
            decode(at + len + 1, value, room);
            return true;
        }
        at = strchr(at, '&');
        at = at ? at + 1 : NULL;
    }
    *value = 0;
    return false;
}
