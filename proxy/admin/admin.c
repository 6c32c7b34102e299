/* SPDX-License-Identifier: Apache-2.0 */
/* Which path is answered with what, to whom; see admin.h. */
#include "proxy/admin/admin.h"

#include <http_parser.h>
#include <stdlib.h>

#include "proxy/admin/answer.h"
#include "proxy/admin/page.h"
#include "proxy/admin/ready.h"
#include "proxy/admin/round.h"
#include "proxy/admin/safety.h"
#include "proxy/admin/state.h"
#include "proxy/admin/stream.h"
#include "proxy/net/listen_address.h"

enum { UPDATE_MS = 1000 }; /* between two events of a stream */

/* What a connection that gets its answer from a round waits for. */
enum waits { WAITS_METRICS, WAITS_STATE, WAITS_UPDATES };

struct held {
    struct http_connection *connection; /* NULL: free */
    enum waits waits;
    uint64_t round; /* the first one that tells what it waits for */
    struct stream stream;
};

struct admin {
    struct admin_settings settings;
    struct safety safety;
    struct http_server http;
    struct round round;
    struct watch *watch;
    struct worker *worker; /* the first, on whose loop all of this is served */
    uv_timer_t timer;      /* runs while anybody waits or looks */
    struct alerts alerts;
    struct ready ready;
    struct held held[HTTP_CONNECTIONS_MAX];
    uv_tcp_t listeners[LISTEN_ADDRESSES_MAX];
};

/* ---- what is looked at ---- */

static struct sources sources_of(const struct admin *admin)
{
    struct sources sources = {.worker = admin->worker,
                              .meter = &admin->round.sum.meter,
                              .sum = &admin->round.sum,
                              .version = admin->settings.version};
    usage_take(&sources.usage);
    return sources;
}

/* The warnings are written by all workers. */
static struct text state_of(struct admin *admin)
{
    struct text text = {.at = NULL};
    struct sources sources = sources_of(admin);
    struct clocks clocks = admin->settings.clocks;
    watch_lock(admin->watch);
    struct alerts alerts = admin->alerts;
    watch_unlock(admin->watch);
    state_write(&text, &sources, &alerts, clocks.wall_us(clocks.context));
    return text;
}

/* ---- who is answered later ---- */

static void on_timer(uv_timer_t *timer);

static void start_timer(struct admin *admin)
{
    if (!uv_is_active((uv_handle_t *)&admin->timer))
        uv_timer_start(&admin->timer, on_timer, UPDATE_MS, UPDATE_MS);
}

/* NULL: there are too many, and it is told so. */
static struct held *hold(struct admin *admin, struct http_connection *connection, enum waits waits)
{
    struct held *held = admin->held;
    struct held *end = admin->held + HTTP_CONNECTIONS_MAX;
    while (held < end && held->connection)
        held++;
    if (held == end) {
        answer_sentence(connection, HTTP_STATUS_SERVICE_UNAVAILABLE, "Too many look at this already.");
        return NULL;
    }
    *held = (struct held){.connection = connection, .waits = waits, .round = admin->round.number + 1};
    start_timer(admin);
    return held;
}

static void let_go(struct admin *admin, struct held *held)
{
    held->connection = NULL;
    stream_end(&held->stream, admin->watch);
}

static void on_gone(void *context, struct http_connection *connection)
{
    struct admin *admin = context;
    ready_forget(&admin->ready, connection);
    for (struct held *held = admin->held; held < admin->held + HTTP_CONNECTIONS_MAX; held++)
        if (held->connection == connection)
            let_go(admin, held);
}

/* Of a round that runs already, what came behind its begin is not in it: then there is another one. */
static void hold_for_round(struct admin *admin, struct http_connection *connection, enum waits waits)
{
    if (hold(admin, connection, waits) && !admin->round.runs)
        round_begin(&admin->round);
}

/* ---- health ---- */

static void answer_ready(struct admin *admin, struct http_connection *connection,
                         const struct http_request *request)
{
    (void)request;
    if (ready_ask(&admin->ready, connection))
        start_timer(admin);
}

static void answer_live(struct admin *admin, struct http_connection *connection,
                        const struct http_request *request)
{
    (void)admin;
    (void)request;
    answer_sentence(connection, HTTP_STATUS_OK, "kbridge runs.");
}

static void answer_version(struct admin *admin, struct http_connection *connection,
                           const struct http_request *request)
{
    (void)request;
    answer_sentence(connection, HTTP_STATUS_OK, admin->settings.version);
}

