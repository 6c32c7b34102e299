/* SPDX-License-Identifier: Apache-2.0 */
/* The first four bytes of the protocols that are met on a Kafka port by mistake; see foreign.h. */
#include "proxy/kafka/foreign.h"

#include "proxy/kafka/tables.h"
#include "proxy/kafka/wire.h"

enum { FIRST_SIZE = 4 };

struct opening {
    uint8_t len;
    char bytes[FIRST_SIZE + 1];
    const char *protocol;
};

static const struct {
    const char *protocol, *remedy;
} remedies[] = {
    {"TLS", "set the client's security.protocol to PLAINTEXT (or SASL_PLAINTEXT)"},
    {"the PROXY protocol", "turn that off in the balancer that connects to this port"},
};

static const struct opening openings[] = {
    {2, "\x16\x03", "TLS"}, /* handshake record: a client says hello (RFC 8446, 5.1) */
    {2, "\x15\x03", "TLS"}, /* alert record: a TLS port was spoken to in plaintext */
    {4, "PRI ", "HTTP/2"},  /* RFC 9113, 3.4 */
    {4, "HTTP", "HTTP"},    /* what a server answers */
    {4, "GET ", "HTTP"},    /* the methods of RFC 9110, and PATCH (RFC 5789) */
    {4, "HEAD", "HTTP"},
    {4, "POST", "HTTP"},
    {4, "PUT ", "HTTP"},
    {4, "DELE", "HTTP"},
    {4, "CONN", "HTTP"},
    {4, "OPTI", "HTTP"},
    {4, "TRAC", "HTTP"},
    {4, "PATC", "HTTP"},
    {4, "SSH-", "SSH"},                            /* RFC 4253, 4.2 */
    {4, "PROX", "the PROXY protocol"},             /* version 1, as text */
    {4, "\x0d\x0a\x0d\x0a", "the PROXY protocol"}, /* version 2 */
};

const char *foreign_protocol(struct bytes first)
{
    if (first.len < FIRST_SIZE)
        return NULL;
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (memcmp(first.at, openings[i].bytes, openings[i].len) == 0)
            return openings[i].protocol;
    }
    return NULL;
}

const char *foreign_remedy(struct bytes first)
{
    const char *protocol = foreign_protocol(first);
    for (size_t i = 0; protocol && i < sizeof remedies / sizeof *remedies; i++)
        if (strcmp(protocol, remedies[i].protocol) == 0)
            return remedies[i].remedy;
    return "only Kafka clients can use this port";
}

bool foreign_fits_header(struct bytes head, uint32_t length)
{
    enum {
        KEY_AT = 4,
        VERSION_AT = 6,
        CLIENT_ID_AT = 12,
        HEAD_SIZE = 14,
        CLIENT_ID_END = HEAD_SIZE - KEY_AT
    };
    if (head.len < HEAD_SIZE)
        return false;
    int16_t client_id = wire_int16(head.at + CLIENT_ID_AT);
    return tables_knows(wire_int16(head.at + KEY_AT), wire_int16(head.at + VERSION_AT)) && client_id >= -1 &&
           (client_id < 0 || CLIENT_ID_END + (uint32_t)client_id <= length);
}
