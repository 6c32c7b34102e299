/* SPDX-License-Identifier: Apache-2.0 */
/* Limits what an ApiVersions response offers.
 * Apart from rewrite.c, because this is the one message whose entries may have to go, not only change. */
#ifndef KBRIDGE_KAFKA_OFFER_H
#define KBRIDGE_KAFKA_OFFER_H

#include "proxy/kafka/rewrite.h"

/* Makes the response in `frame` (whole, with its length prefix) anew by rules->offer, and shows it to rules->see as it was.
 * `version` is the request's. An answer with an error passes as it is. NULL, or what is wrong as half a
 * sentence; the frame is as it was then. */
const char *offer_limit(struct buffer *frame, int version, const struct rewrite_rules *rules);

#endif
