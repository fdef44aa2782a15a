package io.berth.buildkit.session;

import io.grpc.Metadata;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Arguments of session calls, which travel as headers. Where values are not plain text, all of a header's are escaped as in
 * an URL's query, and a second header says so (moby/buildkit: session/filesync, encodeOpts).
 */
final class SessionHeaders {
    private static final String ENCODED = "-encoded";

    private final Metadata headers = new Metadata();

    SessionHeaders with(String name, String value) {
        return with(name, List.of(value));
    }

    SessionHeaders with(String name, List<String> values) {
        boolean plain = values.stream().allMatch(SessionHeaders::isPlain);
        for (String value : values) {
            headers.put(key(name), plain ? value : URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
        if (!plain) {
            headers.put(key(name + ENCODED), "1");
        }
        return this;
    }

    Metadata metadata() {
        return headers;
    }

    /** Whether a value passes through a header as it is. */
    private static boolean isPlain(String value) {
        return value.equals(value.strip()) && value.chars().allMatch(c -> c >= ' ' && c < 0x7F);
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
}
