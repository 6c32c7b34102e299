/* SPDX-License-Identifier: Apache-2.0 */
/* kbridge mock: Kafka without Kafka, the mock cluster of kbridge-tools behind this kbridge on its one port.
 * Apart from main.c, because two processes are started and one sentence must come of a mistake for either. */
#ifndef KBRIDGE_MOCK_H
#define KBRIDGE_MOCK_H

/* `argv` are the arguments behind the command: those of the mock, and settings of kbridge's. The exit code. */
int mock(int argc, char **argv, char **environment);

#endif
