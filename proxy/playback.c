/* SPDX-License-Identifier: Apache-2.0 */
/* Files and settings in, lines on standard output; see playback.h. */
#include "proxy/playback.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proxy/misuse.h"
#include "proxy/show.h"
#include "proxy/watch/playback.h"

static const char usage[] = "usage: kbridge traffic FILE… [FLAG…]\n"
                            "\n"
                            "Prints what was recorded (kbridge --record FILE) as kbridge --traffic prints "
                            "what passes, with the same\n"
                            "flags: --traffic=json, --traffic-all, --only produce,fetch, --topic 'orders*', "
                            "--client 'app-*', --errors,\n"
                            "--slow 100ms. FILE is pcapng or pcap, also of tcpdump or Wireshark; - is "
                            "standard input. Of a recording that\n"
                            "has gone on in new files, name them from the oldest on: FILE.2 FILE.1 FILE.\n";

static void print_line(void *context, const char *text, size_t len)
{
    (void)context;
    fwrite(text, 1, len, stdout);
}

static bool play_file(struct playback *playback, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rb");
    struct sentence why = {.len = 0};
    if (!file)
        sentence_add(&why, strerror(errno));
    bool whole = file && playback_file(playback, file, &why);
    if (file && !standard)
        fclose(file);
    fflush(stdout);
    if (!whole)
        fprintf(stderr, "kbridge: %s cannot be read%s: %s.\n", path, playback->heard ? " to its end" : "",
                why.text);
    return whole;
}

static void say_rest(const struct playback *playback, bool any)
{
    if (playback->missing_bytes)
        fprintf(stderr, "kbridge: %llu bytes are missing in it.\n",
                (unsigned long long)playback->missing_bytes);
    if (any && !playback->heard)
        fputs("kbridge: no request of Kafka with its answer is in it.\n", stderr);
}

static int play(char **paths, int count, const struct filter *filter, enum traffic_as as,
                uint32_t record_bytes)
{
    struct playback *playback = malloc(sizeof *playback);
    struct printer *printer = malloc(sizeof *printer);
    bool whole = playback && printer;
    if (whole) {
        playback_begin(playback);
        printer_init(printer, as, filter, record_bytes, (struct sink){.write = print_line});
        traffic_add(&playback->traffic, &printer->taker);
        for (int i = 0; i < count; i++)
            whole = play_file(playback, paths[i]) && whole;
        playback_end(playback);
        fflush(stdout);
        say_rest(playback, whole);
        printer_free(printer);
    }
    free(printer);
    free(playback);
    return whole ? EXIT_SUCCESS : EXIT_FAILURE;
}

int playback(int argc, char **argv, char **environment)
{
    struct settings settings;
    struct problem problem;
    struct filter filter;
    int count = 0;
    while (count < argc && (argv[count][0] != '-' || strcmp(argv[count], "-") == 0))
        count++;
    if (count == 0) {
        fputs(usage, stderr);
        return EXIT_MISUSED;
    }
    bool fine = settings_load(&settings, argc - count, argv + count, environment, &problem) &&
                show_filter(&settings, &filter, &problem);
    if (fine && settings.origin[SETTING_upstream].setter == SET_BY_FLAG)
        fine = problem_say(&problem, "`kbridge traffic` reads files, and they come before the flags.");
    enum traffic_as as = fine ? show_form(&settings, STDOUT_FILENO) : TRAFFIC_AS_TEXT;
    int code = fine ? play(argv, count, &filter, as, (uint32_t)settings.records) : misused(&problem);
    settings_free(&settings);
    return code;
}
