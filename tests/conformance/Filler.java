// SPDX-License-Identifier: Apache-2.0
import java.lang.reflect.Field;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;

/**
 * Fills a message of any class and version with random content.
 *
 * <p>It goes by the schema of the version, because a field that a version does not have must keep its default, and
 * sets the fields of the message class, because it is the class whose encoding is the proof.
 */
final class Filler {
    /** Not known to any message; without 127, which kbridge writes itself where it makes endpoints inert. */
    private static final int[] UNKNOWN_TAGS = {50, 100, 126, 128, 300, 16_384, 2_000_000};

    /** When so many bytes have been spent, arrays are cut short: most frames should be tried at every split. */
    private static final int BUDGET = 1_000;

    private final Dice dice;
    private final Shape shape;
    private int spent;

    Filler(Dice dice, Shape shape) {
        this.dice = dice;
        this.shape = shape;
    }

    void fill(Message message, Schema schema) {
        if (shape != Shape.DEFAULTS)
            fill(message, schema, 0);
    }

    private void fill(Message message, Schema schema, int depth) {
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields)
                fillTags(message, (TaggedFields) bound.def.type, depth);
            else
                fillField(message, bound.def.name, bound.def.type, depth);
        }
        if (Schemas.hasUntagged(schema, "host") && Schemas.hasUntagged(schema, "port"))
            fillAddress(message, schema);
    }

    private void fillField(Message message, String name, org.apache.kafka.common.protocol.types.Type type, int depth) {
        Field field = Fields.of(message.getClass(), name);
        Object value = value(field.getGenericType(), type, depth);
        if (value == null && name.equals("unaligned_records"))
            value = Codec.records(new byte[0]); // the schemas before 4.0 call all records nullable; these are not
        Fields.set(message, name, value);
    }

    private void fillTags(Message message, TaggedFields tags, int depth) {
        for (org.apache.kafka.common.protocol.types.Field field : Schemas.tagged(tags).values()) {
            if (dice.chance(2 * shape.tags))
                fillField(message, field.name, field.type, depth);
        }
        for (int tag : UNKNOWN_TAGS) {
            if (dice.chance(shape.tags / 3))
                message.unknownTaggedFields().add(new RawTaggedField(tag, dice.bytes(dice.between(0, 20))));
        }
    }

    private Object value(Type javaType, org.apache.kafka.common.protocol.types.Type type, int depth) {
        if (type.isNullable() && dice.chance(shape.nulls))
            return null;
        if (type.isArray())
            return array(javaType, type.arrayElementType().get(), depth);
        Class<?> javaClass = Fields.rawClass(javaType);
        if (type instanceof Schema) {
            Message struct = (Message) Fields.make(javaClass);
            fill(struct, (Schema) type, depth + 1);
            return struct;
        }
        return simple(javaClass, type);
    }

    private Object array(Type javaType, org.apache.kafka.common.protocol.types.Type elementType, int depth) {
        Class<?> javaClass = Fields.rawClass(javaType);
        @SuppressWarnings("unchecked")
        Collection<Object> array = javaClass.isAssignableFrom(ArrayList.class)
                ? new ArrayList<>()
                : (Collection<Object>) Fields.make(javaClass);
        Class<?> elementClass = Fields.elementClass(javaType);
        for (int left = count(depth); left > 0; left--)
            array.add(value(elementClass, elementType, depth));
        return array;
    }

    private int count(int depth) {
        int most = depth > 0 ? Math.min(shape.most, 3) : shape.most;
        if (shape == Shape.MANY && depth == 0 && dice.chance(0.2))
            return dice.between(126, 130); // where the varint of the count grows
        if (spent > BUDGET)
            return dice.between(0, 1);
        return dice.between(Math.min(shape.fewest, most), most);
    }

    private Object simple(Class<?> javaClass, org.apache.kafka.common.protocol.types.Type type) {
        spent += 4;
        if (type == org.apache.kafka.common.protocol.types.Type.UINT16)
            return dice.between(0, 0xffff);
        if (type == org.apache.kafka.common.protocol.types.Type.UNSIGNED_INT32)
            return dice.number(32) & 0xffffffffL;
        if (javaClass == boolean.class || javaClass == Boolean.class)
            return dice.chance(0.5);
        if (javaClass == byte.class || javaClass == Byte.class)
            return (byte) dice.number(8);
        if (javaClass == short.class || javaClass == Short.class)
            return (short) dice.number(16);
        if (javaClass == int.class || javaClass == Integer.class)
            return (int) dice.number(32);
        if (javaClass == long.class || javaClass == Long.class)
            return dice.number(64);
        if (javaClass == double.class)
            return dice.real();
        if (javaClass == Uuid.class)
            return dice.chance(0.2) ? Uuid.ZERO_UUID : new Uuid(dice.number(64), dice.number(64));
        if (javaClass == String.class)
            return dice.text(length());
        if (javaClass == byte[].class)
            return dice.bytes(length());
        if (javaClass == ByteBuffer.class)
            return ByteBuffer.wrap(dice.bytes(length()));
        if (javaClass.getSimpleName().equals("BaseRecords"))
            return Codec.records(dice.bytes(dice.between(0, shape.mostRecordBytes)));
        throw new IllegalStateException("no random value for " + javaClass.getName());
    }

    private int length() {
        if (shape == Shape.EMPTY)
            return 0;
        int length = dice.chance(shape.longTexts) ? dice.oneOf(126, 127, 128, 255, 256, 2_000, 16_383, 32_767)
                : dice.chance(0.05) ? dice.between(125, 130)
                : dice.between(0, 12);
        spent += length;
        return length;
    }

    private void fillAddress(Message message, Schema schema) {
        boolean placeholder = dice.chance(0.15);
        boolean flawed = dice.chance(0.15);
        int flaw = placeholder ? 7 : flawed ? dice.between(1, 7) : 0;
        int port = dice.chance(0.2) ? dice.oneOf(1, 65_535) : dice.between(1_024, 60_000);
        boolean unsigned = schema.get("port").def.type == org.apache.kafka.common.protocol.types.Type.UINT16;
        Fields.set(message, "host", (flaw & 1) != 0 ? "" : host());
        Fields.set(message, "port", (flaw & 2) == 0 ? port : unsigned ? 0 : placeholder ? -1 : dice.oneOf(0, -1));
        for (String name : List.of("node_id", "broker_id")) {
            if (Schemas.hasUntagged(schema, name))
                Fields.set(message, name, (flaw & 4) != 0 ? -1 : node());
        }
    }

    private int node() {
        return dice.chance(0.1) ? dice.oneOf(0, Integer.MAX_VALUE) : dice.between(0, 400);
    }

    private String host() {
        int length = dice.chance(0.5) ? dice.between(1, 20)
                : dice.chance(0.5) ? dice.between(120, 130)
                : dice.between(1, 255);
        spent += length;
        return dice.text(length);
    }
}
