/* SPDX-License-Identifier: Apache-2.0 */
/* What `check` shows: as text for people, as JSON for programs.
 * Apart, because both show the same facts and findings. */
#include <string.h>

#include "proxy/tools/check.h"

static const char *const reach_texts[] = {
#define REACH(name, text) text,
    REACHES(REACH)
#undef REACH
};
static const char *const speaker_texts[] = {
#define SPEAKER(name, text) text,
    SPEAKERS(SPEAKER)
#undef SPEAKER
};
static const char *const speaker_names[] = {
#define SPEAKER(name, text) #name,
    SPEAKERS(SPEAKER)
#undef SPEAKER
};

static void print_endpoint(const struct endpoint *endpoint, FILE *out)
{
    bool is_ipv6 = strchr(endpoint->host, ':') != NULL;
    fprintf(out, "%s%s%s:%u", is_ipv6 ? "[" : "", endpoint->host, is_ipv6 ? "]" : "",
            (unsigned)endpoint->port);
}

/* ---- text ---- */

static void print_ips(const struct reached *reached, FILE *out)
{
    if (reached->unresolved.text[0])
        fprintf(out, "    %s\n", reached->unresolved.text);
    for (size_t i = 0; i < reached->ip_count; i++)
        fprintf(out, "    %s: %s\n", reached->ips[i].ip,
                reached->ips[i].error ? strerror(reached->ips[i].error) : "connected");
}

/* With kbridge, which of its rules this looks like. */
static const char *rule_of(const struct facts *facts, const struct reached *broker)
{
    if (strcasecmp(broker->endpoint.host, facts->asked.endpoint.host) == 0 &&
        broker->endpoint.port == facts->asked.endpoint.port)
        return "the address that you came to";
    if (broker->reach == REACH_LOOPBACK)
        return "what a broker says of itself, or kbridge's rule for this machine and for published ports";
    return "what the broker is set to say (advertised.listeners), or a rule of kbridge's (advertise)";
}

static void print_broker(const struct facts *facts, const struct reached *broker, FILE *out)
{
    fprintf(out, "  broker %d is told as ", (int)broker->node_id);
    print_endpoint(&broker->endpoint, out);
    fprintf(out, ": %s\n    can reach it: %s\n", rule_of(facts, broker), reach_texts[broker->reach]);
    print_ips(broker, out);
}

void check_print_facts(const struct facts *facts, FILE *out)
{
    print_endpoint(&facts->asked.endpoint, out);
    fprintf(out, "%s: %s\n", facts->is_upstream ? " (upstream)" : "", speaker_texts[facts->speaker]);
    print_ips(&facts->asked, out);
    if (facts->broker_count)
        fprintf(out, "  cluster %s has %zu broker%s\n", facts->cluster_id, facts->broker_count,
                facts->broker_count == 1 ? "" : "s");
    for (size_t i = 0; i < facts->broker_count && !facts->is_upstream; i++)
        print_broker(facts, &facts->brokers[i], out);
}

static void print_lines(const char *lines, FILE *out)
{
    while (*lines) {
        size_t len = strcspn(lines, "\n");
        fprintf(out, "      %.*s\n", (int)len, lines);
        lines += len + (lines[len] == '\n');
    }
}

void check_print_findings(const struct findings *findings, FILE *out)
{
    if (findings->count == 0)
        fputs("\nNothing is wrong here.\n", out);
    for (size_t i = 0; i < findings->count; i++) {
        fprintf(out, "\n%zu. %s%s\n", i + 1, findings->at[i].is_note ? "(Only a note.) " : "",
                findings->at[i].sentence);
        print_lines(findings->at[i].paste, out);
    }
}

/* ---- JSON ---- */

static void print_string(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < ' ')
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void print_json_reached(const struct reached *reached, FILE *out)
{
    fputs("\"host\": ", out);
    print_string(reached->endpoint.host, out);
    fprintf(out, ", \"port\": %u, \"reach\": ", (unsigned)reached->endpoint.port);
    print_string(reach_texts[reached->reach], out);
    fputs(", \"addresses\": [", out);
    for (size_t i = 0; i < reached->ip_count; i++)
        fprintf(out, "%s{\"ip\": \"%s\", \"connected\": %s}", i ? ", " : "", reached->ips[i].ip,
                reached->ips[i].error ? "false" : "true");
    fputs("]", out);
}

static void print_json_facts(const struct facts *facts, FILE *out)
{
    fputs("{", out);
    print_json_reached(&facts->asked, out);
    fprintf(out, ", \"speaks\": \"%s\", \"cluster\": ", speaker_names[facts->speaker]);
    print_string(facts->cluster_id, out);
    fputs(", \"brokers\": [", out);
    for (size_t i = 0; i < facts->broker_count; i++) {
        fprintf(out, "%s{\"id\": %d, ", i ? ", " : "", (int)facts->brokers[i].node_id);
        print_json_reached(&facts->brokers[i], out);
        fputs("}", out);
    }
    fputs("]}", out);
}

void check_print_json(const struct facts *facts, size_t count, const struct findings *findings, FILE *out)
{
    fputs("{\"asked\": [", out);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ", " : "", out);
        print_json_facts(&facts[i], out);
    }
    fputs("], \"findings\": [", out);
    for (size_t i = 0; i < findings->count; i++) {
        fprintf(out, "%s{\"name\": \"%s\", \"note\": %s, \"sentence\": ", i ? ", " : "", findings->at[i].name,
                findings->at[i].is_note ? "true" : "false");
        print_string(findings->at[i].sentence, out);
        fputs(", \"paste\": ", out);
        print_string(findings->at[i].paste, out);
        fputs("}", out);
    }
    fputs("]}\n", out);
}
