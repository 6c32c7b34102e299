/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in, bytes out of a pipe, whose reader may stand still. */
#include "proxy/watch/writer.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char lost_format[] = "(lost %llu)\n";

/* Until the end of the file, or until `len` bytes are there. */
static size_t read_all(int fd, char *text, size_t len)
{
    size_t got = 0;
    ssize_t piece;
    while (got < len && (piece = read(fd, text + got, len - got)) > 0)
        got += (size_t)piece;
    return got;
}

static void test_what_was_put_is_written_by_the_time_it_is_closed(void **state)
{
    struct writer writer;
    char text[32] = "";
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    writer_init(&writer, ends[1], lost_format);
    assert_true(writer_put(&writer, "one\n", 4));
    assert_true(writer_put(&writer, "two\n", 4));
    writer_close(&writer);
    close(ends[1]);
    assert_int_equal(read_all(ends[0], text, sizeof text - 1), 8);
    assert_string_equal(text, "one\ntwo\n");
    close(ends[0]);
}

static void test_a_writer_that_was_never_used_owns_nothing(void **state)
{
    struct writer writer;
    (void)state;
    writer_init(&writer, -1, NULL);
    assert_null(writer.ring);
    writer_close(&writer);
}

/* So that the writer's thread, whenever it comes to write, stands still at once. Returns how many bytes it takes. */
static size_t fill(int fd)
{
    static const char rest[4096];
    size_t filled = 0;
    ssize_t some;
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    while ((some = write(fd, rest, sizeof rest)) > 0)
        filled += (size_t)some;
    assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
    return filled;
}

/* The put never waits, whoever reads; what does not fit is counted, and told where it is missing. */
static void test_a_reader_that_stands_still_loses_lines_and_is_told_how_many(void **state)
{
    enum { LINE = 1000, END = 4 };
    struct writer writer;
    static char line[LINE], text[2 * WRITER_ROOM];
    unsigned long long lost = 0, told = 0;
    int ends[2];
    (void)state;
    memset(line, 'a', LINE - 1);
    line[LINE - 1] = '\n';
    assert_int_equal(pipe(ends), 0);
    size_t filled = fill(ends[1]);
    writer_init(&writer, ends[1], lost_format);
    for (int i = 0; i < 3 * WRITER_ROOM / LINE; i++)
        lost += !writer_put(&writer, line, LINE);
    assert_true(lost > 0);
    assert_int_equal(read_all(ends[0], text, filled), filled);
    size_t got = 0;
    bool put = false;
    while (!put || memcmp(text + got - END, "end\n", END) != 0) {
        ssize_t piece = read(ends[0], text + got, LINE); /* it reads again: there will be room */
        assert_true(piece > 0);
        got += (size_t)piece;
        if (put)
            continue;
        put = writer_put(&writer, "end\n", END);
        lost += !put;
    }
    writer_close(&writer);
    close(ends[1]);
    text[got] = 0;
    const char *where = strstr(text, "(lost ");
    assert_non_null(where);
    assert_int_equal(sscanf(where, "(lost %llu)\nend\n", &told), 1);
    assert_int_equal(told, lost);
    close(ends[0]);
}

static int error_of(struct writer *writer)
{
    pthread_mutex_lock(&writer->one);
    int error = writer->error;
    pthread_mutex_unlock(&writer->one);
    return error;
}

static void test_a_file_that_takes_no_more_ends_the_writing_and_the_error_is_kept(void **state)
{
    struct writer writer;
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    if (!full)
        skip();
    writer_init(&writer, fileno(full), lost_format);
    while (!error_of(&writer)) /* until the thread has met it, which may be long after the queue is full */
        writer_put(&writer, "a", 1);
    assert_int_equal(error_of(&writer), 28 /* ENOSPC */);
    assert_false(writer_put(&writer, "a", 1));
    writer_close(&writer);
    fclose(full);
}

struct cut {
    int fd;
    int closed;
};

static int give_next(void *context, int fd)
{
    struct cut *cut = context;
    cut->closed = fd;
    close(fd);
    return cut->fd;
}

static void test_what_is_put_behind_a_cut_goes_to_the_next_file(void **state)
{
    struct writer writer;
    char text[16] = "";
    int first[2], second[2];
    (void)state;
    assert_int_equal(pipe(first), 0);
    assert_int_equal(pipe(second), 0);
    struct cut cut = {.fd = second[1]};
    writer_init(&writer, first[1], NULL);
    writer.next = give_next;
    writer.next_context = &cut;
    assert_true(writer_put(&writer, "one", 3));
    assert_true(writer_cut(&writer, (struct bytes){(const uint8_t *)"head", 4}));
    assert_true(writer_put(&writer, "two", 3));
    writer_close(&writer);
    assert_int_equal(cut.closed, first[1]);
    assert_int_equal(read_all(first[0], text, sizeof text), 3);
    assert_memory_equal(text, "one", 3);
    close(second[1]);
    assert_int_equal(read_all(second[0], text, sizeof text), 7);
    assert_memory_equal(text, "headtwo", 7);
    close(first[0]);
    close(second[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_put_is_written_by_the_time_it_is_closed),
        cmocka_unit_test(test_a_writer_that_was_never_used_owns_nothing),
        cmocka_unit_test(test_a_reader_that_stands_still_loses_lines_and_is_told_how_many),
        cmocka_unit_test(test_what_is_put_behind_a_cut_goes_to_the_next_file),
        cmocka_unit_test(test_a_file_that_takes_no_more_ends_the_writing_and_the_error_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
