/* SPDX-License-Identifier: Apache-2.0 */
/* Passes fields that nobody wants to see, each with all that is in it, in one go.
 * Apart from the walker, because it keeps no state: it works only where a field lies whole in the input, and most do; else
 * the walker goes through it step by step. */
#ifndef KBRIDGE_KAFKA_SKIP_H
#define KBRIDGE_KAFKA_SKIP_H

#include "proxy/kafka/bytes.h"
#include "proxy/kafka/tables.h"

/* What of a response has to be known, though nobody wants to see its fields. */
struct gist {
    bool has_error;     /* one of its error codes, in whatever depth, is not 0 */
    int32_t session_id; /* of Fetch; else 0 */
};

/* How a message is written, and where the input ends. */
struct skip {
    const uint8_t *end;
    int8_t version;
    bool flexible;
    uint64_t roles;    /* of fields that are not to be passed */
    struct gist *gist; /* gets what is passed of it; may be NULL */
};

/* The body of a message, as far as it is here. */
static inline struct skip skip_body(const struct message *message, int version, struct bytes here,
                                    uint64_t roles)
{
    bool flexible = version >= message->flexible_first;
    return (struct skip){
        .end = here.at + here.len, .version = (int8_t)version, .flexible = flexible, .roles = roles};
}

/* Passes rows of a struct, of which `*row` begins at `at`, up to the first that has one of the roles, or has it within; that is
 * not here whole; that is wrong; or that has tagged fields within. Puts it in `*row`, or `end`; returns where it begins. */
const uint8_t *skip_rows(const struct skip *skip, const uint8_t *at, const struct field **row,
                         const struct field *end);

/* The length prefix of a text, or of an array; -1 is null. Returns where it ends; NULL as above. */
const uint8_t *skip_length(const struct skip *skip, const uint8_t *at, const struct field *field,
                           bool of_array, int64_t *length);

/* What follows the head that all have (api key, version, correlation id) of a request's header. Returns where it ends; NULL as
 * above. */
const uint8_t *skip_request_header(int api_key, int version, struct bytes behind_head);

/* True where the response lies whole in `frame`, which begins with its length, and has no tagged field anywhere. `gist`, zeroed, gets what was
 * passed; NULL: nobody asks. */
bool skip_response(int api_key, int version, struct bytes frame, struct gist *gist);

#endif
