package io.berth.image.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The root of everything image-service writes. Immutable.
 *
 * <pre>
 * db/                     the metadata database
 * content/blobs/sha256/   blobs, named by the hex part of their digest
 * content/ingest/         blobs being received; emptied at start
 * layers/&lt;name&gt;/          one unpacked layer each; a name without a database row is removed at start
 * unpack/                 layers being unpacked; emptied at start
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

    public Path generation() {
        return root.resolve("generation");
    }

    /** Makes what is missing. */
    DataDirectory create() {
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        try {
            Files.createDirectories(root, ownerOnly);
            for (Path directory :
                    new Path[] {blobs().resolve("sha256"), blobs().resolve("sha512"), ingest(), layers(), unpack()}) {
                Files.createDirectories(directory, ownerOnly);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the data directory " + root, e);
        }
        return this;
    }
}
