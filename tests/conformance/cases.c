/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the file of cases; see cases.h. */
#include "tests/conformance/cases.h"

#include <stdio.h>
#include <stdlib.h>

enum { LIMIT_SIZE = 6 };

static const char magic[] = "KBCASES1";

static uint64_t number_at(const uint8_t *at, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | at[i];
    return number;
}

static bool take(struct bytes *rest, size_t len, struct bytes *taken)
{
    if (rest->len < len)
        return false;
    *taken = (struct bytes){rest->at, len};
    rest->at += len;
    rest->len -= len;
    return true;
}

static bool take_number(struct bytes *rest, size_t size, uint64_t *number)
{
    struct bytes taken;
    if (!take(rest, size, &taken))
        return false;
    *number = number_at(taken.at, size);
    return true;
}

/* A count of `size` bytes, then so many entries of `entry` bytes. */
static bool take_counted(struct bytes *rest, size_t size, size_t entry, struct bytes *taken)
{
    uint64_t count;
    return take_number(rest, size, &count) && take(rest, (size_t)count * entry, taken);
}

static uint8_t *read_whole(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    uint8_t *at = NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        *len = (size_t)ftell(file);
        rewind(file);
        at = malloc(*len + 1);
    }
    if (at && fread(at, 1, *len, file) != *len) {
        free(at);
        at = NULL;
    }
    fclose(file);
    return at;
}

bool cases_open(struct cases *cases, const char *path)
{
    *cases = (struct cases){.seed = 0};
    cases->file = read_whole(path, &cases->rest.len);
    if (!cases->file)
        return false;
    cases->rest.at = cases->file;
    struct bytes begin, version;
    if (!take(&cases->rest, sizeof magic - 1, &begin) || !bytes_equal(begin, bytes_of(magic)) ||
        !take_number(&cases->rest, 8, &cases->seed) || !take_counted(&cases->rest, 2, 1, &version) ||
        version.len >= sizeof cases->kafka_version) {
        cases_close(cases);
        return false;
    }
    memcpy(cases->kafka_version, version.at, version.len);
    return true;
}

bool cases_next(struct cases *cases, struct test_case *one)
{
    struct bytes rest = cases->rest;
    uint64_t kind, number, api_key, request_version, wire_version;
    if (!take_number(&rest, 1, &kind) || !take_number(&rest, 4, &number) ||
        !take_number(&rest, 2, &api_key) || !take_number(&rest, 2, &request_version) ||
        !take_number(&rest, 2, &wire_version) || !take_counted(&rest, 2, LIMIT_SIZE, &one->limits) ||
        !take_counted(&rest, 4, 1, &one->frame) || !take_counted(&rest, 4, 1, &one->expected) ||
        !take_counted(&rest, 4, 1, &one->facts))
        return false;
    one->kind = (enum case_kind)kind;
    one->number = (uint32_t)number;
    one->api_key = (int16_t)api_key;
    one->request_version = (int16_t)request_version;
    one->wire_version = (int16_t)wire_version;
    cases->rest = rest;
    return true;
}

bool cases_limit(const struct test_case *one, int16_t api_key, struct case_limit *limit)
{
    for (size_t i = 0; i < one->limits.len; i += LIMIT_SIZE) {
        const uint8_t *at = one->limits.at + i;
        *limit = (struct case_limit){(int16_t)number_at(at, 2), (int16_t)number_at(at + 2, 2),
                                     (int16_t)number_at(at + 4, 2)};
        if (limit->api_key == api_key)
            return true;
    }
    return false;
}

void cases_close(struct cases *cases)
{
    free(cases->file);
    cases->file = NULL;
    cases->rest = (struct bytes){NULL, 0};
}
