/* SPDX-License-Identifier: Apache-2.0 */
/* Taking and giving; see stream.h. */
#include "proxy/admin/stream.h"

#include <stdlib.h>

#include "proxy/watch/json_event.h"
#include "proxy/watch/text.h"

enum { WORD_ROOM = 16, US_PER_MS = 1000 };

/* ---- filter ---- */

static bool is_set(const struct http_request *request, const char *name)
{
    char value[WORD_ROOM];
    return http_query(request, name, value, sizeof value) && strcmp(value, "true") == 0;
}

bool stream_filter(const struct http_request *request, struct filter *filter, struct sentence *why)
{
    typedef bool set_fn(struct filter * filter, const char *text, struct sentence *why);
    static const struct {
        const char *name;
        set_fn *set;
    } texts[] = {{"only", filter_set_only}, {"topic", filter_set_topic}, {"client", filter_set_client}};
    char value[PATTERN_ROOM];
    *filter = (struct filter){.errors = is_set(request, "errors"), .all = is_set(request, "all")};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (http_query(request, texts[i].name, value, sizeof value) && !texts[i].set(filter, value, why))
            return false;
    if (http_query(request, "slow", value, sizeof value))
        filter->slow_us = strtoul(value, NULL, 10) * US_PER_MS;
    return true;
}

/* ---- taking ---- */

/* The line of --traffic=json, and what the one for people says besides its columns. */
static void add_line(struct text *text, const struct traffic_event *event)
{
    struct line about = {.len = 0};
    text_about(&about, event);
    json_open(text, NULL, '{');
    json_event(text, "line", event);
    json_string(text, "about", about.text);
    json_close(text, '}');
}

static void take(void *context, const struct traffic_event *event)
{
    struct stream *stream = context;
    if (!event->who || !event->summary)
        return;
    stream->left_out += stream->shown >= STREAM_LINES_MAX;
    if (stream->shown >= STREAM_LINES_MAX)
        return;
    stream->shown++;
    add_line(&stream->lines, event);
}

bool stream_begin(struct stream *stream, struct watch *watch, const struct filter *filter)
{
    *stream = (struct stream){.taker = {.filter = *filter, .take = take, .context = stream}};
    stream->takes = watch_add_taker(watch, &stream->taker);
    return stream->takes;
}

void stream_end(struct stream *stream, struct watch *watch)
{
    if (stream->takes)
        watch_remove_taker(watch, &stream->taker);
    stream->takes = false;
    text_free(&stream->lines);
}

/* ---- giving ---- */

struct text stream_collect(struct stream *stream, struct watch *watch)
{
    struct text given = {.at = NULL};
    watch_lock(watch);
    struct text lines = stream->lines;
    uint32_t left_out = stream->left_out;
    stream->lines = (struct text){.at = NULL};
    stream->shown = stream->left_out = 0;
    watch_unlock(watch);
    if (lines.len) {
        json_open(&given, NULL, '{');
        json_open(&given, "lines", '[');
        text_add_bytes(&given, text_bytes(&lines));
        json_close(&given, ']');
        json_number(&given, "left_out", left_out);
        json_close(&given, '}');
    }
    text_free(&lines);
    return given;
}
