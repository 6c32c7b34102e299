/* SPDX-License-Identifier: Apache-2.0 */
/* Recognises other protocols by their first bytes.
 * Apart, because both sides need it: a client that speaks TLS to a plaintext port, a broker port that answers
 * HTTP. Read as a Kafka length, each of these is nonsense, and "frame too big" would be no help to anybody. */
#ifndef KBRIDGE_KAFKA_FOREIGN_H
#define KBRIDGE_KAFKA_FOREIGN_H

#include "proxy/kafka/bytes.h"

/* "TLS", "HTTP", "HTTP/2", "SSH", "the PROXY protocol"; NULL where the first four bytes are none of these.
 * Fewer than four bytes are never recognised. */
const char *foreign_protocol(struct bytes first);

/* What whoever sends this protocol to a plaintext Kafka port has to do, as the end of a sentence. */
const char *foreign_remedy(struct bytes first);

/* Behind SaslHandshake v0 each frame is a bare token, until one fits a request header again. `head` is its first bytes, its
 * length prefix included, `length` what that says. A token that fits: not seen with PLAIN ("\0user\0password"), SCRAM
 * ("n,,n="), GSSAPI (0x60) or OAUTHBEARER ("n,a="). */
bool foreign_fits_header(struct bytes head, uint32_t length);

#endif
