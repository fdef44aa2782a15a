package io.berth.image.source;

import io.berth.docker.error.InvalidParameter;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a tree in a git repository, {@code https://host/repo.git#ref:directory}, {@code git@host:repo.git}, {@code
 * ssh://host/repo} or {@code git://host/repo}, with the same in a query: {@code ?ref=…&subdir=…} (BuildKit {@code
 * frontend/dockerfile/dfgitutil}).
 *
 * @param remote without fragment and query
 * @param protocol {@code https}, {@code http}, {@code git} or {@code ssh}
 * @param ref a branch, a tag, a full reference or a commit; empty for the default branch
 * @param directory below the root, clean; empty for the root
 * @param checksum a commit or its beginning; null when any will do
 * @param keepGitDir null when the address does not say
 */
public record GitAddress(
        String remote,
        String protocol,
        String ref,
        String directory,
        @Nullable String checksum,
        @Nullable Boolean keepGitDir) {
    private static final Pattern URL = Pattern.compile("([a-zA-Z0-9]+)://[^/?#]+.*", Pattern.DOTALL);
    private static final Pattern SCP = Pattern.compile("([\\w.-]+)@([\\w.-]+):([^?#]*)(\\?[^#]*)?(#.*)?");
    private static final Set<String> PROTOCOLS = Set.of("https", "http", "git", "ssh");

    /**
     * Reads an address.
     *
     * @return nothing when it is none: a path, or the address of something else
     * @throws InvalidParameter for a repository's address with a query that is not understood, or a directory outside of it
     */
    public static Optional<GitAddress> parse(String text) {
        Matcher scp = SCP.matcher(text);
        if (scp.matches()) {
            return Optional.of(of(
                    scp.group(1) + "@" + scp.group(2) + ":" + scp.group(3),
                    "ssh",
                    without(scp.group(4)),
                    without(scp.group(5))));
        }
        Matcher url = URL.matcher(text);
        if (!url.matches()) {
            return Optional.empty();
        }
        String protocol = url.group(1).toLowerCase(Locale.ROOT);
        int hash = text.indexOf('#');
        String fragment = hash < 0 ? "" : text.substring(hash + 1);
        String rest = hash < 0 ? text : text.substring(0, hash);
        int mark = rest.indexOf('?');
        String query = mark < 0 ? "" : rest.substring(mark + 1);
        String remote = mark < 0 ? rest : rest.substring(0, mark);
        if (!PROTOCOLS.contains(protocol) || (protocol.startsWith("http") && !remote.endsWith(".git"))) {
            return Optional.empty();
        }
        try {
            if (new URI(remote).getHost() == null) {
                return Optional.empty();
            }
        } catch (URISyntaxException e) {
            throw new InvalidParameter("invalid address of a repository: " + text, e);
        }
        return Optional.of(of(remote, protocol, query, fragment));
    }

    private static String without(@Nullable String marked) {
        return marked == null ? "" : marked.substring(1);
    }

    private static GitAddress of(String remote, String protocol, String query, String fragment) {
        int colon = fragment.indexOf(':');
        String ref = colon < 0 ? fragment : fragment.substring(0, colon);
        String directory = colon < 0 ? "" : fragment.substring(colon + 1);
        String checksum = null;
        Boolean keep = null;
        for (String pair : query.isEmpty() ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
            if (value.isEmpty() && !key.equals("keep-git-dir") && !key.equals("submodules")) {
                throw new InvalidParameter("query \"" + key + "\" has no value");
            }
            switch (key) {
                case "ref" -> ref = same("ref", ref, value);
                case "tag" -> ref = same("ref", ref, value.startsWith("refs/tags/") ? value : "refs/tags/" + value);
                case "branch" ->
                    ref = same("ref", ref, value.startsWith("refs/heads/") ? value : "refs/heads/" + value);
                case "subdir" -> directory = same("subdir", directory, value);
                case "checksum", "commit" -> checksum = value;
                case "keep-git-dir" -> keep = bool(key, value);
                case "submodules" -> {
                    if (bool(key, value)) {
                        throw new InvalidParameter("submodules are not fetched");
                    }
                }
                default -> throw new InvalidParameter("unexpected query \"" + key + "\"");
            }
        }
        if (ref.isEmpty() && checksum != null) {
            ref = checksum;
        }
        return new GitAddress(remote, protocol, ref, clean(directory), checksum, keep);
    }

    private static String same(String name, String before, String now) {
        if (!before.isEmpty() && !before.equals(now)) {
            throw new InvalidParameter(name + " conflicts: \"" + before + "\" vs \"" + now + "\"");
        }
        return now;
    }

    private static boolean bool(String key, String value) {
        return switch (value) {
            case "", "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new InvalidParameter("invalid " + key + " value: \"" + value + "\"");
        };
    }

    private static String clean(String directory) {
        StringBuilder clean = new StringBuilder();
        for (String part : directory.split("/")) {
            if (part.equals("..")) {
                throw new InvalidParameter("directory of a repository must be inside of it: " + directory);
            }
            if (!part.isEmpty() && !part.equals(".")) {
                clean.append(clean.isEmpty() ? "" : "/").append(part);
            }
        }
        return clean.toString();
    }
}
