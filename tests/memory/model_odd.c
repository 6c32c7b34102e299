/* SPDX-License-Identifier: Apache-2.0 */
/* What clients send beside requests of known versions: keys and versions of the future, SASL tokens, nonsense. */
#include "tests/memory/model_odd.h"
#include "tests/memory/model.h"

#include "proxy/kafka/keys.h"
#include "proxy/kafka/write.h"

/* ---- raw frames ---- */

static void put_number(struct buffer *to, uint32_t number, int size)
{
    for (int i = size - 1; i >= 0; i--) {
        uint8_t byte = (uint8_t)(number >> 8 * i);
        buffer_append(to, (struct bytes){&byte, 1});
    }
}

static void put_head(struct model_request *request, uint32_t body_len)
{
    put_number(&request->frame, 8 + body_len, 4);
    put_number(&request->frame, (uint16_t)request->api_key, 2);
    put_number(&request->frame, (uint16_t)request->api_version, 2);
    put_number(&request->frame, (uint32_t)request->correlation_id, 4);
}

static void put_noise(struct model *model, struct buffer *to, uint32_t len)
{
    uint8_t noise[1000];
    model_fill(&model->random, noise, len);
    buffer_append(to, (struct bytes){noise, len});
}

void model_odd_make_unknown_key(struct model_client *client, struct model_request *request)
{
    struct model *model = client->model;
    uint32_t len = model_below(&model->random, 1000);
    request->api_key = (int16_t)(tables_api_key_last + 1 + model_between(&model->random, 0, 100));
    request->api_version = (int16_t)model_between(&model->random, 0, 99);
    put_head(request, len);
    put_noise(model, &request->frame, len);
}

/* Of a key that kbridge does not read, a version from the future. */
void model_odd_make_unknown_version(struct model_client *client, struct model_request *request)
{
    struct model *model = client->model;
    uint32_t len = model_below(&model->random, 1000);
    request->api_key = 29; /* DescribeAcls */
    request->api_version = (int16_t)(tables_message(REQUEST, request->api_key)->last + 1);
    put_head(request, len);
    put_noise(model, &request->frame, len);
}

void model_odd_make_refused(struct model_client *client, struct model_request *request)
{
    struct model *model = client->model;
    uint32_t len = model_below(&model->random, 100);
    request->kind = MODEL_REFUSED;
    request->api_key = API_API_VERSIONS;
    request->api_version = (int16_t)model_between(&model->random, 40, 400);
    put_head(request, len);
    put_noise(model, &request->frame, len);
}

/* "\0user\0password": no frame of these looks like a request header, whatever its length. */
void model_odd_make_token(struct model_client *client, struct model_request *request)
{
    struct model *model = client->model;
    uint32_t len = model_below(&model->random, 60);
    request->kind = MODEL_TOKEN;
    request->api_key = -1;
    put_number(&request->frame, len, 4);
    for (uint32_t i = 0; i < len; i++)
        put_number(&request->frame, 'a' + model_below(&model->random, 26), 1);
}

void model_odd_make_handshake(struct model_client *client, struct model_request *request)
{
    const struct given mechanism = given_bytes(ROLE_MECHANISM, bytes_of("PLAIN"));
    request->api_key = API_SASL_HANDSHAKE;
    request->api_version = 0;
    if (write_request(&request->frame, API_SASL_HANDSHAKE, 0, request->correlation_id,
                      (struct givens){&mechanism, 1}))
        model_fail(client->model, "SaslHandshake v0 cannot be written");
}

/* ---- what ends a conversation ---- */

void model_odd_make_bad(struct model_client *client, struct model_request *request)
{
    struct model *model = client->model;
    struct buffer *frame = &request->frame;
    request->kind = MODEL_BAD;
    request->api_key = API_FETCH;
    /* In front of one broker, or of what looks like one, requests are not walked: only the broker sees that one is malformed. */
    bool one = model->cluster.count == 1 || model->cluster.grows || client->exact;
    uint32_t most = one ? 3 : 4;
    uint32_t choice = client->request_count == 0 && model_chance(&model->random, 30)
                          ? 4
                          : model_below(&model->random, most);
    switch (choice) {
    case 0:
        request->reason = REASON_FRAME_SIZE;
        put_number(frame, client->model->bridge.limits.frame + 1 + model_below(&model->random, 1000), 4);
        break;
    case 1:
        request->reason = REASON_FRAME_SIZE;
        put_number(frame, model_below(&model->random, 8), 4);
        break;
    case 2:
        request->reason = REASON_REQUEST_VERSION;
        request->api_version = 99;
        put_head(request, 0);
        break;
    case 3: /* the client id is longer than the frame */
        request->reason = REASON_REQUEST_MALFORMED;
        request->api_version = 4;
        put_head(request, 2);
        put_number(frame, 1000, 2);
        break;
    default:
        request->reason = REASON_CLIENT_FOREIGN;
        buffer_append(frame, bytes_of("GET / HTTP/1.1\r\n\r\n"));
        break;
    }
}
