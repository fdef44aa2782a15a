package io.berth.engine.log;

import io.berth.engine.runtime.ContainerProcess.Stream;
import io.berth.linux.SyscallException;
import io.berth.linux.socket.UnixDatagramSocket;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends lines to systemd's journal over its own protocol (systemd: docs/JOURNAL_NATIVE_PROTOCOL.md). */
final class JournaldDriver extends RemoteDriver {
    private static final Logger LOG = LoggerFactory.getLogger(JournaldDriver.class);
    private static final Path SOCKET = Path.of("/run/systemd/journal/socket");
    private static final Set<String> OPTIONS = Set.of("labels", "labels-regex", "env", "env-regex", "tag");

    private final Path socket;

    JournaldDriver() {
        this(SOCKET);
    }

    JournaldDriver(Path socket) {
        this.socket = socket;
    }

    @Override
    public String name() {
        return "journald";
    }

    @Override
    public void check(LogOptions options) {
        for (String option : options.values().keySet()) {
            if (!OPTIONS.contains(option)) {
                throw new LogDriverException("unknown log opt '" + option + "' for journald log driver");
            }
        }
    }

    @Override
    LogTarget connect(LogOptions options, LogInfo info, boolean resumed) {
        if (!Files.exists(socket)) {
            throw new LogDriverException("journald is not enabled on this host");
        }
        String tag = LogTag.of(options.text("tag").isEmpty() ? LogTag.DEFAULT : options.text("tag"), info);
        Map<String, String> fields = new TreeMap<>();
        fields.put("CONTAINER_ID", info.id().substring(0, 12));
        fields.put("CONTAINER_ID_FULL", info.id());
        fields.put("CONTAINER_NAME", info.name());
        fields.put("CONTAINER_TAG", tag);
        fields.put("IMAGE_NAME", info.imageName());
        fields.put("SYSLOG_IDENTIFIER", tag);
        fields.putAll(info.attributes(options, JournaldDriver::fieldName));
        try {
            return new Target(UnixDatagramSocket.connect(socket), fields);
        } catch (SyscallException e) {
            throw new LogDriverException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Upper-case letters, digits and underscores, of which none is first. */
    static String fieldName(String name) {
        return name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_").replaceAll("^_+", "");
    }

    private static final class Target implements LogTarget {
        private final UnixDatagramSocket socket;
        private final Map<String, String> fields;
        private boolean failing;

        Target(UnixDatagramSocket socket, Map<String, String> fields) {
            this.socket = socket;
            this.fields = fields;
        }

        @Override
        public void write(LogMessage message) {
            ByteArrayOutputStream entry = new ByteArrayOutputStream(message.length() + 512);
            field(entry, "MESSAGE", message.bytes());
            field(entry, "PRIORITY", message.stream() == Stream.STDERR ? "3" : "6");
            fields.forEach((name, value) -> field(entry, name, value));
            if (!message.complete()) {
                field(entry, "CONTAINER_PARTIAL_MESSAGE", "true");
            }
            try {
                socket.send(entry.toByteArray());
                failing = false;
            } catch (SyscallException e) {
                if (!failing) {
                    LOG.atWarn().setCause(e).log("lines of a container's log are lost: journald does not take them");
                }
                failing = true;
            }
        }

        private static void field(ByteArrayOutputStream entry, String name, String value) {
            field(entry, name, value.getBytes(StandardCharsets.UTF_8));
        }

        /** In the form that any bytes fit in: name, newline, length of 8 bytes, little-endian, bytes, newline. */
        private static void field(ByteArrayOutputStream entry, String name, byte[] value) {
            entry.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
            entry.write('\n');
            entry.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value.length)
                    .array());
            entry.writeBytes(value);
            entry.write('\n');
        }

        @Override
        public void flush() {
            // nothing is kept back
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
