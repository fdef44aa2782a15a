package io.berth.registry.blob.web;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of a blob that a {@code Range} header asks for (RFC 9110, section 14.2).
 *
 * @param first position of the first byte
 * @param length in bytes, at least 1 unless the range is unsatisfiable, when it is 0
 */
record ByteRange(long first, long length) {
    private static final Pattern SINGLE = Pattern.compile("bytes=\\s*([0-9]{0,18})-([0-9]{0,18})\\s*");

    /**
     * Reads the header. A form that is not understood, or several ranges, count as no header at all, which the RFC allows.
     *
     * @param size of the whole blob in bytes
     */
    static Optional<ByteRange> parse(@Nullable String header, long size) {
        if (header == null) {
            return Optional.empty();
        }
        Matcher range = SINGLE.matcher(header);
        if (!range.matches()) {
            return Optional.empty();
        }
        String from = range.group(1);
        String to = range.group(2);
        if (from.isEmpty() && to.isEmpty()) {
            return Optional.empty();
        }
        if (from.isEmpty()) {
            long length = Math.min(Long.parseLong(to), size);
            return Optional.of(new ByteRange(size - length, length));
        }
        long first = Long.parseLong(from);
        long last = to.isEmpty() ? size - 1 : Math.min(Long.parseLong(to), size - 1);
        if (!to.isEmpty() && Long.parseLong(to) < first) {
            return Optional.empty();
        }
        return Optional.of(new ByteRange(first, Math.max(0, last - first + 1)));
    }

    boolean satisfiable() {
        return length > 0;
    }

    /** The {@code Content-Range} of the response. */
    String contentRange(long size) {
        return satisfiable() ? "bytes " + first + "-" + (first + length - 1) + "/" + size : "bytes */" + size;
    }
}
