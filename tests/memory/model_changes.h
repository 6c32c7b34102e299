/* SPDX-License-Identifier: Apache-2.0 */
/* What changes in the cluster itself: topics are deleted and created again with another id, brokers join with a new id, brokers come
 * back at another address.
 * Apart from model_moves.h, because there only somebody else serves what stays the same. */
#ifndef KBRIDGE_TESTS_MODEL_CHANGES_H
#define KBRIDGE_TESTS_MODEL_CHANGES_H

#include "tests/memory/model_moves.h"

/* One such thing, if the cluster is one where they happen. */
void model_changes_happen(struct model *model);

/* The request names a topic by an id that no topic has now. */
bool model_changes_unknown_id(const struct model *model, const struct model_request *request);
/* … or had none when it was looked for, or the view may know the topic by another one: then any broker may say so. */
bool model_changes_unfindable(const struct model *model, const struct model_request *request,
                              const struct model_belief *belief);
/* The view may not know this broker, though it knows of something that it serves: whoever has asked once which brokers there are
 * goes to any. */
bool model_changes_strange(const struct model *model, int broker, int sent_at,
                           const struct model_belief beliefs[MODEL_THINGS]);
/* Nobody listens there any more, and the view cannot know. */
bool model_changes_allow_dial(const struct model *model, const struct address *address);

#endif
