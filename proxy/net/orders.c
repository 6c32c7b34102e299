/* SPDX-License-Identifier: Apache-2.0 */
/* Each order of a conversation; see orders.h, and call.h for what is noted. */
#include "proxy/net/orders.h"

#include <stdlib.h>
#include <sys/ioctl.h>

#include "proxy/net/connection.h"
#include "proxy/net/dial.h"
#include "proxy/net/worker.h"

/* NULL: there is no such end (any more), and the order has nothing to be done. */
static struct end *end_of(const struct connection *connection, end_id id)
{
    if (id == CLIENT)
        return connection->client;
    return id < connection->link_room ? connection->links[id] : NULL;
}

static bool make_room(struct connection *connection, end_id link)
{
    uint16_t room = (uint16_t)(link + 1);
    if (room <= connection->link_room)
        return true;
    struct end **links = realloc(connection->links, room * sizeof(void *));
    if (!links)
        return false;
    connection->links = links;
    while (connection->link_room < room)
        links[connection->link_room++] = NULL;
    return true;
}

static void order_drop(void *net, end_id link)
{
    struct connection *connection = net;
    struct end *end = end_of(connection, link);
    if (!end)
        return;
    connection->links[link] = NULL;
    connection->unsettled = true;
    end_close(end);
}

static void order_dial(void *net, end_id link, const struct address *address)
{
    struct connection *connection = net;
    order_drop(connection, link);
    struct end *end = make_room(connection, link) ? end_new(connection, link) : NULL;
    if (end)
        connection->links[link] = end;
    if (end && dial_start(end, address))
        return;
    connection->starved = true;
    connection->unsettled = true;
}

static void order_pass(void *net, end_id to, struct bytes part)
{
    struct connection *connection = net;
    struct end *end = end_of(connection, to);
    if (end)
        outbox_pass(&connection->worker->outbox, end, part);
}

static void order_write(void *net, end_id to, struct bytes bytes)
{
    struct connection *connection = net;
    struct end *end = end_of(connection, to);
    if (end)
        outbox_write(&connection->worker->outbox, end, bytes);
}

static void order_read(void *net, end_id from, bool on)
{
    struct connection *connection = net;
    struct end *end = end_of(connection, from);
    if (!end)
        return;
    end->wanted = on;
    end->again = on;
    connection->unsettled = true;
}

static bool has_input(void *net, end_id link)
{
    struct end *end = end_of(net, link);
    uv_os_fd_t fd;
    int waiting = 0;
    if (!end || end->rest)
        return end != NULL;
    return uv_fileno((uv_handle_t *)&end->tcp, &fd) == 0 && ioctl(fd, FIONREAD, &waiting) == 0 && waiting > 0;
}

static void order_shut(void *net, end_id to)
{
    struct connection *connection = net;
    struct end *end = end_of(connection, to);
    if (!end)
        return;
    outbox_flush(&connection->worker->outbox);
    end_shut(end);
}

static void order_close(void *net)
{
    struct connection *connection = net;
    connection->over = true;
    connection->unsettled = true;
}

const struct orders connection_orders = {
    .dial = order_dial,
    .pass = order_pass,
    .write = order_write,
    .read = order_read,
    .has_input = has_input,
    .shut = order_shut,
    .drop = order_drop,
    .close = order_close,
};
