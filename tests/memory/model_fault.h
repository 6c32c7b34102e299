/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong, and which reasons for an end that allows.
 * Apart, because most of what can break a relay is not in its bytes. */
#ifndef KBRIDGE_TESTS_MODEL_FAULT_H
#define KBRIDGE_TESTS_MODEL_FAULT_H

/* What has gone wrong, as a set; each allows some reasons for the end. */
enum model_fault {
    MODEL_CLIENT_LEFT = 1 << 0,
    MODEL_CLIENT_LOST = 1 << 1,
    MODEL_BROKER_LEFT = 1 << 2,
    MODEL_BROKER_LOST = 1 << 3,
    MODEL_UNREACHABLE = 1 << 4,
    MODEL_LOOP = 1 << 5,
    MODEL_GARBAGE = 1 << 6, /* from a broker */
    MODEL_HOSTILE = 1 << 7, /* a bad request was sent */
    MODEL_ENDED = 1 << 8,   /* conversation_end */
    MODEL_STANDSTILL = 1 << 9,
};

struct model_client;

/* Chooses what will go wrong; lets one thing happen, where it can now; is this end a right one? */
void model_fault_plan(struct model_client *client);
void model_fault_happen(struct model_client *client);
void model_fault_check_end(struct model_client *client);

#endif
