package io.berth.linux.jna;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/** Addresses of direct buffers, for system calls that read into or write from them. */
public final class DirectMemory {
    private DirectMemory() {}

    /**
     * The address of the buffer's position. The caller keeps the buffer reachable for as long as the kernel uses the
     * address ({@link java.lang.ref.Reference#reachabilityFence}).
     *
     * @param buffer a direct buffer
     */
    public static long address(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            throw new IllegalArgumentException("buffer is on the heap (expected: direct)");
        }
        return Pointer.nativeValue(Native.getDirectBufferPointer(buffer)) + buffer.position();
    }
}
