/* SPDX-License-Identifier: Apache-2.0 */
/* kbridge: which command, with which settings.
 * The proxy itself runs in this process; commands that are Kafka clients or brokers are another executable,
 * kbridge-tools, which takes this one's place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings.h"
#include "proxy/companion.h"
#include "proxy/health.h"
#include "proxy/misuse.h"
#include "proxy/mock.h"
#include "proxy/playback.h"
#include "proxy/run.h"

extern char **environ;

static const char usage[] =
    "kbridge stands in front of a Kafka cluster on one fixed port, and rewrites each\n"
    "broker address that passes, so that it leads every client back through kbridge.\n"
    "\n"
    "  kbridge [run] UPSTREAM[,UPSTREAM…] [FLAG…]\n"
    "                            the proxy, before these brokers\n"
    "  kbridge health [HOST:PORT]\n"
    "                            exit code 0: Kafka answers through kbridge\n"
    "  kbridge wait ADDRESS… [-- COMMAND…]\n"
    "                            until Kafka and other services are there\n"
    "  kbridge check [ADDRESS]   what is wrong, and the lines that put it right\n"
    "  kbridge mock [FLAG…]      Kafka for tests, in memory, behind this kbridge\n"
    "  kbridge traffic FILE [FLAG…]   a recording (--record) as the lines of --traffic, with its filters\n"
    "  kbridge config [FLAG…]    what each setting is, and who has set it\n"
    "  kbridge --reference       all settings explained, as a settings file\n"
    "  kbridge --help, --version\n"
    "\n"
    "wait, check and mock have a --help of their own.\n"
    "\n"
    "Each setting is a flag, a key in a file (--config) and a variable, such as\n"
    "--limits.frame 1MiB, limits.frame: 1MiB and KBRIDGE_LIMITS_FRAME=1MiB.\n"
    "Flags beat variables, variables beat the file.\n"
    "\n";

static const char examples[] = "\n"
                               "Examples:\n"
                               "  kbridge kafka:9092                      for clients on this machine\n"
                               "  kbridge kafka:9092 --listen '*:29092'   for clients everywhere\n"
                               "  kbridge kafka:9092 --traffic            shows what clients send\n";

static int print_help(void)
{
    fputs(usage, stdout);
    settings_print_help(stdout);
    fputs(examples, stdout);
    return EXIT_SUCCESS;
}

static int print_version(void)
{
    puts("kbridge " KBRIDGE_VERSION);
    return EXIT_SUCCESS;
}

static int print_reference(void)
{
    settings_print_reference(stdout);
    return EXIT_SUCCESS;
}

typedef int printer(void);

/* What a flag prints instead of running the proxy, wherever it stands; NULL: no such flag is there. */
static printer *printer_among(int argc, char **argv)
{
    static const struct {
        const char *flag;
        printer *print;
    } printers[] = {
        {"--help", print_help},
        {"-h", print_help},
        {"--version", print_version},
        {"--reference", print_reference},
    };
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        for (size_t k = 0; k < sizeof printers / sizeof *printers; k++)
            if (strcmp(argv[i], printers[k].flag) == 0)
                return printers[k].print;
    return NULL;
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static int run_proxy(int argc, char **argv)
{
    struct settings settings;
    struct problem problem;
    bool fine = settings_load(&settings, argc, argv, environ, &problem) &&
                settings_suffice_to_run(&settings, &problem);
    int code = fine ? run(&settings, &(struct source){argc, argv, environ}) : misused(&problem);
    settings_free(&settings);
    return code;
}

static int print_config(int argc, char **argv)
{
    struct settings settings;
    struct problem problem;
    bool fine = settings_load(&settings, argc, argv, environ, &problem);
    if (fine)
        settings_print_effective(&settings, stdout);
    settings_free(&settings);
    return fine ? EXIT_SUCCESS : misused(&problem);
}

/* The commands that take settings; the proxy is also what is meant without a command. */
static int run_health(int argc, char **argv)
{
    return health(argc, argv, environ);
}

static int run_mock(int argc, char **argv)
{
    return mock(argc, argv, environ);
}

static int run_playback(int argc, char **argv)
{
    return playback(argc, argv, environ);
}

/* Without `run`, a tool, which is the other executable's. */
static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", run_proxy},        {"health", run_health}, {"config", print_config}, {"mock", run_mock},
    {"traffic", run_playback}, {"wait", NULL},         {"check", NULL},
};

static const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

/* One letter too much, missing or another, or two that have changed places: what is left between what both begin and end with. */
static bool is_slip_of(const char *word, const char *meant)
{
    size_t len = strlen(word), meant_len = strlen(meant);
    while (len && meant_len && *word == *meant)
        word++, meant++, len--, meant_len--;
    while (len && meant_len && word[len - 1] == meant[meant_len - 1])
        len--, meant_len--;
    bool swapped = len == 2 && meant_len == 2 && word[0] == meant[1] && word[1] == meant[0];
    return swapped || (len <= 1 && meant_len <= 1);
}

/* It would be taken for a broker, and waited for. A broker of that name can be written with its port. */
static bool is_mistyped(const char *name, struct problem *problem)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (is_slip_of(name, commands[i].name))
            return !problem_say(problem,
                                "there is no command %s; %s was probably meant (a broker of that name needs "
                                "its port behind it)",
                                quote(name).text, commands[i].name);
    return false;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *command = command_named(name);
    bool asks_mock = strcmp(name, "mock") == 0 && argc > 2 && is_help(argv[2]);
    if ((command && !command->run) || asks_mock)
        return companion_become(argv);
    struct problem problem;
    if (!command && is_mistyped(name, &problem))
        return misused(&problem);
    int skipped = argc == 0 ? 0 : command ? 2 : 1;
    printer *print = printer_among(argc - skipped, argv + skipped);
    if (print)
        return print();
    return (command ? command->run : run_proxy)(argc - skipped, argv + skipped);
}