/* ---- what is counted ---- */

static void answer_metrics(struct admin *admin, struct http_connection *connection,
                           const struct http_request *request)
{
    (void)request;
    hold_for_round(admin, connection, WAITS_METRICS);
}

static void answer_state(struct admin *admin, struct http_connection *connection,
                         const struct http_request *request)
{
    (void)request;
    hold_for_round(admin, connection, WAITS_STATE);
}

/* ---- the page ---- */

static void answer_page(struct admin *admin, struct http_connection *connection,
                        const struct http_request *request)
{
    struct text page = {.at = NULL}, headers = {.at = NULL};
    char nonce[PAGE_NONCE_ROOM];
    (void)admin;
    (void)request;
    if (!page_write(&page, nonce)) {
        answer_sentence(connection, HTTP_STATUS_SERVICE_UNAVAILABLE, "the system has no random numbers.");
        return;
    }
    text_format(&headers,
                "Content-Security-Policy: default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; "
                "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                "frame-ancestors 'none'\r\n",
                nonce, nonce);
    text_add_bytes(&headers, (struct bytes){(const uint8_t *)"", 1});
    if (page.failed || headers.failed)
        answer_sentence(connection, HTTP_STATUS_SERVICE_UNAVAILABLE, "kbridge is out of memory.");
    else
        http_reply(connection, &(struct http_answer){.status = HTTP_STATUS_OK,
                                                     .type = "text/html; charset=utf-8",
                                                     .headers = headers.at,
                                                     .body = text_bytes(&page)});
    text_free(&page);
    text_free(&headers);
}

static void send_event(struct http_connection *connection, const char *name, const struct text *data)
{
    struct text event = {.at = NULL};
    text_format(&event, "event: %s\ndata: ", name);
    text_add_bytes(&event, text_bytes(data));
    text_add(&event, "\n\n");
    if (!event.failed && !data->failed)
        http_stream_send(connection, text_bytes(&event));
    text_free(&event);
}

static bool wants(const struct http_request *request, const char *name, const char *word)
{
    char value[8];
    return http_query(request, name, value, sizeof value) && strcmp(value, word) == 0;
}

/* False: it is wrong, and the answer has said why. */
static bool filter_of(struct http_connection *connection, const struct http_request *request,
                      struct filter *filter)
{
    struct sentence why = {.len = 0};
    bool fine = stream_filter(request, filter, &why);
    if (!fine)
        answer_sentence(connection, HTTP_STATUS_BAD_REQUEST, why.text);
    return fine;
}

/* What is wrong with a filter, for a form: an empty line where nothing is. */
static void answer_filter(struct admin *admin, struct http_connection *connection,
                          const struct http_request *request)
{
    struct filter filter;
    struct sentence why = {.len = 0};
    (void)admin;
    stream_filter(request, &filter, &why);
    answer_sentence(connection, HTTP_STATUS_OK, why.text);
}

static void answer_events(struct admin *admin, struct http_connection *connection,
                          const struct http_request *request)
{
    struct filter filter;
    if (!filter_of(connection, request, &filter))
        return;
    struct held *held = hold(admin, connection, WAITS_UPDATES);
    if (!held)
        return;
    http_stream(connection);
    if (wants(request, "traffic", "true"))
        stream_begin(&held->stream, admin->watch, &filter);
    if (!admin->round.runs)
        round_begin(&admin->round);
}

/* Of the lines that kbridge prints itself. */
static void answer_traffic(struct admin *admin, struct http_connection *connection,
                           const struct http_request *request)
{
    struct filter filter;
    if (!filter_of(connection, request, &filter))
        return;
    bool on = wants(request, "print", "true");
    watch_set_filter(admin->watch, &admin->watch->printer.taker, &filter);
    watch_print_traffic(admin->watch, on);
    answer_sentence(connection, HTTP_STATUS_OK,
                    on ? "Traffic lines are printed." : "Traffic lines are not printed.");
}

/* ---- what a round has brought ---- */

static void send_update(struct admin *admin, struct held *held, const struct text *state)
{
    struct text lines = {.at = NULL};
    if (held->stream.takes)
        lines = stream_collect(&held->stream, admin->watch);
    send_event(held->connection, "state", state);
    if (lines.len && held->connection) /* a reader that is too slow is gone by now */
        send_event(held->connection, "traffic", &lines);
    text_free(&lines);
}

