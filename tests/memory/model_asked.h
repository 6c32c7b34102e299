/* SPDX-License-Identifier: Apache-2.0 */
/* What a request says of itself, read by the walker.
 * Apart from the bridge's own reading of requests, against which it is held. */
#ifndef KBRIDGE_TESTS_MODEL_ASKED_H
#define KBRIDGE_TESTS_MODEL_ASKED_H

#include "proxy/kafka/walk.h"

struct model_asked {
    struct bytes client_id;
    int16_t api_key, api_version;
    int32_t correlation_id;
    struct bytes names[8]; /* topics, or the key of a coordinator */
    struct bytes ids[8];   /* as above; one of each pair may be empty */
    uint32_t count;
    bool all; /* topics */
    uint8_t key_type;
    int auto_create; /* -1: it has no such field */
};
struct model_asked model_asked_read(struct bytes frame);

#endif
