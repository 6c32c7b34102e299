/* SPDX-License-Identifier: Apache-2.0 */
/* A client of a forward: its bytes go to one target and back as they are (conversation_forward).
 * Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_RELAY_H
#define KBRIDGE_BRIDGE_RELAY_H

#include "proxy/bridge/conversation.h"
#include "proxy/bridge/retry.h"

enum relay_state { RELAY_DIALING, RELAY_WAITING, RELAY_UP };

struct relay {
    const struct address *target; /* NULL: the client speaks Kafka, and nothing here is used */
    struct retry retry;
    uint8_t state; /* enum relay_state */
    bool awaits;   /* the client spoke last */
    uint64_t spoken_ms;
};

/* A target that was the last to speak, and has been silent for so long, has said what it was asked. */
enum { RELAY_QUIET_MS = 500 };

size_t relay_input(struct conversation *conversation, end_id from, struct bytes input);
void relay_eof(struct conversation *conversation, end_id from);
void relay_broken(struct conversation *conversation, const char *why); /* the target's side */
void relay_up(struct conversation *conversation);
void relay_failed(struct conversation *conversation, enum reason reason, const char *why);
uint64_t relay_due_ms(const struct conversation *conversation);
void relay_tick(struct conversation *conversation);
void relay_drain(struct conversation *conversation);

#endif
