/* SPDX-License-Identifier: Apache-2.0 */
/* Finding out: who is there, what he speaks, which brokers he tells of, and whether they can be reached from here.
 * Apart, because nothing is judged here. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/ask/ask.h"
#include "proxy/ask/socket.h"
#include "proxy/heap.h"
#include "proxy/kafka/foreign.h"
#include "proxy/kafka/keys.h"
#include "proxy/kafka/walk.h"
#include "proxy/tools/check.h"

enum { DIAL_MS = 3000, ANSWER_MS = 5000, HOSTS_LINE = 1024, METADATA_VERSION = 2, ILLEGAL_SASL_STATE = 34 };

/* ---- addresses ---- */

static enum reach reach_of(const char *host)
{
    static const char *const private_ips[] = {"10.", "192.168.", "172.1", "172.2", "172.3", "fd", "fe80:"};
    bool is_ip = strspn(host, "0123456789.") == strlen(host) || strchr(host, ':');
    if (strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0)
        return REACH_LOOPBACK;
    if (strcasecmp(host, "host.docker.internal") == 0 || strcasecmp(host, "host.containers.internal") == 0)
        return REACH_DOCKER_HOST;
    for (size_t i = 0; is_ip && i < sizeof private_ips / sizeof *private_ips; i++)
        if (strncmp(host, private_ips[i], strlen(private_ips[i])) == 0)
            return REACH_PRIVATE_IP;
    return is_ip || strchr(host, '.') ? REACH_PUBLIC : REACH_ONE_LABEL;
}

