/* SPDX-License-Identifier: Apache-2.0 */
/* From settings to a running server; see run.h. */
#include "proxy/run.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "proxy/admin/admin.h"
#include "proxy/misuse.h"
#include "proxy/net/server.h"
#include "proxy/show.h"

/* The settings that are lists, in their new form. */
struct lists {
    struct address *listen, *upstream;
    struct redirect *redirects;
    struct advertise *rules;
    struct forward *forwards;
};

_Static_assert((int)ENDPOINT_HOST_ROOM <= (int)HOST_ROOM, "a host of the settings fits into an address");

static struct address address_of(const struct endpoint *endpoint)
{
    struct address address = {.port = endpoint->port};
    strcpy(address.host, endpoint->host);
    return address;
}

static struct address *addresses_of(const struct endpoint_list *list)
{
    struct address *addresses = calloc(list->count + 1, sizeof *addresses);
    for (size_t i = 0; addresses && i < list->count; i++)
        addresses[i] = address_of(&list->at[i]);
    return addresses;
}

static struct redirect *redirects_of(const struct dial_list *list)
{
    struct redirect *redirects = calloc(list->count + 1, sizeof *redirects);
    for (size_t i = 0; redirects && i < list->count; i++)
        redirects[i] =
            (struct redirect){address_of(&list->at[i].advertised), address_of(&list->at[i].dialled)};
    return redirects;
}

static struct advertise advertise_of(const struct advertise_rule *rule)
{
    static const int sources[] = {
        [FROM_NETWORK_OF_IPS] = ADVERTISE_SOURCE,
        [FROM_LOOPBACK] = ADVERTISE_LOOPBACK,
        [FROM_GATEWAY] = ADVERTISE_GATEWAY,
        [FROM_NETWORK] = ADVERTISE_NETWORK,
        [FROM_ANY] = ADVERTISE_ANY,
    };
    struct advertise advertise = {.source = {.bits = rule->bits}, .as = address_of(&rule->as)};
    advertise.from = sources[rule->from];
    advertise.source.base.len = rule->ip_len;
    memcpy(advertise.source.base.at, rule->ip, rule->ip_len);
    return advertise;
}

static struct advertise *rules_of(const struct advertise_list *list)
{
    struct advertise *rules = calloc(list->count + 1, sizeof *rules);
    for (size_t i = 0; rules && i < list->count; i++)
        rules[i] = advertise_of(&list->at[i]);
    return rules;
}

static struct forward *forwards_of(const struct forward_list *list)
{
    struct forward *forwards = calloc(list->count + 1, sizeof *forwards);
    for (size_t i = 0; forwards && i < list->count; i++)
        forwards[i] = (struct forward){address_of(&list->at[i].listen), address_of(&list->at[i].to)};
    return forwards;
}

/* False: out of memory; what is there is for lists_free. */
static bool lists_fill(struct lists *lists, const struct settings *settings)
{
    *lists = (struct lists){
        .listen = addresses_of(&settings->listen),
        .upstream = addresses_of(&settings->upstream),
        .redirects = redirects_of(&settings->upstream_dial),
        .rules = rules_of(&settings->rules),
        .forwards = forwards_of(&settings->forward),
    };
    return lists->listen && lists->upstream && lists->redirects && lists->rules && lists->forwards;
}

static void lists_free(struct lists *lists)
{
    free(lists->listen);
    free(lists->upstream);
    free(lists->redirects);
    free(lists->rules);
    free(lists->forwards);
}

static struct exact exact_of(const struct per_broker *per_broker)
{
    static const enum exact_mode modes[] = {
        [PER_BROKER_OFF] = EXACT_OFF,
        [PER_BROKER_LOOPBACK] = EXACT_LOOPBACK,
        [PER_BROKER_PORTS] = EXACT_PORTS,
    };
    return (struct exact){modes[per_broker->mode], per_broker->first, per_broker->last};
}

static uint32_t worker_count_of(const struct settings *settings)
{
    bool automatic = settings->workers == WORKERS_AUTO;
    return automatic ? uv_available_parallelism() : (uint32_t)settings->workers;
}

