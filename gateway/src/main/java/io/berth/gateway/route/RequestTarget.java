package io.berth.gateway.route;

import io.berth.docker.error.InvalidParameter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request's path and query in the one form that is both routed on and forwarded, so that gateway and backend cannot
 * read the same request differently.
 *
 * @param path canonical absolute path: percent-decoded once, checked, and encoded again where needed
 * @param query the query without its question mark, or null; bytes that are illegal in a URI are percent-encoded
 * @param versioned whether the path begins with an API version ({@code /v1.43/…})
 * @param segments the decoded path split at slashes, without the leading empty one and without the version prefix
 */
public record RequestTarget(String path, @Nullable String query, boolean versioned, List<String> segments) {
    public RequestTarget {
        segments = List.copyOf(segments);
    }

    /**
     * Parses a request target in origin form ({@code /images/json?all=1}).
     *
     * <p>Refused are: empty, {@code .} and {@code ..} segments in any spelling, control characters, backslashes,
     * semicolons (path parameters to a servlet container), percent signs that survive one decoding, bad escapes, and an
     * encoded slash anywhere but inside an image name, where Docker's clients send it (docker-java:
     * {@code /images/team%2Fapp/json}) and where it means the same as a plain slash.
     *
     * @throws InvalidParameter when the target is refused or its version prefix is malformed
     */
    public static RequestTarget parse(String target) {
        return TargetParser.parse(target);
    }

    /** The first segment behind the version prefix, empty for {@code /}. */
    public String first() {
        return segment(0);
    }

    /** The segment at an index, empty when there are fewer. */
    public String segment(int index) {
        return index < segments.size() ? segments.get(index) : "";
    }

    /** The last segment, empty for {@code /} or behind a trailing slash. */
    public String last() {
        return segments.isEmpty() ? "" : segments.getLast();
    }

    /** Path and query as they are sent on. */
    public String text() {
        return query == null ? path : path + '?' + query;
    }
}
