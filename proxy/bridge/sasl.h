/* SPDX-License-Identifier: Apache-2.0 */
/* SASL where several brokers share the port: what the client proves to one of them, kbridge repeats at the others.
 * Private to bridge/; see parts.h. Apart, because it alone keeps a secret: what, how long, and that it is wiped.
 *
 *   client ── SaslHandshake, SaslAuthenticate ──► the first link        the two frames are kept, if the broker accepts them
 *   kbridge ── the same frames ──► each further link                    in its state PROVING, before anything else goes there
 *   client ── both again (KIP-368) ──► all links whose sessions end     one answer, with the smallest lifetime (gather.h)
 *
 * PLAIN and OAUTHBEARER send one token, which every broker can judge. SCRAM and GSSAPI answer what one broker has drawn for this
 * connection, so they cannot be repeated. */
#ifndef KBRIDGE_BRIDGE_SASL_H
#define KBRIDGE_BRIDGE_SASL_H

#include "proxy/bridge/link.h"
#include "proxy/bridge/request.h"

/* Of a token that is kept. Tokens of OAuth have a few KiB: HTTP servers take no more than that in a header. */
enum { SASL_FRAME_MAX = 64 << 10 };

struct sasl;

/* True where something of this may be needed. With one broker, or for a client of one exact node, all passes untouched. */
bool sasl_applies(const struct conversation *conversation, int api_key);

/* ---- requests ---- */

/* True where the current request is a token that is wanted whole, to be kept. */
bool sasl_holds(const struct conversation *conversation);
/* True where the current request cannot be served, because its client cannot be proven to a further broker. */
bool sasl_must_refuse(const struct conversation *conversation);
/* True where the current request has to wait until the client has proven itself. */
bool sasl_must_wait(const struct conversation *conversation);
/* The links on which the client proves itself again; how many. None: it does so for the first time. */
size_t sasl_targets(const struct conversation *conversation, end_id targets[LINKS_MAX]);
/* The current request is on its way, all that came of it lies in request.held: what is to be kept goes from there into
 * keeping, the rest is wiped. False: out of memory, the conversation has ended. */
bool sasl_keep(struct conversation *conversation);
/* The mechanism that the client has chosen; "" for none. */
const char *sasl_mechanism(const struct conversation *conversation);

/* ---- answers ---- */

/* A step in an answer to SaslHandshake or SaslAuthenticate, the client's or ours. */
void sasl_see(struct link *link, enum walk_step step, const struct walk_event *event);
/* The answer to the client's request of this key is through. */
void sasl_answered(struct conversation *conversation, int16_t api_key, bool accepted);
/* Of the answer that `link` has just given. */
bool sasl_is_accepted(const struct link *link);

/* ---- further links ---- */

/* True where a new link has to be proven before it is used. */
bool sasl_must_prove(const struct conversation *conversation);
/* Sends the next frame of the proof. */
void sasl_prove(struct link *link);
/* Whose answer comes in on a link that is being proven. */
const struct exchange *sasl_exchange(const struct link *link);
/* It is through: the next frame follows, or the link is up, or the client is closed. */
void sasl_proof_answered(struct link *link);

/* ---- the end ---- */

/* Wipes what lies in it, in a way that no compiler leaves out, and gives it back. */
void sasl_wipe(struct buffer *buffer);
void sasl_free(struct conversation *conversation);

#endif