static struct server_settings server_settings_of(const struct settings *settings, const struct lists *lists,
                                                 struct watch *watch)
{
    struct server_settings server = {
        .listen = lists->listen,
        .listen_count = (uint16_t)settings->listen.count,
        .upstream = lists->upstream,
        .upstream_count = (uint16_t)settings->upstream.count,
        .redirects = lists->redirects,
        .redirect_count = (uint16_t)settings->upstream_dial.count,
        .rules = lists->rules,
        .rule_count = (uint16_t)settings->rules.count,
        .forwards = lists->forwards,
        .forward_count = (uint16_t)settings->forward.count,
        .exact = exact_of(&settings->listen_per_broker),
        .limits.frame = (uint32_t)settings->limits_frame_bytes,
        .limits.in_flight = (uint32_t)settings->limits_in_flight,
        .limits.header_ms = (uint32_t)settings->timeouts_header_ms,
        .limits.wait_ms = (uint32_t)settings->upstream_wait_ms,
        .worker_count = worker_count_of(settings),
        .connections_max = (uint32_t)settings->limits_connections,
        .held_bytes_max = settings->limits_held_bytes,
        .drain_ms = (uint32_t)settings->timeouts_drain_ms,
        .dial_timeout_ms = (uint32_t)settings->timeouts_dial_ms,
        .listening = watch_listening,
        .gone = watch_client_gone,
        .heard = settings->record ? watch_heard : NULL,
        .toggle = watch_toggle_traffic,
    };
    watch_facts(watch, &server.facts);
    return server;
}

/* NULL: it is off, or there is no memory for it, which `*failed` tells. */
static struct admin *admin_of(const struct settings *settings, struct address *listen, bool *failed)
{
    if (!settings->admin_listen.host[0])
        return NULL;
    *listen = address_of(&settings->admin_listen);
    struct admin *admin = admin_new(&(struct admin_settings){
        .listen = listen,
        .clocks = clocks_of_system(),
        .worker_count = worker_count_of(settings),
        .version = KBRIDGE_VERSION,
    });
    *failed = !admin;
    return admin;
}

/* ---- SIGHUP ---- */

/* Settings that were read again, with all that net has of them. Clients were told by them, so they stay to the end. */
struct snapshot {
    struct snapshot *older;
    struct lists lists;
    struct server_settings server;
};

struct reloads {
    const struct source *source;
    const struct settings *begun; /* those that kbridge has begun with */
    const struct server_settings *server;
    struct watch *watch;
    struct snapshot *newest;
};

/* What sockets, threads and the view of the cluster were made of. */
static const enum setting_id fixed[] = {SETTING_config,       SETTING_upstream,    SETTING_listen,
                                        SETTING_forward,      SETTING_workers,     SETTING_listen_per_broker,
                                        SETTING_log,          SETTING_traffic,     SETTING_admin_listen,
                                        SETTING_traffic_file, SETTING_traffic_all, SETTING_only,
                                        SETTING_topic,        SETTING_client,      SETTING_errors,
                                        SETTING_slow_ms,      SETTING_record,      SETTING_record_size_bytes,
                                        SETTING_records};

static void say_what_stays(const struct reloads *reloads, const struct settings *settings)
{
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (!settings_agree(reloads->begun, settings, fixed[i]))
            watch_say(
                reloads->watch, LEVEL_WARN,
                "SIGHUP: %s cannot change while kbridge runs, and stays as it was; restart kbridge for that",
                settings_name(fixed[i]));
}

