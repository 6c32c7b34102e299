/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the cluster without a client; see probe.h. */
#include "proxy/net/probe.h"

#include "proxy/net/connection.h"
#include "proxy/net/sockaddr.h"
#include "proxy/net/worker.h"

static void ask_at(struct probe *probe, uint64_t at_ms)
{
    probe->state = PROBE_LOOKING;
    probe->next_ms = at_ms;
    worker_wake_at(probe->worker, at_ms);
}

void probe_start(struct probe *probe, struct worker *worker)
{
    probe->worker = worker;
    ask_at(probe, worker_now_ms(worker));
}

void probe_stop(struct probe *probe)
{
    probe->state = PROBE_OFF;
}

/* Once per reason, by whichever worker comes first: that a broker is not there yet, and then that it is no Kafka, are two things to know. */
static void tell_waiting(struct probe *probe, enum reason reason, const char *why)
{
    struct sentence sentence = {0};
    if (atomic_exchange(&probe->worker->totals->waits_for, (uint8_t)reason) == reason)
        return;
    sentence_add(&sentence, "waiting for the broker: ");
    if (reason != REASON_BROKER_UNREACHABLE) {
        sentence_add(&sentence, reason_row(reason)->text);
        sentence_add(&sentence, ": ");
    }
    sentence_add(&sentence, why);
    if (reason == REASON_BROKER_UNREACHABLE)
        sentence_add(&sentence, "; kbridge tries again every second: start the broker, or correct upstream");
    worker_say(probe->worker, LEVEL_WARN, &sentence);
}

static void tell_found(struct probe *probe)
{
    struct sentence sentence = {0};
    if (atomic_exchange(&probe->worker->totals->waits_for, REASON_COUNT) == REASON_COUNT)
        return;
    sentence_add(&sentence, "the broker is there");
    worker_say(probe->worker, LEVEL_INFO, &sentence);
}

/* Of an untold end: the clients will tell more. */
static void tell_unproven(struct probe *probe)
{
    struct sentence sentence = {0};
    if (atomic_exchange(&probe->worker->totals->told_sasl, true))
        return;
    sentence_add(&sentence,
                 "the broker answers only who has authenticated (SASL): how many there are, kbridge "
                 "learns from the answers to its first client");
    worker_say(probe->worker, LEVEL_INFO, &sentence);
}

static void note(struct probe *probe, enum reason reason, const char *why)
{
    const struct beside *beside = &probe->worker->settings->beside;
    bool unreachable = reason == REASON_BROKER_UNREACHABLE;
    probe->missed_ms = worker_now_ms(probe->worker);
    probe->why = (struct sentence){.len = 0};
    sentence_add(&probe->why, unreachable ? "" : reason_row(reason)->text);
    sentence_add(&probe->why, unreachable || !*why ? "" : ": ");
    sentence_add(&probe->why, why);
    if (beside->probed)
        beside->probed(beside->context, probe->worker);
}

static void note_answer(struct probe *probe)
{
    const struct beside *beside = &probe->worker->settings->beside;
    probe->answered_ms = worker_now_ms(probe->worker);
    probe->why.len = 0;
    if (beside->probed)
        beside->probed(beside->context, probe->worker);
}

void probe_ask(struct probe *probe)
{
    if (probe->state == PROBE_FOUND && !probe->connection)
        ask_at(probe, worker_now_ms(probe->worker));
}

void probe_missed(struct probe *probe, bool own, enum reason reason, const char *why)
{
    if (probe->state == PROBE_FOUND)
        ask_at(probe, worker_now_ms(probe->worker) + PROBE_AGAIN_MS);
    if (own)
        note(probe, reason, why);
    if (own && ++probe->missed >= probe->worker->settings->upstream_count)
        tell_waiting(probe, reason, why);
}

void probe_over(struct probe *probe, const struct conversation *conversation)
{
    enum reason reason = conversation_reason(conversation);
    probe->connection = NULL;
    if (probe->state == PROBE_OFF)
        return;
    probe->missed = 0;
    if (reason == REASON_CLIENT_CLOSED || reason == REASON_BROKER_SASL) {
        probe->state = PROBE_FOUND;
        tell_found(probe);
        if (reason == REASON_BROKER_SASL)
            tell_unproven(probe);
        note_answer(probe);
        return;
    }
    note(probe, reason, conversation_sentence(conversation));
    tell_waiting(probe, reason, conversation_sentence(conversation));
    ask_at(probe, worker_now_ms(probe->worker) + PROBE_AGAIN_MS);
}

uint64_t probe_due_ms(const struct probe *probe)
{
    return probe->state == PROBE_LOOKING && !probe->connection ? probe->next_ms : UINT64_MAX;
}

void probe_tick(struct probe *probe, uint64_t now_ms)
{
    if (probe_due_ms(probe) > now_ms)
        return;
    probe->connection = connection_new_probe(probe->worker);
    if (!probe->connection)
        ask_at(probe, now_ms + PROBE_AGAIN_MS);
}
