/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of recognising other protocols. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proxy/kafka/foreign.h"

struct row {
    const char *claim;
    size_t len;
    const char *first;
    const char *protocol; /* NULL: not foreign */
};

static const struct row rows[] = {
    {"a TLS 1.0 to 1.3 client says hello", 5, "\x16\x03\x01\x02\x00", "TLS"},
    {"a TLS port was spoken to in plaintext", 5, "\x15\x03\x03\x00\x02", "TLS"},
    {"a handshake of SSL 2 is no TLS record", 4, "\x16\x02\x00\x00", NULL},
    {"a browser", 16, "GET / HTTP/1.1\r\n", "HTTP"},
    {"a health check by HEAD", 4, "HEAD", "HTTP"},
    {"a web hook", 4, "POST", "HTTP"},
    {"PUT", 4, "PUT ", "HTTP"},
    {"DELETE", 6, "DELETE", "HTTP"},
    {"PATCH", 5, "PATCH", "HTTP"},
    {"OPTIONS", 7, "OPTIONS", "HTTP"},
    {"TRACE", 5, "TRACE", "HTTP"},
    {"a client that takes kbridge for an HTTP proxy", 7, "CONNECT", "HTTP"},
    {"a web server answers", 8, "HTTP/1.1", "HTTP"},
    {"HTTP/2 with prior knowledge", 14, "PRI * HTTP/2.0", "HTTP/2"},
    {"SSH", 8, "SSH-2.0-", "SSH"},
    {"a balancer with PROXY v1", 10, "PROXY TCP4", "the PROXY protocol"},
    {"a balancer with PROXY v2", 12, "\r\n\r\n\0\r\nQUIT\n", "the PROXY protocol"},
    {"a word of three letters and no blank", 4, "GETX", NULL},
    {"lower case is no method", 4, "get ", NULL},
    {"a Kafka frame of 100 bytes", 8, "\0\0\0\x64\0\x03\0\x0c", NULL},
    {"a Kafka frame of 100 MiB", 4, "\x06\x40\0\0", NULL},
    {"zeros", 4, "\0\0\0\0", NULL},
};

static void test_other_protocols_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes first = {(const uint8_t *)rows[i].first, rows[i].len};
        const char *protocol = foreign_protocol(first);
        if (!protocol != !rows[i].protocol || (protocol && strcmp(protocol, rows[i].protocol) != 0))
            fail_msg("%s: %s, but should be %s", rows[i].claim, protocol ? protocol : "none",
                     rows[i].protocol ? rows[i].protocol : "none");
    }
}

/* On the heap, so that a byte read too many is found. */
static void test_fewer_than_four_bytes_are_never_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t len = 0; len < 4; len++) {
            uint8_t *copy = malloc(len ? len : 1);
            memcpy(copy, rows[i].first, len);
            assert_null(foreign_protocol((struct bytes){copy, len}));
            free(copy);
        }
    }
}

static void test_each_protocol_has_a_remedy(void **state)
{
    static const struct {
        const char *first, *remedy;
    } told[] = {
        {"\x16\x03\x01\x02", "set the client's security.protocol to PLAINTEXT (or SASL_PLAINTEXT)"},
        {"PROXY TCP4", "turn that off in the balancer that connects to this port"},
        {"\r\n\r\n", "turn that off in the balancer that connects to this port"},
        {"GET /", "only Kafka clients can use this port"},
        {"SSH-2.0", "only Kafka clients can use this port"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        assert_string_equal(foreign_remedy(bytes_of(told[i].first)), told[i].remedy);
}

static void test_four_bytes_are_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *copy = malloc(4);
        memcpy(copy, rows[i].first, 4);
        assert_int_equal(foreign_protocol((struct bytes){copy, 4}) != NULL, rows[i].protocol != NULL);
        free(copy);
    }
}

struct token_row {
    const char *claim;
    uint32_t length;
    const char *head; /* behind the length: as much of it as there is, at most 10 bytes */
    size_t len;
    bool fits;
};

static const struct token_row token_rows[] = {
    {"Metadata v1 of a client without an id", 14, "\0\3\0\1\0\0\0\7\xff\xff", 10, true},
    {"its client id just ends with the frame", 13, "\0\3\0\1\0\0\0\7\0\3", 10, true},
    {"its client id ends behind the frame", 12, "\0\3\0\1\0\0\0\7\0\3", 10, false},
    {"a client id of -2 bytes", 14, "\0\3\0\1\0\0\0\7\xff\xfe", 10, false},
    {"a version that nobody knows", 14, "\0\3\0\x7f\0\0\0\7\xff\xff", 10, false},
    {"PLAIN", 16, "\0user\0pass", 10, false},
    {"SCRAM", 30, "n,,n=user,", 10, false},
    {"a frame too short for a header", 9, "\0\3\0\1\0\0\0\7\xff", 9, false},
};

static void test_a_bare_token_is_told_from_a_request(void **state)
{
    enum { LENGTH_SIZE = 4, HEAD_SIZE = 14 };
    (void)state;
    for (size_t i = 0; i < sizeof token_rows / sizeof *token_rows; i++) {
        const struct token_row *row = &token_rows[i];
        uint8_t head[HEAD_SIZE] = {0, 0, 0, (uint8_t)row->length};
        memcpy(head + LENGTH_SIZE, row->head, row->len);
        if (foreign_fits_header((struct bytes){head, LENGTH_SIZE + row->len}, row->length) != row->fits)
            fail_msg("%s: it should %s", row->claim, row->fits ? "fit" : "not fit");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_protocols_are_named),
        cmocka_unit_test(test_fewer_than_four_bytes_are_never_recognised),
        cmocka_unit_test(test_a_bare_token_is_told_from_a_request),
        cmocka_unit_test(test_each_protocol_has_a_remedy),
        cmocka_unit_test(test_four_bytes_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
