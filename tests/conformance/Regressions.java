// SPDX-License-Identifier: Apache-2.0
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * Messages with which something went wrong once, or nearly did: a row each, named by what a user would have seen.
 *
 * <p>Apart from the random ones, which would meet most of these now and then: these are met in every run.
 */
final class Regressions {
    record Row(String symptom, String api, boolean isRequest, int version, int requestVersion, Consumer<Message> content) {
        ApiMessageType type() {
            for (ApiMessageType type : ApiMessageType.values()) {
                if (type.name.equals(api))
                    return type;
            }
            return null; // this release has no such API
        }

        boolean isKnown() {
            ApiMessageType type = type();
            return type != null && version < type.requestSchemas().length && type.requestSchemas()[version] != null;
        }
    }

    static final List<Row> ROWS = List.of(
            response("a producer that finds no coordinator is told to connect to a port -1", "FindCoordinator", 3,
                    body -> set(body, "errorCode", (short) 15, "nodeId", -1, "host", "", "port", -1)),
            response("of two coordinators, the one that is not there gets an address", "FindCoordinator", 4,
                    body -> {
                        set(add(body, "coordinators"), "key", "there", "nodeId", 1, "host", "a", "port", 9092);
                        set(add(body, "coordinators"), "key", "not", "nodeId", -1, "host", "", "port", -1, "errorCode", (short) 15);
                    }),
            response("kafka-metadata-quorum is sent to a broker's port for a controller", "DescribeCluster", 1,
                    body -> {
                        set(body, "endpointType", (byte) 2, "clusterId", "c");
                        set(add(body, "brokers"), "brokerId", 3, "host", "controller", "port", 9093);
                    }),
            response("a topic that was asked for by its id has no name, and Metadata cannot be read", "Metadata", 12,
                    body -> {
                        set(add(body, "brokers"), "nodeId", 1, "host", "b", "port", 9092);
                        set(add(body, "topics"), "name", null, "topicId", new Uuid(1, 2));
                    }),
            response("a host that gets longer by the address needs a varint of two bytes", "Metadata", 9,
                    body -> set(add(body, "brokers"), "nodeId", 3, "host", "b", "port", 65_535, "rack", "r".repeat(127))),
            response("a broker with an IPv6 address in its listener", "Metadata", 1,
                    body -> set(add(body, "brokers"), "nodeId", 0, "host", "fe80::1%eth0", "port", 1)),
            response("a producer's new leader is told with the tag of the old length", "Produce", 10,
                    body -> set(add(body, "nodeEndpoints"), "nodeId", 2, "host", "n".repeat(116), "port", 9092)),
            response("behind the endpoints of a Fetch answer a tag of a newer Kafka is lost", "Fetch", 16,
                    body -> {
                        set(add(body, "nodeEndpoints"), "nodeId", 1, "host", "new-leader", "port", 9092);
                        body.unknownTaggedFields().add(new RawTaggedField(9, new byte[] {1, 2, 3}));
                    }),
            response("a share consumer connects past kbridge when a leader moves", "ShareFetch", 1,
                    body -> set(add(body, "nodeEndpoints"), "nodeId", 1, "host", "new-leader", "port", 9092, "rack", "r")),
            response("a consumer of KIP-848 whose heartbeat carries no assignment", "ConsumerGroupHeartbeat", 0,
                    body -> set(body, "assignment", null, "memberId", "m")),
            answer("a client newer than the broker is told so in the form of version 0", 3, "ApiVersions", 0,
                    body -> {
                        set(body, "errorCode", (short) 35);
                        set(add(body, "apiKeys"), "apiKey", (short) 18, "maxVersion", (short) 2);
                    }),
            request("a group that asks for all of its offsets names no topic", "OffsetFetch", 8,
                    body -> set(add(body, "groups"), "groupId", "g", "topics", null)),
            request("a fetch in a session names no topic at all", "Fetch", 12,
                    body -> set(body, "sessionId", 77, "sessionEpoch", 3)),
            request("a transaction of an old producer names its topics at the top", "AddPartitionsToTxn", 3,
                    body -> {
                        boolean isNamedAnew = Fields.find(body.getClass(), "v3AndBelowTopics") != null; // since 3.5
                        set(body, isNamedAnew ? "v3AndBelowTransactionalId" : "transactionalId", "t");
                        Object topic = add(body, isNamedAnew ? "v3AndBelowTopics" : "topics");
                        set(topic, "name", "orders");
                        set(topic, "partitions", new ArrayList<>(List.of(4, 2)));
                    }),
            request("acks=0 is seen whatever stands before it", "Produce", 9,
                    body -> set(body, "transactionalId", null, "acks", (short) 0)));

    private Regressions() {}

    private static Row response(String symptom, String api, int version, Consumer<Message> content) {
        return new Row(symptom, api, false, version, version, content);
    }

    private static Row answer(String symptom, int requestVersion, String api, int version, Consumer<Message> content) {
        return new Row(symptom, api, false, version, requestVersion, content);
    }

    private static Row request(String symptom, String api, int version, Consumer<Message> content) {
        return new Row(symptom, api, true, version, version, content);
    }

    private static Object set(Object owner, Object... namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2)
            Fields.set(owner, (String) namesAndValues[i], namesAndValues[i + 1]);
        return owner;
    }

    /** A new element of an array. */
    @SuppressWarnings("unchecked")
    private static Object add(Object owner, String array) {
        Object element = Fields.make(Fields.elementClass(Fields.of(owner.getClass(), array).getGenericType()));
        ((Collection<Object>) Fields.elements(owner, array)).add(element);
        return element;
    }
}
