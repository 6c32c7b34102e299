/* SPDX-License-Identifier: Apache-2.0 */
/* Names for what Kafka numbers; see words.h. */
#include "proxy/watch/words.h"

#include "proxy/kafka/tables.h"

static const char *resource_word(int8_t type)
{
    switch (type) {
    case 2:
        return "topic";
    case 4:
        return "broker";
    case 8:
        return "broker logger";
    case 16:
        return "client metrics";
    case 32:
        return "group";
    default:
        return "resource";
    }
}

static const char *coordinator_word(int8_t type)
{
    static const char *const words[] = {"group", "transactional id", "share group"};
    return type >= 0 && type <= 2 ? words[type] : "key";
}

const char *words_key(const struct key_summary *key, int8_t key_type)
{
    switch (key->role) {
    case ROLE_GROUP_ID:
        return "group";
    case ROLE_TRANSACTIONAL_ID:
        return "transactional id";
    case ROLE_COORDINATOR_KEY:
        return coordinator_word(key_type);
    case ROLE_RESOURCE_NAME:
        return resource_word(key->type);
    default:
        return "mechanism";
    }
}

const char *words_isolation(const struct summary *summary)
{
    return summary->isolation == 1 ? "read_committed" : "read_uncommitted";
}

const char *words_end(const struct summary *summary)
{
    return summary->committed ? "commit" : "abort";
}

void words_told(struct line *line, const struct told *told)
{
    const struct exact *exact = told->exact;
    if (!exact) {
        line_add_address(line, told->host, told->port);
    } else if (exact->mode == EXACT_PORTS) {
        line_add_address(line, told->host, exact->first);
        line_add_format(line, "-%u, a port for each node", exact->last);
    } else {
        line_add_format(line, "127.0.x.y:%u, an address for each node", told->port);
    }
}
