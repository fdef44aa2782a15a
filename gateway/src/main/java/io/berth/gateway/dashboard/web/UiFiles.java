package io.berth.gateway.dashboard.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The dashboard's files, as the front-end's build left them in the jar: {@code index.html}, and assets whose names change with
 * their content, each also compressed. Immutable.
 */
final class UiFiles {
    private static final String DIRECTORY = "/ui/";
    private static final Pattern ASSET = Pattern.compile("[A-Za-z0-9_-]{1,64}\\.(js|css|svg)");
    private static final int TAG_CHARACTERS = 32;

    private final byte @Nullable [] index;
    private final String indexTag;

    UiFiles() {
        index = read("index.html").orElse(null);
        indexTag = index == null ? "" : tag(index);
    }

    /** A file as it is sent. Immutable: nobody may write to its content. */
    static final class UiFile {
        private final byte[] content;
        private final String mediaType;
        private final String tag;
        private final boolean compressed;

        private UiFile(byte[] content, String mediaType, String tag, boolean compressed) {
            this.content = content;
            this.mediaType = mediaType;
            this.tag = tag;
            this.compressed = compressed;
        }

        byte[] content() {
            return content;
        }

        String mediaType() {
            return mediaType;
        }

        /** The entity tag, with its quotes. */
        String tag() {
            return tag;
        }

        /** Whether the content is gzip's. */
        boolean compressed() {
            return compressed;
        }
    }

    /** The page; empty in a build without the dashboard. */
    Optional<UiFile> index() {
        return index == null
                ? Optional.empty()
                : Optional.of(new UiFile(index, "text/html;charset=utf-8", indexTag, false));
    }

    /**
     * An asset; empty when there is none of the name, whatever the name is.
     *
     * @param gzip whether the client takes gzip
     */
    Optional<UiFile> asset(String name, boolean gzip) {
        if (!ASSET.matcher(name).matches()) {
            return Optional.empty();
        }
        String path = "assets/" + name + (gzip ? ".gz" : "");
        // The name has the content's hash in it, so it is the tag, too; each form of the content needs one of its own.
        String tag = '"' + name + (gzip ? "-gzip" : "") + '"';
        return read(path).map(content -> new UiFile(content, mediaType(name), tag, gzip));
    }

    private static String mediaType(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "js" -> "text/javascript;charset=utf-8";
            case "css" -> "text/css;charset=utf-8";
            default -> "image/svg+xml";
        };
    }

    private static String tag(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return '"' + HexFormat.of().formatHex(digest).substring(0, TAG_CHARACTERS) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static Optional<byte[]> read(String path) {
        try (InputStream in = UiFiles.class.getResourceAsStream(DIRECTORY + path)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + " of the dashboard", e);
        }
    }
}
