package io.berth.docker.image;

import org.jspecify.annotations.Nullable;

/**
 * One line of a progress stream (moby: pkg/jsonmessage).
 *
 * <pre>{"status":"Downloading","progressDetail":{"current":1024,"total":4096},"id":"a3ed95caeb02"}</pre>
 *
 * @param stream text for the user, written as it is
 * @param status what is being done
 * @param id what it is done to, such as twelve digits of a layer's digest
 * @param progress {@code progressDetail} drawn as text, for old clients
 * @param error the message of {@code errorDetail} once more
 * @param aux data for programs
 */
public record JsonMessage(
        @Nullable String stream,
        @Nullable String status,
        @Nullable ProgressDetail progressDetail,
        @Nullable String id,
        @Nullable String progress,
        @Nullable ErrorDetail errorDetail,
        @Nullable String error,
        @Nullable Object aux) {

    /**
     * How far something has come, in bytes.
     *
     * @param total null when it is not known; both null where Docker writes an empty object
     */
    public record ProgressDetail(
            @Nullable Long current, @Nullable Long total) {
        public static final ProgressDetail NONE = new ProgressDetail(null, null);
    }

    /** The error that ended the operation. */
    public record ErrorDetail(@Nullable Integer code, String message) {}

    public static JsonMessage stream(String text) {
        return new JsonMessage(text, null, null, null, null, null, null, null);
    }

    public static JsonMessage status(String status) {
        return new JsonMessage(null, status, null, null, null, null, null, null);
    }

    /** A status of one part, with the empty {@code progressDetail} that Docker sends along. */
    public static JsonMessage status(String id, String status) {
        return new JsonMessage(null, status, ProgressDetail.NONE, id, null, null, null, null);
    }

    public static JsonMessage progress(String id, String status, long current, long total) {
        return new JsonMessage(null, status, new ProgressDetail(current, total), id, null, null, null, null);
    }

    public static JsonMessage error(String message) {
        return new JsonMessage(null, null, null, null, null, new ErrorDetail(null, message), message, null);
    }

    public static JsonMessage aux(Object value) {
        return new JsonMessage(null, null, null, null, null, null, null, value);
    }
}
