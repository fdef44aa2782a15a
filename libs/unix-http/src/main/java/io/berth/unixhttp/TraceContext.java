package io.berth.unixhttp;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a trace: W3C's {@code traceparent}, version 00 (Trace Context, 3.2).
 *
 * @param traceId 32 hexadecimal digits, not all zero
 * @param spanId 16 hexadecimal digits, not all zero
 * @param sampled whether spans are recorded
 */
public record TraceContext(String traceId, String spanId, boolean sampled) {
    private static final Pattern FORM =
            Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})");

    /** Reads a header; null when it is missing or malformed. */
    public static @Nullable TraceContext parse(@Nullable String header) {
        Matcher parts = FORM.matcher(header == null ? "" : header);
        return parts.matches()
                ? new TraceContext(parts.group(1), parts.group(2), (HexFormat.fromHexDigits(parts.group(3)) & 1) == 1)
                : null;
    }

    /** The beginning of a new trace. */
    public static TraceContext anew(boolean sampled) {
        return new TraceContext(random() + random(), random(), sampled);
    }

    /** A span of the same trace. */
    public TraceContext child() {
        return new TraceContext(traceId, random(), sampled);
    }

    /** As a header. */
    public String header() {
        return "00-" + traceId + '-' + spanId + (sampled ? "-01" : "-00");
    }

    private static String random() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong() | 1);
    }
}
