package io.berth.linux.poll;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.DirectMemory;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bytes to and from a pipe, FIFO, terminal or socket that does not block.
 *
 * <p>{@link #read} and {@link #write} transfer what is possible at once, for listeners of an {@link FdPoller}. The streams
 * wait by the poller where nothing is possible, so they may be used on virtual threads; interrupting such a wait fails it
 * with {@link java.io.InterruptedIOException}. Direct buffers are used as they are; heap buffers are copied through a
 * pooled one, up to 64 KiB at a time. Safe for one reader and one writer at the same time.
 */
public final class FdChannel implements AutoCloseable {
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;

    private final Fd fd;
    private final Set<FdWait> waits = ConcurrentHashMap.newKeySet();

    /** Takes ownership of a descriptor and makes it non-blocking, for everybody who has the same open file. */
    public FdChannel(Fd fd) {
        this.fd = fd;
        long flags = LibC.call(SyscallNumber.FCNTL, fd.description(), fd.value(), F_GETFL);
        if ((flags & O_NONBLOCK) == 0) {
            LibC.call(SyscallNumber.FCNTL, fd.description(), fd.value(), F_SETFL, flags | O_NONBLOCK);
        }
    }

    public Fd fd() {
        return fd;
    }

    /**
     * Reads what is there.
     *
     * @param target with room for at least one byte
     * @return the number of bytes, 0 when there are none yet, -1 at the end; a terminal that everybody has closed is at its
     *     end, though it goes on when somebody opens it again
     * @throws SyscallException for other errors
     */
    public int read(ByteBuffer target) {
        if (!target.hasRemaining()) {
            throw new IllegalArgumentException("buffer is full");
        }
        if (target.isDirect()) {
            try {
                int count = readRaw(DirectMemory.address(target), target.remaining());
                target.position(target.position() + Math.max(count, 0));
                return count;
            } finally {
                Reference.reachabilityFence(target);
            }
        }
        try (NativeBuffer copy = NativeBuffer.acquire()) {
            int count = readRaw(copy.address(), Math.min(target.remaining(), copy.capacity()));
            if (count > 0) {
                target.put(copy.bytes().slice(0, count));
            }
            return count;
        }
    }

    private int readRaw(long address, int length) {
        while (true) {
            long count = LibC.callRaw(SyscallNumber.READ, fd.value(), address, length);
            if (count > 0) {
                return (int) count;
            }
            if (count == 0 || count == -Errno.EIO) {
                return -1; // a terminal's master side says EIO where a pipe says end of file
            }
            if (count == -Errno.EAGAIN) {
                return 0;
            }
            if (count != -Errno.EINTR) {
                throw new SyscallException("read", fd.description(), (int) -count);
            }
        }
    }

    /**
     * Writes what there is room for.
     *
     * @return the number of bytes, 0 when there is no room yet
     * @throws SyscallException EPIPE when nobody reads any more, EIO for a terminal that everybody has closed, and others
     */
    public int write(ByteBuffer source) {
        if (!source.hasRemaining()) {
            return 0;
        }
        if (source.isDirect()) {
            try {
                int count = writeRaw(DirectMemory.address(source), source.remaining());
                source.position(source.position() + count);
                return count;
            } finally {
                Reference.reachabilityFence(source);
            }
        }
        try (NativeBuffer copy = NativeBuffer.acquire()) {
            int length = Math.min(source.remaining(), copy.capacity());
            copy.bytes().put(0, source, source.position(), length);
            int count = writeRaw(copy.address(), length);
            source.position(source.position() + count);
            return count;
        }
    }

    private int writeRaw(long address, int length) {
        while (true) {
            long count = LibC.callRaw(SyscallNumber.WRITE, fd.value(), address, length);
            if (count >= 0) {
                return (int) count;
            }
            if (count == -Errno.EAGAIN) {
                return 0;
            }
            if (count != -Errno.EINTR) {
                throw new SyscallException("write", fd.description(), (int) -count);
            }
        }
    }

    /**
     * Waits until a read or a write will not block. Parks a virtual thread without holding its carrier.
     *
     * @throws InterruptedException when the thread is interrupted
     * @throws IllegalStateException when the channel or the poller is closed meanwhile
     */
    public void await(FdPoller poller, Interest interest) throws InterruptedException {
        var wait = new FdWait();
        waits.add(wait);
        try {
            poller.await(fd, interest, wait);
        } finally {
            waits.remove(wait);
        }
    }

    /** A stream that waits for bytes by the poller. Closing it closes this channel. */
    public InputStream inputStream(FdPoller poller) {
        return new PolledInputStream(this, poller);
    }

    /** A stream that waits for room by the poller. Closing it closes this channel. */
    public OutputStream outputStream(FdPoller poller) {
        return new PolledOutputStream(this, poller);
    }

    /** Closes the descriptor and ends what waits for it here. Watches of it are to be closed before. */
    @Override
    public void close() {
        fd.close();
        waits.forEach(FdWait::fail);
    }

    @Override
    public String toString() {
        return "FdChannel[" + fd + "]";
    }
}
