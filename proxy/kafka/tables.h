/* SPDX-License-Identifier: Apache-2.0 */
/* Kafka's messages as constant tables: one row a field.
 * Apart, because the rows are generated (tables.gen.c, by tables.py, from the message specs in kafka-clients
 * 2.8.2, 3.9.1 and 4.4.0), and everything that reads or writes a message goes by them.
 *
 *   message "MetadataResponse"  ──fields──►  [ThrottleTimeMs][Brokers *][ClusterId][ControllerId][Topics *] …
 *                                                            │
 *                                     children ──────────────┴─►  [NodeId][Host][Port][Rack]
 *
 * A field that is positional in some versions and tagged in others has a row for each. The rows of a struct
 * stand in the order of the wire. Struct shapes that differ between versions are still one list of rows, each
 * with its range of versions. */
#ifndef KBRIDGE_KAFKA_TABLES_H
#define KBRIDGE_KAFKA_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/kafka/roles.h"

/* The types of the message specs ("type" in Kafka's JSON). */
enum kind {
    KIND_BOOL,
    KIND_INT8,
    KIND_INT16,
    KIND_UINT16,
    KIND_INT32,
    KIND_UINT32,
    KIND_INT64,
    KIND_FLOAT64,
    KIND_UUID,
    KIND_STRING,
    KIND_BYTES,
    KIND_RECORDS,
    KIND_STRUCT,
};

/* No version at all, for the ranges below: first above last. */
enum { VERSION_NEVER_FIRST = 127, VERSION_NEVER_LAST = -1, TAG_NONE = -1 };

/* The bytes that each kind takes on the wire. */
enum { KIND_SIZE_VARIES = 0 };
extern const uint8_t tables_kind_size[];

struct field {
    const char *name;   /* as in the spec: "NodeId" */
    uint16_t children;  /* KIND_STRUCT: its first row in `fields` … */
    uint16_t count;     /* … and how many rows */
    int16_t tag;        /* TAG_NONE: positional in versions first..last; else tagged in them */
    uint8_t kind;       /* enum kind; of one element, where is_array */
    uint8_t role;       /* enum role; of the array, where is_array (elements of primitives have it too) */
    int8_t first, last; /* versions that have the field in this place */
    int8_t null_first, null_last;
    bool is_array;
    bool never_compact; /* keeps the old length prefix in flexible versions too ("flexibleVersions": "none",
                           RequestHeader.ClientId, so that ApiVersions of any version can be read) */
    int64_t preset;     /* the spec's default: of a number its value; of all others 0, or -1 for null */
    uint64_t roles;     /* its role, and those of all fields within it at any depth, as a set */
};

struct message {
    const char *name;      /* "MetadataResponse" */
    uint16_t fields;       /* first row of the top level in `fields` … */
    uint16_t count;        /* … and how many rows */
    int16_t api_key;       /* -1: RequestHeader, ResponseHeader */
    int8_t first, last;    /* versions known to the tables; first > last: the key is known by name only */
    int8_t flexible_first; /* VERSION_NEVER_FIRST where none is flexible */
};

enum direction { REQUEST, RESPONSE };

struct api {
    const char *name;           /* "Metadata" */
    struct message messages[2]; /* by direction */
};

/* The highest api key in the tables; keys above it are unknown. */
extern const int16_t tables_api_key_last;

extern const struct field tables_fields[];
extern const struct message tables_request_header;
extern const struct message tables_response_header;

/* What the functions below look up in: by api key, none is missing, and by error code, beginning at
 * TABLES_ERROR_FIRST. */
enum { TABLES_ERROR_FIRST = -1 };
extern const struct api tables_apis[];
extern const char *const tables_errors[];
extern const int16_t tables_error_last;

/* The message of a key, NULL where the tables do not know the key. */
const struct message *tables_message(enum direction direction, int api_key);

/* "Metadata" for 3; NULL where the key is unknown. */
const char *tables_api_name(int api_key);

/* "NOT_LEADER_OR_FOLLOWER" for 6; NULL where the code is unknown. (org.apache.kafka.common.protocol.Errors) */
const char *tables_error_name(int error_code);

/* True where `version` of the key is in the tables. */
bool tables_knows(int api_key, int version);

/* Header versions: request 1, or 2 in flexible versions; response 0, or 1 in flexible versions, but always 0
 * for ApiVersions (KIP-511); and request 0 for ControlledShutdown 0. For a version that the tables know. */
int tables_header_version(enum direction direction, int api_key, int version);

/* The number of this kind, of a fixed size, that begins at `at`; of a uuid, nothing. */
int64_t tables_number(uint8_t kind, const uint8_t *at);

static inline bool version_in(int version, int first, int last)
{
    return version >= first && version <= last;
}

#endif
