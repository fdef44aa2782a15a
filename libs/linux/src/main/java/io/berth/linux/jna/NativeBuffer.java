package io.berth.linux.jna;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.berth.linux.FileNameCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.InvalidPathException;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A scratch buffer outside the heap for the arguments and results of one system call: paths, structs and data.
 *
 * <p>Allocating native memory costs more than most calls on files, so {@link #acquire()} takes one from a small pool and
 * {@link #close()} gives it back. The pool is a fixed array of slots (a thread-local would live per virtual thread); when
 * it is empty a new buffer is made, when it is full the surplus is left to the collector. A buffer belongs to one thread
 * between acquire and close; its contents are whatever the last user left.
 */
public final class NativeBuffer implements AutoCloseable {
    /** Bytes in a pooled buffer: holds two paths of PATH_MAX and any struct, and is a good size for read and write. */
    public static final int POOLED_SIZE = 64 * 1024;

    private static final int SLOTS = 32;
    private static final AtomicReferenceArray<NativeBuffer> POOL = new AtomicReferenceArray<>(SLOTS);

    private final ByteBuffer bytes;
    private final long address;
    private int used;

    private NativeBuffer(int size) {
        bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        address = Pointer.nativeValue(Native.getDirectBufferPointer(bytes));
    }

    /** A buffer of {@link #POOLED_SIZE} bytes with nothing used. */
    public static NativeBuffer acquire() {
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            NativeBuffer pooled = POOL.getAndSet((start + i) & (SLOTS - 1), null);
            if (pooled != null) {
                pooled.used = 0;
                return pooled;
            }
        }
        return new NativeBuffer(POOLED_SIZE);
    }

    /** A buffer of at least the given size; only sizes up to {@link #POOLED_SIZE} are pooled. */
    public static NativeBuffer acquire(int size) {
        return size <= POOLED_SIZE ? acquire() : new NativeBuffer(size);
    }

    /** The whole buffer in native byte order; use absolute positions counted from its start. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** The address of byte 0. */
    public long address() {
        return address;
    }

    public int capacity() {
        return bytes.capacity();
    }

    /**
     * Sets aside zeroed space, aligned to 8 bytes.
     *
     * @return its offset; its address is {@link #address()} plus that
     */
    public int reserve(int size) {
        int offset = reserveUncleared(size);
        for (int i = 0; i < size; i++) {
            bytes.put(offset + i, (byte) 0);
        }
        return offset;
    }

    /** Like {@link #reserve}, with whatever the last user left there. */
    public int reserveUncleared(int size) {
        int offset = (used + 7) & ~7;
        if (size < 0 || size > bytes.capacity() - offset) {
            throw new IllegalArgumentException(
                    "native buffer: " + size + " bytes asked (expected: <= " + (bytes.capacity() - offset) + ")");
        }
        used = offset + size;
        return offset;
    }

    /** Copies bytes in and returns their address. */
    public long add(byte[] data) {
        int offset = reserveUncleared(data.length);
        bytes.put(offset, data);
        return address + offset;
    }

    /** Copies a C string in (the bytes of {@link FileNameCodec#encode} and a NUL) and returns its address. */
    public long addString(String text) {
        int length = text.length();
        int offset = reserveUncleared(length + 1);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new InvalidPathException(FileNameCodec.printable(text), "has a NUL character", i);
            }
            if (c >= 0x80) {
                used = offset;
                return addEncoded(text);
            }
            bytes.put(offset + i, (byte) c);
        }
        bytes.put(offset + length, (byte) 0);
        return address + offset;
    }

    private long addEncoded(String text) {
        byte[] encoded = FileNameCodec.encode(text);
        int offset = reserveUncleared(encoded.length + 1);
        bytes.put(offset, encoded);
        bytes.put(offset + encoded.length, (byte) 0);
        return address + offset;
    }

    /** Gives the buffer back to the pool. */
    @Override
    public void close() {
        if (bytes.capacity() != POOLED_SIZE) {
            return;
        }
        int start = (int) Thread.currentThread().threadId();
        for (int i = 0; i < SLOTS; i++) {
            if (POOL.compareAndSet((start + i) & (SLOTS - 1), null, this)) {
                return;
            }
        }
    }
}
