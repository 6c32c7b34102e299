/* SPDX-License-Identifier: Apache-2.0 */
/* What proxy/net does, without sockets.
 * Apart, because here every order is checked against what is allowed at that moment. */
#ifndef KBRIDGE_TESTS_MODEL_NET_H
#define KBRIDGE_TESTS_MODEL_NET_H

#include "proxy/bridge/conversation.h"

/* What waits at an end until the conversation is given it. */
struct model_end {
    struct buffer inbox;
    size_t inbox_at; /* given so far */
    uint8_t *rest;   /* left unused; owned */
    size_t rest_len;
    bool wanted, again; /* the conversation wants to read it, and to be given the rest */
    bool eof, eof_told; /* nothing follows the inbox */
    bool in_call;       /* its input is being looked at */
    bool shut;          /* we have closed our half */
};

struct model_client;

extern const struct orders model_orders; /* their net is a struct model_client */

/* Input: the rest and some more; end of file; an error; the answer to a dial; time. */
bool model_net_may_give(const struct model_client *client, end_id id);
void model_net_give(struct model_client *client, end_id id);
bool model_net_may_end(const struct model_client *client, end_id id);
void model_net_eof(struct model_client *client, end_id id);
void model_net_break(struct model_client *client, end_id id);
void model_net_dialled(struct model_client *client, int link, bool loop);
void model_net_tick(struct model_client *client);
struct model_end *model_net_end(struct model_client *client, end_id id);

#endif
