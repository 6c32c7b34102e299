// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;

/**
 * Which cases are made, and each of them.
 *
 * <p>Apart from Filler, which knows nothing of kbridge. Every case has dice of its own, thrown by seed, api key,
 * direction, version and number, so that a single one can be made again with --keys.
 */
final class Generator {
    private static final short UNSUPPORTED_VERSION = 35;
    private static final int VERSIONS_KNOWN_TO_KBRIDGE = 6; // it answers all others itself
    private static final int LONGEST_HOST = 255;
    private static final byte[] NOTHING = {};

    /** As in test_conformance.py: versions that a later release laid out anew before they were stable: the tables have the newest layout. */
    private static final Set<String> LAID_OUT_ANEW = Set.of("3.9.1 ReadShareGroupStateSummary response 0");

    private final long seed;
    private final int messages;
    private final CaseFile out;

    Generator(long seed, int messages, CaseFile out) {
        this.seed = seed;
        this.messages = messages;
        this.out = out;
    }

    void generate(ApiMessageType api) throws IOException {
        for (short version = 0; version < api.requestSchemas().length; version++) {
            if (api.requestSchemas()[version] == null)
                continue;
            for (int number = 0; number < messages; number++)
                request(api, version, number);
        }
        if (messages > Shape.TRIED_BY_ALL)
            recordsOfMebibytes(api);
        int most = isChanged(api) ? 3 * messages : messages;
        for (short version = 0; version < api.responseSchemas().length; version++) {
            if (api.responseSchemas()[version] == null
                    || LAID_OUT_ANEW.contains(Codec.kafkaVersion() + " " + api.name + " response " + version))
                continue;
            for (int number = 0; number < most; number++)
                response(api, version, number);
            special(api, version);
        }
        if (api == ApiMessageType.API_VERSIONS) {
            for (int number = 0; number < most; number++)
                unsupportedVersion(number);
        }
    }

    /** What random messages would meet too seldom: both sides of every length at which something changes. */
    private void special(ApiMessageType api, short version) throws IOException {
        Schema schema = api.responseSchemas()[version];
        if (Schemas.hasUntagged(schema, "node_endpoints"))
            endpointsOfManyLengths(api, version, Shape.ONE, 1);
        if (Schemas.hasTagged(schema, "node_endpoints"))
            endpointsOfManyLengths(api, version, Shape.TAGGED, 20);
        if (Schemas.hasTagged(schema, "node_endpoints") && api == ApiMessageType.PRODUCE) {
            longProduce(api, version);
            tagsOfEverySize(api, version);
        }
        if (api == ApiMessageType.METADATA)
            hostTooLong(api, version);
        if (api == ApiMessageType.API_VERSIONS)
            keysOfEveryCount(version);
    }

    /** What streams through, in the newest version; not with the few messages, for their time. */
    private void recordsOfMebibytes(ApiMessageType api) throws IOException {
        short newest = (short) (api.requestSchemas().length - 1);
        Dice dice = dice(api, "mebibytes", newest, 0);
        if (api == ApiMessageType.PRODUCE)
            addRequest(api, newest, dice, Shape.ONE,
                    filled(api.newRequest(), api.requestSchemas()[newest], dice, Shape.MEBIBYTES));
        else if (api == ApiMessageType.FETCH)
            addResponse(api, newest, newest, header(api, newest, dice, Shape.ONE),
                    filled(api.newResponse(), api.responseSchemas()[newest], dice, Shape.MEBIBYTES), List.of());
    }

    private static boolean isChanged(ApiMessageType api) {
        return List.of("Produce", "Fetch", "Metadata", "FindCoordinator", "ApiVersions", "DescribeCluster",
                "ShareFetch", "ShareAcknowledge").contains(api.name);
    }

    private Dice dice(ApiMessageType api, Object direction, int version, int number) {
        return new Dice(seed * 1_000_003 + Objects.hash(api.apiKey(), direction, version, number));
    }

    /** Tells of each row which case it is, because a difference is told by the number of the case. */
    void regressions(List<String> keys) throws IOException {
        for (Regressions.Row row : Regressions.ROWS) {
            if (!row.isKnown() || keys != null && !keys.contains(String.valueOf(row.type().apiKey())))
                continue;
            System.out.println("case " + out.count() + ": " + row.symptom());
            ApiMessageType api = row.type();
            short version = (short) row.version();
            Dice dice = dice(api, row.symptom(), version, 0);
            Message body = row.isRequest() ? api.newRequest() : api.newResponse();
            row.content().accept(body);
            if (row.isRequest())
                addRequest(api, version, dice, Shape.ONE, body);
            else
                addResponse(api, row.requestVersion(), version, header(api, version, dice, Shape.ONE), body, List.of());
        }
    }

    private void request(ApiMessageType api, short version, int number) throws IOException {
        Dice dice = dice(api, "request", version, number);
        Shape shape = Shape.ofNumber(number);
        addRequest(api, version, dice, shape, filled(api.newRequest(), api.requestSchemas()[version], dice, shape));
    }

