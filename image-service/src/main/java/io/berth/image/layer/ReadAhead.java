package io.berth.image.layer;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream by a thread of its own, ahead of its reader, so that what produces the bytes and what consumes them run at the same
 * time. At most {@value #PIECES} pieces of {@value #PIECE} bytes wait. Read by one thread; closing it waits for the other one, so that
 * the stream is not used any more afterwards.
 */
final class ReadAhead extends InputStream {
    private static final int PIECE = 128 * 1024;
    private static final int PIECES = 8;

    private final InputStream in;
    private final boolean closing;
    private final BlockingQueue<Piece> full = new ArrayBlockingQueue<>(PIECES);
    private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(PIECES);
    private final Thread thread;
    private volatile boolean stopped;
    private @Nullable Piece current;
    private int at;

    /** Some bytes, or the end. */
    private static final class Piece {
        private final byte[] bytes;
        /** Valid bytes, -1 at the end. */
        private final int count;
        /** Why it ended, or null. */
        private final @Nullable Throwable failure;

        Piece(byte[] bytes, int count, @Nullable Throwable failure) {
            this.bytes = bytes;
            this.count = count;
            this.failure = failure;
        }
    }

    /**
     * Begins to read.
     *
     * @param closing whether closing this closes the stream too, even while it is being read: that ends a download that nobody
     *     waits for
     */
    ReadAhead(InputStream in, String name, boolean closing) {
        this.in = in;
        this.closing = closing;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    private void run() {
        try {
            Piece piece;
            do {
                piece = next();
                full.put(piece);
            } while (piece.count >= 0 && !stopped);
        } catch (InterruptedException _) {
            // Closed: nobody waits for more.
        }
    }

    private Piece next() {
        byte[] free = empty.poll();
        byte[] bytes = free == null ? new byte[PIECE] : free;
        try {
            int count = 0;
            while (count < bytes.length) {
                int read = in.read(bytes, count, bytes.length - count);
                if (read < 0) {
                    break;
                }
                count += read;
            }
            return new Piece(bytes, count == 0 ? -1 : count, null);
        } catch (IOException | RuntimeException | Error e) {
            return new Piece(bytes, -1, e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        Piece piece = current;
        if (piece == null || (piece.count >= 0 && at == piece.count)) {
            piece = take(piece);
        }
        if (piece.count < 0) {
            fail(piece.failure);
            return -1;
        }
        int count = Math.min(length, piece.count - at);
        System.arraycopy(piece.bytes, at, target, offset, count);
        at += count;
        return count;
    }

    private Piece take(@Nullable Piece used) throws IOException {
        if (used != null) {
            boolean _ = empty.offer(used.bytes);
        }
        try {
            Piece piece = full.take();
            current = piece;
            at = 0;
            return piece;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while unpacking").initCause(e);
        }
    }

    private static void fail(@Nullable Throwable failure) throws IOException {
        switch (failure) {
            case null -> {}
            case IOException io -> throw io;
            case RuntimeException unchecked -> throw unchecked;
            default -> throw new IOException("reading ahead failed", failure);
        }
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        try {
            if (closing && thread.isAlive()) {
                in.close();
            }
        } finally {
            join();
        }
    }

    private void join() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            full.clear(); // lets go of a thread that waits for room
            try {
                thread.join(10);
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
