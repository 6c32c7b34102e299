/* SPDX-License-Identifier: Apache-2.0 */
/* What the values of settings are, where they are more than a number or a text.
 * Apart from settings.h, because it grows with the types in table.h, and a program that reads the fields looks here. */
#ifndef KBRIDGE_CONFIG_TYPES_H
#define KBRIDGE_CONFIG_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "config/endpoint.h"
#include "config/table.h"

enum { WORKERS_AUTO = 0 };

enum log_level {
#define LOG_LEVEL(name, word) LOG_LEVEL_##name,
    LOG_LEVELS(LOG_LEVEL)
#undef LOG_LEVEL
};

enum traffic_form {
#define TRAFFIC_FORM(name, word) TRAFFIC_##name,
    TRAFFIC_FORMS(TRAFFIC_FORM)
#undef TRAFFIC_FORM
};

enum switch_state {
#define SWITCH_STATE(name, word) SWITCH_##name,
    SWITCHES(SWITCH_STATE)
#undef SWITCH_STATE
};

/* What stands for each broker: words in the order of their texts, ports last. */
struct per_broker {
    enum { PER_BROKER_OFF, PER_BROKER_LOOPBACK, PER_BROKER_PORTS } mode;
    uint16_t first, last; /* PER_BROKER_PORTS */
};

struct endpoint_list {
    struct endpoint *at;
    size_t count;
};

struct dial_rule {
    struct endpoint advertised, dialled;
};

struct dial_list {
    struct dial_rule *at;
    size_t count;
};

enum advertise_from { FROM_NETWORK_OF_IPS, FROM_LOOPBACK, FROM_GATEWAY, FROM_NETWORK, FROM_ANY };

struct advertise_rule {
    enum advertise_from from;
    uint8_t ip[16]; /* FROM_NETWORK_OF_IPS: in network order, zero behind `bits` */
    uint8_t ip_len; /* 4 or 16 */
    uint8_t bits;
    struct endpoint as; /* port 0: the port that the client has connected to */
};

struct advertise_list {
    struct advertise_rule *at;
    size_t count;
};

struct forward_rule {
    struct endpoint listen; /* host "": wherever clients of Kafka connect */
    struct endpoint to;
};

struct forward_list {
    struct forward_rule *at;
    size_t count;
};

#endif