    private void addRequest(ApiMessageType api, short version, Dice dice, Shape shape, Message body) throws IOException {
        short headerVersion = api.requestHeaderVersion(version);
        RequestHeaderData header = new RequestHeaderData();
        new Filler(dice, shape).fill(header, RequestHeaderData.SCHEMAS[headerVersion]);
        header.setRequestApiKey(api.apiKey()).setRequestApiVersion(version);
        byte[] frame = Codec.frame(header, headerVersion, body, version);
        byte[] facts = new Facts().add(header, RequestHeaderData.SCHEMAS[headerVersion])
                .addRequest(body, api.requestSchemas()[version], api.apiKey()).bytes();
        out.add(CaseFile.Kind.REQUEST, api.apiKey(), version, version, List.of(), frame, NOTHING, facts);
    }

    private void response(ApiMessageType api, short version, int number) throws IOException {
        Dice dice = dice(api, "response", version, number);
        Shape shape = Shape.ofNumber(number);
        Message body = filled(api.newResponse(), api.responseSchemas()[version], dice, shape);
        if (Fields.find(body.getClass(), "endpointType") != null && version >= 1)
            Fields.set(body, "endpointType", (byte) (dice.chance(0.7) ? 1 : 2));
        List<CaseFile.Limit> limits = List.of();
        if (api == ApiMessageType.API_VERSIONS && number % 4 > 0) {
            spreadKeys(body, dice);
            Fields.set(body, "errorCode", (short) (dice.chance(0.9) ? 0 : dice.between(1, 100)));
            limits = limits(body, dice);
        }
        addResponse(api, version, version, header(api, version, dice, shape), body, limits);
    }

    private void addResponse(ApiMessageType api, int requestVersion, short version, Message header, Message body,
                             List<CaseFile.Limit> limits) throws IOException {
        short headerVersion = api.responseHeaderVersion(version);
        byte[] frame = Codec.frame(header, headerVersion, body, version);
        byte[] facts = new Facts().add(header, ResponseHeaderData.SCHEMAS[headerVersion])
                .add(body, api.responseSchemas()[version]).bytes();
        CaseFile.Kind kind = CaseFile.Kind.RESPONSE;
        if (Expected.dropEndpoints(api, version, body, frame.length))
            kind = CaseFile.Kind.INERT;
        Expected.tellAddresses(api, version, body);
        Expected.limitVersions(api, body, limits);
        byte[] expected = Codec.frame(header, headerVersion, body, version);
        out.add(kind, api.apiKey(), requestVersion, version, limits, frame, expected, facts);
    }

    /** On both sides of the length from which kbridge does not hold a Produce answer. */
    private void longProduce(ApiMessageType api, short version) throws IOException {
        for (int length : new int[] {Expected.LONGEST_PRODUCE_HELD, Expected.LONGEST_PRODUCE_HELD + 1}) {
            Dice dice = dice(api, "long", version, length);
            Message body = filled(api.newResponse(), api.responseSchemas()[version], dice, Shape.TAGGED);
            Message header = header(api, version, dice, Shape.ONE);
            setEndpoints(body, dice, 20);
            body.unknownTaggedFields().clear();
            body.unknownTaggedFields().add(new RawTaggedField(50, dice.bytes(50_000)));
            int missing = length - Codec.frame(header, api.responseHeaderVersion(version), body, version).length;
            body.unknownTaggedFields().set(0, new RawTaggedField(50, dice.bytes(50_000 + missing)));
            addResponse(api, version, version, header, body, List.of());
        }
    }

    /** The size of the tagged field goes by what is told; its varint grows at 128, which is host + 12. */
    private void tagsOfEverySize(ApiMessageType api, short version) throws IOException {
        for (int length = 110; length <= 120; length++) {
            Dice dice = dice(api, "tag", version, length);
            Message body = filled(api.newResponse(), api.responseSchemas()[version], dice, Shape.TAGGED);
            setEndpoints(body, dice, length);
            Iterator<?> endpoints = Fields.elements(body, "nodeEndpoints").iterator();
            Message first = (Message) endpoints.next();
            first.unknownTaggedFields().clear();
            Fields.set(first, "nodeId", Expected.NODE_TOLD_AS_ADVERTISED);
            Fields.set(first, "rack", "");
            for (; endpoints.hasNext(); endpoints.remove())
                endpoints.next();
            addResponse(api, version, version, header(api, version, dice, Shape.TAGGED), body, List.of());
        }
    }

    private static void setEndpoints(Message body, Dice dice, int hostLength) {
        for (Object endpoint : Fields.elements(body, "nodeEndpoints")) {
            Fields.set(endpoint, "nodeId", dice.between(0, 9));
            Fields.set(endpoint, "host", dice.text(hostLength));
            Fields.set(endpoint, "port", 9_092);
        }
    }

