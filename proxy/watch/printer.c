/* SPDX-License-Identifier: Apache-2.0 */
/* Events in, lines out; see printer.h. */
#include "proxy/watch/printer.h"

#include "proxy/watch/text.h"

static void print(void *context, const struct traffic_event *event)
{
    const struct printer *printer = context;
    struct line line = {.len = 0};
    text_event(&line, event);
    printer->sink.write(printer->sink.context, line.text, line.len);
}

void printer_init(struct printer *printer, enum traffic_as as, const struct filter *filter, struct sink sink)
{
    *printer = (struct printer){.sink = sink, .as = as};
    printer->taker = (struct taker){.filter = *filter, .take = print, .context = printer};
}