static struct snapshot *snapshot_of(const struct settings *settings, const struct reloads *reloads)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot || !lists_fill(&snapshot->lists, settings)) {
        if (snapshot)
            lists_free(&snapshot->lists);
        free(snapshot);
        return NULL;
    }
    struct server_settings now = server_settings_of(settings, &snapshot->lists, reloads->watch);
    snapshot->server = *reloads->server;
    snapshot->server.redirects = now.redirects;
    snapshot->server.redirect_count = now.redirect_count;
    snapshot->server.rules = now.rules;
    snapshot->server.rule_count = now.rule_count;
    snapshot->server.limits = now.limits;
    snapshot->server.connections_max = now.connections_max;
    snapshot->server.held_bytes_max = now.held_bytes_max;
    snapshot->server.drain_ms = now.drain_ms;
    snapshot->server.dial_timeout_ms = now.dial_timeout_ms;
    return snapshot;
}

static const struct server_settings *take_over(struct reloads *reloads, const struct settings *settings)
{
    struct snapshot *snapshot = snapshot_of(settings, reloads);
    if (!snapshot) {
        watch_say(reloads->watch, LEVEL_ERROR, "SIGHUP: nothing has changed: out of memory");
        return NULL;
    }
    snapshot->older = reloads->newest;
    reloads->newest = snapshot;
    say_what_stays(reloads, settings);
    watch_say(
        reloads->watch, LEVEL_INFO,
        "SIGHUP: the settings are read again; who connects from now on is told by them, and bounds and times "
        "hold for all");
    return &snapshot->server;
}

static const struct server_settings *reload(void *context)
{
    struct reloads *reloads = context;
    const struct source *source = reloads->source;
    const struct server_settings *taken = NULL;
    struct settings settings;
    struct problem problem;
    if (settings_load(&settings, source->argc, source->argv, source->environment, &problem) &&
        settings_suffice_to_run(&settings, &problem))
        taken = take_over(reloads, &settings);
    else
        watch_say(reloads->watch, LEVEL_ERROR, "SIGHUP: nothing has changed: %s", problem.text);
    settings_free(&settings);
    return taken;
}

static void reloads_free(struct reloads *reloads)
{
    while (reloads->newest) {
        struct snapshot *snapshot = reloads->newest;
        reloads->newest = snapshot->older;
        lists_free(&snapshot->lists);
        free(snapshot);
    }
}

/* ---- all of it ---- */

static int serve(const struct settings *settings, const struct lists *lists, struct show *show,
                 struct admin *admin, const struct source *source)
{
    struct watch_settings *wanted = &show->wanted;
    struct watch watch;
    wanted->counts = admin != NULL;
    wanted->one_thread = worker_count_of(settings) == 1;
    wanted->alerts = admin ? admin_alerts(admin) : NULL;
    watch_init(&watch, wanted);
    if (settings->doubt.text[0])
        watch_say(&watch, LEVEL_WARN, "%s", settings->doubt.text);
    if (settings->record)
        watch_say(
            &watch, LEVEL_INFO,
            "recording to %s: Wireshark opens it, `kbridge traffic` prints it; records are in it as they "
            "are, credentials are zeros",
            settings->record);
    struct server_settings server = server_settings_of(settings, lists, &watch);
    if (admin) {
        admin_watch(admin, &watch);
        server.beside = admin_beside(admin);
    }
    struct reloads reloads = {source, settings, &server, &watch, NULL};
    server.reload = reload;
    server.reload_context = &reloads;
    int code = server_run(&server);
    reloads_free(&reloads);
    show_end_recording(show, &watch);
    watch_free(&watch);
    return code;
}

static int show_and_serve(const struct settings *settings, const struct lists *lists,
                          const struct source *source)
{
    struct show show;
    struct problem problem;
    struct address listen;
    bool failed = false;
    if (!show_open(&show, settings, &problem))
        return misused(&problem);
    struct admin *admin = admin_of(settings, &listen, &failed);
    int code = failed ? EXIT_FAILURE : serve(settings, lists, &show, admin, source);
    admin_free(admin);
    show_close(&show);
    return code;
}

int run(const struct settings *settings, const struct source *source)
{
    struct lists lists;
    int code = EXIT_FAILURE;
    if (lists_fill(&lists, settings))
        code = show_and_serve(settings, &lists, source);
    else
        fputs("kbridge: out of memory.\n", stderr);
    lists_free(&lists);
    return code;
}
