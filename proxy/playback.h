/* SPDX-License-Identifier: Apache-2.0 */
/* `kbridge traffic FILE…`: a recording, or what tcpdump has captured, as the lines of --traffic, with its filters.
 * Apart from the proxy, because nothing listens and nothing is dialled: a file in, lines out. */
#ifndef KBRIDGE_PLAYBACK_H
#define KBRIDGE_PLAYBACK_H

/* The arguments behind the command. The exit code. */
int playback(int argc, char **argv, char **environment);

#endif
