package io.berth.linux.poll;

import io.berth.linux.SyscallException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Reads a channel, parked while there is nothing to read. */
final class PolledInputStream extends InputStream {
    private final FdChannel channel;
    private final FdPoller poller;

    PolledInputStream(FdChannel channel, FdPoller poller) {
        this.channel = channel;
        this.poller = poller;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        ByteBuffer buffer = ByteBuffer.wrap(target, offset, length);
        try {
            int count = channel.read(buffer);
            while (count == 0) {
                channel.await(poller, Interest.READABLE);
                count = channel.read(buffer);
            }
            return count;
        } catch (SyscallException | IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "interrupted while waiting to read " + channel.fd().description());
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}
