/* SPDX-License-Identifier: Apache-2.0 */
/* The list of metrics, and how each is written; see metrics.h. */
#include "proxy/admin/metrics.h"

#include <inttypes.h>

/* clang-format off */
/*    name                                   type        help */
#define METRICS(X)                                                                                           \
    X(kbridge_build_info,                    gauge,     "The version that runs; always 1.")                  \
    X(kbridge_connections_open,              gauge,     "Clients that are connected.")                       \
    X(kbridge_connections_accepted_total,    counter,   "Clients that were accepted.")                       \
    X(kbridge_connections_ended_total,       counter,   "Clients that are gone, by the reason of the end.")  \
    X(kbridge_connections_refused_total,     counter,   "Clients that were not accepted, by the cause.")     \
    X(kbridge_clients_waiting,               gauge,     "Clients that are held until a broker can be reached.") \
    X(kbridge_clients_told_total,            counter,   "Clients that were told an address, by the rule for it.") \
    X(kbridge_requests_total,                counter,   "Requests of clients, by API and version.")          \
    X(kbridge_errors_total,                  counter,   "Error codes in answers to clients, each time that one stands there, by API and name.") \
    X(kbridge_request_duration_seconds,      histogram, "From a request's way to its broker to the end of the answer, by API.") \
    X(kbridge_api_bytes_total,               counter,   "Bytes of answered requests (in) and of their answers (out), by API.") \
    X(kbridge_client_requests_total,         counter,   "Requests by client id; those of further ids are other.") \
    X(kbridge_client_errors_total,           counter,   "Error codes in answers, by client id.")             \
    X(kbridge_client_bytes_total,            counter,   "Bytes of answered requests (in) and of their answers (out), by client id.") \
    X(kbridge_topic_record_bytes_total,      counter,   "Bytes of records as they pass, by topic; in: produced, out: fetched.") \
    X(kbridge_bytes_total,                   counter,   "All bytes that came from clients (in) and went to them (out).") \
    X(kbridge_held_bytes,                    gauge,     "Bytes that slow readers have not taken yet.")       \
    X(kbridge_links,                         gauge,     "Connections to brokers, by node and state.")        \
    X(kbridge_dial_failures_total,           counter,   "Dials to brokers that failed.")                     \
    X(kbridge_view_questions_total,          counter,   "What kbridge asked the cluster itself.")            \
    X(kbridge_view_corrections_total,        counter,   "Entries of the view that an answer has shown to be wrong.") \
    X(kbridge_late_answers_total,            counter,   "Answers that waited more than 1 s for another broker's.") \
    X(process_cpu_seconds_total,             counter,   "Processor time, user and system.")                  \
    X(process_resident_memory_bytes,         gauge,     "Resident memory.")                                  \
    X(process_open_fds,                      gauge,     "Open file descriptors.")                            \
    X(process_max_fds,                       gauge,     "The most file descriptors that the system allows.") \
    X(process_start_time_seconds,            gauge,     "When the process started, since 1970.")

/* clang-format on */

/* ---- samples ---- */

/* One sample without labels, and one with. */
static void sample(struct text *text, const char *name, uint64_t value)
{
    text_format(text, "%s %" PRIu64 "\n", name, value);
}

static void sample_by(struct text *text, const char *name, const char *label, const char *by, uint64_t value)
{
    text_format(text, "%s{%s=\"%s\"} %" PRIu64 "\n", name, label, by, value);
}

static void sample_s(struct text *text, const char *name, double value)
{
    text_format(text, "%s %.6f\n", name, value);
}

/* An API's name, "api_<key>" where the tables have none: a label is never empty. */
static void add_api(struct text *text, const struct meter *meter, uint16_t api)
{
    const char *name = meter_api_name(meter, api);
    if (name)
        text_format(text, "{api=\"%s\"", name);
    else
        text_format(text, "{api=\"api_%u\"", (unsigned)api);
}

/* name{client_id="…",direction="in"} 7; `direction` NULL: without. */
static void sample_named(struct text *text, const char *name, const char *label, const struct name *value,
                         const char *direction, uint64_t count)
{
    text_format(text, "%s{%s=\"", name, label);
    text_add_label(text, (struct bytes){value->at, value->len});
    text_add(text, value->cut ? "…\"" : "\"");
    if (direction)
        text_format(text, ",direction=\"%s\"", direction);
    text_format(text, "} %" PRIu64 "\n", count);
}

/* ---- one writer for each metric, named like it ---- */

typedef void write_fn(struct text *text, const char *name, const struct sources *sources);

static void write_kbridge_build_info(struct text *text, const char *name, const struct sources *sources)
{
    sample_by(text, name, "version", sources->version, 1);
}

