/* SPDX-License-Identifier: Apache-2.0 */
/* Tells what stands at the beginning of a message, without keeping where it is.
 * Apart from the walker, whose steps it tells, because it starts from the beginning each time: nearly every request says where it
 * belongs in its first bytes, and these are here. Where they are not, the walker goes through the message. */
#ifndef KBRIDGE_KAFKA_PEEK_H
#define KBRIDGE_KAFKA_PEEK_H

#include "proxy/kafka/walk.h"

/* VALUE of a field, or BEGIN and one PIECE. False: that is enough. */
typedef bool peek_fn(void *context, enum walk_step step, const struct walk_event *event);

/* Tells the fields with one of `roles`, in order. True: `tell` had enough. False: more of the message is needed than lies in
 * `body`, or than the first element of an array; or it is wrong. */
bool peek(const struct message *message, int version, uint64_t roles, struct bytes body, peek_fn *tell,
          void *context);

#endif