    /** Made inert, the endpoints take as many bytes as before: each length on both sides of a varint's steps. */
    private void endpointsOfManyLengths(ApiMessageType api, short version, Shape shape, int step)
            throws IOException {
        for (int length = 1; length <= LONGEST_HOST; length += length > 80 && length < 140 ? step : 20) {
            Dice dice = dice(api, "endpoints", version, length);
            Message body = filled(api.newResponse(), api.responseSchemas()[version], dice, shape);
            setEndpoints(body, dice, length);
            addResponse(api, version, version, header(api, version, dice, shape), body, List.of());
        }
    }

    /** The varint of the count of keys grows at 127; the last key is not offered. */
    private void keysOfEveryCount(short version) throws IOException {
        ApiMessageType api = ApiMessageType.API_VERSIONS;
        for (int count = 1; count <= 130; count += count == 2 ? 123 : 1) {
            Dice dice = dice(api, "count", version, count);
            ApiVersionsResponseData body = new ApiVersionsResponseData();
            for (short key = 0; key < count; key++)
                body.apiKeys().add(new ApiVersionsResponseData.ApiVersion().setApiKey(key).setMaxVersion(key));
            List<CaseFile.Limit> limits = List.of(new CaseFile.Limit((short) (count - 1), (short) 1, (short) 0));
            addResponse(api, version, version, header(api, version, dice, Shape.ONE), body, limits);
        }
    }

    /** No name is that long: what says so is no Metadata answer. */
    private void hostTooLong(ApiMessageType api, short version) throws IOException {
        for (int length : new int[] {LONGEST_HOST + 1, LONGEST_HOST + 2, 4_000}) {
            Dice dice = dice(api, "too long", version, length);
            Message body = filled(api.newResponse(), api.responseSchemas()[version], dice, Shape.ONE);
            for (Object broker : Fields.elements(body, "brokers")) {
                Fields.set(broker, "nodeId", 1);
                Fields.set(broker, "host", dice.text(length));
                Fields.set(broker, "port", 9_092);
            }
            byte[] frame = Codec.frame(header(api, version, dice, Shape.ONE), api.responseHeaderVersion(version),
                    body, version);
            out.add(CaseFile.Kind.REFUSED, api.apiKey(), version, version, List.of(), frame, NOTHING, NOTHING);
        }
    }

    /** KIP-511: whatever version was asked for, "unsupported" comes in the form of version 0. */
    private void unsupportedVersion(int number) throws IOException {
        ApiMessageType api = ApiMessageType.API_VERSIONS;
        Dice dice = dice(api, "unsupported", 0, number);
        Shape shape = Shape.ofNumber(number);
        ApiVersionsResponseData body = new ApiVersionsResponseData();
        filled(body, api.responseSchemas()[0], dice, shape);
        spreadKeys(body, dice);
        body.setErrorCode(UNSUPPORTED_VERSION);
        short requestVersion = (short) (number % VERSIONS_KNOWN_TO_KBRIDGE);
        addResponse(api, requestVersion, (short) 0, header(api, (short) 0, dice, shape), body, limits(body, dice));
    }

    /** Real keys and ranges, so that limits meet them. */
    private static void spreadKeys(Message apiVersions, Dice dice) {
        for (Object key : Fields.elements(apiVersions, "apiKeys")) {
            int min = dice.between(0, 4);
            Fields.set(key, "apiKey", (short) dice.between(-1, 100));
            Fields.set(key, "minVersion", (short) min);
            Fields.set(key, "maxVersion", (short) dice.between(min, 18));
        }
    }

    private static List<CaseFile.Limit> limits(Message apiVersions, Dice dice) {
        List<CaseFile.Limit> limits = new ArrayList<>();
        double share = dice.oneOf(1, 5, 10) / 10.0;
        boolean removeSome = dice.chance(0.5);
        for (Object element : Fields.elements(apiVersions, "apiKeys")) {
            short key = (short) Fields.getInt(element, "apiKey");
            if (limits.stream().anyMatch(limit -> limit.apiKey() == key) || !dice.chance(share))
                continue;
            int min = removeSome ? dice.between(0, 18) : 0;
            int max = removeSome ? dice.between(0, 18) : dice.between(Fields.getInt(element, "minVersion"), 18);
            limits.add(new CaseFile.Limit(key, (short) min, (short) max));
        }
        Collections.shuffle(limits, new java.util.Random(dice.number(32)));
        return limits;
    }

    private static Message header(ApiMessageType api, short version, Dice dice, Shape shape) {
        ResponseHeaderData header = new ResponseHeaderData();
        Shape headerShape = dice.chance(0.5) ? Shape.EMPTY : shape;
        new Filler(dice, headerShape).fill(header, ResponseHeaderData.SCHEMAS[api.responseHeaderVersion(version)]);
        return header.setCorrelationId((int) dice.number(32));
    }

    private static Message filled(Message message, Schema schema, Dice dice, Shape shape) {
        new Filler(dice, shape).fill(message, schema);
        return message;
    }
}
