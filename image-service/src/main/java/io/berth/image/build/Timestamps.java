package io.berth.image.build;

import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.Resolution;
import java.nio.file.Path;
import java.time.Instant;

/** Makes the files of a layer no younger than some time, for builds that give the same bytes every time. */
final class Timestamps {
    private Timestamps() {}

    static void limit(Path layer, Instant newest) {
        try (Directory root = Directory.open(layer, Resolution.BENEATH_NO_SYMLINKS)) {
            limit(root, newest);
        }
    }

    private static void limit(Directory directory, Instant newest) {
        for (DirectoryEntry entry : directory.list()) {
            FileStat stat = directory.stat(entry.name());
            if (stat.isDirectory()) {
                try (Directory below = directory.openDirectory(entry.name())) {
                    limit(below, newest);
                }
            }
            if (stat.modified().isAfter(newest)) {
                directory.setTimes(entry.name(), null, newest);
            }
        }
    }
}
