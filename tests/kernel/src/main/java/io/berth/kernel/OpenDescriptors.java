package io.berth.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/** The open descriptors of this JVM (proc_pid_fd(5)). */
public final class OpenDescriptors {
    private OpenDescriptors() {}

    /** What each refers to, such as {@code socket:[123]} or a path, by its number. One that is closed meanwhile is left out. */
    public static SortedMap<String, String> targets() {
        SortedMap<String, String> targets = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path entry : entries) {
                try {
                    targets.put(
                            String.valueOf(entry.getFileName()),
                            Files.readSymbolicLink(entry).toString());
                } catch (NoSuchFileException closed) {
                    // since it was listed, as the listing's own descriptor is
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return targets;
    }
}
