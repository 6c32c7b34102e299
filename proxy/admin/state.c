/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the object member by member; see state.h. */
#include "proxy/admin/state.h"

#include <stddef.h>
#include <stdio.h>

#include "proxy/admin/ready.h"
#include "proxy/net/connection.h"

enum { US_PER_MS = 1000, ENDPOINT_ROOM = HOST_ROOM + 16 };

static int64_t signed_of(uint64_t number)
{
    return number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

static void add_count(struct text *text, const char *key, uint64_t count)
{
    json_number(text, key, signed_of(count));
}

static void add_name(struct text *text, const char *key, const struct name *name)
{
    json_bytes(text, key, (struct bytes){name->at, name->len});
}

static void add_endpoint(struct text *text, const char *key, const char *host, int32_t port)
{
    struct sentence endpoint = {.len = 0};
    sockaddr_add_endpoint(&endpoint, host, port);
    json_string(text, key, endpoint.text);
}

/* ---- the cluster ---- */

static void add_brokers(struct text *text, const struct view *view)
{
    json_open(text, "brokers", '[');
    for (size_t i = 0; i < view_broker_count(view); i++) {
        const struct view_broker *broker = view_broker_at(view, i);
        json_open(text, NULL, '{');
        json_number(text, "id", broker->id);
        add_endpoint(text, "advertised", broker->advertised.host, broker->advertised.port);
        json_close(text, '}');
    }
    json_close(text, ']');
}

static void add_cluster(struct text *text, const struct worker *worker)
{
    static const char *const kinds[] = {
        [VIEW_UNKNOWN] = "unknown", [VIEW_ONE] = "one", [VIEW_SEVERAL] = "several"};
    const struct bridge *bridge = &worker->bridge;
    struct sentence why;
    json_bool(text, "ready", ready_is(worker, &why));
    json_string(text, "why", why.text);
    json_open(text, "upstream", '[');
    for (uint16_t i = 0; i < bridge->upstream_count; i++)
        add_endpoint(text, NULL, bridge->upstream[i].host, bridge->upstream[i].port);
    json_close(text, ']');
    json_string(text, "kind", kinds[view_kind(bridge->view)]);
    json_string(text, "cluster", view_cluster_id(bridge->view));
    json_number(text, "controller", view_controller(bridge->view));
    add_brokers(text, bridge->view);
}

/* ---- counts ---- */

static void add_totals(struct text *text, const struct sources *sources)
{
    const struct worker *worker = sources->worker;
    const struct meter *meter = sources->meter;
    json_open(text, "totals", '{');
    add_count(text, "open", sources->sum->census.clients);
    add_count(text, "waiting", sources->sum->census.waiting);
    add_count(text, "accepted", worker->totals->counters.accepted);
    add_count(text, "refused",
              worker->totals->counters.refused_limit + worker->totals->counters.refused_memory);
    add_count(text, "in", meter->ended_bytes_in + sources->sum->census.bytes_in);
    add_count(text, "out", meter->ended_bytes_out + sources->sum->census.bytes_out);
    add_count(text, "held", worker->totals->held_bytes);
    add_count(text, "dial_failures", worker->totals->counters.dial_failed);
    add_count(text, "questions", sources->sum->census.questions);
    add_count(text, "corrections", sources->sum->census.corrections);
    add_count(text, "resident", sources->usage.resident_bytes);
    add_count(text, "cpu_us", (uint64_t)(sources->usage.cpu_s * 1e6));
    json_close(text, '}');
}

static void add_told(struct text *text, const struct meter *meter)
{
    json_open(text, "told", '[');
    for (int rule = 0; rule < TOLD_RULE_COUNT; rule++) {
        json_open(text, NULL, '{');
        json_string(text, "rule", told_rule_word((enum told_rule)rule));
        json_string(text, "text", told_rule_text((enum told_rule)rule));
        add_count(text, "clients", meter->told[rule]);
        json_close(text, '}');
    }
    json_close(text, ']');
}

static void add_api_name(struct text *text, const struct meter *meter, uint16_t api)
{
    const char *name = meter_api_name(meter, api);
    char number[16];
    snprintf(number, sizeof number, "API %u", (unsigned)api);
    json_string(text, "api", name ? name : number);
}

static void add_apis(struct text *text, const struct meter *meter)
{
    json_open(text, "bounds_us", '[');
    for (size_t i = 0; i < LATENCY_BOUND_COUNT; i++)
        add_count(text, NULL, latency_bounds_us[i]);
    json_close(text, ']');
    json_open(text, "apis", '[');
    for (uint16_t api = 0; api < meter->api_count; api++) {
        const struct meter_api *counts = &meter->apis[api];
        uint64_t requests = 0;
        for (size_t i = 0; i <= METER_VERSIONS; i++)
            requests += counts->requests[i];
        if (!requests)
            continue;
        json_open(text, NULL, '{');
        add_api_name(text, meter, api);
        add_count(text, "requests", requests);
        add_count(text, "in", counts->bytes_in);
        add_count(text, "out", counts->bytes_out);
        json_open(text, "latency", '[');
        for (size_t i = 0; i <= LATENCY_BOUND_COUNT; i++)
            add_count(text, NULL, counts->latency[i]);
        json_close(text, ']');
        json_close(text, '}');
    }
    json_close(text, ']');
}

static void add_errors(struct text *text, const struct meter *meter)
{
    json_open(text, "errors", '[');
    for (uint16_t i = 0; i < meter->error_count; i++) {
        const char *name = tables_error_name(meter->errors[i].code);
        json_open(text, NULL, '{');
        add_api_name(text, meter, meter->errors[i].api);
        json_string(text, "error", name ? name : "other");
        add_count(text, "count", meter->errors[i].count);
        json_close(text, '}');
    }
    json_close(text, ']');
}

/* What is counted under names. The counts of a name are a struct of nothing but uint64_t, in the order of the columns. */
static const struct counted {
    const char *key, *name;
    size_t labels, counts; /* where they are in struct meter */
    size_t width;
    const char *columns[4];
} counted[] = {
    {"clients",
     "id",
     offsetof(struct meter, client_names),
     offsetof(struct meter, clients),
     sizeof(struct meter_client) / sizeof(uint64_t),
     {"requests", "errors", "in", "out"}},
    {"topics",
     "name",
     offsetof(struct meter, topic_names),
     offsetof(struct meter, topics),
     sizeof(struct meter_topic) / sizeof(uint64_t),
     {"produced", "fetched"}},
};

static bool has_any(const uint64_t *counts, size_t width)
{
    for (size_t i = 0; i < width; i++)
        if (counts[i])
            return true;
    return false;
}

static void add_counted(struct text *text, const struct meter *meter, const struct counted *as)
{
    const struct labels *labels = (const void *)((const char *)meter + as->labels);
    const uint64_t *counts = (const void *)((const char *)meter + as->counts);
    json_open(text, as->key, '[');
    for (uint16_t i = 0; i < labels->count; i++, counts += as->width) {
        if (!has_any(counts, as->width))
            continue;
        json_open(text, NULL, '{');
        add_name(text, as->name, &labels->at[i]);
        for (size_t column = 0; column < as->width; column++)
            add_count(text, as->columns[column], counts[column]);
        json_close(text, '}');
    }
    json_close(text, ']');
}

static void add_alerts(struct text *text, const struct alerts *alerts)
{
    json_open(text, "alerts", '[');
    for (const struct alert *alert = alerts->at; alert < alerts->at + ALERTS_KEPT; alert++) {
        if (!alert->count)
            continue;
        json_open(text, NULL, '{');
        json_string(text, "level", alert->level == LEVEL_ERROR ? "error" : "warn");
        add_count(text, "count", alert->count);
        add_count(text, "first_ms", alert->first_us / US_PER_MS);
        add_count(text, "last_ms", alert->last_us / US_PER_MS);
        json_string(text, "text", alert->text.text);
        json_close(text, '}');
    }
    json_close(text, ']');
}

/* ---- connections ---- */

static void add_links(struct text *text, const struct conversation *conversation)
{
    struct link_fact fact;
    json_open(text, "links", '[');
    for (size_t i = 0; conversation_link(conversation, i, &fact); i++) {
        json_open(text, NULL, '{');
        json_number(text, "node", fact.node);
        json_string(text, "state", fact.state);
        json_close(text, '}');
    }
    json_close(text, ']');
}

static void add_told_to(struct text *text, const struct conversation *conversation)
{
    const struct told *told = conversation_told(conversation);
    const struct address *target = conversation_target(conversation);
    if (target) {
        add_endpoint(text, "target", target->host, target->port);
        return;
    }
    add_endpoint(text, "told", told->host, told->port);
    json_string(text, "rule", told_rule_word(told->rule));
    json_bool(text, "doubtful", told->doubtful);
}

static void add_connection(struct text *text, const struct connection *connection, uint64_t now_ms)
{
    const struct conversation *conversation = connection->conversation;
    const struct place *place = conversation_place(conversation);
    const struct metered *metered = *conversation_watched(conversation, WATCHED_BY_METER);
    struct line peer = {.len = 0};
    line_add_ip(&peer, &place->peer, place->peer_port);
    json_open(text, NULL, '{');
    json_string(text, "peer", peer.text);
    json_string(text, "client", conversation_client_id(conversation));
    json_string(text, "software", conversation_software(conversation));
    add_told_to(text, conversation);
    add_count(text, "in", conversation_bytes_from_client(conversation));
    add_count(text, "out", conversation_bytes_to_client(conversation));
    add_count(text, "requests", metered ? metered->requests : 0);
    add_count(text, "errors", metered ? metered->errors : 0);
    add_count(text, "in_flight", conversation_in_flight(conversation));
    add_count(text, "idle_ms", now_ms - conversation_last_input_ms(conversation));
    add_count(text, "queued", connection->client->queued);
    json_bool(text, "held", conversation_is_held(conversation));
    add_links(text, conversation);
    json_close(text, '}');
}

void state_show_connections(struct sum *sum, const struct worker *worker)
{
    for (const struct connection *at = worker->connections;
         at && sum->connection_count < STATE_CONNECTIONS_MAX; at = at->next) {
        if (!at->client || !at->conversation)
            continue;
        add_connection(&sum->connections, at, worker_now_ms(worker));
        sum->connection_count++;
    }
}

static void add_connections(struct text *text, const struct sum *sum)
{
    json_open(text, "connections", '[');
    text_add_bytes(text, text_bytes(&sum->connections));
    json_close(text, ']');
}

void state_write(struct text *text, const struct sources *sources, const struct alerts *alerts,
                 uint64_t wall_us)
{
    json_open(text, NULL, '{');
    add_count(text, "now_ms", wall_us / US_PER_MS);
    json_string(text, "version", sources->version);
    add_cluster(text, sources->worker);
    add_totals(text, sources);
    add_told(text, sources->meter);
    add_alerts(text, alerts);
    add_apis(text, sources->meter);
    add_errors(text, sources->meter);
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
        add_counted(text, sources->meter, &counted[i]);
    add_connections(text, sources->sum);
    json_close(text, '}');
}
