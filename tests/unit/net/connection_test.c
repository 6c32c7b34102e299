/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes through a connection: they arrive as sent, are bounded while they wait, and end as they should. */
#include "tests/unit/net/relay.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a stream in each direction ---- */

static bool move_both(struct rig *rig, struct flow *up, struct flow *down)
{
    uint64_t before = up->received + down->received;
    rig_flow(up);
    rig_flow(down);
    uv_run(&rig->worker.loop, UV_RUN_NOWAIT);
    return up->received + down->received > before;
}

static void stream(struct script script, uint64_t total, size_t piece)
{
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig.script = script;
    rig_start(&rig);
    rig.script.sip = 0;
    rig_pair(&rig, &client, &broker);
    rig.script.sip = script.sip;
    struct flow up = {.from = client, .to = broker, .total = total, .piece = piece};
    struct flow down = {.from = broker, .to = client, .total = total, .piece = piece};
    while (up.received < total || down.received < total) {
        bool moved = move_both(&rig, &up, &down);
        if (!moved)
            rig_wait(&rig, move_both(&rig, &up, &down));
    }
    assert_int_equal(rig.totals.held_bytes, 0);
    close(client);
    close(broker);
    rig_close(&rig);
}

static void fifty_mebibytes_arrive_as_sent_in_both_directions(void **state)
{
    (void)state;
    stream((struct script){0}, 50 << 20, 300 << 10);
}

static void small_pieces_arrive_as_sent(void **state)
{
    (void)state;
    stream((struct script){0}, 1 << 20, 700);
}

static void many_small_pieces_of_different_owners_keep_their_order(void **state)
{
    (void)state;
    stream((struct script){.shred = 3000}, 20 << 20, 300 << 10);
}

static void pieces_larger_than_the_arena_keep_their_order(void **state)
{
    (void)state;
    stream((struct script){.shred = 200 << 10}, 20 << 20, 300 << 10);
}

static void what_is_left_unused_is_given_again(void **state)
{
    (void)state;
    stream((struct script){.sip = 200 << 10}, 3 << 20, 300 << 10);
}

/* ---- bounds ---- */

/* Turns without a move, each of a millisecond: on a busy machine the kernel takes its time to bring bytes even here. */
enum { FULL_TURNS = 100 };

/* Lets the broker send until nothing moves any more. */
static void send_until_full(struct rig *rig, struct flow *flow)
{
    uint64_t before;
    int idle = 0;
    while (idle < FULL_TURNS && flow->sent < flow->total) {
        before = flow->sent;
        rig_flow(flow);
        rig_turn(rig);
        idle = flow->sent == before ? idle + 1 : 0;
    }
    assert_true(flow->sent < flow->total);
}

static void a_stalled_reader_costs_at_most_one_read(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    struct flow down = {.from = broker, .to = -1, .total = 1 << 30, .piece = 1 << 20};
    send_until_full(&rig, &down);
    assert_in_range(rig.totals.held_bytes, 1, READ_MOST);
    down.to = client;
    down.total = down.sent;
    rig_wait(&rig, (rig_flow(&down), down.received == down.total));
    assert_int_equal(rig.totals.held_bytes, 0);
    close(client);
    close(broker);
    rig_close(&rig);
}

static void above_the_common_bound_a_stalled_reader_costs_a_small_read(void **state)
{
    (void)state;
    enum { CLIENTS = 6 };
    struct rig rig;
    int client[CLIENTS], broker[CLIENTS];
    rig_open(&rig);
    rig.settings.held_bytes_max = 1;
    rig_start(&rig);
    for (int i = 0; i < CLIENTS; i++) {
        rig_pair(&rig, &client[i], &broker[i]);
        struct flow down = {.from = broker[i], .to = -1, .total = 1 << 30, .piece = 1 << 20};
        send_until_full(&rig, &down);
    }
    assert_in_range(rig.totals.held_bytes, CLIENTS, CLIENTS * READ_SMALL);
    for (int i = 0; i < CLIENTS; i++) {
        close(client[i]);
        close(broker[i]);
    }
    rig_close(&rig);
}

static void an_idle_connection_owns_no_buffer_and_wakes_nobody(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig.settings.dial_timeout_ms = 100;
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    rig_wait(&rig, !uv_is_active((uv_handle_t *)&rig.worker.timer));
    struct connection *connection = rig.worker.connections;
    assert_int_equal(rig.totals.held_bytes, 0);
    assert_null(connection->client->rest);
    assert_null(connection->links[0]->rest);
    assert_null(connection->links[0]->dial);
    assert_int_equal(rig.worker.wake_ms, UINT64_MAX);
    assert_true(sizeof *connection + 2 * sizeof(struct end) <= 768);
    close(client);
    close(broker);
    rig_close(&rig);
}

/* ---- ends ---- */

