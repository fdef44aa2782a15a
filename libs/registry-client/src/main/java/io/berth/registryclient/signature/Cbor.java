package io.berth.registryclient.signature;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * As much of CBOR (RFC 8949) as signatures have: whole numbers, byte strings, text, arrays, maps and tags, all of known length.
 * What is longer, nested deeper, or names a key twice is refused.
 */
final class Cbor {
    private static final int MAX_DEPTH = 8;
    private static final int MAX_ITEMS = 256;
    private static final int UNSIGNED = 0;
    private static final int NEGATIVE = 1;
    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int ARRAY = 4;
    private static final int MAP = 5;
    private static final int TAG = 6;

    /** Something with a meaning of its own, for example a time. */
    record Tagged(long tag, Object value) {}

    private final ByteBuffer in;

    private Cbor(byte[] content) {
        in = ByteBuffer.wrap(content);
    }

    /**
     * Reads one item.
     *
     * @return a {@code Long}, a {@code ByteBuffer}, a {@code String}, a {@code List}, a {@code Map} with numbers and text as keys, or
     *     a {@link Tagged}
     * @throws InvalidSignature when it is none, or something follows
     */
    static Object read(byte[] content) throws InvalidSignature {
        Cbor reader = new Cbor(content);
        Object value;
        try {
            value = reader.item(0);
        } catch (BufferUnderflowException | CharacterCodingException e) {
            throw InvalidSignature.malformed(e);
        }
        if (reader.in.hasRemaining()) {
            throw InvalidSignature.malformed(null);
        }
        return value;
    }

    /** An array's beginning, for what is to be signed. */
    static byte[] arrayOf(int items) {
        return new byte[] {(byte) (ARRAY << 5 | items)};
    }

    /** A byte string in its shortest form. */
    static byte[] bytes(byte[] content) {
        return withHead(BYTES, content);
    }

    /** Text in its shortest form. */
    static byte[] text(String content) {
        return withHead(TEXT, content.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] withHead(int kind, byte[] content) {
        int first = kind << 5;
        ByteBuffer out = ByteBuffer.allocate(5 + content.length);
        if (content.length < 24) {
            out.put((byte) (first | content.length));
        } else if (content.length < 0x100) {
            out.put((byte) (first | 24)).put((byte) content.length);
        } else if (content.length < 0x10000) {
            out.put((byte) (first | 25)).putShort((short) content.length);
        } else {
            out.put((byte) (first | 26)).putInt(content.length);
        }
        byte[] written = new byte[out.put(content).position()];
        out.flip().get(written);
        return written;
    }

    private Object item(int depth) throws InvalidSignature, CharacterCodingException {
        if (depth > MAX_DEPTH) {
            throw InvalidSignature.malformed(null);
        }
        int head = in.get() & 0xff;
        long argument = argument(head & 0x1f);
        return switch (head >> 5) {
            case UNSIGNED -> argument;
            case NEGATIVE -> -1 - argument;
            case BYTES -> slice(argument).asReadOnlyBuffer();
            case TEXT ->
                StandardCharsets.UTF_8.newDecoder().decode(slice(argument)).toString();
            case ARRAY -> array(argument, depth);
            case MAP -> map(argument, depth);
            case TAG -> new Tagged(argument, item(depth + 1));
            default -> throw InvalidSignature.malformed(null);
        };
    }

    private long argument(int info) throws InvalidSignature {
        long value =
                switch (info) {
                    case 24 -> in.get() & 0xff;
                    case 25 -> in.getShort() & 0xffff;
                    case 26 -> in.getInt() & 0xffffffffL;
                    case 27 -> in.getLong();
                    default -> info;
                };
        if (info > 27 || value < 0) {
            throw InvalidSignature.malformed(null);
        }
        return value;
    }

    private ByteBuffer slice(long length) throws InvalidSignature {
        if (length > in.remaining()) {
            throw InvalidSignature.malformed(null);
        }
        ByteBuffer slice = in.slice(in.position(), (int) length);
        in.position(in.position() + (int) length);
        return slice;
    }

    private List<Object> array(long length, int depth) throws InvalidSignature, CharacterCodingException {
        List<Object> items = new ArrayList<>();
        for (long i = 0; i < bounded(length); i++) {
            items.add(item(depth + 1));
        }
        return items;
    }

    private Map<Object, Object> map(long length, int depth) throws InvalidSignature, CharacterCodingException {
        Map<Object, Object> entries = new HashMap<>();
        for (long i = 0; i < bounded(length); i++) {
            Object key = item(depth + 1);
            if (!(key instanceof Long || key instanceof String) || entries.put(key, item(depth + 1)) != null) {
                throw InvalidSignature.malformed(null);
            }
        }
        return entries;
    }

    private static long bounded(long length) throws InvalidSignature {
        if (length > MAX_ITEMS) {
            throw InvalidSignature.malformed(null);
        }
        return length;
    }
}
