// SPDX-License-Identifier: Apache-2.0
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The fields of Kafka's generated message classes, by name.
 *
 * <p>Apart, because it is all of the reflection: the classes differ between the releases of kafka-clients, and one
 * source has to serve every jar.
 */
final class Fields {
    private static final Map<Class<?>, Map<String, Field>> KNOWN = new HashMap<>();

    private Fields() {}

    /** The field that a schema calls "leader_epoch" and the class leaderEpoch; null where the class has none. */
    static Field find(Class<?> owner, String name) {
        return KNOWN.computeIfAbsent(owner, Fields::all).get(plain(name));
    }

    static Field of(Class<?> owner, String name) {
        Field field = find(owner, name);
        if (field == null)
            throw new IllegalStateException(owner.getName() + " has no field " + name);
        return field;
    }

    static Object get(Object owner, String name) {
        try {
            return of(owner.getClass(), name).get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    static int getInt(Object owner, String name) {
        return ((Number) get(owner, name)).intValue();
    }

    static Collection<?> elements(Object owner, String name) {
        return (Collection<?>) get(owner, name);
    }

    static void set(Object owner, String name, Object value) {
        try {
            of(owner.getClass(), name).set(owner, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    static Object make(Class<?> type) {
        try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of a List of them, or of one of Kafka's own collections, whose base class names the element. */
    static Class<?> elementClass(Type collection) {
        Type generic = collection instanceof Class<?> ? ((Class<?>) collection).getGenericSuperclass() : collection;
        return rawClass(((ParameterizedType) generic).getActualTypeArguments()[0]);
    }

    static Class<?> rawClass(Type type) {
        return (Class<?>) (type instanceof ParameterizedType ? ((ParameterizedType) type).getRawType() : type);
    }

    private static Map<String, Field> all(Class<?> owner) {
        Map<String, Field> fields = new HashMap<>();
        for (Field field : owner.getDeclaredFields()) {
            field.setAccessible(true);
            fields.put(plain(field.getName()), field);
        }
        return fields;
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(java.util.Locale.ROOT);
    }
}
