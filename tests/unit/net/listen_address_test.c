/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a --listen means. */
#include "proxy/net/listen_address.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void each_spelling_means_its_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *host, *first, *second;
    } rows[] = {
        {"localhost", "127.0.0.1", "::1"}, {"*", "0.0.0.0", "::"},
        {"0.0.0.0", "0.0.0.0", NULL},      {"::", "::", NULL},
        {"127.0.0.7", "127.0.0.7", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address listen = {.port = 29092};
        union sockaddr_ip found[LISTEN_ADDRESSES_MAX];
        struct sentence why = {0};
        char text[IP_TEXT_ROOM];
        strcpy(listen.host, rows[i].host);
        assert_int_equal(listen_address_find(&listen, found, &why), rows[i].second ? 2 : 1);
        sockaddr_text(&found[0].any, text);
        assert_string_equal(text, rows[i].first);
        assert_int_equal(sockaddr_port(&found[0].any), 29092);
        if (rows[i].second) {
            sockaddr_text(&found[1].any, text);
            assert_string_equal(text, rows[i].second);
            assert_int_equal(sockaddr_port(&found[1].any), 29092);
        }
    }
}

static void port_zero_becomes_one_free_port_for_all_addresses(void **state)
{
    (void)state;
    const struct address listen = {.host = "localhost"};
    union sockaddr_ip found[LISTEN_ADDRESSES_MAX];
    struct sentence why = {0};
    assert_int_equal(listen_address_find(&listen, found, &why), 2);
    assert_true(sockaddr_port(&found[0].any) > 0);
    assert_int_equal(sockaddr_port(&found[0].any), sockaddr_port(&found[1].any));
}

static void a_name_that_does_not_resolve_has_none_and_says_why(void **state)
{
    (void)state;
    const struct address listen = {.host = "nowhere.invalid", .port = 1};
    union sockaddr_ip found[LISTEN_ADDRESSES_MAX];
    struct sentence why = {0};
    assert_int_equal(listen_address_find(&listen, found, &why), 0);
    assert_non_null(strstr(why.text, "the name does not resolve ("));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_spelling_means_its_addresses),
        cmocka_unit_test(port_zero_becomes_one_free_port_for_all_addresses),
        cmocka_unit_test(a_name_that_does_not_resolve_has_none_and_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
