/* SPDX-License-Identifier: Apache-2.0 */
/* The writer: makes any message of any version by its table, from the few values that are given.
 * Apart, because it is the only code that makes messages: kbridge's own questions and its refusals are lists
 * of values like this one, and know nothing of versions.
 *
 *     const struct given topic[] = {given_bytes(ROLE_TOPIC_NAME, name)};
 *     const struct givens topics[] = {{topic, 1}};
 *     const struct given metadata[] = {given_array(ROLE_TOPICS, topics, 1), given_number(ROLE_AUTO_CREATE, 0)};
 *     bad = write_request(&buffer, 3, version, correlation_id, (struct givens){metadata, 2});
 *
 * A field whose role is given has that value, every other one the default of its spec; tagged fields that are
 * not given are left out. What is given stands in any order. What the version does not have is passed over:
 * "an error code, where it has one". */
#ifndef KBRIDGE_KAFKA_WRITE_H
#define KBRIDGE_KAFKA_WRITE_H

#include "proxy/kafka/buffer.h"
#include "proxy/kafka/tables.h"

/* The values of one struct: of the message, or of one element of an array. A struct that is no array
 * (CurrentLeader) takes its values from the list of the one that it stands in. */
struct givens {
    const struct given *at;
    size_t count;
};

enum given_shape { GIVEN_NUMBER, GIVEN_BYTES, GIVEN_NULL, GIVEN_ARRAY };

/* Made by the functions below; everything is borrowed for the call. */
struct given {
    enum role role;
    enum given_shape shape;
    int64_t number;
    struct bytes bytes;
    const struct givens *elements;
    uint32_t count;
};

/* Numbers and bools. */
static inline struct given given_number(enum role role, int64_t number)
{
    return (struct given){.role = role, .shape = GIVEN_NUMBER, .number = number};
}

/* Strings, bytes, records, and the 16 bytes of a uuid. */
static inline struct given given_bytes(enum role role, struct bytes bytes)
{
    return (struct given){.role = role, .shape = GIVEN_BYTES, .bytes = bytes};
}

/* Null; in versions in which the field cannot be null it is empty. (For the topics of a Metadata request both
 * mean all of them.) */
static inline struct given given_null(enum role role)
{
    return (struct given){.role = role, .shape = GIVEN_NULL};
}

/* An array with these elements. Where they are no structs, each is a list of one value with the array's role;
 * a single value given to such an array makes an array of one. */
static inline struct given given_array(enum role role, const struct givens *elements, uint32_t count)
{
    return (struct given){.role = role, .shape = GIVEN_ARRAY, .elements = elements, .count = count};
}

/* Appends a request or a response, length prefix and header included; the client id is "kbridge". NULL when it
 * is done, else what is wrong, without a full stop, and the buffer holds what it held before. */
const char *write_request(struct buffer *to, int api_key, int version, int32_t correlation_id,
                          struct givens givens);
const char *write_response(struct buffer *to, int api_key, int version, int32_t correlation_id,
                           struct givens givens);

#endif
