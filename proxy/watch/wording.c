/* SPDX-License-Identifier: Apache-2.0 */
/* Words for what happened; see wording.h. */
#include "proxy/watch/wording.h"

#include <inttypes.h>

#include "proxy/kafka/keys.h"
#include "proxy/kafka/tables.h"
#include "proxy/watch/words.h"

/* More nodes than this are counted, not listed. */
enum { NODES_SHOWN = 8, SOFTWARE_SHOWN = 80, CLUSTER_ID_SHOWN = 64 };

void wording_came(struct line *line, const char *software, const struct told *told)
{
    if (*software) {
        line_add(line, " (");
        line_add_foreign(line, bytes_of(software), SOFTWARE_SHOWN);
        line_add(line, ")");
    }
    line_add(line, " is told ");
    words_told(line, told);
    line_add(line, ": ");
    line_add(line, told_rule_text(told->rule));
}

void wording_forwarded(struct line *line, const struct address *target)
{
    line_add(line, " is forwarded to ");
    line_add_address(line, target->host, target->port);
}

/* The source for the line to configure: of private addresses the whole block, of others any. */
static const char *source_of(const struct ip *peer)
{
    static const struct {
        struct network network;
        const char *text;
    } blocks[] = {
        {{{{10}, 4}, 8}, "10.0.0.0/8"},
        {{{{172, 16}, 4}, 12}, "172.16.0.0/12"},
        {{{{192, 168}, 4}, 16}, "192.168.0.0/16"},
        {{{{0xfc}, 16}, 7}, "fc00::/7"},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (network_has(&blocks[i].network, peer))
            return blocks[i].text;
    return "any";
}

void wording_doubt(struct line *line, const struct place *place, const struct told *told)
{
    line_add(line, " is told ");
    words_told(line, told);
    line_add_format(line,
                    ", which it can hardly reach: it comes from outside the networks of this container; give "
                    "the address at which such clients reach kbridge, with --advertise %s=HOST:PORT",
                    source_of(&place->peer));
}

void wording_hint(struct line *line, const struct told *told)
{
    line_add_format(line,
                    "localhost is right for clients on the host; for containers that come through the "
                    "published port too, give the host's name there, with --advertise.gateway "
                    "host.docker.internal:%u",
                    told->port);
}

void wording_gone(struct line *line, const struct departure *departure)
{
    line_add(line, " went: ");
    line_add(line, reason_row(departure->reason)->text);
    if (*departure->sentence) {
        line_add(line, ": ");
        line_add(line, departure->sentence);
    }
    line_add(line, "; ");
    line_add_size(line, departure->bytes_from);
    line_add(line, " from it, ");
    line_add_size(line, departure->bytes_to);
    line_add(line, " to it");
    if (departure->unanswered && !*departure->sentence) /* a sentence says it itself, where it matters */
        line_add_format(line, ", %" PRIu32 " request%s not answered", departure->unanswered,
                        departure->unanswered == 1 ? "" : "s");
}

enum level wording_gone_level(const struct departure *departure)
{
    switch (departure->reason) {
    case REASON_CLIENT_CLOSED:
    case REASON_CLIENT_LOST: /* so it looks when a consumer closes while a Fetch is under way */
        return departure->bytes_from ? LEVEL_INFO : LEVEL_DEBUG;
    case REASON_BROKER_CLOSED: /* brokers close what is idle (connections.max.idle.ms) */
        return departure->unanswered ? LEVEL_WARN : LEVEL_INFO;
    case REASON_TARGET_CLOSED: /* as HTTP servers do */
    case REASON_STOPPING:
        return LEVEL_INFO;
    default:
        return LEVEL_WARN;
    }
}

static void add_nodes(struct line *line, const struct view *view)
{
    size_t count = view_broker_count(view);
    line_add_format(line, "%zu node%s", count, count == 1 ? "" : "s");
    for (size_t i = 0; i < count && i < NODES_SHOWN; i++) {
        const struct view_broker *broker = view_broker_at(view, i);
        line_add_format(line, "%s%" PRId32 " at ", i ? ", " : ": ", broker->id);
        line_add_address(line, broker->advertised.host, broker->advertised.port);
    }
    if (count > NODES_SHOWN)
        line_add_format(line, ", … %zu more", count - NODES_SHOWN);
}

static void add_versions(struct line *line, const struct view *view)
{
    static const int16_t shown[] = {API_PRODUCE, API_FETCH, API_METADATA};
    size_t count = view_api_count(view);
    if (!count)
        return;
    line_add_format(line, "; ApiVersions of %zu APIs", count);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (view_version_max(view, shown[i]) >= 0)
            line_add_format(line, ", %s %d-%d", tables_api_name(shown[i]), view_version_min(view, shown[i]),
                            view_version_max(view, shown[i]));
}

void wording_cluster(struct line *line, const struct view *view)
{
    line_add(line, "cluster ");
    const char *id = view_cluster_id(view);
    line_add_foreign(line, bytes_of(*id ? id : "(without an id)"), CLUSTER_ID_SHOWN);
    line_add(line, " has ");
    add_nodes(line, view);
    add_versions(line, view);
}
