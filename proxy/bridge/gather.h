/* SPDX-License-Identifier: Apache-2.0 */
/* One request to every broker, one answer to the client: what each broker answers for itself (ListGroups,
 * ListTransactions), where nobody can say which one is meant; and to every link on which a client proves itself again (SASL).
 * Private to bridge/; see parts.h. */
#ifndef KBRIDGE_BRIDGE_GATHER_H
#define KBRIDGE_BRIDGE_GATHER_H

#include "proxy/bridge/link.h"
#include "proxy/kafka/merge.h"

/* One at a time on a connection; a second one waits. */
struct gathering {
    struct merge merge;
    uint16_t parts; /* that are still to come */
};

/* True where the current request, of this key, is for every broker of the cluster, or every link. */
bool gather_is_for(const struct conversation *conversation, int16_t api_key);

/* Sends `frame`, the whole request, to every broker. False: it waits for a link or for the one before, or the conversation has
 * ended. */
bool gather_begin(struct conversation *conversation, struct bytes frame);

/* All of a part's response has come. False: it cannot be read, and the conversation has ended. */
bool gather_part(struct link *link);

/* True where the answer is whole. */
bool gather_is_whole(const struct conversation *conversation);

/* Writes the answer to the client. */
void gather_end(struct conversation *conversation);

void gather_free(struct conversation *conversation);

#endif
