/* SPDX-License-Identifier: Apache-2.0 */
/* Node ids, numbers and addresses of the exact modes; see exact.h. */
#include "proxy/bridge/exact.h"

#include "proxy/bridge/told.h"
#include "proxy/kafka/sentence.h"

/* 127.0.0.y stays free: the shared port is at 127.0.0.1, and resolvers have theirs there. */
enum { LOOPBACK_NET = 127, BLOCK = 256, FIRST_BLOCK = 1, LOOPBACK_SIZE = (256 - FIRST_BLOCK) * BLOCK };

int32_t exact_size(const struct exact *exact)
{
    switch (exact->mode) {
    case EXACT_PORTS:
        return exact->last - exact->first + 1;
    case EXACT_LOOPBACK:
        return LOOPBACK_SIZE;
    default:
        return 0;
    }
}

int32_t exact_number(const struct exact *exact, int32_t node_id)
{
    int32_t size = exact_size(exact);
    return size ? node_id % size : NUMBER_NONE;
}

static int32_t number_of_loopback(const struct ip *ip)
{
    bool named = ip->len == 4 && ip->at[0] == LOOPBACK_NET && ip->at[1] == 0 && ip->at[2] >= FIRST_BLOCK;
    return named ? (ip->at[2] - FIRST_BLOCK) * BLOCK + ip->at[3] : NUMBER_NONE;
}

int32_t exact_number_at(const struct exact *exact, const struct ip *local, uint16_t port)
{
    if (exact->mode == EXACT_LOOPBACK)
        return number_of_loopback(local);
    bool named = exact->mode == EXACT_PORTS && port >= exact->first && port <= exact->last;
    return named ? port - exact->first : NUMBER_NONE;
}

void exact_address(const struct exact *exact, int32_t number, struct address *address)
{
    if (exact->mode == EXACT_PORTS) {
        address->port = exact->first + number;
        return;
    }
    struct sentence host = {.len = 0};
    sentence_add(&host, "127.0.");
    sentence_add_number(&host, FIRST_BLOCK + number / BLOCK);
    sentence_add(&host, ".");
    sentence_add_number(&host, number % BLOCK);
    memcpy(address->host, host.text, host.len + 1);
}
