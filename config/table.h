/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of all settings: from it come the fields of struct settings, the flags, the YAML keys, the
 * variables, --help and reference.yaml.
 * Apart, because adding a setting is adding a row here (what a person sees: table_seen.h), and nothing else in config/.
 *
 * A row: group, field, name, type, preset, least, most, example, help, more
 *   field    in struct settings; carries the unit
 *   name     as flag (--limits.frame), in YAML (limits: {frame: …}), as variable (KBRIDGE_LIMITS_FRAME)
 *   type     one of VALUE_TYPES
 *   preset   the default, as a person would write it; NULL: none
 *   least, most  the range of a SIZE (bytes), TIME (milliseconds) or COUNT
 *   help     for --help and the reference; begins in lower case, no full stop
 *   more     for the reference only, whole sentences
 */
#ifndef KBRIDGE_CONFIG_TABLE_H
#define KBRIDGE_CONFIG_TABLE_H

#include "config/kinds.h"
#include "config/table_seen.h"

#define SETTINGS(X)                                                                                          \
    X("Where kbridge stands", config, "config", PATH, NULL, 0, 0, "kbridge.yaml",                            \
      "a YAML file with any of these settings", "Flag and variable only.")                                   \
    X("Where kbridge stands", upstream, "upstream", BROKERS, NULL, 0, 0, "kafka:9092",                       \
      "the broker, or several of its cluster; also written as an argument; port 9092 where none is given",   \
      "Required. In YAML, `upstream: {address: kafka:9092, wait: 30s}` is understood as well, because one "  \
      "key cannot be an address and have `upstream.wait` beneath it.")                                       \
    X("Where kbridge stands", upstream_wait_ms, "upstream.wait", TIME, "30s", 0, 86400000, "30s",            \
      "how long clients are held while no broker can be reached",                                            \
      "Within this time the dial is repeated, so that nobody has to wait for the broker to start.")          \
    X("Where kbridge stands", upstream_dial, "upstream.dial", DIALS, NULL, 0, 0,                             \
      "localhost:9093=kafka2:9092", "a broker that advertises the first address is dialled at the second",   \
      "For clusters of several brokers; the only broker is always dialled at upstream. Without a rule a "    \
      "broker is dialled at the address that it advertises, or, where that is a loopback address and "       \
      "upstream is none, at the same port of upstream's host. In YAML also written as `upstream.dial: "      \
      "{\"localhost:9093\": \"kafka2:9092\"}`.")                                                             \
    X("Where kbridge stands", listen, "listen", LISTENERS, "localhost:29092", 0, 0, "*:29092",               \
      "where clients connect; localhost is both loopback addresses, *:29092 every interface",                \
      "Port 29092 where none is given; port 0 is a free port of the kernel's choice. In YAML also written "  \
      "as `listen: {address: localhost:29092, per-broker: 29093-29192}`.")                                   \
    X("Where kbridge stands", listen_per_broker, "listen.per-broker", PER_BROKER, "off", 0, 0,               \
      "29093-29192",                                                                                         \
      "a socket for each broker: a port of this range, or, with loopback, an address 127.0.x.y",             \
      "For what one shared port cannot do: SASL with several brokers by SCRAM or GSSAPI, DescribeLogDirs, "  \
      "AlterReplicaLogDirs. `listen` is then there to find the cluster, and broker n is told as port "       \
      "FIRST + n modulo the size of the range, on the host that clients are told; publish these ports of a " \
      "container under the same numbers. With loopback it is told as 127.0.(1 + n / 256).(n modulo 256), "   \
      "to clients on this machine for whom `advertise` has no rule; all others share the port. Not for "     \
      "clients that come through a tunnel (kubectl port-forward, ssh -L). Either is the same after a "       \
      "restart and in every replica.")                                                                       \
    X("Where kbridge stands", forward, "forward", FORWARDS, NULL, 0, 0, "8081=registry:8081",                \
      "other services than Kafka behind the same host: what connects to LISTEN, a PORT or HOST:PORT, is "    \
      "passed on to TARGET as it is",                                                                        \
      "So one host name serves a whole test set-up. A PORT alone is served wherever clients of Kafka "       \
      "connect (see listen). TARGET is HOST or HOST:PORT, where the port left out is that of LISTEN. While " \
      "it cannot be reached its clients are held, as those of Kafka are (upstream.wait). In YAML also "      \
      "`forward: [{listen: 8081, to: registry:8081}]`.")                                                     \
    X("What clients are told", advertise, "advertise", RULES, NULL, 0, 0, "10.0.0.0/8=kafka.example:29092",  \
      "clients that come from FROM are told ADDRESS; FROM is an IP address, a network such as "              \
      "10.0.0.0/8, loopback, gateway, network or any",                                                       \
      "The first rule that matches wins; rules with addresses come before the others. loopback: a client "   \
      "on this machine; gateway: one that comes through a published port; network: a neighbour in a "        \
      "network of this machine. ADDRESS is HOST or HOST:PORT, where the port left out is the one that the "  \
      "client has connected to; without FROM= it is for any client. Without rules every client is told "     \
      "the address at which it can reach kbridge, as far as that can be seen. In YAML a list of rules may "  \
      "also be written as `advertise: [{from: 10.0.0.0/8, as: kafka.example:29092}]`.")                      \
    X("What clients are told", advertise_gateway, "advertise.gateway", ADDRESS, NULL, 0, 0,                  \
      "docker.example:29092", "short for --advertise gateway=ADDRESS",                                       \
      "For clients that come through a published port of a container. Where Bitbucket Pipelines names the "  \
      "Docker host (BITBUCKET_DOCKER_HOST_INTERNAL), that is the default.")                                  \
    X("What clients are told", advertise_network, "advertise.network", ADDRESS, NULL, 0, 0, "proxy:29092",   \
      "short for --advertise network=ADDRESS", "For neighbours in the same network, such as containers.")    \
    X("Bounds", limits_frame_bytes, "limits.frame", SIZE, "100MiB", 1024, 2147483647, "100MiB",              \
      "the largest request that is let through",                                                             \
      "Responses are not bound. A broker's own bound is its socket.request.max.bytes.")                      \
    X("Bounds", limits_held_bytes, "limits.held", SIZE, "64MiB", 1048576, 68719476736, "64MiB",              \
      "memory for bytes that slow readers have not taken yet, all clients together",                         \
      "Above it nothing is refused; reads become smaller.")                                                  \
    X("Bounds", limits_connections, "limits.connections", COUNT, "10000", 1, 1000000, "10000",               \
      "clients at the same time; further ones are closed at once", "")                                       \
    X("Bounds", limits_in_flight, "limits.in_flight", COUNT, "1000", 1, 1000000, "1000",                     \
      "requests of one client that are not yet answered; further ones are not read until then", "")          \
    X("Bounds", timeouts_dial_ms, "timeouts.dial", TIME, "10s", 1, 3600000, "10s",                           \
      "how long one attempt to connect to a broker may take", "")                                            \
    X("Bounds", timeouts_header_ms, "timeouts.header", TIME, "30s", 1, 3600000, "30s",                       \
      "how long a request may stand still before it has said where it belongs", "")                          \
    X("Bounds", timeouts_drain_ms, "timeouts.drain", TIME, "8s", 0, 3600000, "10s",                          \
      "how long requests that are under way may still be answered when kbridge is told to stop",             \
      "Clients without one are closed at once, and who is left then is cut. `docker stop` kills after 10s "  \
      "unless told otherwise (stop_grace_period).")                                                          \
    X("Bounds", workers, "workers", WORKERS, "1", 1, 64, "auto",                                             \
      "threads that serve clients; auto is one for each processor",                                          \
      "Each has connections of its own, which the kernel gives to them, and finds out for itself who leads " \
      "which partition. The bounds above are for all of them together.")                                     \
    SETTINGS_SEEN(X)

#endif
