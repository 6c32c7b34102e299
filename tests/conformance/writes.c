/* SPDX-License-Identifier: Apache-2.0 */
/* What is given, and to which messages; see writes.h. */
#include "tests/conformance/writes.h"

#include "proxy/heap.h"
#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

enum { CORRELATION_ID = 7, ERROR = 35, KEY_OF_TRANSACTION = 1, NULL_NAME_SINCE = 12 };

static const uint8_t topic_id[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void put(FILE *to, uint32_t number, int bytes)
{
    while (bytes--)
        fputc((int)(number >> (8 * bytes) & 0xff), to);
}

/* `what`: the letter by which OwnMessages.java knows what was given. */
static bool write_one(FILE *to, char what, enum direction direction, int key, int version,
                      struct givens givens)
{
    struct buffer frame = {.allocator = &heap_allocator};
    const char *bad = direction == REQUEST ? write_request(&frame, key, version, CORRELATION_ID, givens)
                                           : write_response(&frame, key, version, CORRELATION_ID, givens);
    struct bytes bytes = buffer_bytes(&frame);
    if (bad)
        fprintf(stderr, "%s v%d, '%c': %s\n", tables_message(direction, key)->name, version, what, bad);
    put(to, (uint8_t)what, 1);
    put(to, direction == REQUEST ? 'Q' : 'R', 1);
    put(to, (uint16_t)key, 2);
    put(to, (uint16_t)version, 2);
    put(to, (uint32_t)bytes.len, 4);
    fwrite(bytes.at, 1, bytes.len, to);
    buffer_free(&frame);
    return !bad;
}

static bool write_version(FILE *to, int key, int version)
{
    const struct given error = given_number(ROLE_ERROR_CODE, ERROR);
    return write_one(to, 'D', REQUEST, key, version, (struct givens){NULL, 0}) &&
           write_one(to, 'D', RESPONSE, key, version, (struct givens){NULL, 0}) &&
           write_one(to, 'E', RESPONSE, key, version, (struct givens){&error, 1});
}

static bool write_metadata(FILE *to, int version)
{
    const struct given name = given_bytes(ROLE_TOPIC_NAME, bytes_of("orders"));
    const struct given id[] = {given_null(ROLE_TOPIC_NAME),
                               given_bytes(ROLE_TOPIC_ID, (struct bytes){topic_id, sizeof topic_id})};
    const struct givens by_name[] = {{&name, 1}}, by_id[] = {{id, 2}};
    const struct given named[] = {given_array(ROLE_TOPICS, by_name, 1), given_number(ROLE_AUTO_CREATE, 0)};
    const struct given identified[] = {given_array(ROLE_TOPICS, by_id, 1), given_number(ROLE_AUTO_CREATE, 0)};
    return write_one(to, 'N', REQUEST, API_METADATA, version, (struct givens){named, 2}) &&
           (version < NULL_NAME_SINCE ||
            write_one(to, 'I', REQUEST, API_METADATA, version, (struct givens){identified, 2}));
}

static bool write_find_coordinator(FILE *to, int version)
{
    const struct given givens[] = {given_bytes(ROLE_COORDINATOR_KEY, bytes_of("key")),
                                   given_number(ROLE_KEY_TYPE, KEY_OF_TRANSACTION)};
    return write_one(to, 'K', REQUEST, API_FIND_COORDINATOR, version, (struct givens){givens, 2});
}

bool writes_all(FILE *to)
{
    bool fine = true;
    for (int key = 0; key <= tables_api_key_last; key++) {
        const struct message *message = tables_message(REQUEST, key);
        for (int version = message->first; version <= message->last; version++) {
            fine &= write_version(to, key, version);
            fine &= key != API_METADATA || write_metadata(to, version);
            fine &= key != API_FIND_COORDINATOR || write_find_coordinator(to, version);
        }
    }
    return fine;
}
