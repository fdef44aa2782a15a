package io.berth.engine.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.SystemFailure;
import io.berth.engine.data.EngineProperties;
import io.berth.kernel.KernelTest;
import io.berth.linux.mount.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What volumes' options name is mounted while it is used, and only then. */
@KernelTest
class VolumeMountsKernelTest {
    @TempDir
    Path data;

    private Path path;
    private VolumeMounts mounts;

    @BeforeEach
    void prepare() throws IOException {
        path = Files.createDirectories(data.resolve("volumes/memory/_data"));
        mounts = new VolumeMounts(new EngineProperties(data, data));
    }

    private static LocalOptions tmpfs(String options) {
        return LocalOptions.parse(Map.of("type", "tmpfs", "device", "tmpfs", "o", options));
    }

    private Optional<MountInfo> mounted() {
        return MountInfo.ofSelf().stream()
                .filter(mount -> mount.mountPoint().equals(path.toString()))
                .findAny();
    }

    @Test
    void theFirstUserMountsAndTheLastUnmounts() throws IOException {
        mounts.acquire("memory", path, tmpfs("size=1m,uid=7,ro,noexec"), "a");
        MountInfo mount = mounted().orElseThrow();
        assertThat(mount.type()).isEqualTo("tmpfs");
        assertThat(mount.options()).contains("ro", "noexec");
        assertThat(mount.superOptions()).contains("size=1024k", "uid=7");
        mounts.acquire("memory", path, tmpfs("size=1m,uid=7,ro,noexec"), "b");
        mounts.release("memory", path, "a");
        mounts.release("memory", path, "a");
        assertThat(mounted()).map(MountInfo::id).contains(mount.id());
        mounts.release("memory", path, "b");
        assertThat(mounted()).isEmpty();
    }

    @Test
    void aDirectoryIsBound() throws IOException {
        Path device = Files.createDirectory(data.resolve("device"));
        Files.writeString(device.resolve("file"), "of the device");
        LocalOptions bind = LocalOptions.parse(Map.of("type", "none", "device", device.toString(), "o", "bind"));
        mounts.acquire("memory", path, bind, "a");
        assertThat(path.resolve("file")).hasContent("of the device");
        mounts.release("memory", path, "a");
        assertThat(path.resolve("file")).doesNotExist();
        assertThat(device.resolve("file")).exists();
    }

    @Test
    void theNextEngineUnmountsWhatNoRunningContainerUses() throws IOException {
        mounts.acquire("memory", path, tmpfs("size=1m"), "a");
        Files.writeString(path.resolve("file"), "shared");

        VolumeMounts next = new VolumeMounts(new EngineProperties(data, data));
        next.resume("memory", "a");
        next.start();
        next.acquire("memory", path, tmpfs("size=1m"), "b");
        assertThat(path.resolve("file")).as("the same instance").hasContent("shared");

        VolumeMounts last = new VolumeMounts(new EngineProperties(data, data));
        last.start();
        assertThat(mounted()).isEmpty();
    }

    @Test
    void failuresAreToldInDockersWordsWithoutPasswords() {
        LocalOptions missing =
                LocalOptions.parse(Map.of("type", "none", "device", "/no/such/device", "o", "bind,password=hunter2"));
        assertThatThrownBy(() -> mounts.acquire("memory", path, missing, "a"))
                .isInstanceOf(SystemFailure.class)
                .hasMessageContaining("failed to mount local volume: mount /no/such/device:" + path
                        + ", data: bind,password=********: no such file or directory")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> mounts.acquire("memory", path, tmpfs("odd=1"), "a"))
                .isInstanceOf(SystemFailure.class)
                .hasMessageContaining("invalid argument");
        assertThat(mounted()).isEmpty();
    }
}
