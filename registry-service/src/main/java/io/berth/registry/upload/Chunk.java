package io.berth.registry.upload;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.io.InputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that a request brings for an upload.
 *
 * @param body read once, to its end
 * @param first position that the client says the first byte has; -1 when it does not say
 * @param length in bytes that the client announced; -1 when it did not
 */
public record Chunk(InputStream body, long first, long length) {
    private static final Pattern CONTENT_RANGE = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

    /**
     * From the headers of a request (distribution specification, "Pushing a blob in chunks").
     *
     * @param contentRange {@code <first>-<last>}, both inclusive, or null for a stream that goes on where the last ended
     * @param contentLength in bytes, or -1 when unknown
     * @throws RegistryException BLOB_UPLOAD_INVALID for another form, SIZE_INVALID when the two contradict each other
     */
    public static Chunk of(InputStream body, @Nullable String contentRange, long contentLength) {
        if (contentRange == null) {
            return new Chunk(body, -1, contentLength);
        }
        Matcher range = CONTENT_RANGE.matcher(contentRange);
        if (!range.matches()) {
            throw RegistryException.of(ErrorCode.BLOB_UPLOAD_INVALID, "content-range is not <first>-<last>");
        }
        long first = Long.parseLong(range.group(1));
        long length = Long.parseLong(range.group(2)) - first + 1;
        if (length <= 0) {
            throw RegistryException.of(ErrorCode.BLOB_UPLOAD_INVALID, "content-range ends before it begins");
        }
        if (contentLength >= 0 && contentLength != length) {
            throw RegistryException.of(
                    ErrorCode.SIZE_INVALID,
                    "content-range covers " + length + " bytes, content-length is " + contentLength);
        }
        return new Chunk(body, first, length);
    }

    boolean placed() {
        return first >= 0;
    }
}
