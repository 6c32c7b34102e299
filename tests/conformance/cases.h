/* SPDX-License-Identifier: Apache-2.0 */
/* The file of cases that Kafka's side has written; CaseFile.java draws its format.
 * Apart from the runs, which know nothing of files, so that fuzzers can take their seeds from it too. */
#ifndef KBRIDGE_CONFORMANCE_CASES_H
#define KBRIDGE_CONFORMANCE_CASES_H

#include "proxy/kafka/bytes.h"

enum case_kind { CASE_REQUEST = 'Q', CASE_RESPONSE = 'R', CASE_INERT = 'I', CASE_REFUSED = 'X' };

/* Borrowed from the file. */
struct test_case {
    enum case_kind kind;
    uint32_t number;
    int16_t api_key;
    int16_t request_version;
    int16_t wire_version;  /* of the message in the frame */
    struct bytes limits;   /* 6 bytes each: api key, min, max */
    struct bytes frame;    /* with its length prefix */
    struct bytes expected; /* the frame that must go on, or that Kafka must read */
    struct bytes facts;    /* all values in the frame; facts.h reads them */
};

struct case_limit {
    int16_t api_key, min, max;
};

struct cases {
    uint8_t *file;
    struct bytes rest; /* of the file */
    uint64_t seed;
    char kafka_version[16];
};

/* Reads the file whole; false where it cannot, or it is no file of cases. */
bool cases_open(struct cases *cases, const char *path);

/* False at the end of the file, and where it is cut off: `cases->rest` is not empty then. */
bool cases_next(struct cases *cases, struct test_case *one);

/* The limit for a key; false where there is none. */
bool cases_limit(const struct test_case *one, int16_t api_key, struct case_limit *limit);

void cases_close(struct cases *cases);

#endif
