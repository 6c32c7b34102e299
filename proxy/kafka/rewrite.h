/* SPDX-License-Identifier: Apache-2.0 */
/* One response frame on its way to the client: its addresses are changed, everything else passes as it came.
 * Apart, because it is the heart of the bridge and is proven byte for byte against Kafka's own classes.
 *
 *     frame:   [length][correlation id, tags][ … host port … host port … ][ rest … ]
 *              '---------------- zone, held until its new length is known '------ passes as it streams
 *
 * The zone ends where no address can follow: behind the brokers of Metadata, at the end of FindCoordinator,
 * DescribeCluster and Produce. While no address was met nothing is copied: a Produce answer that lies whole in
 * the input passes as it is. Where addresses come behind what has streamed already (Fetch, ShareFetch,
 * ShareAcknowledge), they are made inert in place, at equal length:
 *   Fetch v16+         tag 0 (NodeEndpoints) becomes tag 0x7f, which no client knows; it asks Metadata instead
 *   Share…             [n+1][endpoints][tags]  ->  [01: none][01: one tag][7f][size][the old bytes]
 * An address is changed only where the node id is >= 0, the host is not empty and the port > 0: the
 * placeholders of FindCoordinator errors (-1, "", -1) pass as they are. */
#ifndef KBRIDGE_KAFKA_REWRITE_H
#define KBRIDGE_KAFKA_REWRITE_H

#include "proxy/kafka/buffer.h"
#include "proxy/kafka/sentence.h"
#include "proxy/kafka/walk.h"

enum { HOST_ROOM = 256 }; /* a DNS name has at most 253 characters; longer hosts are refused */

struct address {
    char host[HOST_ROOM]; /* ends with 0 */
    int32_t port;
};

enum rewrite_mode {
    REWRITE_NOTHING,
    REWRITE_ADDRESSES,
    REWRITE_INERT_TAG,
    REWRITE_INERT_TAIL,
    REWRITE_API_VERSIONS,
};

/* What a response needs; REWRITE_NOTHING where no version in the tables has an address. */
enum rewrite_mode rewrite_mode_of(int api_key, int version);

/* True where it needs nothing as long as it has no tagged fields (skip.h): if it has endpoints, they are in one. */
bool rewrite_is_in_tags(int api_key, int version);

/* Who decides what clients are told. */
struct rewrite_rules {
    /* Puts the address for `node_id` in place of the advertised one. */
    void (*tell)(void *context, int32_t node_id, struct address *address);
    /* Narrows the versions of a key that are offered; false: the key is not offered. May be NULL. */
    bool (*offer)(void *context, int16_t api_key, int16_t *min, int16_t *max);
    /* Sees every step on a field with a role, in order, before it is passed on; without roles that are to be seen only those of the zone, or of
     * endpoints, where these are all that could be changed. May be NULL. */
    void (*see)(void *context, enum walk_step step, const struct walk_event *event);
    void *context;
};

/* The zone of a response is held in memory, at most this much (about 10,000 brokers). */
enum { REWRITE_ZONE_MAX = 1 << 20 };

struct rewrite {
    const struct rewrite_rules *rules;
    struct walk walk;
    struct buffer out;  /* the zone as it goes on, while it is held */
    struct buffer host; /* of the address being read */
    uint32_t size;      /* of the whole frame, with its 4 bytes of length */
    uint32_t got;       /* of it, seen so far */
    int32_t node_id;
    int16_t api_key;
    int8_t version;
    uint8_t mode;     /* enum rewrite_mode */
    uint8_t stage;    /* private to rewrite.c */
    uint8_t patch[8]; /* INERT_TAIL: bytes that overwrite the input … */
    uint8_t patch_at, patch_len;
    bool controllers;     /* DescribeCluster: these are no brokers */
    bool in_address;      /* between the begin of a host and the end of its port */
    bool in_tag_size;     /* Produce: between the tag of the endpoints and their begin */
    uint32_t tag_size_at; /* in `out` */
    uint64_t seen;        /* roles that are to be told to the end */
    bool starved;         /* it was refused for want of memory */
};

/* Begins a frame of `size` bytes (its length prefix included). The rules must outlive the frame.
 * `seen`: walk on behind the zone, to the end of the message, for fields with these roles; 0: do not. */
void rewrite_begin(struct rewrite *rewrite, const struct rewrite_rules *rules,
                   const struct allocator *allocator, int api_key, int version, uint32_t size, uint64_t seen);

/* Begins a frame that is only shown to rules->see, and otherwise passed as it is (an answer to kbridge itself). */
void rewrite_begin_reading(struct rewrite *rewrite, const struct rewrite_rules *rules,
                           const struct allocator *allocator, int api_key, int version, uint32_t size);

/* What one call gives: first write `own`, then pass `pass`, which lies in the input. Either may be empty;
 * `own` is borrowed until the next call. */
struct rewrite_output {
    struct bytes own;
    struct bytes pass;
};

/* Takes all of `input`, which must not go beyond the frame. False: this is no such response (or no memory);
 * `why` says it, and the connection has to end. */
bool rewrite_feed(struct rewrite *rewrite, struct span input, struct rewrite_output *output,
                  struct sentence *why);

/* True when the whole frame has been fed and all of it given back. */
bool rewrite_is_done(const struct rewrite *rewrite);

/* Gives back what is held; harmless at any time after rewrite_begin, and twice. */
void rewrite_end(struct rewrite *rewrite);

#endif
