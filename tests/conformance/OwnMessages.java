// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.Schema;

/**
 * What kbridge's writer makes of a few given values (writes.c) is what Kafka's classes make of the same.
 *
 * <p>Apart from Verifier, because nobody sent these: they are kbridge's own questions and refusals, and the defaults of every
 * other message.
 *
 * <pre>
 *   file:  (what:1 direction:1 api key:2 version:2 length:4 frame)*      what: a letter of Content, direction: Q or R
 * </pre>
 */
final class OwnMessages {
    private static final int LENGTH_SIZE = 4;
    private static final int CORRELATION_ID = 7; // as in writes.c
    private static final String TOPIC = "orders";
    private static final Uuid TOPIC_ID = new Uuid(0x0102030405060708L, 0x090a0b0c0d0e0f10L);

    private OwnMessages() {}

    /**
     * How many this release knows; throws on the first that it reads otherwise. An older release has other defaults here and
     * there: it must read what is written, and write the same again.
     */
    static int verify(Path path, boolean isNewest) throws IOException {
        int right = 0;
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
            for (int what = in.read(); what >= 0; what = in.read()) {
                boolean isRequest = in.readByte() == 'Q';
                short key = in.readShort();
                short version = in.readShort();
                byte[] frame = in.readNBytes(in.readInt());
                right += verify((char) what, isRequest, key, version, frame, isNewest) ? 1 : 0;
            }
        }
        return right;
    }

    private static boolean verify(char what, boolean isRequest, short key, short version, byte[] frame,
                                  boolean isNewest) {
        ApiMessageType api = known(key);
        if (api == null)
            return false;
        Schema[] schemas = isRequest ? api.requestSchemas() : api.responseSchemas();
        if (version >= schemas.length || schemas[version] == null)
            return false;
        Message body = isRequest ? api.newRequest() : api.newResponse();
        if (!isNewest)
            read(api, isRequest, body, version, frame);
        else if (what != 'E' || Decisive.isOfClients(key)) // what brokers say to each other is never refused
            give(what, body, schemas[version]);
        byte[] expected = isRequest
                ? Codec.frame(requestHeader(key, version), api.requestHeaderVersion(version), body, version)
                : Codec.frame(new ResponseHeaderData().setCorrelationId(CORRELATION_ID), api.responseHeaderVersion(version),
                        body, version);
        if (!Arrays.equals(frame, expected))
            throw new IllegalStateException(api.name + " v" + version + (isRequest ? " request" : " response") + ", '" + what
                    + "': kbridge writes\n  " + HexFormat.of().formatHex(frame) + "\nand Kafka\n  "
                    + HexFormat.of().formatHex(expected));
        return true;
    }

    private static void read(ApiMessageType api, boolean isRequest, Message body, short version, byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame, LENGTH_SIZE, frame.length - LENGTH_SIZE);
        ByteBufferAccessor reader = new ByteBufferAccessor(buffer);
        if (isRequest)
            new RequestHeaderData(reader, api.requestHeaderVersion(version));
        else
            new ResponseHeaderData(reader, api.responseHeaderVersion(version));
        body.read(reader, version);
    }

    private static ApiMessageType known(short key) {
        for (ApiMessageType api : ApiMessageType.values()) {
            if (api.apiKey() == key)
                return api;
        }
        return null;
    }

    private static Message requestHeader(short key, short version) {
        return new RequestHeaderData().setRequestApiKey(key).setRequestApiVersion(version).setCorrelationId(CORRELATION_ID)
                .setClientId("kbridge");
    }

    /** The same values as writes.c gives, where the version has them. */
    private static void give(char what, Message body, Schema schema) {
        switch (what) {
            case 'D': // the defaults
                break;
            case 'E': // an error
                setIn(body, schema, "error_code", (short) 35);
                break;
            case 'N': // Metadata of a topic by its name
                addTopic(body, TOPIC, Uuid.ZERO_UUID);
                setIn(body, schema, "allow_auto_topic_creation", false);
                break;
            case 'I': // … by its id
                addTopic(body, null, TOPIC_ID);
                setIn(body, schema, "allow_auto_topic_creation", false);
                break;
            case 'K': // FindCoordinator of a transactional id
                setIn(body, schema, "key", "key");
                setIn(body, schema, "key_type", (byte) 1);
                setIn(body, schema, "coordinator_keys", List.of("key"));
                break;
            default:
                throw new IllegalStateException("nothing is given for '" + what + "'");
        }
    }

    private static void setIn(Message body, Schema schema, String name, Object value) {
        if (Schemas.hasUntagged(schema, name))
            Fields.set(body, name, value);
    }

    @SuppressWarnings("unchecked")
    private static void addTopic(Message body, String name, Uuid id) {
        Object topic = Fields.make(Fields.elementClass(Fields.of(body.getClass(), "topics").getGenericType()));
        Fields.set(topic, "name", name);
        if (Fields.find(topic.getClass(), "topicId") != null)
            Fields.set(topic, "topicId", id);
        Collection<Object> topics = (Collection<Object>) Fields.elements(body, "topics");
        topics.add(topic);
    }
}
