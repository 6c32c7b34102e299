/* SPDX-License-Identifier: Apache-2.0 */
/* kbridge health: whether Kafka answers behind this kbridge.
 * Apart, on plain sockets, because a container asks every few seconds: nothing is loaded that is not needed. */
#ifndef KBRIDGE_HEALTH_H
#define KBRIDGE_HEALTH_H

enum { HEALTH_TIMEOUT_MS = 3000 };

/* `argv` are the arguments behind the command: none, or HOST:PORT. Without one, the first listener of the
 * settings in `environment` is asked. The exit code: 0 Kafka answers, 1 it does not, 2 misused. */
int health(int argc, char **argv, char **environment);

#endif