static void answer_from_round(struct admin *admin, struct held *held, struct text *state,
                              struct text *metrics)
{
    struct http_connection *connection = held->connection;
    struct sources sources = sources_of(admin);
    if (!state->at && held->waits != WAITS_METRICS)
        *state = state_of(admin);
    if (!metrics->at && held->waits == WAITS_METRICS)
        metrics_write(metrics, &sources);
    if (held->waits == WAITS_UPDATES) {
        send_update(admin, held, state);
        return;
    }
    let_go(admin, held);
    if (held->waits == WAITS_METRICS)
        answer_text(connection, "text/plain; version=0.0.4; charset=utf-8", metrics);
    else
        answer_text(connection, "application/json", state);
}

static void on_round(void *context)
{
    struct admin *admin = context;
    struct text state = {.at = NULL}, metrics = {.at = NULL};
    bool again = false;
    if (admin->http.closed)
        return;
    for (struct held *held = admin->held; held < admin->held + HTTP_CONNECTIONS_MAX; held++) {
        bool waits = held->connection;
        if (waits && held->round <= admin->round.number)
            answer_from_round(admin, held, &state, &metrics);
        else
            again = again || waits;
    }
    text_free(&state);
    text_free(&metrics);
    if (again)
        round_begin(&admin->round);
}

/* While somebody looks, whether Kafka answers is asked again and again: a page that is open shall show it. */
static void on_timer(uv_timer_t *timer)
{
    struct admin *admin = timer->data;
    bool any, looked_at = false;
    ready_look(&admin->ready);
    any = ready_is_awaited(&admin->ready);
    for (struct held *held = admin->held; held < admin->held + HTTP_CONNECTIONS_MAX; held++) {
        any = any || held->connection;
        looked_at = looked_at || (held->connection && held->waits == WAITS_UPDATES);
    }
    if (looked_at)
        probe_ask(&admin->worker->probe);
    if (looked_at && !admin->round.runs)
        round_begin(&admin->round);
    if (!any)
        uv_timer_stop(timer);
}

/* ---- routes ---- */

typedef void answer_fn(struct admin *admin, struct http_connection *connection,
                       const struct http_request *request);

static const struct route {
    const char *path;
    enum access access;
    enum http_method method;
    answer_fn *answer;
} routes[] = {
    /* clang-format off */
    {"/livez",       ACCESS_OPEN,   HTTP_GET,  answer_live},
    {"/readyz",      ACCESS_OPEN,   HTTP_GET,  answer_ready},
    {"/version",     ACCESS_OPEN,   HTTP_GET,  answer_version},
    {"/metrics",     ACCESS_OPEN,   HTTP_GET,  answer_metrics},
    {"/",            ACCESS_SEE,    HTTP_GET,  answer_page},
    {"/api/state",   ACCESS_SEE,    HTTP_GET,  answer_state},
    {"/api/events",  ACCESS_SEE,    HTTP_GET,  answer_events},
    {"/api/filter",  ACCESS_SEE,    HTTP_GET,  answer_filter},
    {"/api/traffic", ACCESS_CHANGE, HTTP_POST, answer_traffic},
    /* clang-format on */
};

static const struct route *route_of(const char *path)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (strcmp(routes[i].path, path) == 0)
            return &routes[i];
    return NULL;
}

static void refuse(struct http_connection *connection, enum verdict verdict)
{
    static const char *const sentences[] = {
        [VERDICT_HOST] =
            "This Host is none of kbridge's: use an IP address, localhost, a name without a dot, or one "
            "that clients are told (advertise).",
        [VERDICT_TOKEN] =
            "This needs the token that kbridge printed when it started: open the address in its log, "
            "which ends with ?token=…",
        [VERDICT_ORIGIN] = "Another page may change nothing here.",
    };
    unsigned status = verdict == VERDICT_TOKEN ? HTTP_STATUS_UNAUTHORIZED : HTTP_STATUS_FORBIDDEN;
    answer_sentence(connection, status, sentences[verdict]);
}

static void on_request(void *context, struct http_connection *connection, const struct http_request *request)
{
    struct admin *admin = context;
    const struct route *route = route_of(request->url);
    const struct surroundings *seen = &admin->worker->surroundings.seen;
    admin->safety.rules = seen->rules; /* those of now: they may have been read again */
    admin->safety.rule_count = seen->rule_count;
    enum verdict verdict = safety_judge(&admin->safety, request, route ? route->access : ACCESS_OPEN);
    bool reads = request->method == HTTP_HEAD && route && route->method == HTTP_GET;
    if (verdict != VERDICT_FINE)
        refuse(connection, verdict);
    else if (!route)
        answer_sentence(connection, HTTP_STATUS_NOT_FOUND,
                        "There is /, /metrics, /livez, /readyz and /version here.");
    else if (request->method != route->method && !reads)
        answer_sentence(connection, HTTP_STATUS_METHOD_NOT_ALLOWED, "This path has another method.");
    else
        route->answer(admin, connection, request);
}

