/* SPDX-License-Identifier: Apache-2.0 */
/* Variables KBRIDGE_…, and those that look like it. */
#include "tests/unit/config/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_variables(void **state)
{
    static const struct {
        const char *claim, *variable, *name, *expected;
    } rows[] = {
        {"a name with a dot and an underscore", "KBRIDGE_LIMITS_IN_FLIGHT=7", "limits.in_flight", "7"},
        {"a list", "KBRIDGE_UPSTREAM=a,b:1", "upstream", "a:9092,b:1"},
        {"an empty one is not there", "KBRIDGE_LOG=", "log", "info"},
        {"other programs' variables", "LOG=debug", "log", "info"},
        {"a prefix alone", "KBRIDGE=x", "log", "info"},
        {"an entry without a sign", "KBRIDGE_LOG", "log", "info"},
        {"of a Kubernetes service", "KBRIDGE_PORT=tcp://10.0.0.1:29092", "log", "info"},
        {"of its host", "KBRIDGE_SERVICE_HOST=10.0.0.1", "log", "info"},
        {"of its port's name", "KBRIDGE_SERVICE_PORT_KAFKA=29092", "log", "info"},
        {"of its port's parts", "KBRIDGE_PORT_29092_TCP_ADDR=10.0.0.1", "log", "info"},
        {"of a service kbridge-log", "KBRIDGE_LOG_SERVICE_HOST=10.0.0.1", "log", "info"},
        {"a wrong value", "KBRIDGE_LOG=loud", "log",
         "variable KBRIDGE_LOG: \"loud\" is not known; expected error|warn|info|debug."},
        {"a slip", "KBRIDGE_LIMIT_FRAME=1", "log",
         "variable \"KBRIDGE_LIMIT_FRAME\" is not known; did you mean KBRIDGE_LIMITS_FRAME?"},
        {"small letters", "KBRIDGE_log=info", "log",
         "variable \"KBRIDGE_log\" is not known; did you mean KBRIDGE_LOG?"},
        {"the CI service's empty variable", "BITBUCKET_DOCKER_HOST_INTERNAL=", "advertise.gateway", ""},
        {"the CI service's variable", "BITBUCKET_DOCKER_HOST_INTERNAL=10.1.2.3", "advertise.gateway",
         "10.1.2.3"},
        {"the CI service's variable is wrong", "BITBUCKET_DOCKER_HOST_INTERNAL=a b", "log",
         "variable BITBUCKET_DOCKER_HOST_INTERNAL: advertise.gateway: \"a b\" has a character that no host "
         "name has; "
         "expected HOST:PORT, for example kafka.example:29092."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sources sources = {{NULL}, {rows[i].variable}};
        outcome_expect(rows[i].claim, outcome_of(&sources, rows[i].name), rows[i].expected);
    }
}

static void test_a_variable_for_somebody_else_only_makes_a_doubt(void **state)
{
    struct settings settings = {0};
    struct problem problem;
    char *environment[] = {"KBRIDGE_IMAGE=kbridge:1", NULL};
    (void)state;
    assert_true(environment_read(&settings, environment, &problem));
    assert_string_equal(settings.doubt.text, "variable \"KBRIDGE_IMAGE\" is no setting; it is passed over.");
    settings_free(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_a_variable_for_somebody_else_only_makes_a_doubt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
