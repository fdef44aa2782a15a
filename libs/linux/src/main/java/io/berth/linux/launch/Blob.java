package io.berth.linux.launch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A structure in the kernel's layout (both supported architectures are little-endian), with 64-bit members that are
 * filled in at launch: addresses of other arguments, or results of earlier steps.
 *
 * <p>Immutable; two blobs are equal only if they are the same.
 */
public final class Blob {
    private final String description;
    private final byte[] bytes;
    private final List<Member> members;

    private Blob(String description, byte[] bytes, List<Member> members) {
        this.description = description;
        this.bytes = bytes;
        this.members = members;
    }

    /**
     * A member that is filled in at launch.
     *
     * @param offset in bytes, a multiple of 8
     */
    public record Member(int offset, Argument value) {}

    /** Starts a zeroed structure of {@code size} bytes; {@code description} is what a reader of the program sees. */
    public static Builder of(String description, int size) {
        return new Builder(description, size);
    }

    /** A copy of bytes that need nothing filled in. */
    public static Blob of(String description, byte[] bytes) {
        return new Blob(description, bytes.clone(), List.of());
    }

    /** A copy of the bytes, with the members that are filled in later still zero. */
    public byte[] bytes() {
        return bytes.clone();
    }

    public int size() {
        return bytes.length;
    }

    public List<Member> members() {
        return members;
    }

    @Override
    public String toString() {
        return description;
    }

    /** Builds a {@link Blob}; offsets are bytes from its start. */
    public static final class Builder {
        private final String description;
        private final ByteBuffer bytes;
        private final List<Member> members = new ArrayList<>();

        private Builder(String description, int size) {
            this.description = description;
            this.bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        }

        public Builder putShort(int offset, int value) {
            bytes.putShort(offset, (short) value);
            return this;
        }

        public Builder putInt(int offset, int value) {
            bytes.putInt(offset, value);
            return this;
        }

        public Builder putLong(int offset, long value) {
            bytes.putLong(offset, value);
            return this;
        }

        /** Puts an address, or an earlier result, at launch. */
        public Builder putArgument(int offset, Argument value) {
            if (offset % Long.BYTES != 0) {
                throw new IllegalArgumentException("offset: " + offset + " (expected: a multiple of 8)");
            }
            Objects.checkFromIndexSize(offset, Long.BYTES, bytes.capacity());
            members.add(new Member(offset, value));
            return this;
        }

        public Blob build() {
            return new Blob(description, bytes.array().clone(), List.copyOf(members));
        }
    }
}
