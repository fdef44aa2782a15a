package io.berth.engine.log;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.berth.docker.DockerJson;
import io.berth.engine.runtime.ContainerProcess.Stream;
import io.berth.json.Frozen;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * One line of a log file, in Docker's json-file format (moby: daemon/logger/jsonfilelog/jsonlog).
 *
 * <pre>{"log":"hello\n","stream":"stdout","time":"2026-01-02T03:04:05.678901234Z"}</pre>
 *
 * @param log text, with its newline unless it is a part of a longer line
 * @param stream {@code stdout} or {@code stderr}
 * @param attrs labels and environment, when configured
 */
record LogLine(String log, String stream, Instant at, Map<String, String> attrs) {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /**
     * Appends the encoded line, newline included.
     *
     * <p>Bytes that are not UTF-8 become U+FFFD, control characters and {@code < > &} are escaped, as moby does.
     *
     * @param attributes encoded JSON object, or empty
     */
    static void encode(ByteArrayOutputStream out, LogMessage message, String attributes) {
        put(out, "{\"log\":\"");
        escape(out, message.content(), message.offset(), message.length());
        put(out, message.complete() ? "\\n\",\"stream\":\"" : "\",\"stream\":\"");
        put(out, message.stream() == Stream.STDOUT ? "stdout" : "stderr");
        if (!attributes.isEmpty()) {
            put(out, "\",\"attrs\":");
            put(out, attributes);
            put(out, ",\"time\":\"");
        } else {
            put(out, "\",\"time\":\"");
        }
        put(out, message.at().toString());
        put(out, "\"}\n");
    }

    private static void put(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void escape(ByteArrayOutputStream out, byte[] content, int offset, int length) {
        int end = offset + length;
        for (int i = offset; i < end; i++) {
            if (content[i] < 0) {
                put(out, escapeText(new String(content, offset, length, StandardCharsets.UTF_8)));
                return;
            }
        }
        for (int i = offset; i < end; i++) {
            escapeAscii(out, content[i]);
        }
    }

    private static void escapeAscii(ByteArrayOutputStream out, byte b) {
        switch (b) {
            case '"', '\\' -> {
                out.write('\\');
                out.write(b);
            }
            case '\n' -> put(out, "\\n");
            case '\r' -> put(out, "\\r");
            case '<', '>', '&', 0x7f -> escapeNumber(out, b);
            default -> {
                if (b < 0x20) {
                    escapeNumber(out, b);
                } else {
                    out.write(b);
                }
            }
        }
    }

    private static void escapeNumber(ByteArrayOutputStream out, byte b) {
        put(out, "\\u00");
        out.write(HEX[b >> 4]);
        out.write(HEX[b & 15]);
    }

    private static String escapeText(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        ByteArrayOutputStream one = new ByteArrayOutputStream(8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\ufffd' || c == '\u2028' || c == '\u2029') {
                escaped.append(String.format("\\u%04x", (int) c));
            } else if (c >= 0x80) {
                escaped.append(c);
            } else {
                one.reset();
                escapeAscii(one, (byte) c);
                escaped.append(one.toString(StandardCharsets.US_ASCII));
            }
        }
        return escaped.toString();
    }

    /** Decodes a line without its newline; nothing when it is torn or not a log line at all. */
    static Optional<LogLine> decode(byte[] line) {
        try {
            @Nullable Wire wire = DockerJson.MAPPER.readValue(line, Wire.class);
            if (wire == null
                    || wire.log() == null
                    || wire.stream() == null
                    || wire.time() == null
                    || (wire.attrs() != null && wire.attrs().containsValue(null))) {
                return Optional.empty();
            }
            return Optional.of(new LogLine(
                    wire.log(),
                    wire.stream(),
                    Instant.parse(wire.time()),
                    wire.attrs() == null ? Map.of() : Frozen.map(wire.attrs())));
        } catch (JacksonException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private record Wire(
            @JsonProperty("log") @Nullable String log,
            @JsonProperty("stream") @Nullable String stream,
            @JsonProperty("attrs") @Nullable Map<String, @Nullable String> attrs,
            @JsonProperty("time") @Nullable String time) {}
}
