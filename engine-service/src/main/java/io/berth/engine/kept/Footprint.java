package io.berth.engine.kept;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes of the heap an immutable value of records, maps, lists and texts takes, about; rather too many than too few. What is
 * referred to twice counts twice: read back from the database, it is two. Pure.
 */
final class Footprint {
    /** A header and a reference to it. */
    private static final long OBJECT = 24;

    /** An entry of a linked map, and its place in the table. */
    private static final long ENTRY = 56;

    /** A text and its array, without the characters. */
    private static final long TEXT = 48;

    private static final long REFERENCE = 8;
    private static final char LAST_OF_ONE_BYTE = 0xff;

    private static final ClassValue<Method[]> COMPONENTS = new ClassValue<>() {
        @Override
        protected Method[] computeValue(Class<?> type) {
            return Stream.of(type.getRecordComponents())
                    .map(RecordComponent::getAccessor)
                    .peek(accessor -> accessor.setAccessible(true))
                    .toArray(Method[]::new);
        }
    };

    private Footprint() {}

    /** Bytes that a value takes. */
    static long of(@Nullable Object value) {
        return switch (value) {
            case null -> 0;
            case String text -> of(text);
            case Map<?, ?> map -> of(map);
            case Collection<?> collection -> of(collection);
            case Record record -> of(record);
            default -> OBJECT; // numbers, times, constants
        };
    }

    private static long of(String text) {
        long length = text.length();
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) > LAST_OF_ONE_BYTE) {
                return TEXT + Character.BYTES * length;
            }
        }
        return TEXT + length;
    }

    private static long of(Map<?, ?> map) {
        long bytes = 2 * OBJECT;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            bytes += ENTRY + of(entry.getKey()) + of(entry.getValue());
        }
        return bytes;
    }

    private static long of(Collection<?> collection) {
        long bytes = 2 * OBJECT;
        for (Object element : collection) {
            bytes += REFERENCE + of(element);
        }
        return bytes;
    }

    private static long of(Record record) {
        long bytes = OBJECT;
        for (Method component : COMPONENTS.get(record.getClass())) {
            bytes += REFERENCE + (component.getReturnType().isPrimitive() ? 0 : of(value(record, component)));
        }
        return bytes;
    }

    private static @Nullable Object value(Record record, Method component) {
        try {
            return component.invoke(record);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a component of " + record.getClass() + " cannot be read", e);
        }
    }
}