/* ---- beginning and end ---- */

struct admin *admin_new(const struct admin_settings *settings)
{
    struct admin *admin = calloc(1, sizeof *admin);
    if (!admin)
        return NULL;
    admin->settings = *settings;
    admin->round.show = state_show_connections;
    admin->round.done = on_round;
    admin->round.context = admin;
    if (round_new(&admin->round, settings->worker_count, settings->clocks))
        return admin;
    round_free(&admin->round);
    free(admin);
    return NULL;
}

void admin_free(struct admin *admin)
{
    if (!admin)
        return;
    round_free(&admin->round);
    free(admin);
}

void admin_watch(struct admin *admin, struct watch *watch)
{
    admin->watch = watch;
}

struct alerts *admin_alerts(struct admin *admin)
{
    return &admin->alerts;
}

static bool say_failed(const struct admin *admin, const char *why)
{
    const struct address *listen = admin->settings.listen;
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "cannot serve the page on ");
    sockaddr_add_endpoint(&sentence, listen->host, listen->port);
    sentence_add(&sentence, ": ");
    sentence_add(&sentence, why);
    sentence_add(&sentence, "; choose another address with --admin.listen");
    worker_say(admin->worker, LEVEL_ERROR, &sentence);
    return false;
}

/* As notebooks do: who can read the log may see the page. */
static void say_where(const struct admin *admin, uint16_t port)
{
    const char *host = admin->settings.listen->host;
    struct sentence sentence = {.len = 0};
    sentence_add(&sentence, "the page is at http://");
    sockaddr_add_endpoint(&sentence, strcmp(host, "*") == 0 ? "localhost" : host, port);
    sentence_add(&sentence, "/?token=");
    sentence_add(&sentence, admin->safety.token);
    worker_say(admin->worker, LEVEL_INFO, &sentence);
}

/* A family that this machine lacks is passed over, where it has the other one. */
static bool listen_all(struct admin *admin)
{
    union sockaddr_ip found[LISTEN_ADDRESSES_MAX];
    struct sentence why = {.len = 0};
    size_t count = listen_address_find(admin->settings.listen, found, &why);
    int failure = 0;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        int status = http_listen(&admin->http, &found[i].any);
        bool missing = status == UV_EADDRNOTAVAIL || status == UV_EAFNOSUPPORT;
        any = any || status == 0;
        failure = status < 0 ? status : failure;
        if (status < 0 && !missing)
            return say_failed(admin, uv_strerror(status));
    }
    if (!any)
        return say_failed(admin, count ? uv_strerror(failure) : why.text);
    say_where(admin, sockaddr_port(&found[0].any));
    return true;
}

static bool open_first(struct admin *admin)
{
    uv_timer_init(&admin->worker->loop, &admin->timer);
    admin->timer.data = admin;
    admin->http.loop = &admin->worker->loop;
    admin->http.listeners = admin->listeners;
    admin->http.handle = on_request;
    admin->http.gone = on_gone;
    admin->http.context = admin;
    if (!token_make(admin->safety.token))
        return say_failed(admin, "the system has no random numbers");
    return listen_all(admin);
}

static bool admin_open(void *context, struct worker *worker)
{
    struct admin *admin = context;
    round_open(&admin->round, worker);
    if (admin->worker)
        return true;
    admin->worker = admin->ready.worker = worker;
    return open_first(admin);
}

static void admin_close(void *context, struct worker *worker)
{
    struct admin *admin = context;
    round_close(&admin->round, worker);
    if (admin->worker != worker || admin->http.closed)
        return;
    uv_close((uv_handle_t *)&admin->timer, NULL);
    http_close(&admin->http);
}

static void on_probed(void *context, struct worker *worker)
{
    struct admin *admin = context;
    if (admin->worker == worker)
        ready_look(&admin->ready);
}

struct beside admin_beside(struct admin *admin)
{
    return (struct beside){.context = admin, .open = admin_open, .close = admin_close, .probed = on_probed};
}
