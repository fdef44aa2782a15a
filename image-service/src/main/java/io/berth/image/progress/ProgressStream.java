package io.berth.image.progress;

import io.berth.docker.DockerJson;
import io.berth.docker.image.JsonMessage;
import java.io.IOException;
import java.io.OutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@link JsonMessage}s to a client, each followed by CR LF and flushed, as Docker does. Thread-safe.
 *
 * <p>Once the first line is out the status can no longer tell of an error: {@link #fail} tells it in the stream.
 */
public final class ProgressStream {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressStream.class);
    private static final byte[] END_OF_LINE = {'\r', '\n'};

    private final OutputStream out;
    private boolean started;

    public ProgressStream(OutputStream out) {
        this.out = out;
    }

    /**
     * Sends one line.
     *
     * @throws IOException when the client has gone: the operation should stop
     */
    public synchronized void send(JsonMessage message) throws IOException {
        started = true;
        out.write(DockerJson.MAPPER.writeValueAsBytes(message));
        out.write(END_OF_LINE);
        out.flush();
    }

    /** Whether anything has been sent. */
    public synchronized boolean started() {
        return started;
    }

    /** Ends the stream with an error; a client that has gone does not mind. */
    public synchronized void fail(String message) {
        try {
            send(JsonMessage.error(message));
        } catch (IOException e) {
            LOG.debug("client went away before the error reached it", e);
        }
    }
}
