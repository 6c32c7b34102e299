/* SPDX-License-Identifier: Apache-2.0 */
/* From an address to its name, and back again; see names.h. Asked of DNS itself: the system's own calls would look into
 * /etc/hosts first, where the host name stands, which other containers may not be able to resolve. */
#include "proxy/net/names.h"

#include <arpa/nameser.h>
#include <ifaddrs.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/net/sockaddr.h"
#include "proxy/net/worker.h"

enum { CONF_MAX = 4096, ANSWER_MAX = 512, IPV4_SIZE = 4, TRY_S = 1 };

/* Memory of its own: libuv cannot take back a question that a thread is asking already. */
struct question {
    uv_work_t work;
    struct named_ip *named;
    struct ip ip;
    char name[HOST_ROOM]; /* what was found; or "" */
};

/* ---- in the thread ---- */

/* The next record of this type from `*next` on; false: there is none. */
static bool next_record(ns_msg *message, ns_type type, int *next, ns_rr *record)
{
    while (*next < ns_msg_count(*message, ns_s_an))
        if (ns_parserr(message, ns_s_an, (*next)++, record) == 0 && ns_rr_type(*record) == type)
            return true;
    return false;
}

static bool query(struct __res_state *resolver, const char *name, ns_type type, ns_msg *message,
                  uint8_t answer[ANSWER_MAX])
{
    int len = res_nquery(resolver, name, ns_c_in, (int)type, answer, ANSWER_MAX);
    return len > 0 && len <= ANSWER_MAX && ns_initparse(answer, len, message) == 0;
}

static bool find_name(struct __res_state *resolver, const struct ip *ip, char name[HOST_ROOM])
{
    uint8_t answer[ANSWER_MAX];
    char question[sizeof "255.255.255.255.in-addr.arpa"];
    ns_msg message;
    ns_rr record;
    int next = 0;
    snprintf(question, sizeof question, "%u.%u.%u.%u.in-addr.arpa", ip->at[3], ip->at[2], ip->at[1],
             ip->at[0]);
    return query(resolver, question, ns_t_ptr, &message, answer) &&
           next_record(&message, ns_t_ptr, &next, &record) &&
           ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record), name,
                              HOST_ROOM) > 0;
}

/* Also where others have it as well: replicas, of which any will do. */
static bool leads_back(struct __res_state *resolver, const char *name, const struct ip *ip)
{
    uint8_t answer[ANSWER_MAX];
    ns_msg message;
    ns_rr record;
    int next = 0;
    if (!query(resolver, name, ns_t_a, &message, answer))
        return false;
    while (next_record(&message, ns_t_a, &next, &record))
        if (ns_rr_rdlen(record) == IPV4_SIZE && memcmp(ns_rr_rdata(record), ip->at, IPV4_SIZE) == 0)
            return true;
    return false;
}

static void look_up(uv_work_t *work)
{
    struct question *question = work->data;
    struct __res_state resolver = {0};
    if (res_ninit(&resolver) < 0)
        return;
    resolver.retrans = TRY_S;
    resolver.retry = 1;
    if (!find_name(&resolver, &question->ip, question->name) ||
        !leads_back(&resolver, question->name, &question->ip))
        question->name[0] = 0;
    res_nclose(&resolver);
}

/* ---- in the loop ---- */

static void on_looked_up(uv_work_t *work, int status)
{
    struct question *question = work->data;
    if (status == 0)
        memcpy(question->named->name, question->name, sizeof question->name);
    worker_of_loop(work->loop)->question_count--;
    free(question);
}

static bool is_asked(const struct names *names, const struct ip *own)
{
    for (uint16_t i = 0; i < names->asked; i++)
        if (ip_equal(&names->at[i].ip, own))
            return true;
    return false;
}

static void ask(struct worker *worker, const struct sockaddr *own)
{
    struct names *names = &worker->names;
    struct ip ip = sockaddr_to_ip(own);
    if (names->asked == NAMES_MAX || ip.len != IPV4_SIZE || ip_is_loopback(&ip) || is_asked(names, &ip))
        return;
    struct question *question = calloc(1, sizeof *question);
    if (!question)
        return;
    question->named = &names->at[names->asked];
    question->ip = ip;
    question->work.data = question;
    if (uv_queue_work(&worker->loop, &question->work, look_up, on_looked_up) < 0) {
        free(question);
        return;
    }
    names->at[names->asked++].ip = ip;
    worker->question_count++;
    worker->surroundings.seen.names = names->at;
    worker->surroundings.seen.name_count = names->asked;
}

bool names_can_be_asked(const char *resolv_conf)
{
    return strstr(resolv_conf, "nameserver 127.0.0.11\n") != NULL;
}

static bool is_docker_asked(void)
{
    char text[CONF_MAX + 1];
    FILE *file = fopen("/etc/resolv.conf", "re");
    if (!file)
        return false;
    text[fread(text, 1, CONF_MAX, file)] = 0;
    fclose(file);
    return names_can_be_asked(text);
}

void names_ask(struct worker *worker)
{
    struct ifaddrs *interfaces;
    if (!is_docker_asked() || getifaddrs(&interfaces) < 0)
        return;
    for (const struct ifaddrs *at = interfaces; at; at = at->ifa_next)
        if (at->ifa_addr)
            ask(worker, at->ifa_addr);
    freeifaddrs(interfaces);
}
