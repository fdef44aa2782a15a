package io.berth.linux.terminal;

import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.jna.SyscallNumber;

/**
 * An anonymous pipe. Both ends are blocking and close-on-exec; an {@link io.berth.linux.poll.FdChannel} makes its end
 * non-blocking without touching the other, since they are different open files.
 *
 * @param reader owned by the receiver
 * @param writer owned by the receiver
 */
public record Pipe(Fd reader, Fd writer) implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000;

    /**
     * Makes a pipe.
     *
     * @param description what it is for, in error messages
     */
    public static Pipe open(String description) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int ends = buffer.reserve(2 * Integer.BYTES);
            LibC.call(SyscallNumber.PIPE2, description, buffer.address() + ends, O_CLOEXEC);
            return new Pipe(
                    Fd.own(buffer.bytes().getInt(ends), description + ", reading end"),
                    Fd.own(buffer.bytes().getInt(ends + Integer.BYTES), description + ", writing end"));
        }
    }

    /** Closes what is still open of both ends. */
    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
