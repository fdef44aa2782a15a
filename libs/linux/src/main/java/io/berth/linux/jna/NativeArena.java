package io.berth.linux.jna;

import com.sun.jna.Pointer;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * One anonymous, zeroed memory mapping outside the heap, given back to the kernel by {@link #close()}.
 *
 * <p>Everything a native call points at lives in one arena, so nothing it needs can be collected before the arena is
 * closed. Offsets are bytes from the start and are checked. Not thread-safe as to closing: the owner closes after all
 * users, in this process and in children that share its memory, have stopped.
 */
public final class NativeArena implements AutoCloseable {
    private static final long PROT_READ = 1;
    private static final long PROT_WRITE = 2;
    private static final long MAP_PRIVATE = 0x02;
    private static final long MAP_ANONYMOUS = 0x20;
    private static final long MAP_POPULATE = 0x8000;

    private final Pointer memory;
    private final int size;
    private boolean open = true;

    private NativeArena(Pointer memory, int size) {
        this.memory = memory;
        this.size = size;
    }

    /**
     * Maps memory, readable and writable.
     *
     * @param size in bytes, positive
     * @throws SyscallException when the kernel has no memory
     */
    public static NativeArena map(int size) {
        long address = LibC.call(
                SyscallNumber.MMAP,
                size + " bytes",
                0,
                size,
                PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
                -1,
                0);
        return new NativeArena(new Pointer(address), size);
    }

    public int size() {
        return size;
    }

    /** The address of an offset, for a system call's argument. */
    public long address(int offset) {
        Objects.checkIndex(offset, size);
        requireOpen();
        return Pointer.nativeValue(memory) + offset;
    }

    public void write(int offset, byte[] bytes) {
        check(offset, bytes.length);
        memory.write(offset, bytes, 0, bytes.length);
    }

    public byte[] read(int offset, int length) {
        check(offset, length);
        return memory.getByteArray(offset, length);
    }

    public long readLong(int offset) {
        check(offset, Long.BYTES);
        return memory.getLong(offset);
    }

    public int readInt(int offset) {
        check(offset, Integer.BYTES);
        return memory.getInt(offset);
    }

    public void writeInt(int offset, int value) {
        check(offset, Integer.BYTES);
        memory.setInt(offset, value);
    }

    /** A view of the whole arena in the machine's byte order; must not be used after {@link #close()}. */
    public ByteBuffer view() {
        requireOpen();
        return memory.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            LibC.call(SyscallNumber.MUNMAP, size + " bytes", Pointer.nativeValue(memory), size);
        }
    }

    private void check(int offset, int length) {
        Objects.checkFromIndexSize(offset, length, size);
        requireOpen();
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("arena is closed");
        }
    }
}
