/* SPDX-License-Identifier: Apache-2.0 */
/* The Kafka messages of the benchmark, each made once and then sent again and again.
 * Apart, because they are made by the project's own writer, so that their shape is the one of the tables. */
#ifndef KBRIDGE_BENCH_FRAMES_H
#define KBRIDGE_BENCH_FRAMES_H

#include "proxy/kafka/bytes.h"

/* The versions of a current Java client. */
enum { PRODUCE_VERSION = 13, FETCH_VERSION = 18, METADATA_VERSION = 13, API_VERSIONS_VERSION = 3 };

/* What follows the length prefix of a request, and of a response. */
enum { REQUEST_KEY_AT = 4, REQUEST_VERSION_AT = 6, REQUEST_CORRELATION_AT = 8, RESPONSE_CORRELATION_AT = 4 };

/* What the model cluster is: nodes 1 … `nodes`, all of them at 127.0.0.1:port, and one topic, whose partition n is led by
 * the nodes in turn. `record_bytes` is the length of the value of the one record that is produced or fetched. */
struct model {
    uint16_t port;
    uint32_t nodes, partitions;
    size_t record_bytes;
};

/* Owned by whoever made it, until the process ends. All of them end the process with a sentence when the
 * writer refuses. */
struct bytes frames_api_versions_request(void);
struct bytes frames_produce_request(size_t record_bytes);
struct bytes frames_fetch_request(void);
struct bytes frames_metadata_request(void); /* of all topics */

/* The answer of the model broker to this api and version. */
struct bytes frames_response(int api_key, int version, const struct model *model);

#endif
