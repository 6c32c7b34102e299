/* SPDX-License-Identifier: Apache-2.0 */
/* The settings files that come with kbridge can be loaded. (Files that cannot be read: settings_test.c.) */
#include "tests/unit/config/outcome.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void expect_loaded(const char *path)
{
    struct settings settings = {0};
    struct problem problem;
    if (!file_read(&settings, path, &problem))
        fail_msg("%s", problem.text);
    settings_free(&settings);
}

static void test_the_reference_is_loaded(void **state)
{
    (void)state;
    expect_loaded("config/reference.yaml");
}

static void test_every_example_is_loaded(void **state)
{
    glob_t found;
    (void)state;
    assert_int_equal(glob("config/examples/*.yaml", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        expect_loaded(found.gl_pathv[i]);
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_reference_is_loaded),
        cmocka_unit_test(test_every_example_is_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