static void write_kbridge_connections_open(struct text *text, const char *name, const struct sources *sources)
{
    sample(text, name, sources->sum->census.clients);
}

static void write_kbridge_connections_accepted_total(struct text *text, const char *name,
                                                     const struct sources *sources)
{
    sample(text, name, sources->worker->totals->counters.accepted);
}

static void write_kbridge_connections_ended_total(struct text *text, const char *name,
                                                  const struct sources *sources)
{
    for (int reason = 0; reason < REASON_COUNT; reason++)
        sample_by(text, name, "reason", reason_row((enum reason)reason)->counter,
                  sources->worker->totals->counters.ended[reason]);
}

static void write_kbridge_connections_refused_total(struct text *text, const char *name,
                                                    const struct sources *sources)
{
    const struct counters *counters = &sources->worker->totals->counters;
    sample_by(text, name, "cause", "limit", counters->refused_limit);
    sample_by(text, name, "cause", "out_of_memory", counters->refused_memory);
    sample_by(text, name, "cause", "accept_failed", counters->accept_failed);
}

static void write_kbridge_clients_waiting(struct text *text, const char *name, const struct sources *sources)
{
    sample(text, name, sources->sum->census.waiting);
}

static void write_kbridge_clients_told_total(struct text *text, const char *name,
                                             const struct sources *sources)
{
    for (int rule = 0; rule < TOLD_RULE_COUNT; rule++)
        sample_by(text, name, "rule", told_rule_word((enum told_rule)rule), sources->meter->told[rule]);
}

static void write_kbridge_requests_total(struct text *text, const char *name, const struct sources *sources)
{
    const struct meter *meter = sources->meter;
    for (uint16_t api = 0; api < meter->api_count; api++) {
        for (unsigned version = 0; version <= METER_VERSIONS; version++) {
            uint64_t count = meter->apis[api].requests[version];
            if (!count)
                continue;
            text_add(text, name);
            add_api(text, meter, api);
            if (version < METER_VERSIONS)
                text_format(text, ",version=\"%u\"} %" PRIu64 "\n", version, count);
            else
                text_format(text, ",version=\"other\"} %" PRIu64 "\n", count);
        }
    }
}

static void write_kbridge_errors_total(struct text *text, const char *name, const struct sources *sources)
{
    const struct meter *meter = sources->meter;
    for (uint16_t i = 0; i < meter->error_count; i++) {
        const struct meter_error *error = &meter->errors[i];
        const char *known = error->code == ERROR_OTHER ? "other" : tables_error_name(error->code);
        text_add(text, name);
        add_api(text, meter, error->api);
        if (known)
            text_format(text, ",error=\"%s\"} %" PRIu64 "\n", known, error->count);
        else
            text_format(text, ",error=\"error_%d\"} %" PRIu64 "\n", error->code, error->count);
    }
}

static void write_latency(struct text *text, const char *name, const struct meter *meter, uint16_t api)
{
    const struct meter_api *counts = &meter->apis[api];
    uint64_t total = 0;
    for (size_t i = 0; i <= LATENCY_BOUND_COUNT; i++) {
        total += counts->latency[i];
        text_format(text, "%s_bucket", name);
        add_api(text, meter, api);
        if (i < LATENCY_BOUND_COUNT)
            text_format(text, ",le=\"%g\"} %" PRIu64 "\n", (double)latency_bounds_us[i] / 1e6, total);
        else
            text_format(text, ",le=\"+Inf\"} %" PRIu64 "\n", total);
    }
    text_format(text, "%s_sum", name);
    add_api(text, meter, api);
    text_format(text, "} %.6f\n%s_count", (double)counts->latency_sum_us / 1e6, name);
    add_api(text, meter, api);
    text_format(text, "} %" PRIu64 "\n", total);
}

static bool is_used(const struct meter_api *api)
{
    uint64_t count = 0;
    for (size_t i = 0; i <= METER_VERSIONS; i++)
        count += api->requests[i];
    return count > 0;
}

static void write_kbridge_request_duration_seconds(struct text *text, const char *name,
                                                   const struct sources *sources)
{
    for (uint16_t api = 0; api < sources->meter->api_count; api++)
        if (is_used(&sources->meter->apis[api]))
            write_latency(text, name, sources->meter, api);
}

static void write_kbridge_api_bytes_total(struct text *text, const char *name, const struct sources *sources)
{
    const struct meter *meter = sources->meter;
    for (uint16_t api = 0; api < meter->api_count; api++) {
        if (!is_used(&meter->apis[api]))
            continue;
        text_add(text, name);
        add_api(text, meter, api);
        text_format(text, ",direction=\"in\"} %" PRIu64 "\n%s", meter->apis[api].bytes_in, name);
        add_api(text, meter, api);
        text_format(text, ",direction=\"out\"} %" PRIu64 "\n", meter->apis[api].bytes_out);
    }
}

