/* SPDX-License-Identifier: Apache-2.0 */
/* One ApiVersions round trip through kbridge; see health.h.
 * That the port is open says nothing: kbridge accepts and holds clients while Kafka is not there. */
#include "proxy/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/settings.h"
#include "proxy/ask/ask.h"
#include "proxy/ask/socket.h"
#include "proxy/heap.h"
#include "proxy/kafka/keys.h"
#include "proxy/misuse.h"

static const struct endpoint_form form = {.example = "localhost:29092", .default_port = 29092};

static bool kafka_answers(const struct endpoint *endpoint, struct problem *problem)
{
    static const struct question question = {.api_key = API_API_VERSIONS, .timeout_ms = HEALTH_TIMEOUT_MS};
    struct buffer answer = {.allocator = &heap_allocator};
    int fd = socket_reach(endpoint, socket_now_ms() + HEALTH_TIMEOUT_MS, problem);
    if (fd < 0)
        return false;
    bool answers = ask(fd, &question, &answer, problem);
    buffer_free(&answer);
    close(fd);
    return answers;
}

/* ---- whom to ask ---- */

static bool endpoint_of_settings(char **environment, struct endpoint *endpoint, struct problem *problem)
{
    struct settings settings;
    bool loaded = settings_load(&settings, 0, NULL, environment, problem);
    if (loaded)
        *endpoint = settings.listen.at[0];
    settings_free(&settings);
    if (loaded && strcmp(endpoint->host, "*") == 0)
        strcpy(endpoint->host, "localhost");
    return loaded;
}

static bool find_endpoint(int argc, char **argv, char **environment, struct endpoint *endpoint,
                          struct problem *problem)
{
    if (argc == 0)
        return endpoint_of_settings(environment, endpoint, problem);
    if (argc == 1)
        return endpoint_parse(argv[0], &form, endpoint, problem) ||
               problem_say(problem, "health asks at one HOST:PORT: %s.", problem->text);
    return problem_say(problem, "health takes one HOST:PORT or nothing, not %d arguments.", argc);
}

int health(int argc, char **argv, char **environment)
{
    struct endpoint endpoint = {.port = 0};
    struct problem problem;
    if (!find_endpoint(argc, argv, environment, &endpoint, &problem))
        return misused(&problem);
    bool answers = kafka_answers(&endpoint, &problem);
    fputs(answers ? "Kafka answers at " : "Kafka does not answer at ", stdout);
    endpoint_print(&endpoint, &form, stdout);
    if (!answers)
        printf(": %s", problem.text);
    puts(".");
    return answers ? EXIT_SUCCESS : EXIT_FAILURE;
}
