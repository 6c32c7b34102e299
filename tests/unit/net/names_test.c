/* SPDX-License-Identifier: Apache-2.0 */
/* Whose DNS is asked for a name of ours; that one is found is seen in tests/docker/test_several.py. */
#include "proxy/net/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void only_dockers_dns_is_asked(void **state)
{
    (void)state;
    assert_true(names_can_be_asked("# by Docker\nnameserver 127.0.0.11\noptions ndots:0\n"));
    assert_false(names_can_be_asked("nameserver 192.0.2.53\nsearch example\n"));
    assert_false(names_can_be_asked("nameserver 127.0.0.1\n"));
    assert_false(names_can_be_asked(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_dockers_dns_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
