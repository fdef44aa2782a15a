package io.berth.linux.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.kernel.KernelTest;
import io.berth.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class DirectoryKernelTest {
    @TempDir
    Path temp;

    @Test
    void ownersBeyondTwoBillionAndOfLinks() {
        try (Directory root = Directory.open(temp)) {
            root.symlink("nowhere", "link");
            root.chown("link", 4_294_967_294L, 2_147_483_648L);
            assertThat(root.stat("link").uid()).isEqualTo(4_294_967_294L);
            assertThat(root.stat("link").gid()).isEqualTo(2_147_483_648L);
            try (FileHandle file = root.createFile("file", 0_600)) {
                file.chown(1000, 1001);
                file.chmod(0_6755);
                assertThat(file.stat().uid()).isEqualTo(1000);
                assertThat(file.stat().permissions()).isEqualTo(0_6755);
            }
        }
    }

    @Test
    void directoriesThatAreSpreadLieApart() throws IOException {
        Path store = Files.createDirectory(temp.resolve("store"));
        try (Directory root = Directory.open(store)) {
            assumeTrue(DirectoryHints.spread(root), "the file system knows of no such hint");
            assertThat(DirectoryHints.spread(root)).as("again").isTrue();
            List<Long> inodes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                root.mkdir("layer" + i, 0_700);
                inodes.add(root.stat("layer" + i).inode());
            }
            // ext4 fills groups of thousands of inodes one after another unless it is told.
            assertThat(Collections.max(inodes) - Collections.min(inodes)).isGreaterThan(1000);
        }
    }

    @Test
    void devicesAndWhiteouts() {
        try (Directory root = Directory.open(temp)) {
            root.mknod("null", FileType.CHARACTER_DEVICE, 0_666, 1, 3);
            root.mknod("wide", FileType.BLOCK_DEVICE, 0_600, 259, 70_000);
            FileStat wide = root.stat("wide");
            assertThat(wide.type()).isEqualTo(FileType.BLOCK_DEVICE);
            assertThat(wide.rdevMajor()).isEqualTo(259);
            assertThat(wide.rdevMinor()).isEqualTo(70_000);
            root.createFile("file", 0_600).close();
            root.rename("file", root, "moved", EnumSet.of(RenameFlag.WHITEOUT));
            FileStat whiteout = root.stat("file");
            assertThat(whiteout.type()).isEqualTo(FileType.CHARACTER_DEVICE);
            assertThat(whiteout.rdevMajor() + whiteout.rdevMinor()).isZero();
            assertThatThrownBy(() -> root.openRegular("null")).isInstanceOf(SyscallException.class);
        }
    }

    @Test
    void unnamedFilesGetNames() {
        try (Directory root = Directory.open(temp);
                FileHandle file = root.open(".", Set.of(OpenFlag.TEMPORARY, OpenFlag.WRITE), 0_600)) {
            file.write(new byte[] {1, 2, 3}, 0, 3);
            assertThat(root.list()).isEmpty();
            root.link(file, "named");
            assertThat(root.stat("named").size()).isEqualTo(3);
        }
    }

    @Test
    void capabilitiesAndTrustedAttributesOfNames() throws IOException {
        byte[] netBindService = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        Files.createDirectory(temp.resolve("dir"));
        try (Directory root = Directory.open(temp)) {
            root.createFile("dir/file", 0_755).close();
            root.setXattr("dir/file", "security.capability", netBindService);
            assertThat(root.xattr("dir/file", "security.capability")).isEqualTo(netBindService);
            root.symlink("nowhere", "link");
            root.setXattr("link", "trusted.berth", new byte[] {1});
            assertThat(root.xattr("link", "trusted.berth")).containsExactly(1);
        }
    }
}
