/* SPDX-License-Identifier: Apache-2.0 */
/* `check`: what is wrong with an address of Kafka as it is seen from here, or with a configuration of kbridge before it starts.
 * It changes nothing, and sends no more than questions. */
#include "proxy/tools/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/ask/socket.h"
#include "proxy/tools/tool.h"

enum { ASKED_MAX = 8 };

extern char **environ;

struct check {
    struct facts facts[ASKED_MAX];
    size_t count;
    struct findings findings;
    bool json;
};

/* ---- an address ---- */

static int check_address(struct check *check, const char *text)
{
    static const struct endpoint_form form = {.example = "localhost:29092", .default_port = 9092};
    struct facts *facts = &check->facts[check->count++];
    struct endpoint endpoint;
    struct problem problem;
    facts->as_tls = strncasecmp(text, "ssl://", 6) == 0;
    if (!endpoint_parse(facts->as_tls ? text + 6 : text, &form, &endpoint, &problem)) {
        fprintf(stderr, "kbridge: check: %s.\n", problem.text);
        return EXIT_MISUSED;
    }
    check_gather(facts, &endpoint);
    check_recognise(facts, &check->findings);
    return EXIT_FINE;
}

/* ---- a configuration ---- */

/* Whether two addresses are one: where the listener is on every interface, any loopback or own name is. */
static bool is_the_same(const struct endpoint *upstream, const struct endpoint *listen)
{
    if (upstream->port != listen->port)
        return false;
    bool is_local = strcasecmp(upstream->host, "localhost") == 0 || strncmp(upstream->host, "127.", 4) == 0 ||
                    strcmp(upstream->host, "::1") == 0;
    return strcasecmp(upstream->host, listen->host) == 0 ||
           (is_local && (strcmp(listen->host, "*") == 0 || strcasecmp(listen->host, "localhost") == 0));
}

static void check_upstream(struct check *check, const struct settings *settings,
                           const struct endpoint *upstream)
{
    struct facts *facts = &check->facts[check->count++];
    facts->is_upstream = true;
    for (size_t i = 0; i < settings->listen.count; i++)
        facts->is_loop |= is_the_same(upstream, &settings->listen.at[i]);
    check_gather(facts, upstream);
    /* What its clients would be told is kbridge's to say. */
    struct findings *findings = &check->findings;
    size_t brokers = facts->broker_count;
    facts->broker_count = 0;
    check_recognise(facts, findings);
    facts->broker_count = brokers;
}

/* errno of binding there; 0 where one can. */
static int bind_error(const struct addrinfo *address)
{
    int one = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int error = bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, 1) < 0 ? errno : 0;
    close(fd);
    return error;
}

static void check_listen(struct check *check, const struct endpoint *listen)
{
    struct endpoint endpoint = *listen;
    struct problem problem;
    char sentence[CHECK_TEXT_ROOM];
    if (strcmp(endpoint.host, "*") == 0)
        strcpy(endpoint.host, "0.0.0.0");
    struct addrinfo *addresses = socket_resolve(&endpoint, &problem);
    int error = addresses ? bind_error(addresses) : 0;
    if (addresses)
        freeaddrinfo(addresses);
    if (!error)
        return;
    snprintf(sentence, sizeof sentence, "kbridge cannot listen on %s:%u: %s.", listen->host,
             (unsigned)listen->port, strerror(error));
    check_add(&check->findings, "listen", sentence, "kbridge … --listen localhost:29093");
}

static void check_forward(struct check *check, const struct forward_rule *forward)
{
    struct reached target = {.endpoint = forward->to};
    char sentence[CHECK_TEXT_ROOM];
    check_reach(&target);
    if (check_is_connected(&target))
        return;
    snprintf(sentence, sizeof sentence, "Nobody can be reached at the target of a forward, %s:%u%s%s.",
             forward->to.host, (unsigned)forward->to.port, target.unresolved.text[0] ? ": " : "",
             target.unresolved.text);
    check_add(&check->findings, "forward", sentence, "docker compose ps");
}

static int check_settings(struct check *check, int argc, char **argv)
{
    struct settings settings;
    struct problem problem;
    bool fine = settings_load(&settings, argc, argv, environ, &problem) &&
                settings_suffice_to_run(&settings, &problem);
    if (!fine)
        fprintf(stderr, "kbridge: %s\n", problem.text);
    for (size_t i = 0; fine && i < settings.upstream.count && i < ASKED_MAX; i++)
        check_upstream(check, &settings, &settings.upstream.at[i]);
    for (size_t i = 0; fine && i < settings.listen.count; i++)
        check_listen(check, &settings.listen.at[i]);
    for (size_t i = 0; fine && i < settings.forward.count; i++)
        check_forward(check, &settings.forward.at[i]);
    settings_free(&settings);
    return fine ? EXIT_FINE : EXIT_MISUSED;
}

/* ---- both ---- */

static int show(const struct check *check)
{
    if (check->json) {
        check_print_json(check->facts, check->count, &check->findings, stdout);
    } else {
        for (size_t i = 0; i < check->count; i++)
            check_print_facts(&check->facts[i], stdout);
        check_print_findings(&check->findings, stdout);
    }
    bool broken = false;
    for (size_t i = 0; i < check->findings.count; i++)
        broken |= !check->findings.at[i].is_note;
    return broken ? EXIT_BROKEN : EXIT_FINE;
}

/* Takes --json out of the arguments, wherever it stands. */
static bool take_json(int *argc, char **argv)
{
    int kept = 0;
    for (int i = 0; i < *argc; i++)
        if (strcmp(argv[i], "--json") != 0)
            argv[kept++] = argv[i];
    bool taken = kept < *argc;
    *argc = kept;
    return taken;
}

/* One argument that is no flag is an address to look at as a client; anything else is a configuration. */
static int run(int argc, char **argv)
{
    struct check *check = calloc(1, sizeof *check);
    if (!check)
        return EXIT_BROKEN;
    check->json = take_json(&argc, argv);
    int code =
        argc == 1 && argv[0][0] != '-' ? check_address(check, argv[0]) : check_settings(check, argc, argv);
    if (code == EXIT_FINE)
        code = show(check);
    free(check);
    return code;
}

static const struct flag flag_table[] = {
    {"--json", .alone = true, .help = "for programs: what was seen, and each finding with its lines"},
};
static const struct flags flags = {"check", flag_table, sizeof flag_table / sizeof *flag_table};

const struct tool check_tool = {
    .name = "check",
    .usage = "ADDRESS [--json]\n  kbridge check [--json] SETTING OF KBRIDGE…",
    .what = "what is wrong, and the lines that put it right",
    .more = "ADDRESS is HOST:PORT of a broker or of kbridge, with ssl:// before it for a client\n"
            "that speaks TLS: who answers there, what clients are told, and whether that can be\n"
            "reached from here. So run it where the client runs: in its container, if it has one.\n"
            "\n"
            "Otherwise a configuration is checked, before kbridge starts with it: upstream, ports,\n"
            "forwards.\n"
            "\n"
            "Exit codes: 0 nothing is wrong; 1 something is; 2 something is written wrong.\n"
            "\n"
            "Examples:\n"
            "  kbridge check localhost:29092\n"
            "  kbridge check kafka:9092 --listen localhost:29093\n",
    .flags = &flags,
    .run = run,
};
