package io.berth.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.KernelTest;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.mount.DetachedMount;
import io.berth.linux.mount.MountInfo;
import io.berth.linux.mount.OverlayMount;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.process.FileSystemUser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
class UserNamespacesKernelTest {
    private static final IdMap MAP = new IdMap(0, 1_900_000_000L, 65_536);

    /** linux/nsfs.h. */
    private static final int NS_GET_USERNS = 0xb701;

    @TempDir
    static Path directory;

    private static Launcher launcher;
    private static Payload payload;

    @BeforeAll
    static void open() {
        launcher = Launcher.open();
        payload = new Payload(launcher);
    }

    @AfterAll
    static void close() {
        launcher.close();
    }

    @Test
    void aChildIsRootOfANamespaceMadeBefore() throws Exception {
        try (Fd namespace = UserNamespaces.create(launcher, MAP, MAP);
                Payload.Running sleep = payload.start(
                        LaunchProgram.builder(),
                        LaunchOptions.inNewNamespaces(Payload.CONTAINER).joiningUserNamespace(namespace))) {
            assertThat(sleep.status("Uid")).startsWith("1900000000\t");
            assertThat(sleep.status("Gid")).startsWith("1900000000\t");
            assertThat(sleep.status("CapEff")).as("all, of the namespace").isNotEqualTo("0000000000000000");
        }
    }

    @Test
    void aNetworkNamespaceBelongsToAUserNamespace() throws Exception {
        try (Fd users = UserNamespaces.create(launcher, MAP, new IdMap(0, 1_800_000_000L, 65_536))) {
            OwnedNetwork network = OwnedNetwork.create(launcher, users);
            try (Fd namespace = network.namespace();
                    Fd owner = Fd.own(
                            (int) LibC.call(SyscallNumber.IOCTL, "owner", namespace.value(), NS_GET_USERNS), "owner")) {
                assertThat(network.groups()).isEqualTo(new IdMap(0, 1_800_000_000L, 65_536));
                assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + owner.value())))
                        .isEqualTo(Files.readSymbolicLink(Path.of("/proc/self/fd/" + users.value())));
            }
        }
    }

    @Test
    void readsMaps() {
        assertThat(IdMap.parse("         0     100000      65536\n")).isEqualTo(new IdMap(0, 100_000, 65_536));
        assertThatThrownBy(() -> IdMap.parse("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aChildBeginsInACgroupThatItsNamespaceMayNotTouch() throws Exception {
        Path unified = MountInfo.ofSelf().stream()
                .filter(mount -> mount.type().equals("cgroup2"))
                .map(mount -> Path.of(mount.mountPoint()))
                .findFirst()
                .orElseThrow();
        Path group = Files.createDirectory(
                unified.resolve("berth-userns-test-" + ProcessHandle.current().pid()));
        try (Directory opened = Directory.open(group);
                Fd namespace = UserNamespaces.create(launcher, MAP, MAP)) {
            LaunchOptions options = LaunchOptions.inNewNamespaces(Set.of(Namespace.PID))
                    .joiningUserNamespace(namespace)
                    .inCgroup(opened.fd());
            try (Payload.Running sleep = payload.start(LaunchProgram.builder(), options)) {
                assertThat(sleep.status("Uid")).startsWith("1900000000\t");
                assertThat(Files.readString(group.resolve("cgroup.procs")).strip())
                        .isEqualTo(Integer.toString(sleep.launched().pid()));
            }
        } finally {
            Files.delete(group);
        }
    }

    @Test
    void overlaysShowOwnersAsTheyAreOnDisk() throws Exception {
        Path lower = Files.createDirectories(directory.resolve("lower"));
        Path upper = Files.createDirectories(directory.resolve("rw/upper"));
        Path work = Files.createDirectories(directory.resolve("rw/work"));
        Files.setAttribute(Files.writeString(lower.resolve("f"), "x"), "unix:uid", 7);
        OverlayMount overlay = new OverlayMount(List.of(lower), upper, work, Set.of());
        try (Fd namespace = UserNamespaces.create(launcher, MAP, MAP);
                DetachedMount mount = FileSystemUser.call(
                        MAP.outside(), MAP.outside(), () -> overlay.mountMapped(Set.of(), namespace));
                Directory root = mount.openRoot()) {
            assertThat(root.stat("f").uid()).isEqualTo(MAP.outside() + 7);
            FileSystemUser.call(MAP.outside(), MAP.outside(), () -> {
                root.createFile("made", 0644).close();
                root.chown("f", MAP.outside() + 8, MAP.outside());
                return root;
            });
            assertThatThrownBy(() -> root.createFile("by-nobody", 0644)).hasMessageContaining("EOVERFLOW");
        }
        assertThat(Files.getAttribute(upper.resolve("made"), "unix:uid")).isEqualTo(0);
        assertThat(Files.getAttribute(upper.resolve("f"), "unix:uid")).isEqualTo(8);
        assertThat(Files.getAttribute(lower.resolve("f"), "unix:uid")).isEqualTo(7);
    }

    @Test
    void refusesWhatIsNoRange() {
        assertThatThrownBy(() -> new IdMap(0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new IdMap(0, 4294967295L, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
