// SPDX-License-Identifier: Apache-2.0
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;

/**
 * All values of a message, in the order of the wire: what the walker tells must be among them, in that order, and what decides
 * must be told.
 *
 * <p>Apart from Filler, which sets what is only read here, from an object that may also have come off the wire.
 *
 * <pre>
 *   fact:  role length:1 (0: decides nothing) role ("leader epoch")
 *          name length:1 (0: not told) name ("leader_epoch") value length:4 (-1: null) value     numbers have 8 bytes
 * </pre>
 */
final class Facts {
    private static final int NO_KEY = -1;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    /** The tables have the names of the newest release; before 4.4 some fields were called otherwise. */
    private final boolean hasNamesOfTables = !Codec.kafkaVersion().matches("[23]\\..*|4\\.[0-3]\\..*");

    /** Of a header or a response: nothing in it decides. */
    Facts add(Message message, Schema schema) throws IOException {
        return addStruct(message, schema, NO_KEY, "");
    }

    Facts addRequest(Message message, Schema schema, int apiKey) throws IOException {
        return addStruct(message, schema, apiKey, "");
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    private Facts addStruct(Message message, Schema schema, int apiKey, String path) throws IOException {
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields)
                addTags(message, (TaggedFields) bound.def.type);
            else
                addField(message, bound.def, apiKey, path + bound.def.name);
        }
        return this;
    }

    /** Also those that keep their default, and are therefore not on the wire. */
    private void addTags(Message message, TaggedFields tags) throws IOException {
        for (Field field : Schemas.tagged(tags).values())
            addField(message, field, NO_KEY, field.name);
    }

    private void addField(Message message, Field field, int apiKey, String path) throws IOException {
        Object value = Fields.get(message, field.name);
        if (field.type.isArray()) {
            if (value != null) {
                for (Object element : (Collection<?>) value)
                    addValue(field.name, element, field.type.arrayElementType().get(), apiKey, path);
            }
        } else {
            addValue(field.name, value, field.type, apiKey, path);
        }
    }

    private void addValue(String name, Object value, Type type, int apiKey, String path) throws IOException {
        if (type instanceof Schema) {
            if (value != null)
                addStruct((Message) value, (Schema) type, apiKey, path + ".");
            return;
        }
        byte[] encoded = encode(value);
        writeText(apiKey == NO_KEY ? "" : Decisive.role(apiKey, path));
        writeText(hasNamesOfTables ? name : "");
        out.writeInt(value == null ? -1 : encoded.length);
        out.write(encoded);
    }

    private void writeText(String text) throws IOException {
        out.writeByte(text.length());
        out.writeBytes(text);
    }

    private static byte[] encode(Object value) {
        if (value instanceof Boolean)
            return number((Boolean) value ? 1 : 0);
        if (value instanceof Number)
            return number(((Number) value).longValue());
        if (value instanceof String)
            return ((String) value).getBytes(StandardCharsets.UTF_8);
        if (value instanceof Uuid) {
            Uuid uuid = (Uuid) value;
            return ByteBuffer.allocate(16).putLong(uuid.getMostSignificantBits())
                    .putLong(uuid.getLeastSignificantBits()).array();
        }
        if (value instanceof byte[])
            return (byte[]) value;
        if (value instanceof ByteBuffer) {
            ByteBuffer buffer = ((ByteBuffer) value).duplicate();
            return Arrays.copyOfRange(buffer.array(), buffer.position(), buffer.limit());
        }
        return new byte[0]; // null, and records, which nobody looks into
    }

    private static byte[] number(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }
}
