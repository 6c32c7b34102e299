/* SPDX-License-Identifier: Apache-2.0 */
/* Turns the conformance cases into first inputs for the fuzzers: the smallest message of each api key, version and
 * direction, in the form that each target reads.
 *
 *     kbridge_fuzz_seeds CASES FOLDER     FOLDER/client_fuzz/…, FOLDER/broker_fuzz/…, FOLDER/both_fuzz/… */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/conformance/cases.h"

enum { KEYS = 128, VERSIONS = 24, SEED_MAX = 512, ANSWER_HEAD = 8, NAME_ROOM = 4096 };
enum { GIVE_CLIENT = 0, GIVE_LINK_0 = 1 };

struct pair {
    struct bytes request, response;
};

static struct pair smallest[KEYS][VERSIONS];

static void keep(struct bytes *kept, struct bytes frame)
{
    if (frame.len <= SEED_MAX && (!kept->at || frame.len < kept->len))
        *kept = frame;
}

static void take(const struct test_case *one)
{
    if (one->api_key < 0 || one->api_key >= KEYS || one->request_version < 0 ||
        one->request_version >= VERSIONS)
        return;
    struct pair *pair = &smallest[one->api_key][one->request_version];
    keep(one->kind == CASE_REQUEST ? &pair->request : &pair->response, one->frame);
}

static FILE *begin(const char *folder, const char *target, int key, int version)
{
    char name[NAME_ROOM];
    (void)snprintf(name, sizeof name, "%s/%s", folder, target);
    mkdir(name, 0777);
    (void)snprintf(name, sizeof name, "%s/%s/%d-%d", folder, target, key, version);
    FILE *file = fopen(name, "wb");
    if (!file) {
        perror(name);
        exit(EXIT_FAILURE);
    }
    return file;
}

static void put(FILE *file, struct bytes bytes)
{
    fwrite(bytes.at, 1, bytes.len, file);
}

/* A step of both_fuzz. */
static void put_given(FILE *file, uint8_t end, struct bytes bytes)
{
    uint8_t head[] = {end, (uint8_t)(bytes.len >> 8), (uint8_t)bytes.len};
    put(file, (struct bytes){head, sizeof head});
    put(file, bytes);
}

static void write_seeds(const char *folder, int key, int version, const struct pair *pair)
{
    uint8_t brokers = (uint8_t)(key % 4); /* some of each */
    if (pair->request.at) {
        FILE *client = begin(folder, "client_fuzz", key, version);
        put(client, (struct bytes){&brokers, 1});
        put(client, pair->request);
        fclose(client);
    }
    if (pair->response.at) {
        const uint8_t head[] = {brokers, (uint8_t)key, (uint8_t)version};
        FILE *broker = begin(folder, "broker_fuzz", key, version);
        put(broker, (struct bytes){head, sizeof head});
        put(broker, pair->response);
        fclose(broker);
    }
    if (pair->request.at && pair->response.at && pair->response.len >= ANSWER_HEAD) {
        /* The answer must have the correlation id of the question, which stands 4 bytes further in. */
        uint8_t answer[SEED_MAX];
        memcpy(answer, pair->response.at, pair->response.len);
        memcpy(answer + 4, pair->request.at + 8, 4);
        FILE *both = begin(folder, "both_fuzz", key, version);
        put(both, (struct bytes){&brokers, 1});
        put_given(both, GIVE_CLIENT, pair->request);
        put_given(both, GIVE_LINK_0, (struct bytes){answer, pair->response.len});
        fclose(both);
    }
}

int main(int argc, char **argv)
{
    struct cases cases;
    struct test_case one;
    if (argc != 3 || !cases_open(&cases, argv[1])) {
        fprintf(stderr, "usage: %s CASES FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    while (cases_next(&cases, &one))
        take(&one);
    for (int key = 0; key < KEYS; key++)
        for (int version = 0; version < VERSIONS; version++)
            write_seeds(argv[2], key, version, &smallest[key][version]);
    cases_close(&cases);
    return EXIT_SUCCESS;
}
