// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Properties;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Frames as Kafka encodes them: [length][header][message].
 *
 * <p>Apart, because nothing else here writes bytes of the protocol: what kbridge is compared with comes from Kafka's
 * classes alone.
 */
final class Codec {
    private static final String KAFKA_VERSION = readKafkaVersion();

    private Codec() {}

    static byte[] frame(Message header, short headerVersion, Message body, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int size = header.size(cache, headerVersion) + body.size(cache, version);
        ByteBuffer frame = ByteBuffer.allocate(4 + size);
        frame.putInt(size);
        ByteBufferAccessor writer = new ByteBufferAccessor(frame);
        header.write(writer, cache, headerVersion);
        body.write(writer, cache, version);
        if (frame.hasRemaining())
            throw new IllegalStateException("Kafka wrote less than the size it told for " + body);
        return frame.array();
    }

    /** A response frame taken apart. */
    record Response(ResponseHeaderData header, Message body) {}

    static Response parse(ApiMessageType api, short version, byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        if (buffer.getInt() != buffer.remaining())
            throw new IllegalStateException("the length prefix is not that of the frame");
        ByteBufferAccessor reader = new ByteBufferAccessor(buffer);
        ResponseHeaderData header = new ResponseHeaderData(reader, api.responseHeaderVersion(version));
        Message body = api.newResponse();
        body.read(reader, version);
        if (buffer.hasRemaining())
            throw new IllegalStateException(buffer.remaining() + " bytes are left behind the message");
        return new Response(header, body);
    }

    /** Records of any bytes at all: nobody between client and broker looks into them. */
    static Object records(byte[] bytes) {
        try {
            Method wrap = memoryRecords().getMethod("readableRecords", ByteBuffer.class);
            return wrap.invoke(null, ByteBuffer.wrap(bytes));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<?> memoryRecords() throws ClassNotFoundException {
        try {
            return Class.forName("org.apache.kafka.common.record.internal.MemoryRecords"); // since 4.2
        } catch (ClassNotFoundException e) {
            return Class.forName("org.apache.kafka.common.record.MemoryRecords");
        }
    }

    static String kafkaVersion() {
        return KAFKA_VERSION;
    }

    private static String readKafkaVersion() {
        Properties properties = new Properties();
        try (InputStream stream = Codec.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            properties.load(stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }
}
