package io.berth.archive;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32;

/**
 * Compresses with gzip (RFC 1952), quickly: what comes in uncompressed is compressed once, on the way to the content store, so that
 * neither the disk nor a push carries it whole.
 *
 * <p>The data is cut into blocks that are compressed side by side, each with the end of the one before as its dictionary,
 * and put together in order into <b>one</b> member. The same input always gives the same bytes: neither the number of
 * threads nor how the input is cut into writes shows in them, nor whose zlib the machine has. Short data is compressed by the caller itself.
 *
 * <p>Used by one thread. Closing it ends the gzip data and leaves the stream below open; closing it after a failure only
 * waits for what is still being compressed.
 */
public final class GzipEncoder extends OutputStream {
    /** Changing it changes the bytes that come out, and with them the digests of layers made anew. */
    static final int BLOCK = 256 * 1024;

    /** No name, no time, fastest level, no operating system told: nothing that differs from one time to the next. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 0xff};

    private final OutputStream out;
    private final int parallelism;
    private final CRC32 crc = new CRC32();
    private final ConcurrentLinkedQueue<QuickDeflate> idle = new ConcurrentLinkedQueue<>();
    private final Deque<FutureTask<byte[]>> inFlight = new ArrayDeque<>();
    private byte[] before = new byte[0];
    private byte[] block = new byte[BLOCK];
    private int used;
    private long length;
    private boolean headerWritten;
    private boolean failed;
    private boolean ended;

    /** Compresses on as many threads as there are processors. */
    public GzipEncoder(OutputStream out) {
        this(out, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Compresses with a given number of threads.
     *
     * @param parallelism how many blocks are compressed at the same time; with 1 the caller does it all
     */
    public GzipEncoder(OutputStream out, int parallelism) {
        if (parallelism < 1) {
            throw new IllegalArgumentException("parallelism: " + parallelism + " (expected: >= 1)");
        }
        this.out = out;
        this.parallelism = parallelism;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int count) throws IOException {
        if (ended) {
            throw new IOException("the gzip data has ended");
        }
        int at = offset;
        int end = offset + count;
        while (at < end) {
            if (used == BLOCK) { // only now is it known that this block is not the last one
                endBlock();
            }
            int part = Math.min(BLOCK - used, end - at);
            System.arraycopy(source, at, block, used, part);
            used += part;
            at += part;
        }
    }

    /** Passes on what has been compressed; what is gathered for the next block stays. */
    @Override
    public void flush() throws IOException {
        out.flush();
    }

    /** Ends the gzip data: all of it is in the stream below when this returns. Nothing can be written after that. */
    public void finish() throws IOException {
        if (ended) {
            return;
        }
        ended = true;
        failed = true; // until it has gone well
        endMember();
        failed = false;
    }

    /** Ends the gzip data, if that has not been done, and gives back what this holds. */
    @Override
    public void close() throws IOException {
        try {
            if (!failed) {
                finish();
            }
        } finally {
            ended = true;
            release();
        }
    }

    private void endBlock() throws IOException {
        failed = true; // until it has gone well
        crc.update(block, 0, used);
        length += used;
        byte[] content = block;
        byte[] dictionary = before;
        if (parallelism == 1) {
            pass(compress(dictionary, content, used, false));
        } else {
            while (inFlight.size() >= 2 * parallelism) { // some wait, so that no processor does
                pass(take());
            }
            FutureTask<byte[]> task = new FutureTask<>(() -> compress(dictionary, content, BLOCK, false));
            inFlight.add(task);
            Thread.ofVirtual().name("gzip").start(task);
        }
        before = content;
        block = new byte[BLOCK];
        used = 0;
        failed = false;
    }

    private void endMember() throws IOException {
        crc.update(block, 0, used);
        length += used;
        byte[] last = compress(before, block, used, true);
        while (!inFlight.isEmpty()) {
            pass(take());
        }
        pass(last);
        byte[] trailer = new byte[8];
        putInt(trailer, 0, crc.getValue());
        putInt(trailer, 4, length); // modulo 2^32
        out.write(trailer);
    }

    private static void putInt(byte[] target, int at, long value) {
        for (int i = 0; i < 4; i++) {
            target[at + i] = (byte) (value >>> (8 * i));
        }
    }

    private void pass(byte[] compressed) throws IOException {
        if (!headerWritten) {
            out.write(HEADER);
            headerWritten = true;
        }
        out.write(compressed);
    }

    private byte[] take() throws IOException {
        try {
            return inFlight.remove().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot compress", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while compressing").initCause(e);
        }
    }

    private byte[] compress(byte[] dictionary, byte[] content, int count, boolean last) {
        QuickDeflate free = idle.poll();
        QuickDeflate deflate = free == null ? new QuickDeflate(BLOCK) : free;
        DeflateBits bits = deflate.compress(dictionary, content, count, last);
        byte[] bytes = Arrays.copyOf(bits.bytes(), bits.length());
        idle.add(deflate);
        return bytes;
    }

    /** Waits for what still compresses, after a failure: nothing of it goes on when this is closed. */
    private void release() {
        boolean interrupted = false;
        while (!inFlight.isEmpty()) {
            try {
                inFlight.peek().get();
                inFlight.remove();
            } catch (ExecutionException _) {
                inFlight.remove(); // told already, or of no interest to who gave up
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
