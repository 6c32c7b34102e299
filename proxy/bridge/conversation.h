/* SPDX-License-Identifier: Apache-2.0 */
/* One client's conversation with the cluster, sans I/O: bytes come in, orders go out.
 * Apart, because this is where every decision is made: where each request goes, what becomes of each response,
 * when who is read. It knows no socket; the same code runs in memory against model clients and brokers.
 *
 *   client ──bytes──► conversation_input(CLIENT) ──pass, write──► link 0 (node 1)
 *                                                └──────────────► link 1 (node 2) …
 *   client ◄──pass, write── conversation_input(link) ◄──bytes──  links
 *
 * An *end* is the client or one of its links. Net carries out orders in the order in which they come, and
 * may do so at once or gather them until the call returns: bytes given to `pass` lie in the input of the running
 * call and are valid until it returns; bytes given to `write` are valid only during the order itself.
 * What conversation_input leaves unused (it returns less than it was given) net keeps and gives again, in front of
 * what follows, when it is ordered to read that end again; until then it reads no more of it.
 * No call enters the conversation while another one runs: net carries out `dial`, `read` and `close` orders after
 * it has returned (a dial that fails at once is reported in a later turn of the loop). */
#ifndef KBRIDGE_BRIDGE_CONVERSATION_H
#define KBRIDGE_BRIDGE_CONVERSATION_H

#include "proxy/bridge/bridge.h"

/* CLIENT, or the index of a link, from 0. */
typedef int16_t end_id;
enum { CLIENT = -1 };

/* A client has at most one link per node, and this many in all. */
enum { LINKS_MAX = 256 };

struct orders {
    /* Open link `link` to `address`; answered by conversation_link_up or conversation_link_failed. */
    void (*dial)(void *net, end_id link, const struct address *address);
    /* Send part of the running call's input to `to`. */
    void (*pass)(void *net, end_id to, struct bytes part);
    /* Send these bytes to `to` (copy what cannot be sent at once). */
    void (*write)(void *net, end_id to, struct bytes bytes);
    /* Begin or stop to read an end. The client and each link that comes up are read unless told otherwise. */
    void (*read)(void *net, end_id from, bool on);
    /* Not an order but a question: true where a link that is not read has bytes all the same. */
    bool (*has_input)(void *net, end_id link);
    /* Half-close: no more bytes for `to`, once all that was passed and written has been sent. */
    void (*shut)(void *net, end_id to);
    /* Link `link` is over: close its socket, forget its bytes. Its index may be dialled again. */
    void (*drop)(void *net, end_id link);
    /* The conversation is over: send what was ordered for the client, then close everything and call
     * conversation_free. Comes once. conversation_reason and …_sentence tell why. */
    void (*close)(void *net);
};

struct conversation;

/* A new conversation; NULL: out of memory, refuse the client. `place` NULL: there is no client, kbridge itself
 * asks the cluster (conversation_ask_cluster). */
struct conversation *conversation_new(struct bridge *bridge, const struct orders *orders, void *net,
                                      const struct place *place);
void conversation_free(struct conversation *conversation);

/* Bytes of `from` arrived, at least one. Returns how many are used; see above for the rest. Some of them may be
 * changed in place. */
size_t conversation_input(struct conversation *conversation, end_id from, struct span input);

/* `from` will send no more (its half of the connection is closed). Comes after its last input was used. */
void conversation_eof(struct conversation *conversation, end_id from);

/* The connection to `end` broke; `why` is the error as a half sentence ("connection reset by peer"). */
void conversation_broken(struct conversation *conversation, end_id end, const char *why);

/* The answers to a dial. `why`: "192.0.2.1:9092: connection refused". `reason`: REASON_BROKER_UNREACHABLE, or
 * REASON_LOOP, which is never tried again. */
void conversation_link_up(struct conversation *conversation, end_id link);
void conversation_link_failed(struct conversation *conversation, end_id link, enum reason reason,
                              const char *why);

/* When conversation_tick wants to be called, in bridge.now_ms; UINT64_MAX: not at all. */
uint64_t conversation_due_ms(const struct conversation *conversation);
void conversation_tick(struct conversation *conversation);

/* Ends it from outside (kbridge stops, a limit of net's): orders close. */
void conversation_end(struct conversation *conversation, enum reason reason, const char *sentence);

/* kbridge stops: what a broker has been asked is still answered, nothing further is passed on, and then it orders
 * close, with REASON_STOPPING; at once where nothing is awaited. */
void conversation_drain(struct conversation *conversation);

/* Asks a broker for its ApiVersions and the cluster's Metadata; the view has learned it when facts.cluster is
 * called, and then the conversation orders close with REASON_CLIENT_CLOSED. */
void conversation_ask_cluster(struct conversation *conversation);

/* Directly after conversation_new: no Kafka; all goes to `target` (borrowed) and back as it is, over link 0. */
void conversation_forward(struct conversation *conversation, const struct address *target);

/* What is known of it, for those who tell it to people. Strings are never NULL. */
enum reason conversation_reason(const struct conversation *conversation);
const char *conversation_sentence(const struct conversation *conversation);
const char *conversation_client_id(const struct conversation *conversation);
const char *conversation_software(const struct conversation *conversation); /* "librdkafka 2.0.2" or "" */
const struct told *conversation_told(const struct conversation *conversation);
const struct address *conversation_target(const struct conversation *conversation); /* NULL: Kafka */
const struct place *conversation_place(const struct conversation *conversation);
void *conversation_net(const struct conversation *conversation);
uint64_t conversation_bytes_from_client(const struct conversation *conversation);
uint64_t conversation_bytes_to_client(const struct conversation *conversation);
uint32_t conversation_in_flight(const struct conversation *conversation);
uint64_t conversation_last_input_ms(const struct conversation *conversation); /* in bridge.now_ms */
bool conversation_is_held(const struct conversation *conversation); /* the client waits for a link */

/* Its links, by index from 0: the node's id, or NODE_BOOTSTRAP for one that is not known yet, and the state. False: no more. */
struct link_fact {
    int32_t node;
    const char *state; /* "up", "dialling" … */
};
bool conversation_link(const struct conversation *conversation, size_t index, struct link_fact *fact);

/* What stands in bridge.counts. */
void *conversation_counts(const struct conversation *conversation);

/* A place in which each of those who watch keeps a pointer of its own; it frees it when the conversation is over. */
enum watcher { WATCHED_BY_METER, WATCHED_BY_RECORDER, WATCHERS };
void **conversation_watched(const struct conversation *conversation, enum watcher watcher);

#endif
