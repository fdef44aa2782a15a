package io.berth.outgoing;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/**
 * A response's body. Reads fail when nothing comes for too long. Read by one thread; closing before the end, which any thread may do, drops the
 * connection, at the end it is free for another request.
 */
public final class ResponseBody extends FilterInputStream {
    private final long length;
    private final Closeable connection;
    private final Duration silence;
    private long received;
    private boolean ended;
    private volatile boolean closed;

    /** @param length -1 when it is not known */
    ResponseBody(InputStream in, long length, Closeable connection, Duration silence) {
        super(in);
        this.length = length;
        this.connection = connection;
        this.silence = silence;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int wanted) throws IOException {
        if (ended) {
            return -1;
        }
        if (closed) {
            throw new IOException("stream closed");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted(null);
        }
        try {
            int count = in.read(target, offset, wanted);
            if (count < 0) {
                ended = true;
            } else {
                received += count;
            }
            return count;
        } catch (SocketTimeoutException e) {
            close();
            throw (IOException) new HttpTimeoutException("no data for " + silence.toSeconds() + " s").initCause(e);
        } catch (IOException e) {
            boolean before = closed;
            close();
            if (before) {
                throw new IOException("stream closed", e);
            }
            throw Thread.currentThread().isInterrupted() ? interrupted(e) : e;
        }
    }

    private IOException interrupted(@org.jspecify.annotations.Nullable IOException cause) {
        close();
        return (IOException) new InterruptedIOException("interrupted while reading").initCause(cause);
    }

    @Override
    public long skip(long count) throws IOException {
        return count <= 0 ? 0 : Math.max(0, read(new byte[(int) Math.min(count, 8192)]));
    }

    @Override
    public int available() throws IOException {
        return ended || closed ? 0 : in.available();
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            // Whoever has all of it need not have seen its end, by which the connection is given back.
            if (ended || (received == length && in.read() < 0)) {
                in.close();
                return;
            }
            connection.close();
        } catch (IOException e) {
            return; // it is given up anyway
        }
    }
}
