/* SPDX-License-Identifier: Apache-2.0 */
/* The taker behind --traffic: turns each event into a line and gives it to a sink.
 * Apart, because it alone knows in which form, and is what is switched on and off at run time. */
#ifndef KBRIDGE_WATCH_PRINTER_H
#define KBRIDGE_WATCH_PRINTER_H

#include "proxy/watch/json.h"
#include "proxy/watch/sink.h"
#include "proxy/watch/taker.h"

enum traffic_as { TRAFFIC_AS_TEXT, TRAFFIC_AS_COLOURED_TEXT, TRAFFIC_AS_JSON };

struct printer {
    struct taker taker;
    struct sink sink;
    enum traffic_as as;
    uint64_t day;     /* of the last line, since 1970 */
    struct text json; /* the line, in memory that stays; owned */
};

/* Lies still from then on. */
void printer_init(struct printer *printer, enum traffic_as as, const struct filter *filter,
                  uint32_t record_bytes, struct sink sink);
void printer_free(struct printer *printer);

#endif
