package io.berth.engine.stream;

import io.berth.docker.stream.StreamFrame;
import io.berth.docker.stream.StreamType;
import io.berth.engine.runtime.ContainerProcess.Stream;
import io.berth.engine.stream.ClientFeed.Chunk;
import io.berth.engine.stream.ClientFeed.Taken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attached client: its connection on one side, a process's output and input on the other.
 *
 * <p>The session ends when the output does, when the client cannot be written to, when the user types the detach keys, or with
 * the client's input where {@link Input#end} says so.
 */
public final class AttachSession {
    private static final Logger LOG = LoggerFactory.getLogger(AttachSession.class);
    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final int INPUT_BYTES = 32 * 1024;

    private final ClientFeed feed;
    private final boolean multiplexed;
    private final @Nullable Input input;
    private final @Nullable DetachKeys detachKeys;
    private volatile boolean detached;

    /**
     * @param multiplexed whether output goes out in frames (no terminal) or raw
     * @param input where the client's input goes; null when it is not wanted
     * @param detachKeys what to look for in the input; null for nothing
     */
    public AttachSession(ClientFeed feed, boolean multiplexed, @Nullable Input input, @Nullable DetachKeys detachKeys) {
        this.feed = feed;
        this.multiplexed = multiplexed;
        this.input = input;
        this.detachKeys = detachKeys;
    }

    /** Whether it reads what the client sends. */
    public boolean takesInput() {
        return input != null;
    }

    /** The process's input. */
    public interface Input {
        /**
         * Passes input on; waits until the process runs and reads.
         *
         * @throws UncheckedIOException when the process does not read any more
         */
        void write(byte[] content, int length);

        /** The client will send no more. Returns whether it still gets output. */
        boolean end();
    }

    /** Copies both ways until the session ends; returns whether the user detached. */
    public boolean run(InputStream in, OutputStream out) {
        @Nullable
        Thread reader =
                input == null ? null : Thread.ofVirtual().name("attach-input").start(() -> copyInput(in, input));
        try {
            copyOutput(out);
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("attached client went away");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            feed.close();
            if (reader != null) {
                reader.interrupt();
            }
        }
        return detached;
    }

    private void copyOutput(OutputStream out) throws IOException, InterruptedException {
        Duration patience = Duration.ZERO;
        while (true) {
            switch (feed.take(patience)) {
                case Taken.Output(Chunk chunk) -> {
                    write(out, chunk);
                    patience = Duration.ZERO;
                }
                case Taken.Nothing _ -> {
                    out.flush();
                    patience = PATIENCE;
                }
                case Taken.End _ -> {
                    out.flush();
                    return;
                }
            }
        }
    }

    private void write(OutputStream out, Chunk chunk) throws IOException {
        byte[] content = chunk.content();
        if (multiplexed) {
            StreamType type = chunk.stream() == Stream.STDOUT ? StreamType.STDOUT : StreamType.STDERR;
            out.write(StreamFrame.encode(type, content, 0, content.length));
        } else {
            out.write(content);
        }
    }

    private void copyInput(InputStream in, Input sink) {
        byte[] buffer = new byte[INPUT_BYTES];
        try {
            int length = in.read(buffer);
            while (length >= 0) {
                if (pass(buffer, length, sink)) {
                    detached = true;
                    feed.close();
                    return;
                }
                length = in.read(buffer);
            }
            end(sink);
        } catch (IOException e) {
            // Tomcat reports the end of input on an upgraded connection as an EOFException.
            end(sink);
        } catch (UncheckedIOException e) {
            LOG.atDebug().setCause(e).log("process takes no more input");
        }
    }

    private void end(Input sink) {
        try {
            if (!sink.end()) {
                feed.close();
            }
        } catch (UncheckedIOException e) {
            LOG.atDebug().setCause(e).log("process takes no more input");
        }
    }

    private boolean pass(byte[] buffer, int length, Input sink) {
        if (detachKeys == null) {
            sink.write(buffer, length);
            return false;
        }
        DetachKeys.Seen seen = detachKeys.look(buffer, length);
        if (seen.pass().length > 0) {
            sink.write(seen.pass(), seen.pass().length);
        }
        return seen.detached();
    }
}
