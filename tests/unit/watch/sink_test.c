/* SPDX-License-Identifier: Apache-2.0 */
/* The sink on a real pipe: a reader that does not read must never stop the proxy. */
#include "proxy/watch/sink.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char LINE[] = "0123456789012345678901234567890123456789012345678901234567890123456789\n";

static void write_lines(struct sink sink, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        sink.write(sink.context, LINE, sizeof LINE - 1);
}

/* Reads what is there; the pipe is known to hold at least one byte. */
static size_t drain(int fd, char *at, size_t room)
{
    ssize_t len = read(fd, at, room - 1);
    assert_true(len > 0);
    at[len] = 0;
    return (size_t)len;
}

static void test_a_line_is_written_whole(void **state)
{
    int ends[2];
    char text[256];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    struct fd_sink fd_sink = {.fd = ends[1]};
    write_lines(sink_of_fd(&fd_sink), 1);
    assert_int_equal(drain(ends[0], text, sizeof text), sizeof LINE - 1);
    assert_string_equal(text, LINE);
    close(ends[0]);
    close(ends[1]);
}

static void test_lines_nobody_reads_are_counted_and_the_count_is_told_when_he_reads_again(void **state)
{
    static char text[1 << 20];
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    struct fd_sink fd_sink = {.fd = ends[1]};
    struct sink sink = sink_of_fd(&fd_sink);
    while (!fd_sink.stalled) /* as many as the pipe holds */
        write_lines(sink, 1);
    assert_int_equal(fd_sink.lost, 1);
    write_lines(sink, 41);
    assert_int_equal(fd_sink.lost, 42);
    assert_int_equal(drain(ends[0], text, sizeof text) % (sizeof LINE - 1), 0);
    write_lines(sink, 1);
    assert_false(fd_sink.stalled);
    drain(ends[0], text, sizeof text);
    const char told[] = "(lines lost here: 42, nobody read them in time)\n";
    assert_memory_equal(text, told, sizeof told - 1);
    assert_string_equal(text + sizeof told - 1, LINE);
    close(ends[0]);
    close(ends[1]);
}

static void test_a_reader_that_is_gone_costs_nothing(void **state)
{
    int ends[2];
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    struct fd_sink fd_sink = {.fd = ends[1]};
    write_lines(sink_of_fd(&fd_sink), 100);
    assert_false(fd_sink.stalled);
    close(ends[1]);
}

static void test_the_steady_clock_never_goes_back(void **state)
{
    struct clocks clocks = clocks_of_system();
    uint64_t before_us = clocks.steady_us(clocks.context);
    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint64_t now_us = clocks.steady_us(clocks.context);
        assert_true(now_us >= before_us);
        before_us = now_us;
    }
    assert_true(clocks.wall_us(clocks.context) > UINT64_C(1700000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_is_written_whole),
        cmocka_unit_test(test_lines_nobody_reads_are_counted_and_the_count_is_told_when_he_reads_again),
        cmocka_unit_test(test_a_reader_that_is_gone_costs_nothing),
        cmocka_unit_test(test_the_steady_clock_never_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
