/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of what you see, in the form of watch/; see show.h. */
#include "proxy/show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { US_PER_MS = 1000, ONLY_THE_OWNER = 0600 };

static bool misused(struct problem *problem, const char *name, const struct sentence *why)
{
    return problem_say(problem, "setting %s: %s.", name, why->text);
}

bool show_filter(const struct settings *settings, struct filter *filter, struct problem *problem)
{
    struct sentence why = {.len = 0};
    *filter = (struct filter){
        .slow_us = settings->slow_ms * US_PER_MS,
        .errors = settings->errors == SWITCH_ON,
        .all = settings->traffic_all == SWITCH_ON,
    };
    if (settings->only && !filter_set_only(filter, settings->only, &why))
        return misused(problem, "only", &why);
    if (settings->topic && !filter_set_topic(filter, settings->topic, &why))
        return misused(problem, "topic", &why);
    if (settings->client && !filter_set_client(filter, settings->client, &why))
        return misused(problem, "client", &why);
    return true;
}

/* NO_COLOR: https://no-color.org */
static bool has_colours(int fd)
{
    const char *without = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fd) && (!without || !*without) && terminal && strcmp(terminal, "dumb") != 0;
}

enum traffic_as show_form(const struct settings *settings, int fd)
{
    if (settings->traffic == TRAFFIC_JSON)
        return TRAFFIC_AS_JSON;
    return has_colours(fd) ? TRAFFIC_AS_COLOURED_TEXT : TRAFFIC_AS_TEXT;
}

static int open_file(const char *path, struct problem *problem)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, ONLY_THE_OWNER);
    if (fd < 0)
        problem_say(problem, "setting traffic.file: %s cannot be opened: %s.", quote(path).text,
                    strerror(errno));
    return fd;
}

/* NULL: it cannot be, which `problem` tells. */
static struct recorder *record(const struct settings *settings, struct problem *problem)
{
    const struct recorder_settings wanted = {
        .path = settings->record,
        .program = "kbridge " KBRIDGE_VERSION,
        .size_most = settings->record_size_bytes,
        .clocks = clocks_of_system(),
    };
    struct recorder *recorder = malloc(sizeof *recorder);
    if (recorder && recorder_open(recorder, &wanted))
        return recorder;
    problem_say(problem, "setting record: %s cannot be written: %s.", quote(wanted.path).text,
                strerror(errno));
    free(recorder);
    return NULL;
}

bool show_open(struct show *show, const struct settings *settings, struct problem *problem)
{
    static const enum level levels[] = {
        [LOG_LEVEL_ERROR] = LEVEL_ERROR,
        [LOG_LEVEL_WARN] = LEVEL_WARN,
        [LOG_LEVEL_INFO] = LEVEL_INFO,
        [LOG_LEVEL_DEBUG] = LEVEL_DEBUG,
    };
    const char *path = settings->traffic_file;
    show->recorder = NULL;
    show->log = (struct fd_sink){.fd = STDERR_FILENO};
    show->wanted = (struct watch_settings){
        .level = levels[settings->log],
        .traffic = settings->traffic != TRAFFIC_OFF,
        .log_sink = sink_of_fd(&show->log),
        .traffic_records = (uint32_t)settings->records,
        .traffic_sink = sink_of_writer(&show->traffic),
        .clocks = clocks_of_system(),
    };
    if (!show_filter(settings, &show->wanted.traffic_filter, problem))
        return false;
    int fd = path ? open_file(path, problem) : STDOUT_FILENO;
    if (fd < 0)
        return false;
    show->wanted.traffic_as = show_form(settings, fd);
    writer_init(&show->traffic, fd,
                show->wanted.traffic_as == TRAFFIC_AS_JSON
                    ? "{\"lost\":%llu}\n"
                    : "(lines lost here: %llu, nobody read them in time)\n");
    if (settings->record)
        show->wanted.recorder = show->recorder = record(settings, problem);
    return !settings->record || show->recorder;
}

void show_end_recording(struct show *show, struct watch *watch)
{
    if (show->recorder)
        watch_recorded(watch, recorder_close(show->recorder));
}

void show_close(struct show *show)
{
    writer_close(&show->traffic);
    if (show->traffic.fd != STDOUT_FILENO)
        close(show->traffic.fd);
    free(show->recorder);
}
