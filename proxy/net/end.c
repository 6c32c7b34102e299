/* SPDX-License-Identifier: Apache-2.0 */
/* Reading from, sending to and closing one socket; see end.h. */
#include "proxy/net/end.h"

#include <stdlib.h>

#include "proxy/net/call.h"
#include "proxy/net/dial.h"
#include "proxy/net/worker.h"

enum { KEEPALIVE_S = 60 };

/* Bytes that the socket did not take at once. */
struct tail {
    uv_write_t write;
    struct end *end;
    size_t len;
    uint8_t bytes[];
};

static struct worker *worker_of(const struct end *end)
{
    return end->connection->worker;
}

static uv_stream_t *stream_of(struct end *end)
{
    return (uv_stream_t *)&end->tcp;
}

struct end *end_new(struct connection *connection, end_id id)
{
    struct end *end = calloc(1, sizeof *end);
    if (!end)
        return NULL;
    end->connection = connection;
    end->id = id;
    uv_tcp_init(&connection->worker->loop, &end->tcp);
    end->tcp.data = end;
    connection->handle_count++;
    connection->worker->totals->socket_count++;
    return end;
}

void end_open(struct end *end)
{
    end->state = END_OPEN;
    end->wanted = true;
    uv_tcp_nodelay(&end->tcp, 1);
    uv_tcp_keepalive(&end->tcp, 1, KEEPALIVE_S);
}

/* A link that cannot be sent to may still have answers to be read: its error is told when those have been. */
static void fail(struct end *end, int error)
{
    if (!end->error)
        end->error = error;
    if (end->id != CLIENT && error != UV_ENOMEM)
        return;
    end->state = END_BROKEN;
    end_read(end, false);
    end->connection->unsettled = true;
}

static void on_sent(uv_write_t *write, int status)
{
    struct tail *tail = write->data;
    struct end *end = tail->end;
    end->queued -= (uint32_t)tail->len;
    worker_of(end)->totals->held_bytes -= tail->len;
    free(tail);
    if (end->state == END_CLOSING)
        return;
    if (status < 0)
        fail(end, status);
    if (end->queued == 0)
        call_drained(end);
}

/* Copies what follows the first `skip` bytes of the parts. */
static void copy_behind(uint8_t *to, const uv_buf_t *parts, unsigned count, size_t skip)
{
    for (unsigned i = 0; i < count; i++) {
        size_t gone = skip < parts[i].len ? skip : parts[i].len;
        memcpy(to, parts[i].base + gone, parts[i].len - gone);
        to += parts[i].len - gone;
        skip -= gone;
    }
}

static void queue_tail(struct end *end, const uv_buf_t *parts, unsigned count, size_t skip, size_t len)
{
    struct tail *tail = malloc(sizeof *tail + len);
    if (!tail) {
        fail(end, UV_ENOMEM);
        return;
    }
    tail->write.data = tail;
    tail->end = end;
    tail->len = len;
    copy_behind(tail->bytes, parts, count, skip);
    uv_buf_t bytes = uv_buf_init((char *)tail->bytes, (unsigned)len);
    int status = uv_write(&tail->write, stream_of(end), &bytes, 1, on_sent);
    if (status < 0) {
        free(tail);
        fail(end, status);
        return;
    }
    end->queued += (uint32_t)len;
    worker_of(end)->totals->held_bytes += len;
    end->connection->unsettled = true;
}

void end_send(struct end *end, const uv_buf_t *parts, unsigned count, size_t total)
{
    if (end->state != END_OPEN || end->error)
        return;
    for (unsigned i = 0; i < count && end == end->connection->client; i++)
        connection_heard(end->connection, RESPONSE, (struct bytes){(uint8_t *)parts[i].base, parts[i].len});
    int sent = end->queued ? UV_EAGAIN : uv_try_write(stream_of(end), parts, count);
    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent < 0)
        fail(end, sent);
    else if ((size_t)sent < total)
        queue_tail(end, parts, count, (size_t)sent, total - (size_t)sent);
}

static void on_shut(uv_shutdown_t *shutdown, int status)
{
    struct end *end = shutdown->handle->data;
    free(shutdown);
    if (end->state == END_CLOSING)
        return;
    end->shut = SHUT_DONE;
    if (status < 0)
        fail(end, status);
    connection_shut(end);
}

void end_shut(struct end *end)
{
    if (end->state != END_OPEN || end->shut != SHUT_NOT || end->error)
        return;
    uv_shutdown_t *shutdown = malloc(sizeof *shutdown);
    int status = shutdown ? uv_shutdown(shutdown, stream_of(end), on_shut) : UV_ENOMEM;
    if (status < 0) {
        free(shutdown);
        fail(end, status);
        return;
    }
    end->shut = SHUT_ORDERED;
}

/* All that is read may have to be held. */
static size_t room_for_read(const struct worker *worker)
{
    uint64_t held = worker->totals->held_bytes, most = worker->settings->held_bytes_max;
    uint64_t left = held + READ_SMALL < most ? most - held : READ_SMALL;
    return left < worker->read_buffer.room ? (size_t)left : worker->read_buffer.room;
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct worker *worker = worker_of_loop(handle->loop);
    *buf = uv_buf_init((char *)worker->read_buffer.at, (unsigned)room_for_read(worker));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct end *end = stream->data;
    if (len > 0)
        call_received(end, (struct span){(uint8_t *)buf->base, (size_t)len});
    if (len >= 0)
        return;
    end_read(end, false);
    if (len == UV_EOF)
        end->at_eof = true;
    else if (!end->error)
        end->error = (int32_t)len;
    call_ended(end);
}

void end_read(struct end *end, bool on)
{
    if (on == end->reading)
        return;
    end->reading = on;
    if (!on)
        uv_read_stop(stream_of(end));
    else
        uv_read_start(stream_of(end), on_room, on_read);
}

bool end_keep_rest(struct end *end, struct bytes rest)
{
    if (rest.len == end->rest_len)
        return true; /* nothing of it was used */
    uint8_t *kept = rest.len ? malloc(rest.len) : NULL;
    if (rest.len && !kept)
        return false;
    if (kept)
        memcpy(kept, rest.at, rest.len);
    worker_of(end)->totals->held_bytes += rest.len;
    worker_of(end)->totals->held_bytes -= end->rest_len;
    free(end->rest);
    end->rest = kept;
    end->rest_len = (uint32_t)rest.len;
    return true;
}

static void on_closed(uv_handle_t *handle)
{
    struct end *end = handle->data;
    if (end->state == END_DIALLING) {
        uv_tcp_init(handle->loop, &end->tcp);
        end->tcp.data = end;
        dial_go_on(end->dial);
        return;
    }
    worker_of(end)->totals->socket_count--;
    dial_free(end->dial);
    connection_released(end);
    free(end);
}

void end_reset(struct end *end)
{
    if (!uv_is_closing((uv_handle_t *)&end->tcp))
        uv_close((uv_handle_t *)&end->tcp, on_closed);
}

void end_close(struct end *end)
{
    if (end->state == END_CLOSING)
        return;
    end->state = END_CLOSING;
    end->reading = false;
    end_keep_rest(end, (struct bytes){0});
    end_reset(end);
}
