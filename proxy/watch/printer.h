/* SPDX-License-Identifier: Apache-2.0 */
/* The taker behind --traffic: turns each event into a line and gives it to a sink.
 * Apart, because it alone knows in which form, and is what is switched on and off at run time. */
#ifndef KBRIDGE_WATCH_PRINTER_H
#define KBRIDGE_WATCH_PRINTER_H

#include "proxy/watch/sink.h"
#include "proxy/watch/taker.h"

enum traffic_as { TRAFFIC_AS_TEXT, TRAFFIC_AS_JSON };

struct printer {
    struct taker taker;
    struct sink sink;
    enum traffic_as as;
};

/* Lies still from then on. */
void printer_init(struct printer *printer, enum traffic_as as, const struct filter *filter, struct sink sink);

#endif
