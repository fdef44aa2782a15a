package io.berth.oci;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A normalised image reference, {@code domain/path[:tag][@digest]} (the grammar of distribution's reference package).
 *
 * <p>{@link #parse} accepts the familiar short forms: {@code busybox} means {@code docker.io/library/busybox}. A tag is
 * never added silently; ask {@link #withDefaultTag()}.
 *
 * @param domain registry host with optional port
 * @param path repository below the registry, lower case
 */
public record ImageReference(
        String domain,
        String path,
        @Nullable String tag,
        @Nullable Digest digest) {
    /** The registry meant when a reference names none. */
    public static final String DEFAULT_DOMAIN = "docker.io";

    private static final String LEGACY_DEFAULT_DOMAIN = "index.docker.io";
    private static final String OFFICIAL_PREFIX = "library/";
    private static final int MAX_NAME_LENGTH = 255;

    // Groups are possessive: java.util.regex goes back into others by recursion, and names come from outside.
    private static final String DOMAIN_COMPONENT = "[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+";
    private static final Pattern DOMAIN = Pattern.compile(
            "(?:" + DOMAIN_COMPONENT + "(?:\\." + DOMAIN_COMPONENT + ")*+|\\[[a-fA-F0-9:]+])(?::[0-9]+)?");
    private static final String PATH_COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+";
    private static final Pattern PATH = Pattern.compile(PATH_COMPONENT + "(?:/" + PATH_COMPONENT + ")*+");
    private static final Pattern TAG = Pattern.compile("[\\w][\\w.-]{0,127}");
    private static final Pattern BARE_ID = Pattern.compile("[a-f0-9]{64}");
    private static final Pattern SPLIT = Pattern.compile("(?s)(.*?)(?::([^/:@]*))?(?:@(.*))?");

    public ImageReference {
        Objects.requireNonNull(path, "path");
        if (!DOMAIN.matcher(domain).matches() || !PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("invalid reference format");
        }
        if (domain.length() + 1 + path.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException("repository name must not be more than 255 characters");
        }
        if (tag != null && !TAG.matcher(tag).matches()) {
            throw new IllegalArgumentException("invalid reference format");
        }
    }

    /**
     * Parses what users write.
     *
     * @throws IllegalArgumentException with Docker's wording: {@code invalid reference format}, or
     *     {@code invalid reference format: repository name (library/Foo) must be lowercase}
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static ImageReference parse(String text) {
        if (BARE_ID.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
        }
        Matcher parts = SPLIT.matcher(text);
        if (!parts.matches() || parts.group(1).isEmpty()) {
            throw new IllegalArgumentException("invalid reference format");
        }
        String name = parts.group(1);
        String tag = parts.group(2);
        Digest digest = parts.group(3) == null ? null : parseDigest(parts.group(3));
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        String domain;
        String path;
        if (slash < 0 || !isDomain(first)) {
            domain = DEFAULT_DOMAIN;
            path = name;
        } else {
            domain = first.equals(LEGACY_DEFAULT_DOMAIN) ? DEFAULT_DOMAIN : first;
            path = name.substring(slash + 1);
        }
        if (domain.equals(DEFAULT_DOMAIN) && path.indexOf('/') < 0) {
            path = OFFICIAL_PREFIX + path;
        }
        if (path.chars().anyMatch(Character::isUpperCase)) {
            throw new IllegalArgumentException(
                    "invalid reference format: repository name (" + path + ") must be lowercase");
        }
        return new ImageReference(domain, path, tag, digest);
    }

    private static Digest parseDigest(String text) {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("invalid reference format", e);
        }
    }

    private static boolean isDomain(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || first.chars().anyMatch(Character::isUpperCase);
    }

    /** This reference, with tag {@code latest} when it has neither a tag nor a digest. */
    public ImageReference withDefaultTag() {
        return tag == null && digest == null ? withTag("latest") : this;
    }

    /** The same repository with this tag and no digest. */
    public ImageReference withTag(String newTag) {
        return new ImageReference(domain, path, newTag, null);
    }

    /** The same repository with this digest and no tag. */
    public ImageReference withDigest(Digest newDigest) {
        return new ImageReference(domain, path, null, newDigest);
    }

    /** The repository alone, without tag and digest. */
    public ImageReference repository() {
        return new ImageReference(domain, path, null, null);
    }

    public Optional<String> tagIfPresent() {
        return Optional.ofNullable(tag);
    }

    public Optional<Digest> digestIfPresent() {
        return Optional.ofNullable(digest);
    }

    /** {@code domain/path}, in full. */
    public String name() {
        return domain + "/" + path;
    }

    /** The name as users write and read it: {@code busybox}, {@code team/app}, {@code localhost:5000/app}. */
    public String familiarName() {
        if (!domain.equals(DEFAULT_DOMAIN)) {
            return name();
        }
        boolean official = path.startsWith(OFFICIAL_PREFIX) && path.indexOf('/') == path.lastIndexOf('/');
        return official ? path.substring(OFFICIAL_PREFIX.length()) : path;
    }

    /** {@link #familiarName()} with tag and digest. */
    public String familiar() {
        return familiarName() + suffix();
    }

    private String suffix() {
        return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    /** The normalised form in full, which {@link #parse} reads back to an equal reference. */
    @JsonValue
    @Override
    public String toString() {
        return name() + suffix();
    }
}
