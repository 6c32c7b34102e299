/* SPDX-License-Identifier: Apache-2.0 */
/* HOST:PORT as people write it.
 * Apart, because brokers, listeners and advertised addresses are all written so, with small differences. */
#ifndef KBRIDGE_CONFIG_ENDPOINT_H
#define KBRIDGE_CONFIG_ENDPOINT_H

#include <stdint.h>
#include <stdio.h>

#include "config/problem.h"

enum { ENDPOINT_HOST_ROOM = 256 }; /* a DNS name has at most 253 characters */

struct endpoint {
    char host
        [ENDPOINT_HOST_ROOM]; /* a name or an IP address, IPv6 without brackets, or "*" (listeners only) */
    uint16_t port;
};

/* What one kind of endpoint allows. */
struct endpoint_form {
    const char *example;
    uint16_t default_port; /* the port where none is written */
    bool port_zero;        /* 0 may be written: the kernel picks a free port */
    bool all_interfaces;   /* "*", 0.0.0.0 and :: may be written */
};

/* `text` as "kafka:9092", "kafka", "192.0.2.1:9092", "[::1]:9092", "[::1]", "*:9092". On failure, a half
 * sentence that begins with the quoted text. */
bool endpoint_parse(const char *text, const struct endpoint_form *form, struct endpoint *endpoint,
                    struct problem *problem);

/* A port alone, as `form` allows it. */
bool endpoint_parse_port(const char *text, const struct endpoint_form *form, uint16_t *port);

/* As endpoint_parse reads it. A port of 0 is left out where it means that none was written. */
void endpoint_print(const struct endpoint *endpoint, const struct endpoint_form *form, FILE *out);

#endif
