// SPDX-License-Identifier: Apache-2.0
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;

/**
 * What Kafka's schemas do not tell by themselves in every release.
 *
 * <p>Apart from Fields, which is about the message classes.
 */
final class Schemas {
    private Schemas() {}

    /** The tagged fields of a version, by their tags. */
    @SuppressWarnings("unchecked")
    static SortedMap<Integer, Field> tagged(TaggedFields section) {
        return new TreeMap<>((Map<Integer, Field>) Fields.get(section, "fields")); // no getter before 4.0
    }

    /** Whether the struct has this field in its place, not as a tagged one. */
    static boolean hasUntagged(Schema schema, String name) {
        for (BoundField bound : schema.fields()) {
            if (bound.def.name.equals(name))
                return true;
        }
        return false;
    }

    static boolean hasTagged(Schema schema, String name) {
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields
                    && tagged((TaggedFields) bound.def.type).values().stream().anyMatch(tag -> tag.name.equals(name)))
                return true;
        }
        return false;
    }
}
