package io.berth.image.web;

import io.berth.docker.ApiVersion;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request path of the Engine API, made fit for routing: the version is taken off, and an image name, which may have
 * slashes, encoded or not, becomes one segment with encoded slashes.
 *
 * <pre>GET /v1.45/images/localhost:5000/team/app:1/json  →  1.45, /images/localhost:5000%2Fteam%2Fapp:1/json</pre>
 *
 * @param version the version asked for, or the newest when the path has none
 * @param path raw, as it would stand in a request line
 */
record EngineApiPath(ApiVersion version, String path) {
    private static final Pattern VERSIONED = Pattern.compile("/v(\\d{1,3}\\.\\d{1,3})(/.*)");
    private static final Set<String> COLLECTION_ACTIONS = Set.of("json", "get", "load", "create", "prune", "search");
    private static final Set<String> GET_SUFFIXES = Set.of("json", "history", "get", "attestations");
    private static final Set<String> POST_SUFFIXES = Set.of("tag", "push");

    static EngineApiPath of(String method, String rawPath) {
        Matcher matcher = VERSIONED.matcher(rawPath);
        ApiVersion version = ApiVersion.MAX;
        String path = rawPath;
        if (matcher.matches()) {
            version = ApiVersion.parse(matcher.group(1)).served();
            path = matcher.group(2);
        }
        for (String root : List.of("/images/", "/distribution/")) {
            if (path.startsWith(root)) {
                return new EngineApiPath(version, root + canonical(method, root, path.substring(root.length())));
            }
        }
        return new EngineApiPath(version, path);
    }

    private static String canonical(String method, String root, String rest) {
        if (method.equals("DELETE")) {
            return segment(rest);
        }
        if (root.equals("/images/") && COLLECTION_ACTIONS.contains(rest)) {
            return rest;
        }
        int slash = rest.lastIndexOf('/');
        String suffix = rest.substring(slash + 1);
        boolean known =
                switch (method) {
                    case "GET", "HEAD" -> GET_SUFFIXES.contains(suffix);
                    case "POST" -> POST_SUFFIXES.contains(suffix);
                    default -> false;
                };
        return slash > 0 && known ? segment(rest.substring(0, slash)) + "/" + suffix : rest;
    }

    private static String segment(String rawName) {
        try {
            // A plus is itself in a path; only the decoder for forms takes it for a space.
            String name = URLDecoder.decode(rawName.replace("+", "%2B"), StandardCharsets.UTF_8);
            return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        } catch (IllegalArgumentException e) {
            return rawName; // a broken escape: routing answers it
        }
    }
}
