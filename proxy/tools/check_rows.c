/* SPDX-License-Identifier: Apache-2.0 */
/* The mistakes that people make, a row each: how it is seen in the facts, the sentence, and the lines to paste.
 * Apart, because a new mistake is a new row. In texts, {asked}, {host} and {port} are the address that was asked for,
 * {told}, {told.host} and {told.port} that of the broker that the row is about, {node} its id. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "proxy/tools/check.h"

/* ---- how each is seen; `broker` is the one that it is about ---- */

static bool is_refused(const struct reached *reached)
{
    return !reached->unresolved.text[0] && !check_is_connected(reached);
}

static bool equal_hosts(const struct endpoint *a, const struct endpoint *b)
{
    return strcasecmp(a->host, b->host) == 0;
}

/* The first broker for which this holds. */
static bool find(const struct facts *facts, bool (*is)(const struct facts *, const struct reached *),
                 size_t *broker)
{
    for (*broker = 0; *broker < facts->broker_count; ++*broker)
        if (is(facts, &facts->brokers[*broker]))
            return true;
    return false;
}

static bool is_desktop(const struct facts *facts, const struct reached *told)
{
    return facts->asked.reach == REACH_DOCKER_HOST && told->reach == REACH_LOOPBACK && is_refused(told);
}

static bool is_localhost_elsewhere(const struct facts *facts, const struct reached *told)
{
    return told->reach == REACH_LOOPBACK && facts->asked.reach != REACH_LOOPBACK && is_refused(told) &&
           !is_desktop(facts, told);
}

static bool is_unpublished_port(const struct facts *facts, const struct reached *told)
{
    bool is_near = equal_hosts(&told->endpoint, &facts->asked.endpoint) ||
                   (told->reach == REACH_LOOPBACK && facts->asked.reach == REACH_LOOPBACK);
    return is_near && is_refused(told) && told->endpoint.port != facts->asked.endpoint.port;
}

static bool is_name_of_compose(const struct facts *facts, const struct reached *told)
{
    (void)facts;
    return told->unresolved.text[0] && told->reach == REACH_ONE_LABEL;
}

static bool is_name_of_hosts_in_other_letters(const struct facts *facts, const struct reached *told)
{
    return facts->brokers_shared && told->hosts_other;
}

static bool is_unresolved(const struct facts *facts, const struct reached *told)
{
    return told->unresolved.text[0] && !is_name_of_compose(facts, told) && !is_desktop(facts, told);
}

static bool is_unreachable(const struct facts *facts, const struct reached *told)
{
    return is_refused(told) && !is_unpublished_port(facts, told) && !is_localhost_elsewhere(facts, told) &&
           !is_desktop(facts, told);
}

/* Broker and address agree in the other direction too: two nodes, one text. */
static bool is_merged(const struct facts *facts, const struct reached *told)
{
    for (const struct reached *other = facts->brokers; other < told; other++)
        if (strcmp(other->endpoint.host, told->endpoint.host) == 0 &&
            other->endpoint.port == told->endpoint.port)
            return true;
    return false;
}

