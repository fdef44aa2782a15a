package io.berth.image.source;

import io.berth.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files that were fetched, by address, so that a server can be asked whether they have changed. Two files per entry, {@code
 * <sha256 of the address>.body} and {@code .meta}; the meta file is written last and removed first. The least recently used go when
 * there is no room. Thread-safe: entries are replaced by renaming.
 *
 * @param maxBytes of all bodies together; 0 keeps none
 */
record HttpFileCache(Path directory, long maxBytes) {
    /**
     * What is known about a file.
     *
     * @param tag its entity tag, as the server wrote it
     */
    record Entry(String tag, Digest digest, @Nullable Instant modified, String dispositionName, Path body) {}

    /** What is kept of an address. */
    Optional<Entry> find(String url) {
        if (maxBytes == 0) {
            return Optional.empty();
        }
        try {
            List<String> lines = Files.readAllLines(file(url, ".meta"));
            Path body = file(url, ".body");
            if (lines.size() != 4 || !Files.isRegularFile(body)) {
                return Optional.empty();
            }
            return Optional.of(new Entry(
                    lines.get(0),
                    Digest.parse(lines.get(1)),
                    lines.get(2).isEmpty() ? null : Instant.parse(lines.get(2)),
                    lines.get(3),
                    body));
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // not there, or not ours: then it is fetched
        }
    }

    /** Keeps a copy of a file; failing to is no failure of the fetch. */
    void keep(String url, String tag, FetchedFile file, String dispositionName) {
        if (file.size() > maxBytes || (tag + dispositionName).contains("\n")) {
            return;
        }
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            makeRoom(file.size());
            Path body = Files.createTempFile(directory, "", ".part");
            Path meta = Files.createTempFile(directory, "", ".part");
            try {
                Files.copy(file.path(), body, StandardCopyOption.REPLACE_EXISTING);
                Files.write(
                        meta,
                        List.of(
                                tag,
                                file.digest().toString(),
                                file.modified() == null ? "" : file.modified().toString(),
                                dispositionName));
                Files.deleteIfExists(file(url, ".meta"));
                Files.move(body, file(url, ".body"), StandardCopyOption.ATOMIC_MOVE);
                Files.move(meta, file(url, ".meta"), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(body);
                Files.deleteIfExists(meta);
            }
        } catch (IOException | UncheckedIOException e) {
            drop(url);
        }
    }

    /** Notes that an entry was of use. */
    void used(Entry entry) {
        try {
            Files.setLastModifiedTime(entry.body(), FileTime.from(Instant.now()));
        } catch (IOException e) {
            return; // it just goes earlier
        }
    }

    /** Forgets an address. */
    void drop(String url) {
        try {
            Files.deleteIfExists(file(url, ".meta"));
            Files.deleteIfExists(file(url, ".body"));
        } catch (IOException e) {
            return; // what is left is checked when it is used
        }
    }

    private void makeRoom(long bytes) throws IOException {
        List<Path> bodies = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> file.toString().endsWith(".body")).forEach(bodies::add);
        }
        bodies.sort(Comparator.comparing(HttpFileCache::lastUse));
        long used = 0;
        for (Path body : bodies) {
            used += size(body);
        }
        for (Path body : bodies) {
            if (used + bytes <= maxBytes) {
                return;
            }
            used -= size(body);
            String name = body.getFileName().toString();
            Files.deleteIfExists(directory.resolve(name.substring(0, name.length() - ".body".length()) + ".meta"));
            Files.deleteIfExists(body);
        }
    }

    private static long size(Path body) throws IOException {
        try {
            return Files.size(body);
        } catch (NoSuchFileException e) {
            return 0; // another build has made room
        }
    }

    private static FileTime lastUse(Path body) {
        try {
            return Files.getLastModifiedTime(body);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    private Path file(String url, String suffix) {
        return directory.resolve(
                Digest.sha256(url.getBytes(StandardCharsets.UTF_8)).hex() + suffix);
    }
}
