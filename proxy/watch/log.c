/* SPDX-License-Identifier: Apache-2.0 */
/* Printing, and counting instead of printing; see log.h. */
#include "proxy/watch/log.h"

#include <inttypes.h>

enum { US_PER_MS = 1000, US_PER_S = 1000000, CLIENT_ID_SHOWN = 64 };

void log_init(struct log *log, enum level level, struct sink sink, struct clocks clocks)
{
    *log = (struct log){.level = level, .sink = sink, .clocks = clocks};
}

/* ---- one line ---- */

static void add_who(struct line *line, const struct who *who)
{
    if (!who->place)
        return;
    line_add(line, "client ");
    line_add_ip(line, &who->place->peer, who->place->peer_port);
    if (*who->client_id) {
        line_add(line, " \"");
        line_add_foreign(line, bytes_of(who->client_id), CLIENT_ID_SHOWN);
        line_add(line, "\"");
    }
}

static void print(const struct log *log, uint64_t now_us, enum level level, const struct line *text)
{
    static const char *const names[] = {
        [LEVEL_ERROR] = "error", [LEVEL_WARN] = "warn ", [LEVEL_INFO] = "info ", [LEVEL_DEBUG] = "debug"};
    struct line line = {.len = 0};
    line_add_time(&line, now_us);
    line_add_format(&line, " %s ", names[level]);
    line_add(&line, text->text);
    line_end(&line);
    log->sink.write(log->sink.context, line.text, line.len);
}

/* ---- lines that repeat ---- */

/* FNV-1a. Two sentences with one key cost a line in the log, no more. */
static uint64_t mix(uint64_t key, const void *at, size_t len)
{
    const uint8_t *byte = at;
    for (size_t i = 0; i < len; i++)
        key = (key ^ byte[i]) * UINT64_C(0x100000001b3);
    return key;
}

static uint64_t key_of(enum level level, const struct who *who, const char *text)
{
    uint64_t key = mix(UINT64_C(0xcbf29ce484222325), &level, sizeof level);
    if (who->place) {
        key = mix(key, who->place->peer.at, who->place->peer.len);
        key = mix(key, who->client_id, strlen(who->client_id) + 1);
    }
    return mix(key, text, strlen(text));
}

static void tell_hidden(const struct log *log, struct repeat *repeat, uint64_t now_us)
{
    if (!repeat->hidden)
        return;
    uint64_t passed_us = now_us > repeat->begun_us ? now_us - repeat->begun_us : 0;
    uint64_t seconds = (passed_us + US_PER_S / 2) / US_PER_S;
    struct line line = repeat->text;
    line_add_format(&line, " (… %" PRIu64 " more like this in the last %" PRIu64 " s)", repeat->hidden,
                    seconds ? seconds : 1);
    print(log, now_us, repeat->level, &line);
}

static bool is_over(const struct repeat *repeat, uint64_t now_us)
{
    return now_us < repeat->begun_us || now_us - repeat->begun_us >= repeat->window_us;
}

/* Whoever was silent in its time begins anew with the next line; whoever was not is watched longer. */
static void settle(struct log *log, uint64_t now_us)
{
    for (struct repeat *repeat = log->repeats; repeat < log->repeats + LOG_REPEATS; repeat++) {
        if (!repeat->used || !is_over(repeat, now_us))
            continue;
        tell_hidden(log, repeat, now_us);
        repeat->used = repeat->hidden > 0;
        repeat->hidden = 0;
        repeat->begun_us = now_us;
        repeat->window_us = (uint64_t)LOG_NEXT_MS * US_PER_MS;
    }
}

static struct repeat *find(struct log *log, uint64_t key)
{
    for (struct repeat *repeat = log->repeats; repeat < log->repeats + LOG_REPEATS; repeat++)
        if (repeat->used && repeat->key == key)
            return repeat;
    return NULL;
}

static struct repeat *take(struct log *log, uint64_t now_us)
{
    struct repeat *oldest = log->repeats;
    for (struct repeat *repeat = log->repeats; repeat < log->repeats + LOG_REPEATS; repeat++) {
        if (!repeat->used)
            return repeat;
        if (repeat->begun_us < oldest->begun_us)
            oldest = repeat;
    }
    tell_hidden(log, oldest, now_us);
    return oldest;
}

/* True where it has been said often enough; it is counted. */
static bool hide(struct repeat *repeat)
{
    uint64_t allowed = repeat->level <= LEVEL_WARN ? 1 : LOG_ALIKE;
    if (repeat->printed >= allowed) {
        repeat->hidden++;
        return true;
    }
    repeat->printed++;
    return false;
}

static struct line with_who(const struct who *who, const char *text)
{
    struct line line = {.len = 0};
    add_who(&line, who);
    line_add(&line, text);
    return line;
}

static void alert(const struct log *log, uint64_t key, enum level level, uint64_t now_us,
                  const struct who *who, const char *text)
{
    if (!log->alerts || level > LEVEL_WARN)
        return;
    struct line line = with_who(who, text);
    alerts_note(log->alerts, key, level, now_us, &line);
}

void log_say(struct log *log, enum level level, const struct who *who, const char *text)
{
    if (!log_wants(log, level))
        return;
    uint64_t now_us = log->clocks.wall_us(log->clocks.context);
    settle(log, now_us);
    uint64_t key = key_of(level, who, text);
    alert(log, key, level, now_us, who, text);
    struct repeat *repeat = find(log, key);
    if (!repeat) {
        repeat = take(log, now_us);
        *repeat = (struct repeat){.used = true, .level = level, .key = key, .begun_us = now_us};
        repeat->window_us = (uint64_t)LOG_FIRST_MS * US_PER_MS;
    }
    if (hide(repeat))
        return;
    repeat->text = with_who(who, text);
    print(log, now_us, level, &repeat->text);
}

void log_flush(struct log *log)
{
    uint64_t now_us = log->clocks.wall_us(log->clocks.context);
    for (struct repeat *repeat = log->repeats; repeat < log->repeats + LOG_REPEATS; repeat++) {
        tell_hidden(log, repeat, now_us);
        repeat->used = false;
        repeat->hidden = 0;
    }
}