static void the_client_may_close_its_half_and_still_read(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    rig_send(&rig, client, "last words");
    shutdown(client, SHUT_WR);
    rig_expect(&rig, broker, "last words");
    rig_expect_eof(&rig, broker);
    rig_send(&rig, broker, "answer");
    rig_expect(&rig, client, "answer");
    close(broker);
    rig_expect_eof(&rig, client);
    rig_wait(&rig, rig.gone == 1);
    assert_int_equal(rig.script.reason, REASON_CLIENT_CLOSED);
    close(client);
    rig_close(&rig);
}

static void the_broker_may_close_its_half_and_still_read(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    rig_send(&rig, broker, "last words");
    shutdown(broker, SHUT_WR);
    rig_expect(&rig, client, "last words");
    rig_expect_eof(&rig, client);
    rig_send(&rig, client, "still here");
    rig_expect(&rig, broker, "still here");
    close(client);
    rig_expect_eof(&rig, broker);
    rig_wait(&rig, rig.gone == 1);
    close(broker);
    rig_close(&rig);
}

static void half_close_waits_for_what_is_queued(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    uint8_t byte;
    rig_open(&rig);
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    struct flow down = {.from = broker, .to = -1, .total = 1 << 30, .piece = 1 << 20};
    send_until_full(&rig, &down);
    shutdown(broker, SHUT_WR);
    rig_turn(&rig);
    down.to = client;
    down.total = down.sent;
    rig_wait(&rig, (rig_flow(&down), down.received == down.total));
    rig_expect_eof(&rig, client);
    assert_int_equal(rig_read(client, &byte, 1), 0);
    close(client);
    close(broker);
    rig_close(&rig);
}

static void reset(int fd)
{
    struct linger at_once = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

static void what_the_broker_sent_before_it_broke_is_delivered(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    rig_send(&rig, broker, "answer");
    rig_expect(&rig, client, "answer");
    reset(broker);
    rig_expect_eof(&rig, client);
    close(client);
    rig_wait(&rig, rig.gone == 1);
    assert_int_equal(rig.script.reason, REASON_BROKER_LOST);
    assert_string_equal(rig.script.sentence, "connection reset by peer");
    rig_close(&rig);
}

static void a_client_that_breaks_takes_its_link_with_it(void **state)
{
    (void)state;
    struct rig rig;
    int client, broker;
    rig_open(&rig);
    rig_start(&rig);
    rig_pair(&rig, &client, &broker);
    reset(client);
    rig_expect_eof(&rig, broker);
    rig_wait(&rig, rig.gone == 1);
    assert_int_equal(rig.script.reason, REASON_CLIENT_LOST);
    close(broker);
    rig_close(&rig);
}

static void the_last_answer_arrives_though_the_client_goes_on_sending(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig.script.farewell = "no";
    rig_start(&rig);
    int client = rig_connect(&rig);
    struct flow up = {.from = client, .to = -1, .total = 1 << 20, .piece = 64 << 10};
    for (int i = 0; i < 10; i++) {
        rig_flow(&up);
        rig_turn(&rig);
    }
    rig_expect(&rig, client, "no");
    rig_expect_eof(&rig, client);
    close(client);
    rig_wait(&rig, rig.gone == 1);
    assert_int_equal(rig.script.reason, REASON_LIMIT);
    rig_close(&rig);
}

static void a_client_that_does_not_close_is_closed_soon(void **state)
{
    (void)state;
    struct rig rig;
    rig_open(&rig);
    rig.script.farewell = "no";
    rig_start(&rig);
    int client = rig_connect(&rig);
    rig_send(&rig, client, "?");
    rig_expect(&rig, client, "no");
    rig_wait(&rig, rig.gone == 1);
    close(client);
    rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifty_mebibytes_arrive_as_sent_in_both_directions),
        cmocka_unit_test(small_pieces_arrive_as_sent),
        cmocka_unit_test(many_small_pieces_of_different_owners_keep_their_order),
        cmocka_unit_test(pieces_larger_than_the_arena_keep_their_order),
        cmocka_unit_test(what_is_left_unused_is_given_again),
        cmocka_unit_test(a_stalled_reader_costs_at_most_one_read),
        cmocka_unit_test(above_the_common_bound_a_stalled_reader_costs_a_small_read),
        cmocka_unit_test(an_idle_connection_owns_no_buffer_and_wakes_nobody),
        cmocka_unit_test(the_client_may_close_its_half_and_still_read),
        cmocka_unit_test(the_broker_may_close_its_half_and_still_read),
        cmocka_unit_test(half_close_waits_for_what_is_queued),
        cmocka_unit_test(what_the_broker_sent_before_it_broke_is_delivered),
        cmocka_unit_test(a_client_that_breaks_takes_its_link_with_it),
        cmocka_unit_test(the_last_answer_arrives_though_the_client_goes_on_sending),
        cmocka_unit_test(a_client_that_does_not_close_is_closed_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
