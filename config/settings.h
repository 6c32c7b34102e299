/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of kbridge, from flags, variables and a YAML file, in this order of strength.
 * Apart, because this is all that a program sees of config/: load once, read the fields, free. */
#ifndef KBRIDGE_CONFIG_SETTINGS_H
#define KBRIDGE_CONFIG_SETTINGS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/endpoint.h"
#include "config/problem.h"
#include "config/table.h"

/* Who has set a value, and in which line of the file. */
enum setter {
#define SETTER(name, text) SET_BY_##name,
    SETTERS(SETTER)
#undef SETTER
};

struct origin {
    enum setter setter;
    unsigned line; /* SET_BY_FILE: from 1; else 0 */
};

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

#define SETTING_ID(group, field, ...) SETTING_##field,
enum setting_id { SETTINGS(SETTING_ID) SETTING_COUNT };
#undef SETTING_ID

/* Owns its memory. A field's comment is its row in table.h. */
#define FIELD_TYPE(name, type) typedef type value_##name;
VALUE_TYPES(FIELD_TYPE)
#undef FIELD_TYPE

struct settings {
#define FIELD(group, field, name, type, ...) value_##type field;
    SETTINGS(FIELD)
#undef FIELD
    struct origin origin[SETTING_COUNT];

    /* What advertise, advertise.gateway and advertise.network say together, in the order in which they are
     * to be tried. */
    struct advertise_list rules;

    struct problem doubt; /* what is not wrong, but perhaps not meant; "" where nothing is */
};

/* Loads from `argv` (flags, and brokers as arguments; without the program's name), from `environment`
 * (NULL-terminated, as in environ) and from the file that one of them names. On failure says what is
 * wrong, and `settings` may only be freed. */
bool settings_load(struct settings *settings, int argc, char **argv, char **environment,
                   struct problem *problem);
void settings_free(struct settings *settings);

/* What only the proxy itself needs: at least one broker, at least one listener. */
bool settings_suffice_to_run(const struct settings *settings, struct problem *problem);

/* The part of --help that lists the settings by groups, 80 columns wide. */
void settings_print_help(FILE *out);

/* The text of config/reference.yaml. */
void settings_print_reference(FILE *out);

#endif
