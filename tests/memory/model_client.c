/* SPDX-License-Identifier: Apache-2.0 */
/* The client's own end: takes bytes of responses and compares each with the one that is due. */
#include "tests/memory/model.h"

#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

/* KIP-511: the form of v0, the error, and the versions of this one key. */
static void expect_refusal(struct model_client *client, struct model_request *request)
{
    int last = tables_message(REQUEST, API_API_VERSIONS)->last;
    int offered = view_version_max(client->model->view, API_API_VERSIONS);
    const struct given key[] = {
        given_number(ROLE_API_KEY, API_API_VERSIONS), given_number(ROLE_MIN_VERSION, 0),
        given_number(ROLE_MAX_VERSION, offered >= 0 && offered < last ? offered : last)};
    const struct givens keys[] = {{key, 3}};
    const struct given givens[] = {given_number(ROLE_ERROR_CODE, ERROR_UNSUPPORTED_VERSION),
                                   given_array(ROLE_API_KEYS, keys, 1)};
    if (write_response(&request->expected, API_API_VERSIONS, 0, request->correlation_id,
                       (struct givens){givens, 2}))
        model_fail(client->model, "a refusal of ApiVersions cannot be written");
}

/* A session that kbridge does not know, or no longer: the link on which it lived may have gone. */
static void expect_lost_session(struct model_client *client, struct model_request *request)
{
    const struct given error = given_number(ROLE_ERROR_CODE, 70); /* FETCH_SESSION_ID_NOT_FOUND */
    if (request->session_known && !client->model->memory.failed)
        model_fail(client->model, "client %d: request %d goes on with a session that kbridge should know",
                   client->number, client->due);
    if (write_response(&request->expected, request->api_key, request->api_version, request->correlation_id,
                       (struct givens){&error, 1}))
        model_fail(client->model, "a refusal of Fetch cannot be written");
    request->kind = MODEL_REFUSED;
}

static bool is_whole(const struct model_client *client, const struct model_request *request)
{
    return request->kind != MODEL_GATHERED || request->parts == (1U << client->model->cluster.count) - 1;
}

/* Responses that do not come are passed over. */
static struct model_request *find_due(struct model_client *client)
{
    while (client->due < client->sent && client->requests[client->due].unanswered &&
           client->requests[client->due].link != MODEL_NOBODY)
        client->due++;
    return client->due < client->sent ? &client->requests[client->due] : NULL;
}

bool model_client_is_served(const struct model_client *client)
{
    find_due((struct model_client *)(uintptr_t)client);
    return client->due == client->request_count;
}

/* Each node may have a spelling of its own for the one host: which, told_test.c checks. */
static bool is_other_case(uint8_t a, uint8_t b)
{
    uint8_t lower = a | 0x20;
    return (a ^ b) == 0x20 && lower >= 'a' && lower <= 'z';
}

/* As much of `bytes` as belongs to the response that is due; 0 where it is wrong. */
static size_t take_part(struct model_client *client, struct bytes bytes)
{
    struct model_request *request = find_due(client);
    if (request && request->kind == MODEL_REFUSED && request->expected.len == 0)
        expect_refusal(client, request);
    if (request && request->begun_by != MODEL_NOBODY && request->link == MODEL_NOBODY &&
        !request->expected.len)
        expect_lost_session(client, request);
    if (!request || request->expected.len == 0 || !is_whole(client, request)) {
        model_fail(client->model, "client %d: got %zu bytes while no broker has answered request %d",
                   client->number, bytes.len, client->due);
        return 0;
    }
    size_t left = request->expected.len - client->due_at;
    size_t len = bytes.len < left ? bytes.len : left;
    const uint8_t *expected = request->expected.at + client->due_at;
    for (size_t i = 0; i < len; i++) {
        if (bytes.at[i] != expected[i] && !(request->has_hosts && is_other_case(bytes.at[i], expected[i]))) {
            char name[48];
            model_request_name(request, name);
            model_fail(client->model,
                       "client %d: byte %zu of %zu of the response to request %d (%s) is %02x, not %02x",
                       client->number, client->due_at + i, request->expected.len, client->due, name,
                       bytes.at[i], expected[i]);
            return 0;
        }
    }
    client->due_at += len;
    client->taken += len;
    if (len == left) {
        model_trace(client->model, "client %d: has the response to request %d", client->number, client->due);
        client->due++;
        client->due_at = 0;
    }
    return len;
}

void model_client_take(struct model_client *client, struct bytes bytes)
{
    while (bytes.len && !client->model->failed) {
        size_t taken = take_part(client, bytes);
        bytes.at += taken;
        bytes.len -= taken;
    }
}

void model_client_free(struct model_client *client)
{
    for (int i = 0; i < client->request_count; i++) {
        buffer_free(&client->requests[i].frame);
        buffer_free(&client->requests[i].expected);
        buffer_free(&client->requests[i].blanked);
    }
}
