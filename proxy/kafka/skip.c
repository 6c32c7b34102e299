/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each kind of field, down through the structs; see skip.h. Each takes where the field begins and returns where
 * it ends, or NULL: what the walker would find wrong must be refused here, too, so that it gets to say so. */
#include "proxy/kafka/skip.h"

#include "proxy/kafka/wire.h"

#define GIST_ROLES (ROLE_SET(ROLE_ERROR_CODE) | ROLE_SET(ROLE_SESSION_ID))

static const uint8_t *skip_bytes(const struct skip *skip, const uint8_t *at, uint64_t len)
{
    return len <= (size_t)(skip->end - at) ? at + len : NULL;
}

static bool is_nullable(const struct skip *skip, const struct field *field)
{
    return version_in(skip->version, field->null_first, field->null_last);
}

static const uint8_t *take_varint(const struct skip *skip, const uint8_t *at, int64_t *number)
{
    enum { BITS_MOST = 7 * WIRE_VARINT_MAX };
    uint32_t value = 0;
    for (int shift = 0; shift < BITS_MOST && at < skip->end; shift += 7) {
        value |= (uint32_t)(*at & 0x7f) << shift;
        if (*at++ < 0x80) {
            *number = value;
            return at;
        }
    }
    return NULL;
}

const uint8_t *skip_length(const struct skip *skip, const uint8_t *at, const struct field *field,
                           bool of_array, int64_t *length)
{
    size_t classic_size = !of_array && field->kind == KIND_STRING ? sizeof(int16_t) : sizeof(int32_t);
    const uint8_t *behind;
    if (skip->flexible && !field->never_compact) {
        behind = take_varint(skip, at, length);
        --*length;
    } else {
        behind = skip_bytes(skip, at, classic_size);
        if (behind)
            *length = classic_size == sizeof(int16_t) ? wire_int16(at) : (int32_t)wire_uint32(at);
    }
    return *length >= 0 || (*length == -1 && is_nullable(skip, field)) ? behind : NULL;
}

static const uint8_t *skip_text(const struct skip *skip, const uint8_t *at, const struct field *field)
{
    int64_t length = 0;
    at = skip_length(skip, at, field, false, &length);
    return at && length > 0 ? skip_bytes(skip, at, (uint64_t)length) : at;
}

/* Where there are none, which is nearly always. */
static const uint8_t *skip_tags(const struct skip *skip, const uint8_t *at)
{
    if (!skip->flexible)
        return at;
    return at < skip->end && *at == 0 ? at + 1 : NULL;
}

static const uint8_t *skip_struct(const struct skip *skip, const uint8_t *at, const struct field *field)
{
    const struct field *row = &tables_fields[field->children], *end = row + field->count;
    at = skip_rows(skip, at, &row, end);
    return row == end ? skip_tags(skip, at) : NULL;
}

static const uint8_t *skip_inner_struct(const struct skip *skip, const uint8_t *at, const struct field *field)
{
    if (!is_nullable(skip, field))
        return skip_struct(skip, at, field);
    const uint8_t *behind = skip_bytes(skip, at, 1);
    return behind && (int8_t)*at >= 0 ? skip_struct(skip, behind, field) : behind;
}

static const uint8_t *skip_array(const struct skip *skip, const uint8_t *at, const struct field *field)
{
    uint8_t size = tables_kind_size[field->kind];
    int64_t length = 0;
    at = skip_length(skip, at, field, true, &length);
    if (!at || length > skip->end - at)
        return NULL;
    if (size)
        return length > 0 ? skip_bytes(skip, at, (uint64_t)length * size) : at;
    for (int64_t i = 0; at && i < length; i++)
        at = field->kind == KIND_STRUCT ? skip_struct(skip, at, field) : skip_text(skip, at, field);
    return at;
}

/* A field whose size is told by what is in it. */
static const uint8_t *skip_varying(const struct skip *skip, const uint8_t *at, const struct field *field)
{
    if (field->is_array)
        return skip_array(skip, at, field);
    return field->kind == KIND_STRUCT ? skip_inner_struct(skip, at, field) : skip_text(skip, at, field);
}

static void note(struct gist *gist, const uint8_t *at, const struct field *field)
{
    if (field->role == ROLE_ERROR_CODE)
        gist->has_error |= wire_int16(at) != 0;
    else if (field->role == ROLE_SESSION_ID)
        gist->session_id = (int32_t)wire_uint32(at);
}

const uint8_t *skip_rows(const struct skip *skip, const uint8_t *at, const struct field **row,
                         const struct field *end)
{
    const uint64_t roles = skip->roles;
    const int version = skip->version;
    const struct field *field = *row;
    for (; field < end; field++) {
        if (field->tag != TAG_NONE || !version_in(version, field->first, field->last))
            continue;
        if (roles & field->roles)
            break;
        uint8_t size = field->is_array ? KIND_SIZE_VARIES : tables_kind_size[field->kind];
        const uint8_t *behind = size ? skip_bytes(skip, at, size) : skip_varying(skip, at, field);
        if (!behind)
            break;
        if (skip->gist && (field->roles & GIST_ROLES) && size)
            note(skip->gist, at, field);
        at = behind;
    }
    *row = field;
    return at;
}

/* ---- messages ---- */

static const uint8_t *skip_message(struct skip *skip, const uint8_t *at, const struct message *message,
                                   int version, uint16_t from)
{
    const struct field *row = &tables_fields[message->fields + from];
    const struct field *end = &tables_fields[message->fields + message->count];
    skip->version = (int8_t)version;
    skip->flexible = version >= message->flexible_first;
    at = skip_rows(skip, at, &row, end);
    return row == end ? skip_tags(skip, at) : NULL;
}

const uint8_t *skip_request_header(int api_key, int version, struct bytes behind_head)
{
    enum { ROWS_OF_HEAD = 3 };
    struct skip skip = {.end = behind_head.at + behind_head.len};
    int header = tables_header_version(REQUEST, api_key, version);
    return skip_message(&skip, behind_head.at, &tables_request_header, header, ROWS_OF_HEAD);
}

bool skip_response(int api_key, int version, struct bytes frame, struct gist *gist)
{
    struct skip skip = {.end = frame.at + frame.len, .gist = gist};
    int header = tables_header_version(RESPONSE, api_key, version);
    const uint8_t *at = skip_message(&skip, frame.at + sizeof(uint32_t), &tables_response_header, header, 0);
    return at && skip_message(&skip, at, tables_message(RESPONSE, api_key), version, 0);
}
