/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic on its way to one page: gathered as JSON between two updates, a bounded number of lines.
 * Apart, because lines come in the threads of all workers, while the watch is locked, and go in the first one's. */
#ifndef KBRIDGE_ADMIN_STREAM_H
#define KBRIDGE_ADMIN_STREAM_H

#include "proxy/admin/http.h"
#include "proxy/admin/text.h"
#include "proxy/watch/watch.h"

enum { STREAM_LINES_MAX = 200 }; /* between two updates: more nobody reads; the rest is counted */

struct stream {
    struct taker taker;
    struct text lines; /* elements of a JSON array; owned */
    uint32_t shown, left_out;
    bool takes;
};

/* What the query says: only, topic, client, slow (ms), errors, all. False: `why` says what is wrong. */
bool stream_filter(const struct http_request *request, struct filter *filter, struct sentence *why);

/* False: too many take already. */
bool stream_begin(struct stream *stream, struct watch *watch, const struct filter *filter);
void stream_end(struct stream *stream, struct watch *watch);

/* {"lines":[…],"left_out":0} of what came since the last call; an empty text where nothing did. */
struct text stream_collect(struct stream *stream, struct watch *watch);

#endif
