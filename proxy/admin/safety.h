/* SPDX-License-Identifier: Apache-2.0 */
/* Who may see the page, and who may change something.
 * Apart, because it is a promise, tested row by row, and knows no socket.
 *
 *     every request     its Host is one that no stranger's DNS can point here      (DNS rebinding)
 *     page, traffic     + the token, or a peer on this machine
 *     switches          + no Origin, or our own                                    (another page in the same browser)
 *
 * No answer ever has a CORS header, so that no other page can read one. */
#ifndef KBRIDGE_ADMIN_SAFETY_H
#define KBRIDGE_ADMIN_SAFETY_H

#include "proxy/admin/http.h"

enum { TOKEN_SIZE = 32, TOKEN_ROOM = TOKEN_SIZE + 1 };

struct safety {
    char token[TOKEN_ROOM];
    const struct advertise *rules; /* their addresses are hosts of ours, too */
    uint16_t rule_count;
};

enum verdict { VERDICT_FINE, VERDICT_HOST, VERDICT_TOKEN, VERDICT_ORIGIN };
enum access { ACCESS_OPEN, ACCESS_SEE, ACCESS_CHANGE };

/* 128 random bits in hex. False: the system has no random numbers. */
bool token_make(char token[TOKEN_ROOM]);

enum verdict safety_judge(const struct safety *safety, const struct http_request *request,
                          enum access access);

#endif
