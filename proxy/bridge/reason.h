/* SPDX-License-Identifier: Apache-2.0 */
/* Why a connection ended: the one list of reasons, for sentences, counters and tests.
 * Apart, because no connection ends without one, whichever room ended it. */
#ifndef KBRIDGE_BRIDGE_REASON_H
#define KBRIDGE_BRIDGE_REASON_H

#include <stdint.h>

/* clang-format off */
/*    name                 who          counter              what happened */
#define REASONS(X)                                                                                           \
    X(CLIENT_CLOSED,       SIDE_CLIENT, "client_closed",     "the client closed the connection")              \
    X(CLIENT_LOST,         SIDE_CLIENT, "client_lost",       "the connection to the client broke")            \
    X(CLIENT_FOREIGN,      SIDE_CLIENT, "client_foreign",    "the client does not speak plaintext Kafka")     \
    X(FRAME_SIZE,          SIDE_CLIENT, "frame_size",        "the client sent an impossible frame length")    \
    X(REQUEST_MALFORMED,   SIDE_CLIENT, "request_malformed", "the client sent a request that is not Kafka's") \
    X(REQUEST_VERSION,     SIDE_CLIENT, "request_version",   "the client used a version that kbridge does not know") \
    X(HEADER_TIMEOUT,      SIDE_CLIENT, "header_timeout",    "the client began a frame and sent no more")     \
    X(BROKER_CLOSED,       SIDE_BROKER, "broker_closed",     "the broker closed the connection")              \
    X(BROKER_LOST,         SIDE_BROKER, "broker_lost",       "the connection to the broker broke")            \
    X(BROKER_UNREACHABLE,  SIDE_BROKER, "broker_unreachable","the broker could not be reached")               \
    X(BROKER_FOREIGN,      SIDE_BROKER, "broker_foreign",    "what answers there is not a plaintext Kafka broker") \
    X(RESPONSE_MALFORMED,  SIDE_BROKER, "response_malformed","the broker sent a response that is not Kafka's") \
    X(RESPONSE_UNEXPECTED, SIDE_BROKER, "response_unexpected","the broker sent what nobody had asked for")    \
    X(ROUTE_UNKNOWN,       SIDE_BROKER, "route_unknown",     "the cluster did not say which broker is meant") \
    X(SEVERAL_BROKERS,     SIDE_BROKER, "several_brokers",   "the cluster turned out to have several brokers") \
    X(TARGET_CLOSED,       SIDE_TARGET, "target_closed",     "the target of the forward closed the connection") \
    X(TARGET_LOST,         SIDE_TARGET, "target_lost",       "the connection to the target of the forward broke") \
    X(TARGET_UNREACHABLE,  SIDE_TARGET, "target_unreachable","the target of the forward could not be reached") \
    X(TARGET_LOOP,         SIDE_BRIDGE, "target_loop",       "the target of the forward is kbridge itself")   \
    X(BROKER_SASL,         SIDE_BROKER, "broker_sasl",       "the broker answers only who has authenticated (SASL)") \
    X(SASL_REFUSED,        SIDE_BROKER, "sasl_refused",      "a broker refused the authentication that another one had accepted") \
    X(SASL_UNREPEATABLE,   SIDE_CLIENT, "sasl_unrepeatable", "the client's SASL authentication cannot be repeated at a second broker") \
    X(LOOP,                SIDE_BRIDGE, "loop",              "the upstream is kbridge itself")                \
    X(LIMIT,               SIDE_BRIDGE, "limit",             "a limit was reached")                           \
    X(OUT_OF_MEMORY,       SIDE_BRIDGE, "out_of_memory",     "kbridge is out of memory")                      \
    X(STOPPING,            SIDE_BRIDGE, "stopping",          "kbridge is stopping")

/* clang-format on */

enum side { SIDE_CLIENT, SIDE_BROKER, SIDE_TARGET, SIDE_BRIDGE };

enum reason {
#define REASON(name, side, counter, text) REASON_##name,
    REASONS(REASON)
#undef REASON
        REASON_COUNT
};

struct reason_row {
    enum side side;
    const char *counter; /* label of a metric */
    const char *text;    /* half a sentence; a sentence with the values of the case follows it */
};

const struct reason_row *reason_row(enum reason reason);

#endif
