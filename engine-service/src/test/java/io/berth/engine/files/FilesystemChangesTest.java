package io.berth.engine.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.archive.OverlayMarks;
import io.berth.docker.container.FilesystemChange;
import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileType;
import io.berth.linux.fd.Resolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upper directories compared with what is below, as moby does. */
@KernelTest
class FilesystemChangesTest {
    @TempDir
    Path data;

    @Test
    void listsKindsAndParents() throws IOException {
        Path below = Files.createDirectories(data.resolve("below"));
        Path above = Files.createDirectories(data.resolve("above"));
        for (String directory : new String[] {"etc/deep", "opt/old", "same"}) {
            Files.createDirectories(below.resolve(directory));
            Files.createDirectories(above.resolve(directory));
        }
        Files.writeString(below.resolve("etc/deep/changed"), "1");
        Files.writeString(above.resolve("etc/deep/changed"), "2");
        Files.writeString(above.resolve("etc/deep/new"), "2");
        Files.writeString(above.resolve("top"), "2");
        Files.writeString(below.resolve("opt/gone"), "1");
        try (Directory lower = Directory.open(below);
                Directory upper = Directory.open(above)) {
            upper.mknod("opt/gone", FileType.CHARACTER_DEVICE, 0, 0, 0);
            OverlayMarks.setOpaque(upper, "opt/old");
            Instant then = Instant.parse("2026-01-01T00:00:00Z");
            for (String directory : new String[] {"etc/deep", "etc", "opt", "same"}) {
                lower.setTimes(directory, null, then);
                upper.setTimes(directory, null, then);
            }
            assertThat(FilesystemChanges.compare(upper, lower))
                    .containsExactly(
                            change("/etc", FilesystemChange.MODIFIED),
                            change("/etc/deep/changed", FilesystemChange.MODIFIED),
                            change("/etc/deep", FilesystemChange.MODIFIED),
                            change("/etc/deep/new", FilesystemChange.ADDED),
                            change("/opt", FilesystemChange.MODIFIED),
                            change("/opt/gone", FilesystemChange.DELETED),
                            change("/opt/old", FilesystemChange.DELETED),
                            change("/top", FilesystemChange.ADDED));
        }
    }

    @Test
    void leavesOutWhatAStartMakes() throws IOException {
        Path below = Files.createDirectories(data.resolve("below"));
        Path above = Files.createDirectories(data.resolve("above"));
        Files.createDirectories(below.resolve("etc"));
        Files.createDirectories(above.resolve("etc"));
        Files.createDirectories(above.resolve("proc"));
        Files.createFile(above.resolve(".dockerenv"));
        Files.createFile(above.resolve("etc/hosts"));
        try (Directory lower = Directory.open(below);
                Directory upper = Directory.open(above, Resolution.BENEATH_NO_SYMLINKS)) {
            assertThat(FilesystemChanges.withoutPlaceholders(FilesystemChanges.compare(upper, lower), upper))
                    .isEmpty();
            Files.writeString(above.resolve("etc/hosts"), "written");
            assertThat(FilesystemChanges.withoutPlaceholders(FilesystemChanges.compare(upper, lower), upper))
                    .containsExactly(
                            change("/etc", FilesystemChange.MODIFIED), change("/etc/hosts", FilesystemChange.ADDED));
        }
    }

    private static FilesystemChange change(String path, int kind) {
        return new FilesystemChange(path, kind);
    }
}
