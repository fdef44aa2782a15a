package io.berth.engine.log;

import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends lines to syslog. When the connection breaks it is made again once for each line; a line that cannot be sent is lost, and the
 * container goes on.
 */
final class SyslogTarget implements LogTarget {
    private static final Logger LOG = LoggerFactory.getLogger(SyslogTarget.class);
    private static final int ERROR = 3;
    private static final int INFO = 6;

    private final Line line;
    private final Connector connector;
    private final AtomicReference<@Nullable SyslogConnection> connection = new AtomicReference<>();
    private boolean failing;
    private volatile boolean closed;

    /** Makes connections. */
    interface Connector {
        SyslogConnection connect() throws IOException;
    }

    /**
     * What all messages have in common.
     *
     * @param facility shifted to its place
     * @param counted whether the length stands before each message (RFC 5425)
     */
    record Line(SyslogFormat format, int facility, String host, String tag, boolean counted) {
        byte[] encode(LogMessage message) {
            int severity = message.stream() == Stream.STDERR ? ERROR : INFO;
            byte[] encoded = format.encode(facility | severity, message.at(), host, tag, message);
            if (!counted) {
                return encoded;
            }
            byte[] length = (encoded.length + " ").getBytes(StandardCharsets.US_ASCII);
            byte[] framed = new byte[length.length + encoded.length];
            System.arraycopy(length, 0, framed, 0, length.length);
            System.arraycopy(encoded, 0, framed, length.length, encoded.length);
            return framed;
        }
    }

    SyslogTarget(Line line, Connector connector) {
        this.line = line;
        this.connector = connector;
    }

    /** Connects now rather than with the first line, so that a wrong address is known when the container starts. */
    void connect() throws IOException {
        Object _ = connected();
    }

    @Override
    public void write(LogMessage message) {
        byte[] encoded = line.encode(message);
        try {
            try {
                connected().send(encoded);
            } catch (IOException e) {
                disconnect();
                connected().send(encoded);
            }
            failing = false;
        } catch (IOException e) {
            if (!failing && !closed) {
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("tag", line.tag())
                        .log("lines of a container's log are lost: syslog cannot be reached");
            }
            failing = true;
        }
    }

    private SyslogConnection connected() throws IOException {
        SyslogConnection present = connection.get();
        if (present != null) {
            return present;
        }
        if (closed) {
            throw new IOException("closed");
        }
        SyslogConnection made = connector.connect();
        connection.set(made);
        return made;
    }

    private void disconnect() throws IOException {
        SyslogConnection present = connection.getAndSet(null);
        if (present != null) {
            present.close();
        }
    }

    @Override
    public void flush() {
        // nothing is kept back
    }

    @Override
    public void close() throws IOException {
        closed = true;
        disconnect();
    }
}
