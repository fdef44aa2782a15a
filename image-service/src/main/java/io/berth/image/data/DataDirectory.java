package io.berth.image.data;

import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryHints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * The root of everything image-service writes. Immutable.
 *
 * <pre>
 * db/                     the metadata database
 * content/blobs/sha256/   blobs, named by the hex part of their digest
 * content/ingest/         blobs being received; emptied at start
 * layers/&lt;name&gt;/          one unpacked layer each; a name without a database row is removed at start
 * unpack/                 layers being unpacked; emptied at start
 * build-cache/            directories of cache mounts; one that ends in .new is unfinished
 * contexts/               what BuildKit's clients have sent of their directories; kept for their next builds
 * uploads/                files that clients of the classic builder have sent; emptied at start
 * empty/                  a directory without files, for overlays
 * generation              counts changes of images; the engine reads it
 * </pre>
 *
 * <p>Every directory is closed to all but the owner (mode 0700), since unpacked layers hold set-id programs.
 *
 * @param root absolute
 */
public record DataDirectory(Path root) {
    public DataDirectory {
        root = root.toAbsolutePath().normalize();
    }

    public Path blobs() {
        return root.resolve("content/blobs");
    }

    public Path ingest() {
        return root.resolve("content/ingest");
    }

    public Path layers() {
        return root.resolve("layers");
    }

    public Path unpack() {
        return root.resolve("unpack");
    }

    public Path buildCache() {
        return root.resolve("build-cache");
    }

    public Path empty() {
        return root.resolve("empty");
    }

    public Path uploads() {
        return root.resolve("uploads");
    }

    public Path contexts() {
        return root.resolve("contexts");
    }

    public Path generation() {
        return root.resolve("generation");
    }

    /** Makes what is missing. */
    DataDirectory create() {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        try {
            Files.createDirectories(root, ownerOnly);
            for (Path directory : List.of(
                    blobs().resolve("sha256"),
                    blobs().resolve("sha512"),
                    ingest(),
                    layers(),
                    unpack(),
                    buildCache(),
                    contexts(),
                    uploads(),
                    empty())) {
                Files.createDirectories(directory, ownerOnly);
            }
            for (Path unrelated : List.of(layers(), unpack(), contexts(), uploads())) {
                try (Directory directory = Directory.open(unrelated)) {
                    boolean _ = DirectoryHints.spread(directory);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the data directory " + root, e);
        }
        return this;
    }
}
