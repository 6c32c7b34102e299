/* SPDX-License-Identifier: Apache-2.0 */
/* The words that the text and the JSON of a traffic line share.
 * Apart, so that both call a thing by the same name. */
#ifndef KBRIDGE_WATCH_WORDS_H
#define KBRIDGE_WATCH_WORDS_H

#include "proxy/watch/line.h"
#include "proxy/watch/summary.h"

/* "group", "transactional id", "broker" … */
const char *words_key(const struct key_summary *key, int8_t key_type);

const char *words_isolation(const struct summary *summary); /* "read_committed" */
const char *words_end(const struct summary *summary);       /* "commit", "abort" */

/* "localhost:29092", or what the nodes have of their own. */
void words_told(struct line *line, const struct told *told);

#endif
