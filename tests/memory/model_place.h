/* SPDX-License-Identifier: Apache-2.0 */
/* Where model clients come from.
 * Apart, because in the exact modes that alone says which broker they mean. */
#ifndef KBRIDGE_TESTS_MODEL_PLACE_H
#define KBRIDGE_TESTS_MODEL_PLACE_H

struct model;
struct model_client;

/* One port for all, a port for each broker, or an address for each. */
void model_place_mode(struct model *model);
/* Chooses the socket that this client comes to. */
void model_place_choose(struct model_client *client);

#endif