#define SEEN_AT_BROKER(name)                                                                                 \
    static bool see_##name(const struct facts *facts, size_t *broker)                                        \
    {                                                                                                        \
        return find(facts, is_##name, broker);                                                               \
    }
SEEN_AT_BROKER(desktop)
SEEN_AT_BROKER(localhost_elsewhere)
SEEN_AT_BROKER(unpublished_port)
SEEN_AT_BROKER(name_of_compose)
SEEN_AT_BROKER(name_of_hosts_in_other_letters)
SEEN_AT_BROKER(unresolved)
SEEN_AT_BROKER(unreachable)
SEEN_AT_BROKER(merged)
#undef SEEN_AT_BROKER

#define SEEN_AS(name, condition)                                                                             \
    static bool see_##name(const struct facts *facts, size_t *broker)                                        \
    {                                                                                                        \
        (void)broker;                                                                                        \
        return condition;                                                                                    \
    }
SEEN_AS(tls, facts->speaker == SPEAKER_TLS && !facts->as_tls)
SEEN_AS(plaintext, facts->speaker == SPEAKER_KAFKA && facts->as_tls)
SEEN_AS(sasl, facts->speaker == SPEAKER_SASL)
SEEN_AS(zookeeper, facts->speaker == SPEAKER_ZOOKEEPER)
SEEN_AS(controller, facts->speaker == SPEAKER_CONTROLLER)
SEEN_AS(http, facts->speaker == SPEAKER_HTTP || facts->speaker == SPEAKER_STRANGE)
SEEN_AS(closes, facts->speaker == SPEAKER_CLOSES && !facts->is_loop)
SEEN_AS(silent, facts->speaker == SPEAKER_SILENT && !facts->is_loop)
SEEN_AS(loop, facts->is_loop)
SEEN_AS(nobody, facts->speaker == SPEAKER_NOBODY && !facts->asked.unresolved.text[0] && !facts->is_loop)
SEEN_AS(no_name, facts->asked.unresolved.text[0] != 0)
#undef SEEN_AS

/* Clients that try one address only, as old Java ones do, take the first. */
static bool see_ipv6_first(const struct facts *facts, size_t *broker)
{
    const struct reached *asked = &facts->asked;
    (void)broker;
    return asked->ip_count > 1 && asked->ips[0].is_ipv6 && asked->ips[0].error != 0 &&
           check_is_connected(asked);
}

/* Where it breaks something; elsewhere it is a note. */
enum where { ANYWHERE, WITH_MUSL };

/* ---- the rows ---- */

static const struct row {
    const char *name;
    enum where where;
    bool (*seen)(const struct facts *facts, size_t *broker);
    const char *sentence, *paste;
} rows[] = {
    {"docker-desktop", ANYWHERE, see_desktop,
     "You came through {asked}, and clients are told {told}, which in a container is the container itself. "
     "kbridge "
     "cannot tell a container that comes through the published port from the host.",
     "# kbridge's service in the compose file\nenvironment: { KBRIDGE_ADVERTISE_GATEWAY: \"{asked}\" }\n"
     "# or let the tests join kbridge's network, and use its service's name: proxy:29092"},
    {"advertised-localhost", ANYWHERE, see_localhost_elsewhere,
     "Clients are told {told}, which is the machine or container that the client itself runs in; you came to "
     "{asked}.",
     "# a kbridge in front of the broker tells each client an address that it can reach\nproxy:\n  image: "
     "kbridge\n"
     "  command: {asked}\n  ports: [\"29092:29092\"]\n# or, where this is kbridge already\n"
     "environment: { KBRIDGE_ADVERTISE: \"{asked}\" }"},
    {"unpublished-port", ANYWHERE, see_unpublished_port,
     "Clients are told {told}, and nobody listens there: {port} is the port that is published, {told.port} "
     "is not.",
     "# kbridge's or the broker's service in the compose file: the same number on both sides\n"
     "ports: [\"{told.port}:{told.port}\"]\n# or, with kbridge, keep the port and tell it\n"
     "environment: { KBRIDGE_ADVERTISE_GATEWAY: \"localhost:{port}\" }"},
    {"compose-name", ANYWHERE, see_name_of_compose,
     "Clients are told {told}, a name that does not resolve here; a name of one word is mostly one that only "
     "containers of the broker's Docker network know.",
     "# a kbridge in front of the broker tells clients outside localhost:29092\nproxy:\n  image: kbridge\n"
     "  command: {told}\n  ports: [\"29092:29092\"]\n# or let the tests join the broker's network\n"
     "docker run --network PROJECT_default …"},
    {"musl-hosts", WITH_MUSL, see_name_of_hosts_in_other_letters,
     "Broker {node} is told as {told}; {told.host} is in /etc/hosts in other letters, upper or lower case, "
     "and musl "
     "(Alpine) finds names of that file in their exact case only.",
     "# a name of DNS has no such trouble: let the tests use the service's name in kbridge's network\n"
     "environment: { KBRIDGE_ADVERTISE_NETWORK: \"proxy:{told.port}\" }\n# or a port for each broker\n"
     "command: kafka:9092 --listen.per-broker 29093-29192"},
    {"name", ANYWHERE, see_unresolved, "Clients are told {told}, and {told.host} does not resolve here.",
     "# in the hosts file of this machine\n127.0.0.1 {told.host}\n# or put kbridge in front, which tells an "
     "address "
     "that can be reached\nkbridge {asked}"},
    {"unreachable", ANYWHERE, see_unreachable,
     "Clients are told {told}, and nobody can be reached there from here.",
     "# put kbridge in front, which needs only {asked}\nkbridge {asked}"},
    {"equal-addresses", ANYWHERE, see_merged,
     "Several brokers are told as {told}. Old clients (librdkafka before 2.10, kafkajs) know brokers by "
     "their address, "
     "take these for one, and lose records.",
     "# a name instead of an IP address: kbridge then spells it in another way for each broker\n"
     "kbridge … --advertise localhost:{told.port}\n# or a port for each broker\nkbridge … "
     "--listen.per-broker 29093-29192"},
    {"tls", ANYWHERE, see_tls,
     "{asked} speaks TLS, and the client that is meant, like kbridge, speaks plaintext.",
     "# the client\nsecurity.protocol=SSL\n# or the broker: a plaintext listener for tests\n"
     "listeners=PLAINTEXT://:9092,SSL://:9093"},
    {"plaintext", ANYWHERE, see_plaintext,
     "{asked} speaks plaintext, and the client that is meant speaks TLS.",
     "# the client\nsecurity.protocol=PLAINTEXT"},
    {"sasl", ANYWHERE, see_sasl, "{asked} is a broker that answers only who has authenticated (SASL).",
     "# the client; kbridge passes it on\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"
     "sasl.username=…\nsasl.password=…"},
    {"zookeeper", ANYWHERE, see_zookeeper,
     "{asked} is ZooKeeper; clients of Kafka talk to a broker, mostly at port 9092.", "{host}:9092"},
    {"controller", ANYWHERE, see_controller,
     "{asked} is a KRaft controller, which serves no clients; the broker's listener is another port, mostly "
     "9092.",
     "{host}:9092"},
    {"not-kafka", ANYWHERE, see_http,
     "What answers at {asked} is no Kafka: another service, or another service's published port.",
     "docker compose ps   # which service has published {port}"},
    {"closes", ANYWHERE, see_closes,
     "{asked} accepts connections and closes them without an answer: a published port behind which nobody "
     "listens, a "
     "kbridge that is in front of itself, or a service that is no plaintext Kafka.",
     "docker compose ps     # does the container listen on the port that is published?\n"
     "docker compose logs   # kbridge says what it waits for"},
    {"silent", ANYWHERE, see_silent,
     "{asked} accepts connections and does not answer: Kafka is starting, or a kbridge waits for its broker.",
     "kbridge wait {asked} --timeout 60s"},
    {"loop", ANYWHERE, see_loop,
     "kbridge would be in front of itself: {asked} is an address on which it listens.",
     "kbridge BROKER:9092 --listen localhost:29092"},
    {"nobody", ANYWHERE, see_nobody,
     "Nobody listens at {asked}: nothing has started there, or the port is not published.",
     "docker compose ps   # is it up, and is there a line such as 0.0.0.0:{port}->{port}/tcp?\n"
     "kbridge wait {asked} --timeout 60s"},
    {"asked-name", ANYWHERE, see_no_name,
     "{host} does not resolve here; names of services resolve only in their own Docker network.",
     "localhost:{port}   # from the host, with the port published\ndocker run --network PROJECT_default …"},
    {"ipv6-first", ANYWHERE, see_ipv6_first,
     "{host} is an IPv6 address first, and nobody listens there; only IPv4 works, and a client that tries "
     "one address "
     "only fails.",
     "127.0.0.1:{port}\n# or, with kbridge, listen on both\nkbridge … --listen localhost:{port}"},
};

/* ---- filling in ---- */

static void append(char *text, const char *more, size_t len)
{
    size_t have = strlen(text);
    size_t room = CHECK_TEXT_ROOM - 1 - have;
    strncat(text, more, len < room ? len : room);
}

static void address_text(const struct endpoint *endpoint, char text[ENDPOINT_HOST_ROOM + 16])
{
    bool is_ipv6 = strchr(endpoint->host, ':') != NULL;
    snprintf(text, ENDPOINT_HOST_ROOM + 16, "%s%s%s:%u", is_ipv6 ? "[" : "", endpoint->host,
             is_ipv6 ? "]" : "", (unsigned)endpoint->port);
}

/* The value of a name in braces. */
static void value_of(const char *name, const struct facts *facts, const struct reached *told,
                     char value[ENDPOINT_HOST_ROOM + 16])
{
    bool of_told = strncmp(name, "told", 4) == 0;
    const struct endpoint *endpoint = of_told ? &told->endpoint : &facts->asked.endpoint;
    if (strncmp(name, "node}", 5) == 0)
        snprintf(value, ENDPOINT_HOST_ROOM, "%d", (int)told->node_id);
    else if (strncmp(name, "host}", 5) == 0 || strncmp(name, "told.host}", 10) == 0)
        snprintf(value, ENDPOINT_HOST_ROOM, "%s", endpoint->host);
    else if (strncmp(name, "port}", 5) == 0 || strncmp(name, "told.port}", 10) == 0)
        snprintf(value, ENDPOINT_HOST_ROOM, "%u", (unsigned)endpoint->port);
    else
        address_text(endpoint, value);
}

/* What stands in braces with a blank behind the first is no name: it is YAML. */
static void fill_in(const char *form, const struct facts *facts, const struct reached *told, char *text)
{
    char value[ENDPOINT_HOST_ROOM + 16];
    text[0] = 0;
    while (*form) {
        size_t len = strcspn(form, "{");
        append(text, form, len);
        form += len;
        if (form[0] == '{' && form[1] != ' ') {
            value_of(form + 1, facts, told, value);
            append(text, value, sizeof value);
            form += strcspn(form, "}") + 1;
        } else if (form[0] == '{') {
            append(text, "{", 1);
            form++;
        }
    }
}

void check_add(struct findings *findings, const char *name, const char *sentence, const char *paste)
{
    if (findings->count == CHECK_FINDINGS)
        return;
    struct finding *finding = &findings->at[findings->count++];
    finding->name = name;
    snprintf(finding->sentence, sizeof finding->sentence, "%s", sentence);
    snprintf(finding->paste, sizeof finding->paste, "%s", paste);
}

void check_recognise(const struct facts *facts, struct findings *findings)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows && findings->count < CHECK_FINDINGS; i++) {
        size_t broker = 0;
        if (!rows[i].seen(facts, &broker))
            continue;
        struct finding *finding = &findings->at[findings->count++];
        finding->name = rows[i].name;
        finding->is_note = rows[i].where == WITH_MUSL && !facts->is_musl;
        fill_in(rows[i].sentence, facts, &facts->brokers[broker], finding->sentence);
        fill_in(rows[i].paste, facts, &facts->brokers[broker], finding->paste);
    }
}
