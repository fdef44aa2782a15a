package io.berth.linux.poll;

import io.berth.linux.SyscallException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Writes to a channel, parked while there is no room. */
final class PolledOutputStream extends OutputStream {
    private final FdChannel channel;
    private final FdPoller poller;

    PolledOutputStream(FdChannel channel, FdPoller poller) {
        this.channel = channel;
        this.poller = poller;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(source, offset, length);
        try {
            while (buffer.hasRemaining()) {
                if (channel.write(buffer) == 0) {
                    channel.await(poller, Interest.WRITABLE);
                }
            }
        } catch (SyscallException | IllegalStateException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "interrupted while waiting to write " + channel.fd().description());
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}
