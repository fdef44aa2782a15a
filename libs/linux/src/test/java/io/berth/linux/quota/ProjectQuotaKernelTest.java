package io.berth.linux.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.kernel.KernelTest;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Project quotas, where the file system of the temporary directory counts them. */
@KernelTest
class ProjectQuotaKernelTest {
    private static final int PROJECT = 0x4fff_0001;

    @TempDir
    Path directory;

    @Test
    void aDirectoryBelongsToTheProjectItWasGivenAndSoDoesWhatIsMadeInIt() throws Exception {
        try (Directory above = Directory.open(directory)) {
            assumeTrue(ProjectQuota.isEnforced(above), "no project quotas in " + directory);
            Files.createDirectory(directory.resolve("inherited"));
            Files.createDirectory(directory.resolve("reserved"));
            ProjectQuota.limit(above, PROJECT, 1 << 20);
            try (Directory inherited = above.openDirectory("inherited");
                    Directory reserved = above.openDirectory("reserved")) {
                ProjectQuota.assign(inherited, PROJECT, true);
                ProjectQuota.assign(reserved, PROJECT, false);
                Files.createDirectory(directory.resolve("inherited/below"));
                Files.createDirectory(directory.resolve("reserved/below"));
                assertThat(ProjectQuota.project(inherited)).isEqualTo(PROJECT);
                assertThat(ProjectQuota.project(reserved)).isEqualTo(PROJECT);
                try (Directory below = inherited.openDirectory("below")) {
                    assertThat(ProjectQuota.project(below)).isEqualTo(PROJECT);
                }
                try (Directory below = reserved.openDirectory("below")) {
                    assertThat(ProjectQuota.project(below)).isZero();
                }
            }
        }
    }

    @Test
    void aFileSystemWithoutProjectsSaysSo() {
        try (Directory proc = Directory.open(Path.of("/proc/self"))) {
            assertThat(ProjectQuota.isEnforced(proc)).isFalse();
            assertThat(ProjectQuota.project(proc)).isZero();
            assertThatThrownBy(() -> ProjectQuota.limit(proc, PROJECT, 4096)).isInstanceOf(SyscallException.class);
            assertThatThrownBy(() -> ProjectQuota.assign(proc, PROJECT, true)).isInstanceOf(SyscallException.class);
        }
    }
}
