/* SPDX-License-Identifier: Apache-2.0 */
/* Compares what kbridge makes of Kafka's messages with what Kafka says must come out: byte for byte, whole, in
 * pieces and at every split.
 * Apart as a program, because its input comes from another one, in Java (Conformance.java).
 *
 *     kbridge_conformance CASES [ANSWERS [PART PARTS]]
 *     kbridge_conformance --own WRITTEN      kbridge's own messages, for Kafka's code to read
 *
 * ANSWERS gets what was made of the INERT cases, for Kafka's code to read. PART of PARTS: only every so manyth
 * case, so that several of these can share the work. Of each api key only the first difference is told. */
#include "tests/conformance/proof.h"
#include "tests/conformance/writes.h"

#include <inttypes.h>
#include <stdlib.h>

enum { KEYS = 128, VERSIONS = 32 };

struct counts {
    uint32_t messages[2][KEYS][VERSIONS];
    bool different[KEYS];
    uint64_t all, differences;
};

static void write_number(FILE *to, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int)(number >> shift & 0xff), to);
}

static void write_answer(FILE *answers, const struct test_case *one, struct bytes answer)
{
    write_number(answers, one->number);
    write_number(answers, (uint32_t)answer.len);
    fwrite(answer.at, 1, answer.len, answers);
}

static void count(struct counts *counts, const struct test_case *one, bool same)
{
    enum direction direction = one->kind == CASE_REQUEST ? REQUEST : RESPONSE;
    counts->all++;
    counts->differences += !same;
    if (version_in(one->api_key, 0, KEYS - 1) && version_in(one->wire_version, 0, VERSIONS - 1))
        counts->messages[direction][one->api_key][one->wire_version]++;
}

static void check_all(struct cases *cases, uint32_t part, uint32_t parts, FILE *answers, struct proof *proof,
                      struct counts *counts)
{
    FILE *nowhere = fopen("/dev/null", "w");
    struct test_case one;
    while (cases_next(cases, &one)) {
        if (one.number % parts != part)
            continue;
        bool *different = &counts->different[one.api_key & (KEYS - 1)];
        proof->tell = *different && nowhere ? nowhere : stdout;
        bool same = proof_check(proof, &one);
        *different |= !same;
        count(counts, &one, same);
        if (answers && one.kind == CASE_INERT && same)
            write_answer(answers, &one, proof->inert);
    }
    if (nowhere)
        fclose(nowhere);
}

static void print_versions(const struct counts *counts, int key, enum direction direction)
{
    const uint32_t *messages = counts->messages[direction][key];
    printf("  %s", direction == REQUEST ? "requests" : "responses");
    for (int version = 0; version < VERSIONS; version++)
        if (messages[version])
            printf(" v%d:%" PRIu32, version, messages[version]);
}

static void print_counts(const struct counts *counts)
{
    for (int key = 0; key < KEYS; key++) {
        const char *name = tables_api_name(key);
        bool any = false;
        for (int version = 0; version < VERSIONS; version++)
            any |= counts->messages[REQUEST][key][version] || counts->messages[RESPONSE][key][version];
        if (!any)
            continue;
        printf("%3d %s", key, name ? name : "?");
        print_versions(counts, key, REQUEST);
        print_versions(counts, key, RESPONSE);
        printf("%s\n", counts->different[key] ? "  DIFFERENT" : "");
    }
}

static int check_file(struct cases *cases, uint32_t part, uint32_t parts, FILE *answers)
{
    struct counts counts = {.all = 0};
    struct proof proof = {.tell = stdout};
    check_all(cases, part, parts, answers, &proof, &counts);
    proof_end(&proof);
    print_counts(&counts);
    printf("conformance: kafka %s, seed %" PRId64 ", part %" PRIu32 " of %" PRIu32 ": %" PRIu64
           " messages, %" PRIu64 " runs, at most %zu bytes held, %" PRIu64 " differences\n",
           cases->kafka_version, (int64_t)cases->seed, part + 1, parts, counts.all, proof.runs,
           proof.held_at_most, counts.differences);
    if (cases->rest.len) {
        printf("the file of cases is cut off: %zu bytes are left\n", cases->rest.len);
        return EXIT_FAILURE;
    }
    return counts.differences || !counts.all ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int write_own(const char *path)
{
    FILE *to = fopen(path, "wb");
    if (!to) {
        fprintf(stderr, "%s cannot be written\n", path);
        return 2;
    }
    bool fine = writes_all(to);
    return fclose(to) == 0 && fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int check(int argc, char **argv)
{
    uint32_t part = argc == 5 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    uint32_t parts = argc == 5 ? (uint32_t)strtoul(argv[4], NULL, 10) : 1;
    struct cases cases;
    if (parts == 0 || !cases_open(&cases, argv[1])) {
        fprintf(stderr, "%s cannot be read as a file of cases\n", argv[1]);
        return 2;
    }
    FILE *answers = argc > 2 ? fopen(argv[2], "wb") : NULL;
    if (argc > 2 && !answers) {
        fprintf(stderr, "%s cannot be written\n", argv[2]);
        cases_close(&cases);
        return 2;
    }
    int status = check_file(&cases, part, parts, answers);
    if (answers && fclose(answers) != 0)
        status = EXIT_FAILURE;
    cases_close(&cases);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--own") == 0)
        return write_own(argv[2]);
    if (argc == 2 || argc == 3 || argc == 5)
        return check(argc, argv);
    fprintf(stderr, "usage: %s CASES [ANSWERS [PART PARTS]] | --own WRITTEN\n", argv[0]);
    return 2;
}
