/* SPDX-License-Identifier: Apache-2.0 */
/* Events in, lines out; see printer.h. */
#include "proxy/watch/printer.h"

#include "proxy/watch/excerpt.h"
#include "proxy/watch/json_event.h"
#include "proxy/watch/text.h"

static void print_line(const struct printer *printer, const struct line *line)
{
    printer->sink.write(printer->sink.context, line->text, line->len);
}

struct record_lines {
    const struct printer *printer;
    const struct traffic_event *event;
    bool colours;
};

static void print_record(void *context, const struct excerpt_field *field, const struct record *record)
{
    const struct record_lines *lines = context;
    struct line line = {.len = 0};
    text_record(&line, lines->event, field, record, lines->colours);
    print_line(lines->printer, &line);
}

static void print_records(const struct printer *printer, const struct traffic_event *event, bool colours)
{
    struct record_lines lines = {printer, event, colours};
    struct line line = {.len = 0};
    if (excerpt_show(event->summary->excerpt, print_record, &lines))
        return;
    text_unread(&line, colours);
    print_line(printer, &line);
}

static void print_text(void *context, const struct traffic_event *event)
{
    static const uint64_t us_per_day = UINT64_C(86400) * 1000000;
    struct printer *printer = context;
    bool colours = printer->as == TRAFFIC_AS_COLOURED_TEXT;
    uint64_t day = event->wall_us / us_per_day;
    struct line date = {.len = 0}, connection = {.len = 0}, line = {.len = 0};
    if (day != printer->day) {
        text_day(&date, event->wall_us, colours);
        print_line(printer, &date);
    }
    printer->day = day;
    if (event->first) {
        text_connection(&connection, event, colours);
        print_line(printer, &connection);
    }
    text_event(&line, event, colours);
    print_line(printer, &line);
    if (event->record_bytes && event->summary && event->summary->excerpt)
        print_records(printer, event, colours);
}

static void print_json(void *context, const struct traffic_event *event)
{
    struct printer *printer = context;
    struct text *json = &printer->json;
    json->len = 0;
    json->failed = false;
    json_event(json, NULL, event);
    text_add(json, "\n");
    if (!json->failed)
        printer->sink.write(printer->sink.context, json->at, json->len);
}

void printer_init(struct printer *printer, enum traffic_as as, const struct filter *filter,
                  uint32_t record_bytes, struct sink sink)
{
    printer->sink = sink;
    printer->as = as;
    printer->day = 0;
    printer->json = (struct text){.at = NULL};
    printer->taker = (struct taker){.record_bytes = record_bytes,
                                    .filter = *filter,
                                    .take = as == TRAFFIC_AS_JSON ? print_json : print_text,
                                    .context = printer};
}

void printer_free(struct printer *printer)
{
    text_free(&printer->json);
}
