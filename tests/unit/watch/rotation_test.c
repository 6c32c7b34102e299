/* SPDX-License-Identifier: Apache-2.0 */
/* Files that make room for each other, in a folder of their own. */
#include "proxy/watch/rotation.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/watch/files.h"

static struct files files;

static int begin(void **state)
{
    (void)state;
    return files_begin(&files) ? 0 : -1;
}

static const char *name_of(int number)
{
    static char name[FILES_NAME_ROOM];
    files_name(&files, number, name);
    return name;
}

static int end(void **state)
{
    (void)state;
    return files_end(&files) ? 0 : -1;
}

/* The number stands in the file. */
static void write_next(int number)
{
    int fd = rotation_open(files.path);
    assert_true(fd >= 0);
    assert_int_equal(dprintf(fd, "%d", number), number < 10 ? 1 : 2);
    close(fd);
}

static int read_back(int number)
{
    int value = -1;
    FILE *file = fopen(name_of(number), "r");
    if (!file)
        return -1;
    assert_int_equal(fscanf(file, "%d", &value), 1);
    fclose(file);
    return value;
}

static void test_what_was_there_is_kept_and_the_oldest_goes(void **state)
{
    (void)state;
    for (int number = 0; number < ROTATION_KEPT + 3; number++)
        write_next(number);
    for (int number = 0; number <= ROTATION_KEPT; number++)
        assert_int_equal(read_back(number), ROTATION_KEPT + 2 - number);
    assert_int_equal(read_back(ROTATION_KEPT + 1), -1);
}

static void test_a_gap_is_filled_and_what_is_behind_it_stays(void **state)
{
    (void)state;
    write_next(1);
    write_next(2);
    write_next(3);
    unlink(name_of(1));
    write_next(4);
    assert_int_equal(read_back(0), 4);
    assert_int_equal(read_back(1), 3);
    assert_int_equal(read_back(2), 1);
}

static void test_the_file_is_for_its_owner_only(void **state)
{
    struct stat status;
    (void)state;
    write_next(1);
    assert_int_equal(stat(files.path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_a_device_stays_what_it_is(void **state)
{
    (void)state;
    assert_false(rotation_applies("/dev/null"));
    int fd = rotation_open("/dev/null");
    assert_true(fd >= 0);
    close(fd);
    assert_true(rotation_applies(files.path));
}

static void test_a_folder_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(rotation_open("/nowhere/at/all/file"), -1);
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_was_there_is_kept_and_the_oldest_goes, begin, end),
        cmocka_unit_test_setup_teardown(test_a_gap_is_filled_and_what_is_behind_it_stays, begin, end),
        cmocka_unit_test_setup_teardown(test_the_file_is_for_its_owner_only, begin, end),
        cmocka_unit_test_setup_teardown(test_a_device_stays_what_it_is, begin, end),
        cmocka_unit_test_setup_teardown(test_a_folder_that_is_not_there_is_an_error, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
