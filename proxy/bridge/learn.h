/* SPDX-License-Identifier: Apache-2.0 */
/* Learning the cluster from answers that pass.
 * Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_LEARN_H
#define KBRIDGE_BRIDGE_LEARN_H

#include "proxy/bridge/link.h"

/* True where an answer of this key may tell something that the view has not. */
bool learn_wants(const struct conversation *conversation, int16_t api_key);

/* Begins to learn from an answer to `link`, where its key has something to tell; `key` is what was asked for (a
 * coordinator), where the answer does not repeat it. False: out of memory. */
bool learn_begin(struct link *link, struct bytes key, uint8_t key_type);
bool learn_see(struct link *link, enum walk_step step, const struct walk_event *event);
/* `link` has a fetch session of this id; 0: it has none. */
void learn_session(struct link *link, int32_t session_id);
/* The answer is through: the view has it, facts are told. Harmless where nothing was begun. */
void learn_end(struct link *link);
void learn_free(struct link *link);

#endif
