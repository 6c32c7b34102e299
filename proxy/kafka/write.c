/* SPDX-License-Identifier: Apache-2.0 */
/* The nesting of the functions is the nesting of the wire; see write.h.
 *
 *     write_message   [length:4] [header] [body]
 *     put_struct      [positional field]* ([count of tagged] ([tag] [size] [field])*  in flexible versions)
 *     put_field       one value | null | [count] [element]*
 *
 * put_struct and put_field call each other as deep as the tables nest: a handful. */
#include "proxy/kafka/write.h"

#include "proxy/kafka/wire.h"

enum { LENGTH_PREFIX = 4, UUID_SIZE = 16 };

/* The first failure sticks: from then on nothing is written. */
struct writer {
    struct buffer *to;
    const char *bad;
    int version;
    bool flexible;
};

static void put_struct(struct writer *writer, const struct field *first, size_t count, struct givens givens);

static void fail(struct writer *writer, const char *why)
{
    if (!writer->bad)
        writer->bad = why;
}

static bool has_field(const struct writer *writer, const struct field *field)
{
    return version_in(writer->version, field->first, field->last);
}

static bool can_be_null(const struct writer *writer, const struct field *field)
{
    return version_in(writer->version, field->null_first, field->null_last);
}

static bool is_compact(const struct writer *writer, const struct field *field)
{
    return writer->flexible && !field->never_compact;
}

static const struct given *find_given(struct givens givens, int role)
{
    for (size_t i = 0; role != ROLE_NONE && i < givens.count; i++) {
        if ((int)givens.at[i].role == role)
            return &givens.at[i];
    }
    return NULL;
}

/* ---------------------------------------------------------------- bytes */

static void put_bytes(struct writer *writer, struct bytes bytes)
{
    if (!writer->bad && !buffer_append(writer->to, bytes))
        fail(writer, "out of memory");
}

/* Big-endian, the lowest `width` bytes. */
static void put_number(struct writer *writer, int64_t number, size_t width)
{
    uint8_t wire[8];
    for (size_t i = 0; i < width; i++)
        wire[i] = (uint8_t)((uint64_t)number >> (8 * (width - 1 - i)));
    put_bytes(writer, (struct bytes){wire, width});
}

static void put_varint(struct writer *writer, uint32_t number)
{
    uint8_t wire[WIRE_VARINT_MAX];
    put_bytes(writer, (struct bytes){wire, wire_put_varint(wire, number)});
}

/* The length of a string (2 bytes, where it is not compact), or of bytes or an array (4); -1 is null. */
static void put_length(struct writer *writer, const struct field *field, int64_t length, size_t width)
{
    if (length > (width == 2 ? INT16_MAX : INT32_MAX - 1))
        fail(writer, "a given value is too long for its field");
    else if (is_compact(writer, field))
        put_varint(writer, (uint32_t)(length + 1));
    else
        put_number(writer, length, width);
}

/* ---------------------------------------------------------------- values */

static const struct number_kind {
    size_t width; /* 0: no number */
    int64_t least, most;
} number_kinds[] = {
    [KIND_BOOL] = {1, 0, 1},
    [KIND_INT8] = {1, INT8_MIN, INT8_MAX},
    [KIND_INT16] = {2, INT16_MIN, INT16_MAX},
    [KIND_UINT16] = {2, 0, UINT16_MAX},
    [KIND_INT32] = {4, INT32_MIN, INT32_MAX},
    [KIND_UINT32] = {4, 0, UINT32_MAX},
    [KIND_INT64] = {8, INT64_MIN, INT64_MAX},
    [KIND_FLOAT64] = {8, 0, 0}, /* none is ever given */
    [KIND_STRUCT] = {0, 0, 0},
};

static void put_given_number(struct writer *writer, const struct number_kind *kind, int64_t number)
{
    if (number < kind->least || number > kind->most)
        fail(writer, "a given number is outside of what its field can hold");
    put_number(writer, number, kind->width);
}