static void write_kbridge_client_requests_total(struct text *text, const char *name,
                                                const struct sources *sources)
{
    const struct meter *meter = sources->meter;
    for (uint16_t i = 0; i < meter->client_names.count; i++)
        sample_named(text, name, "client_id", &meter->client_names.at[i], NULL, meter->clients[i].requests);
}

static void write_kbridge_client_errors_total(struct text *text, const char *name,
                                              const struct sources *sources)
{
    const struct meter *meter = sources->meter;
    for (uint16_t i = 0; i < meter->client_names.count; i++)
        sample_named(text, name, "client_id", &meter->client_names.at[i], NULL, meter->clients[i].errors);
}

static void write_kbridge_client_bytes_total(struct text *text, const char *name,
                                             const struct sources *sources)
{
    const struct meter *meter = sources->meter;
    for (uint16_t i = 0; i < meter->client_names.count; i++) {
        const struct name *id = &meter->client_names.at[i];
        sample_named(text, name, "client_id", id, "in", meter->clients[i].bytes_in);
        sample_named(text, name, "client_id", id, "out", meter->clients[i].bytes_out);
    }
}

static void write_kbridge_topic_record_bytes_total(struct text *text, const char *name,
                                                   const struct sources *sources)
{
    const struct meter *meter = sources->meter;
    for (uint16_t i = 0; i < meter->topic_names.count; i++) {
        const struct name *topic = &meter->topic_names.at[i];
        sample_named(text, name, "topic", topic, "in", meter->topics[i].produced_bytes);
        sample_named(text, name, "topic", topic, "out", meter->topics[i].fetched_bytes);
    }
}

static void write_kbridge_bytes_total(struct text *text, const char *name, const struct sources *sources)
{
    sample_by(text, name, "direction", "in", sources->meter->ended_bytes_in + sources->sum->census.bytes_in);
    sample_by(text, name, "direction", "out",
              sources->meter->ended_bytes_out + sources->sum->census.bytes_out);
}

static void write_kbridge_held_bytes(struct text *text, const char *name, const struct sources *sources)
{
    sample(text, name, sources->worker->totals->held_bytes);
}

static void write_kbridge_links(struct text *text, const char *name, const struct sources *sources)
{
    for (size_t i = 0; i < sources->sum->census.link_count; i++) {
        const struct census_links *links = &sources->sum->census.links[i];
        if (links->node < 0)
            text_format(text, "%s{node=\"any\"", name);
        else
            text_format(text, "%s{node=\"%" PRId32 "\"", name, links->node);
        text_format(text, ",state=\"%s\"} %" PRIu64 "\n", links->state, links->count);
    }
}

static void write_kbridge_dial_failures_total(struct text *text, const char *name,
                                              const struct sources *sources)
{
    sample(text, name, sources->worker->totals->counters.dial_failed);
}

static void write_kbridge_view_questions_total(struct text *text, const char *name,
                                               const struct sources *sources)
{
    sample(text, name, sources->sum->census.questions);
}

static void write_kbridge_view_corrections_total(struct text *text, const char *name,
                                                 const struct sources *sources)
{
    sample(text, name, sources->sum->census.corrections);
}

static void write_kbridge_late_answers_total(struct text *text, const char *name,
                                             const struct sources *sources)
{
    sample(text, name, sources->sum->census.late_answers);
}

static void write_process_cpu_seconds_total(struct text *text, const char *name,
                                            const struct sources *sources)
{
    sample_s(text, name, sources->usage.cpu_s);
}

static void write_process_resident_memory_bytes(struct text *text, const char *name,
                                                const struct sources *sources)
{
    sample(text, name, sources->usage.resident_bytes);
}

static void write_process_open_fds(struct text *text, const char *name, const struct sources *sources)
{
    sample(text, name, sources->usage.open_files);
}

static void write_process_max_fds(struct text *text, const char *name, const struct sources *sources)
{
    sample(text, name, sources->usage.most_files);
}

static void write_process_start_time_seconds(struct text *text, const char *name,
                                             const struct sources *sources)
{
    sample_s(text, name, sources->usage.started_s);
}

/* ---- all of them ---- */

#define METRIC(name, type, help) {#name, #type, help, write_##name},
static const struct metric {
    const char *name, *type, *help;
    write_fn *write;
} metrics[] = {METRICS(METRIC)};
#undef METRIC

void metrics_write(struct text *text, const struct sources *sources)
{
    for (const struct metric *metric = metrics; metric < metrics + sizeof metrics / sizeof *metrics;
         metric++) {
        text_format(text, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                    metric->type);
        metric->write(text, metric->name, sources);
    }
}
