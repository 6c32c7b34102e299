/* SPDX-License-Identifier: Apache-2.0 */
/* The walker: runs any message of any version by its table, and says where the fields with a role are.
 * Apart, because it is the only code that reads messages; routing, rewriting, learning and logging are loops
 * over its steps. It can stop at every byte and go on with the next input, and it never touches records.
 *
 *     while ((step = walk_next(&walk, &input, &event)) > WALK_BAD)
 *         … event.field->role says what was met, `input` begins right behind it …
 *
 * Steps for one field with a role (fields without one are passed silently, and so are those that nobody wants to see):
 *
 *     number, bool, uuid     VALUE
 *     string, bytes, records BEGIN  PIECE … PIECE(left = 0)        null: BEGIN  PIECE(null)
 *     array, struct          BEGIN  [ELEMENT …]*  END               null: BEGIN  END
 *     tagged, any of these   TAG    …as above
 */
#ifndef KBRIDGE_KAFKA_WALK_H
#define KBRIDGE_KAFKA_WALK_H

#include "proxy/kafka/bytes.h"
#include "proxy/kafka/tables.h"

enum walk_step {
    WALK_MORE,    /* the input is used up, the message is not */
    WALK_DONE,    /* all fields are passed; walk.left bytes that the tables do not know may follow */
    WALK_BAD,     /* not such a message: event.field is where, walk.bad says what; the walk is over */
    WALK_TAG,     /* the tag number was just passed: it is the last byte before `input` */
    WALK_BEGIN,   /* nothing of the field (its length prefix included) is passed, and `input` is not empty */
    WALK_PIECE,   /* event.piece has the next bytes, event.left tells how many are still to come */
    WALK_VALUE,   /* event.number; a uuid has its 16 bytes in event.piece */
    WALK_ELEMENT, /* the next element of an array begins, event.number is its index */
    WALK_END,     /* the array or struct is passed whole */
};

struct walk_event {
    const struct field *field;
    struct bytes piece; /* borrowed until the next call */
    uint32_t left;
    int64_t number;
    bool null;
};

/* The deepest nesting in the tables is 5 (checked by the generator: WALK_DEPTH in tables.py). */
enum { WALK_DEPTH = 8 };

/* Every role: a field without one is not told. Less is cheaper: what nobody wants to see is passed in one go (skip.h). */
#define WALK_ALL (~ROLE_SET(ROLE_NONE))

struct walk_level {
    uint16_t first, end; /* rows of the struct */
    uint16_t row;        /* the row at which it stands */
    uint8_t phase;       /* private to walk.c */
    bool in_tags;
    uint32_t elements; /* of the array at `row`: still to come … */
    uint32_t element;  /* … and the index of the current one */
    uint32_t tags;     /* tagged fields still to come */
    uint32_t tag_end;  /* walk.left at the end of the current tagged field */
};

struct walk {
    uint64_t roles;  /* those whose fields are told: ROLE_SET of each; walk_begin sets WALK_ALL */
    const char *bad; /* WALK_BAD: what is wrong, without a full stop */
    uint32_t left;   /* bytes of the message not yet passed */
    uint32_t body;   /* bytes of the current string, bytes or records not yet passed */
    int8_t version;
    bool flexible;
    uint8_t depth;
    uint8_t got; /* bytes in scratch */
    uint8_t scratch[16];
    struct walk_level level[WALK_DEPTH];
};

/* Begins a message of `size` bytes. `version` must be in the message's range. */
void walk_begin(struct walk *walk, const struct message *message, int version, uint32_t size);

/* One step; takes from `input` what it passes. Never reads behind `size`. */
enum walk_step walk_next(struct walk *walk, struct span *input, struct walk_event *event);

#endif
