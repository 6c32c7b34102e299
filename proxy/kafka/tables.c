/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups in the tables by kind, api key and error code.
 * Apart from the rows, because those are generated. */
#include "proxy/kafka/tables.h"

#include "proxy/kafka/keys.h"

#include <stddef.h>

/* Brokers below 0.9 ask for it without a client id; only Kafka's generator says so, no spec does. */
enum { API_CONTROLLED_SHUTDOWN = 7 };

const uint8_t tables_kind_size[] = {
    [KIND_BOOL] = 1,
    [KIND_INT8] = 1,
    [KIND_INT16] = 2,
    [KIND_UINT16] = 2,
    [KIND_INT32] = 4,
    [KIND_UINT32] = 4,
    [KIND_INT64] = 8,
    [KIND_FLOAT64] = 8,
    [KIND_UUID] = 16,
    [KIND_STRING] = KIND_SIZE_VARIES,
    [KIND_BYTES] = KIND_SIZE_VARIES,
    [KIND_RECORDS] = KIND_SIZE_VARIES,
    [KIND_STRUCT] = KIND_SIZE_VARIES,
};

static const struct api *find_api(int api_key)
{
    return api_key >= 0 && api_key <= tables_api_key_last ? &tables_apis[api_key] : NULL;
}

const struct message *tables_message(enum direction direction, int api_key)
{
    const struct api *api = find_api(api_key);
    return api ? &api->messages[direction] : NULL;
}

const char *tables_api_name(int api_key)
{
    const struct api *api = find_api(api_key);
    return api ? api->name : NULL;
}

const char *tables_error_name(int error_code)
{
    if (!version_in(error_code, TABLES_ERROR_FIRST, tables_error_last))
        return NULL;
    return tables_errors[error_code - TABLES_ERROR_FIRST];
}

bool tables_knows(int api_key, int version)
{
    const struct message *message = tables_message(REQUEST, api_key);
    return message && version_in(version, message->first, message->last);
}

int tables_header_version(enum direction direction, int api_key, int version)
{
    const struct message *message = tables_message(direction, api_key);
    bool flexible = message && version >= message->flexible_first;
    if (direction == RESPONSE)
        return flexible && api_key != API_API_VERSIONS;
    if (api_key == API_CONTROLLED_SHUTDOWN && version == 0)
        return 0;
    return flexible ? 2 : 1;
}

int64_t tables_number(uint8_t kind, const uint8_t *at)
{
    uint64_t value = 0;
    for (uint8_t i = 0; i < tables_kind_size[kind]; i++)
        value = value << 8 | at[i];
    switch (kind) {
    case KIND_INT8:
        return (int8_t)value;
    case KIND_INT16:
        return (int16_t)value;
    case KIND_INT32:
        return (int32_t)value;
    default:
        return (int64_t)value;
    }
}