/* Whether a line of the hosts file names it, exactly or in other letters. */
static void look_into_hosts(struct reached *reached)
{
    char line[HOSTS_LINE];
    FILE *hosts = fopen("/etc/hosts", "re");
    while (hosts && fgets(line, sizeof line, hosts)) {
        char *rest = line;
        line[strcspn(line, "#\n")] = 0;
        for (char *word = strtok_r(line, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
            reached->in_hosts |= strcmp(word, reached->endpoint.host) == 0;
            reached->hosts_other |= strcasecmp(word, reached->endpoint.host) == 0;
        }
    }
    reached->hosts_other &= !reached->in_hosts;
    if (hosts)
        fclose(hosts);
}

static void dial(struct dialled *dialled, const struct addrinfo *address)
{
    const void *ip = address->ai_family == AF_INET6
                         ? (const void *)&((const struct sockaddr_in6 *)address->ai_addr)->sin6_addr
                         : (const void *)&((const struct sockaddr_in *)address->ai_addr)->sin_addr;
    dialled->is_ipv6 = address->ai_family == AF_INET6;
    inet_ntop(address->ai_family, ip, dialled->ip, sizeof dialled->ip);
    int fd = socket_dial(address, socket_now_ms() + DIAL_MS);
    dialled->error = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
}

void check_reach(struct reached *reached)
{
    struct addrinfo *addresses = socket_resolve(&reached->endpoint, &reached->unresolved);
    reached->reach = reach_of(reached->endpoint.host);
    look_into_hosts(reached);
    if (!addresses)
        return;
    reached->unresolved.text[0] = 0;
    for (const struct addrinfo *at = addresses; at && reached->ip_count < CHECK_IPS; at = at->ai_next)
        dial(&reached->ips[reached->ip_count++], at);
    freeaddrinfo(addresses);
}

bool check_is_connected(const struct reached *reached)
{
    for (size_t i = 0; i < reached->ip_count; i++)
        if (reached->ips[i].error == 0)
            return true;
    return false;
}

/* ---- questions ---- */

/* Its answer, on a connection of its own. False: `answer` has what came instead, and errno why nothing did. */
static bool ask_once(const struct endpoint *endpoint, int api_key, int version, struct givens givens,
                     struct buffer *answer)
{
    struct problem problem;
    const struct question question = {api_key, version, givens, ANSWER_MS};
    int fd = socket_reach(endpoint, socket_now_ms() + DIAL_MS, &problem);
    if (fd < 0)
        return false;
    errno = 0;
    bool came = ask(fd, &question, answer, &problem);
    int why = errno;
    close(fd);
    errno = why;
    return came;
}

/* Every number of a role in an answer, until `visit` returns false. */
typedef bool visit_fn(void *context, enum walk_step step, const struct walk_event *event);

static void walk_answer(const struct buffer *answer, int api_key, int version, visit_fn *visit, void *context)
{
    struct walk walk;
    struct walk_event event;
    struct span input = {answer->at, answer->len};
    enum walk_step step;
    walk_begin(&walk, tables_message(RESPONSE, api_key), version, (uint32_t)answer->len);
    while ((step = walk_next(&walk, &input, &event)) > WALK_BAD)
        if (!visit(context, step, &event))
            return;
}

static bool see_metadata_offered(void *context, enum walk_step step, const struct walk_event *event)
{
    bool *offered = context;
    *offered |= step == WALK_VALUE && event->field->role == ROLE_API_KEY && event->number == API_METADATA;
    return true;
}

static bool see_error(void *context, enum walk_step step, const struct walk_event *event)
{
    if (step != WALK_VALUE || event->field->role != ROLE_ERROR_CODE)
        return true;
    *(int64_t *)context = event->number;
    return false;
}

/* Brokers come first, then the cluster's id. */
static bool see_cluster(void *context, enum walk_step step, const struct walk_event *event)
{
    struct facts *facts = context;
    struct reached *broker = &facts->brokers[facts->broker_count];
    enum role role = event->field->role;
    if (facts->broker_count == CHECK_BROKERS || role == ROLE_TOPICS)
        return false;
    if (step == WALK_VALUE && role == ROLE_NODE_ID)
        broker->node_id = (int32_t)event->number;
    else if (step == WALK_PIECE && role == ROLE_HOST && event->piece.len)
        strncat(broker->endpoint.host, (const char *)event->piece.at, event->piece.len);
    else if (step == WALK_PIECE && role == ROLE_CLUSTER_ID && event->piece.len < sizeof facts->cluster_id)
        memcpy(facts->cluster_id, event->piece.at, event->piece.len);
    else if (step == WALK_VALUE && role == ROLE_PORT) {
        broker->endpoint.port = (uint16_t)event->number;
        facts->broker_count++;
    }
    return true;
}

/* ---- who is there ---- */

/* Since 3.5 this one question of four letters needs no permission. */
static bool is_zookeeper(const struct endpoint *endpoint)
{
    struct problem problem;
    char answer[16] = "";
    int64_t deadline_ms = socket_now_ms() + DIAL_MS;
    int fd = socket_reach(endpoint, deadline_ms, &problem);
    if (fd < 0)
        return false;
    if (socket_send(fd, bytes_of("srvr"), deadline_ms))
        socket_receive(fd, (uint8_t *)answer, 9, deadline_ms);
    close(fd);
    return strncmp(answer, "Zookeeper", 9) == 0;
}

static enum speaker speaker_of_silence(const struct endpoint *endpoint, const struct buffer *came, int why)
{
    const char *foreign = foreign_protocol(buffer_bytes(came));
    if (foreign)
        return strcmp(foreign, "TLS") == 0 ? SPEAKER_TLS : SPEAKER_HTTP;
    if (came->len)
        return SPEAKER_STRANGE;
    if (why != ETIMEDOUT)
        return is_zookeeper(endpoint) ? SPEAKER_ZOOKEEPER : SPEAKER_CLOSES;
    return SPEAKER_SILENT;
}

/* A listener without SASL says so; one with SASL answers Metadata with the end of the connection. */
static enum speaker speaker_without_metadata(const struct endpoint *endpoint)
{
    const struct given mechanism[] = {given_bytes(ROLE_MECHANISM, bytes_of("kbridge-check"))};
    struct buffer answer = {.allocator = &heap_allocator};
    int64_t error = ILLEGAL_SASL_STATE;
    if (ask_once(endpoint, API_SASL_HANDSHAKE, 1, (struct givens){mechanism, 1}, &answer))
        walk_answer(&answer, API_SASL_HANDSHAKE, 1, see_error, &error);
    buffer_free(&answer);
    return error == ILLEGAL_SASL_STATE ? SPEAKER_CLOSES : SPEAKER_SASL;
}

static enum speaker ask_versions(const struct endpoint *endpoint)
{
    struct buffer answer = {.allocator = &heap_allocator};
    bool offered = false;
    enum speaker speaker = SPEAKER_KAFKA;
    if (!ask_once(endpoint, API_API_VERSIONS, 0, (struct givens){NULL, 0}, &answer)) {
        speaker = speaker_of_silence(endpoint, &answer, errno);
    } else {
        walk_answer(&answer, API_API_VERSIONS, 0, see_metadata_offered, &offered);
        speaker = offered ? SPEAKER_KAFKA : SPEAKER_CONTROLLER;
    }
    buffer_free(&answer);
    return speaker;
}

static void ask_cluster(struct facts *facts)
{
    struct buffer answer = {.allocator = &heap_allocator};
    const struct given none[] = {given_array(ROLE_TOPICS, NULL, 0)};
    if (ask_once(&facts->asked.endpoint, API_METADATA, METADATA_VERSION, (struct givens){none, 1}, &answer))
        walk_answer(&answer, API_METADATA, METADATA_VERSION, see_cluster, facts);
    else
        facts->speaker = speaker_without_metadata(&facts->asked.endpoint);
    buffer_free(&answer);
}

static bool is_shared(const struct facts *facts)
{
    const struct reached *first = &facts->brokers[0];
    for (size_t i = 1; i < facts->broker_count; i++)
        if (facts->brokers[i].endpoint.port != first->endpoint.port ||
            strcasecmp(facts->brokers[i].endpoint.host, first->endpoint.host) != 0)
            return false;
    return facts->broker_count > 1;
}

void check_gather(struct facts *facts, const struct endpoint *endpoint)
{
    facts->asked.endpoint = *endpoint;
    facts->is_musl = access("/etc/alpine-release", F_OK) == 0; /* Debian can have musl beside its own libc */
    check_reach(&facts->asked);
    facts->speaker = check_is_connected(&facts->asked) ? ask_versions(endpoint) : SPEAKER_NOBODY;
    if (facts->speaker == SPEAKER_KAFKA)
        ask_cluster(facts);
    for (size_t i = 0; i < facts->broker_count; i++)
        check_reach(&facts->brokers[i]);
    facts->brokers_shared = is_shared(facts);
}
