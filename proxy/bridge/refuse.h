/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that end the conversation, each with a sentence: who, what, why, what to do.
 * Private to bridge/; see parts.h. What is awaited already is still delivered. All return STOP. */
#ifndef KBRIDGE_BRIDGE_REFUSE_H
#define KBRIDGE_BRIDGE_REFUSE_H

#include "proxy/bridge/request.h"

/* A frame of this length, or its first bytes, which are in request.head. */
enum progress refuse_length(struct conversation *conversation, uint32_t length);
/* A bare SASL token that is too long. */
enum progress refuse_token(struct conversation *conversation);
/* A version of an api key that kbridge reads, and that the tables do not have. */
enum progress refuse_version(struct conversation *conversation);
/* What cannot be read; `field` is where, or NULL. */
enum progress refuse_body(struct conversation *conversation, const char *what, const struct field *field);
/* SASL that cannot be repeated, where several brokers share the port. */
enum progress refuse_sasl(struct conversation *conversation);
/* No node has the number that the client's socket names, or `count` of them have. */
void refuse_number(struct conversation *conversation, size_t count);
/* Any broker has answered before it was known that the socket means `node`. */
void refuse_provisional(struct conversation *conversation, int32_t node);
/* A request that only the broker which it means can answer, and that does not say which: it was offered before the cluster was
 * known to have several. */
enum progress refuse_lost(struct conversation *conversation);
/* A request to every broker of a cluster that does not say who they are. */
enum progress refuse_unknown_cluster(struct conversation *conversation);

#endif
