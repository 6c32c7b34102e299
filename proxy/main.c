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

static bool is_tool(const char *command)
{
    static const char *const tools[] = {"wait", "check"};
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (strcmp(command, tools[i]) == 0)
            return true;
    return false;
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

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", run_proxy}, {"health", run_health},    {"config", print_config},
    {"mock", run_mock}, {"traffic", run_playback},
};

static const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *command = command_named(name);
    bool asks_mock = strcmp(name, "mock") == 0 && argc > 2 && is_help(argv[2]);
    if (is_tool(name) || asks_mock)
        return companion_become(argv);
    int skipped = argc == 0 ? 0 : command ? 2 : 1;
    printer *print = printer_among(argc - skipped, argv + skipped);
    if (print)
        return print();
    return (command ? command->run : run_proxy)(argc - skipped, argv + skipped);
}