static void put_uuid(struct writer *writer, struct bytes uuid)
{
    static const uint8_t zero[UUID_SIZE];
    if (uuid.len != 0 && uuid.len != UUID_SIZE)
        fail(writer, "a given uuid has not 16 bytes");
    put_bytes(writer, uuid.len ? uuid : (struct bytes){zero, UUID_SIZE});
}

/* Null or empty, as given, or as the default is, or as the version allows. */
static bool is_null(const struct writer *writer, const struct field *field, const struct given *given)
{
    bool wanted = given ? given->shape == GIVEN_NULL : field->preset < 0;
    return wanted && can_be_null(writer, field);
}

static bool is_number_or_bytes(const struct given *given, bool number)
{
    if (number)
        return given->shape == GIVEN_NUMBER;
    return given->shape == GIVEN_BYTES || given->shape == GIVEN_NULL;
}

static void put_text(struct writer *writer, const struct field *field, const struct given *given)
{
    size_t width = field->kind == KIND_STRING ? 2 : 4;
    struct bytes bytes = given ? given->bytes : (struct bytes){NULL, 0};
    if (!field->is_array && is_null(writer, field, given)) {
        put_length(writer, field, -1, width);
    } else {
        put_length(writer, field, (int64_t)bytes.len, width);
        put_bytes(writer, bytes);
    }
}

/* One number, string, bytes, records or uuid: a field, or an element of an array. */
static void put_value(struct writer *writer, const struct field *field, const struct given *given)
{
    const struct number_kind *number = &number_kinds[field->kind];
    if (given && !is_number_or_bytes(given, number->width > 0))
        fail(writer, "a given value is not of its field's type");
    else if (number->width)
        put_given_number(writer, number, given ? given->number : field->is_array ? 0 : field->preset);
    else if (field->kind == KIND_UUID)
        put_uuid(writer, given ? given->bytes : (struct bytes){NULL, 0});
    else
        put_text(writer, field, given);
}

/* ---------------------------------------------------------------- arrays and structs */

static const struct field *children_of(const struct field *field)
{
    return &tables_fields[field->children];
}

static void put_elements(struct writer *writer, const struct field *field, const struct given *given)
{
    put_length(writer, field, given->count, 4);
    for (uint32_t i = 0; i < given->count && !writer->bad; i++) {
        if (field->kind == KIND_STRUCT)
            put_struct(writer, children_of(field), field->count, given->elements[i]);
        else
            put_value(writer, field, find_given(given->elements[i], field->role));
    }
}

static void put_array(struct writer *writer, const struct field *field, const struct given *given)
{
    struct givens alone = {given, 1};
    struct given one = given_array(ROLE_NONE, &alone, 1);
    bool is_single = given && given->shape != GIVEN_NULL && given->shape != GIVEN_ARRAY;
    if (is_null(writer, field, given))
        put_length(writer, field, -1, 4);
    else if (!given || given->shape == GIVEN_NULL)
        put_length(writer, field, 0, 4);
    else if (is_single && field->kind == KIND_STRUCT)
        fail(writer, "a given value is not of its field's type");
    else
        put_elements(writer, field, is_single ? &one : given);
}

static bool is_any_given(const struct field *field, struct givens givens)
{
    if (find_given(givens, field->role))
        return true;
    if (field->kind != KIND_STRUCT || field->is_array)
        return false;
    for (size_t i = 0; i < field->count; i++) {
        if (is_any_given(&children_of(field)[i], givens))
            return true;
    }
    return false;
}

/* A struct that is no array; a nullable one begins with 1, or is -1 alone. */
static void put_inner_struct(struct writer *writer, const struct field *field, struct givens givens)
{
    if (can_be_null(writer, field)) {
        bool null = field->preset < 0 && !is_any_given(field, givens);
        put_number(writer, null ? -1 : 1, 1);
        if (null)
            return;
    }
    put_struct(writer, children_of(field), field->count, givens);
}

