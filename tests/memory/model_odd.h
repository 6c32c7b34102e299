/* SPDX-License-Identifier: Apache-2.0 */
/* What clients send beside requests of known versions.
 * Apart, because the writer cannot make it. */
#ifndef KBRIDGE_TESTS_MODEL_ODD_H
#define KBRIDGE_TESTS_MODEL_ODD_H

#include "tests/memory/model_request.h"

/* `request` has its correlation id already. */
void model_odd_make_unknown_key(struct model_client *client, struct model_request *request);
void model_odd_make_unknown_version(struct model_client *client, struct model_request *request);
void model_odd_make_refused(struct model_client *client, struct model_request *request);
void model_odd_make_token(struct model_client *client, struct model_request *request);
void model_odd_make_handshake(struct model_client *client, struct model_request *request);
void model_odd_make_bad(struct model_client *client, struct model_request *request);

#endif
