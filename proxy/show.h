/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown of a running proxy: from settings to filters, forms and files.
 * Apart from run.c, because `kbridge traffic` prints by the same settings. */
#ifndef KBRIDGE_SHOW_H
#define KBRIDGE_SHOW_H

#include "config/settings.h"
#include "proxy/watch/watch.h"
#include "proxy/watch/writer.h"

struct show {
    struct fd_sink log; /* standard error */
    struct writer traffic;
    struct recorder *recorder; /* NULL: --record is not given; owned */
    struct watch_settings wanted;
};

/* Lies still from then on. False: a setting cannot be, which `problem` tells. */
bool show_open(struct show *show, const struct settings *settings, struct problem *problem);
void show_close(struct show *show);

/* Before show_close, while `watch` can still say something. */
void show_end_recording(struct show *show, struct watch *watch);

/* The filters of the settings. */
bool show_filter(const struct settings *settings, struct filter *filter, struct problem *problem);

/* How lines are printed to this file descriptor. */
enum traffic_as show_form(const struct settings *settings, int fd);

#endif
