package io.berth.registry.gate.web;

import io.berth.registry.access.Action;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a request needs. What is not known here needs an administrator, so that an endpoint that nobody thought of is closed,
 * and so is every spelling of a path that a controller might read otherwise.
 */
sealed interface Requirement {
    /** The endpoint asks by itself. */
    record Nothing() implements Requirement {}

    /** Credentials or a token, whatever they allow: a client finds out here how to get them. */
    record Somebody() implements Requirement {}

    /** Nothing: the answer has what the caller may see, which may be little. */
    record Anybody() implements Requirement {}

    /** A token for the list of repositories, or credentials. */
    record Listing() implements Requirement {}

    /** A right on a repository. */
    record OnRepository(String name, Action action) implements Requirement {}

    /** An administrator, by password; a part of the platform; or an operator on this machine. */
    record Administrator() implements Requirement {}

    /** Docker's and podman's search; their clients send credentials with it, if they have some, and ask for none. */
    String SEARCH = "/v1/search";

    /** The path of the token endpoint. */
    String TOKEN = "/v2/token";

    Pattern OWN_PASSWORD = Pattern.compile("/berth/registry/accounts/[a-z0-9._-]+/password");

    /**
     * The requirement of a request.
     *
     * @param path with the repository's name as one encoded segment, as controllers get it
     */
    static Requirement of(String method, String path) {
        if (path.equals(TOKEN)) {
            return new Nothing();
        }
        if (path.equals("/v2/")
                || path.equals("/v2")
                || OWN_PASSWORD.matcher(path).matches()) {
            return new Somebody();
        }
        if (path.equals(SEARCH)) {
            return new Anybody();
        }
        if (path.equals("/v2/_catalog")) {
            return new Listing();
        }
        if (path.startsWith("/v2/")) {
            return repository(method, List.of(path.substring("/v2/".length()).split("/", -1)));
        }
        return new Administrator();
    }

    private static Requirement repository(String method, List<String> segments) {
        String name = URLDecoder.decode(segments.getFirst(), StandardCharsets.UTF_8);
        String kind = segments.size() < 2 ? "" : segments.get(1);
        boolean upload = segments.size() > 2 && segments.get(2).equals("uploads");
        return switch (kind) {
            case "blobs" -> new OnRepository(name, upload ? Action.PUSH : action(method));
            case "manifests", "referrers", "tags" -> new OnRepository(name, action(method));
            default -> new Administrator();
        };
    }

    private static Action action(String method) {
        return switch (method) {
            case "GET", "HEAD" -> Action.PULL;
            case "DELETE" -> Action.DELETE;
            default -> Action.PUSH;
        };
    }
}