static void put_field(struct writer *writer, const struct field *field, struct givens givens)
{
    if (field->is_array)
        put_array(writer, field, find_given(givens, field->role));
    else if (field->kind == KIND_STRUCT)
        put_inner_struct(writer, field, givens);
    else
        put_value(writer, field, find_given(givens, field->role));
}

/* Puts the size of what stands from `start` on before it. */
static void insert_size(struct writer *writer, size_t start)
{
    uint8_t wire[WIRE_VARINT_MAX];
    size_t size = writer->to->len - start;
    struct bytes varint = {wire, wire_put_varint(wire, (uint32_t)size)};
    put_bytes(writer, varint); /* makes the room */
    if (writer->bad)
        return;
    memmove(writer->to->at + start + varint.len, writer->to->at + start, size);
    memcpy(writer->to->at + start, varint.at, varint.len);
}

static bool is_tagged_and_given(const struct writer *writer, const struct field *field, struct givens givens)
{
    return field->tag != TAG_NONE && has_field(writer, field) && is_any_given(field, givens);
}

static void put_tagged(struct writer *writer, const struct field *first, size_t count, struct givens givens)
{
    uint32_t tags = 0;
    for (size_t i = 0; i < count; i++)
        tags += is_tagged_and_given(writer, &first[i], givens);
    put_varint(writer, tags);
    for (size_t i = 0; i < count && !writer->bad; i++) {
        if (!is_tagged_and_given(writer, &first[i], givens))
            continue;
        put_varint(writer, (uint32_t)first[i].tag);
        size_t start = writer->to->len;
        put_field(writer, &first[i], givens);
        insert_size(writer, start);
    }
}

static void put_struct(struct writer *writer, const struct field *first, size_t count, struct givens givens)
{
    for (size_t i = 0; i < count && !writer->bad; i++) {
        if (first[i].tag == TAG_NONE && has_field(writer, &first[i]))
            put_field(writer, &first[i], givens);
    }
    if (writer->flexible)
        put_tagged(writer, first, count, givens);
}

/* ---------------------------------------------------------------- messages */

static void put_message(struct writer *writer, const struct message *message, int version,
                        struct givens givens)
{
    writer->version = version;
    writer->flexible = version >= message->flexible_first;
    put_struct(writer, &tables_fields[message->fields], message->count, givens);
}

static void put_header(struct writer *writer, const struct message *message, enum direction direction,
                       int version, int32_t correlation_id)
{
    const struct given header[] = {
        given_number(ROLE_API_KEY, message->api_key),
        given_number(ROLE_API_VERSION, version),
        given_number(ROLE_CORRELATION_ID, correlation_id),
        given_bytes(ROLE_CLIENT_ID, bytes_of("kbridge")),
    };
    put_message(writer, direction == REQUEST ? &tables_request_header : &tables_response_header,
                tables_header_version(direction, message->api_key, version),
                (struct givens){header, sizeof header / sizeof header[0]});
}

static const char *write_message(struct buffer *to, enum direction direction, int api_key, int version,
                                 int32_t correlation_id, struct givens givens)
{
    if (!tables_knows(api_key, version))
        return "the tables do not know this version of this api";
    const struct message *message = tables_message(direction, api_key);
    struct writer writer = {.to = to};
    size_t start = to->len;
    put_number(&writer, 0, LENGTH_PREFIX);
    put_header(&writer, message, direction, version, correlation_id);
    put_message(&writer, message, version, givens);
    if (writer.bad)
        to->len = start;
    else
        wire_put_uint32(to->at + start, (uint32_t)(to->len - start - LENGTH_PREFIX));
    return writer.bad;
}

const char *write_request(struct buffer *to, int api_key, int version, int32_t correlation_id,
                          struct givens givens)
{
    return write_message(to, REQUEST, api_key, version, correlation_id, givens);
}

const char *write_response(struct buffer *to, int api_key, int version, int32_t correlation_id,
                           struct givens givens)
{
    return write_message(to, RESPONSE, api_key, version, correlation_id, givens);
}
