package io.berth.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.terminal.Pipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole container's set-up, and what a container can see of the process that made it. */
@KernelTest
@Timeout(120)
class IsolationKernelTest {
    private static final int O_PATH = 0x200000;
    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int O_CLOEXEC = 0x80000;
    private static final long MS_NOSUID_NODEV_NOEXEC = 0xe;
    private static final long MS_REC_PRIVATE = 0x44000;
    private static final int MNT_DETACH = 2;
    private static final int OPEN_TREE_CLONE_CLOEXEC = 0x80001;
    private static final int RESOLVE_IN_ROOT = 0x10;
    private static final int PROC_MAGIC = 0x9fa0;

    @TempDir
    Path directory;

    private Launcher launcher;
    private Payload payload;

    @BeforeEach
    void open() {
        launcher = Launcher.open();
        payload = new Payload(launcher);
    }

    @AfterEach
    void close() {
        launcher.close();
    }

    /** A root made of a tmpfs and busybox, by the calls that a container's is made by. */
    private static LaunchProgramBuilder container(Pipe output) {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        builder.files().dup3(FdArgument.of(output.writer()), 1, 0);
        FdArgument busybox = builder.mounts().openTree(FdArgument.CWD, "/bin/busybox", OPEN_TREE_CLONE_CLOEXEC);
        builder.named("make mounts private").mounts().mount(null, "/", null, MS_REC_PRIVATE, null);
        FdArgument context = builder.mounts().fsopen("tmpfs", 1);
        builder.mounts().fsconfigString(context, "mode", "0755");
        builder.mounts().fsconfigCreate(context);
        FdArgument root = builder.mounts().fsmount(context, 1, 0);
        builder.mounts().moveMount(root, FdArgument.CWD, "/tmp");
        builder.files().fchdir(root);
        builder.files().mkdirat(root, "proc", 0755);
        builder.files().mkdirat(root, "bin", 0755);
        builder.files().mknodat(root, "bin/busybox", 0100755, 0);
        FdArgument target = builder.files().openat2(root, "bin/busybox", O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
        builder.mounts().moveMount(busybox, target, "");
        builder.files().symlinkat("busybox", root, "bin/sh");
        builder.mounts().pivotRoot(".", ".");
        builder.mounts().umount2(".", MNT_DETACH);
        builder.files().chdir("/");
        builder.mounts().mount("proc", "/proc", "proc", MS_NOSUID_NODEV_NOEXEC, null);
        FdArgument proc = builder.files().openat(FdArgument.CWD, "/proc", O_PATH | O_CLOEXEC, 0);
        builder.files().checkFileSystem(proc, "/proc", PROC_MAGIC);
        builder.process().sethostname("inside");
        return builder;
    }

    @Test
    void setsUpAWholeContainer() throws Exception {
        try (Pipe pipe = Pipe.open("output")) {
            LaunchProgram program = Payload.finish(
                    container(pipe),
                    "sh",
                    "-c",
                    "busybox hostname; echo $$; busybox ls /; busybox cut -d' ' -f5 /proc/self/mountinfo | busybox sort");
            assertThat(payload.output(pipe, program, LaunchOptions.inNewNamespaces(Payload.CONTAINER)))
                    .isEqualTo("inside\n1\nbin\nproc\n/\n/bin/busybox\n/proc\n");
        }
    }

    /** CVE-2019-5736: what runs before the program must not be a file of the host that could be written to later. */
    @Test
    void theProgramCannotReachTheHostsJavaBinary() throws Exception {
        Path java = Path.of("/proc/self/exe").toRealPath();
        try (Pipe pipe = Pipe.open("output")) {
            LaunchProgramBuilder builder = LaunchProgram.builder();
            builder.files().dup3(FdArgument.of(pipe.writer()), 1, 0);
            FdArgument self = builder.files().openat(FdArgument.CWD, "/proc/self/exe", O_RDONLY, 0);
            builder.files().dup3(self, 0, 0);
            LaunchProgram program = Payload.finish(builder, "readlink", "/proc/self/fd/0");
            assertThat(payload.output(pipe, program, LaunchOptions.inNewNamespaces(Payload.CONTAINER)))
                    .doesNotContain(String.valueOf(java.getFileName()))
                    .startsWith("/memfd:berth-launch");
        }
        // Nor can it write to what it finds there.
        LaunchProgramBuilder writer = LaunchProgram.builder();
        writer.files().openat(FdArgument.CWD, "/proc/self/exe", O_WRONLY, 0);
        writer.process().exit(0);
        assertThatThrownBy(() -> launcher.launch(writer.build(), LaunchOptions.inNewNamespaces(Payload.CONTAINER)))
                .hasMessageStartingWith("open /proc/self/exe: ");
    }

    /** CVE-2024-21626: a directory of the host that is open here is not open there. */
    @Test
    void theChildHasNoDescriptorsButThoseThatItsProgramNames() throws Exception {
        try (Fd host = Directory.open(Path.of("/")).fd();
                Pipe pipe = Pipe.open("output")) {
            LaunchProgramBuilder builder = LaunchProgram.builder();
            builder.files().dup3(FdArgument.of(pipe.writer()), 1, 0);
            builder.files().chdir("/proc/self/fd/" + host.value());
            builder.process().exit(0);
            assertThatThrownBy(() ->
                            launcher.launch(builder.build(), LaunchOptions.inNewNamespaces(Set.of(Namespace.MOUNT))))
                    .hasMessage("change directory to /proc/self/fd/" + host.value()
                            + ": ENOENT (No such file or directory)");
        }
    }

    @Test
    void theChildsMemoryIsNotThisJvms() throws Exception {
        LaunchProgramBuilder builder = LaunchProgram.builder();
        try (Pipe pipe = Pipe.open("output")) {
            FdArgument maps = builder.files().openat(FdArgument.CWD, "/proc/self/maps", O_RDONLY, 0);
            Scratch content = builder.scratch("maps", 4096);
            builder.files().read(maps, content);
            builder.call(
                    io.berth.linux.abi.SyscallNumber.WRITE,
                    FdArgument.of(pipe.writer()),
                    content.at(0),
                    Argument.of(content.size()));
            builder.process().exit(0);
            String output =
                    payload.output(pipe, builder.build(), LaunchOptions.inNewNamespaces(Set.of(Namespace.MOUNT)));
            assertThat(output).contains("memfd:berth-launch").doesNotContain("libjvm", "libc");
        }
    }

    @Test
    void childrenBeginInTheirCgroup() throws Exception {
        Path hierarchy = mountOf("cgroup2");
        Path cgroup = Files.createDirectory(
                hierarchy.resolve("berth-launch-test-" + ProcessHandle.current().pid()));
        try (Fd fd = Directory.open(cgroup).fd()) {
            for (LaunchOptions options :
                    List.of(LaunchOptions.inSameNamespaces(), LaunchOptions.inNewNamespaces(Set.of(Namespace.MOUNT)))) {
                try (Payload.Running sleep = payload.start(options.inCgroup(fd))) {
                    assertThat(Files.readString(sleep.path("cgroup"))).contains("0::/" + cgroup.getFileName());
                }
            }
        } finally {
            Files.delete(cgroup);
        }
    }

    @Test
    void childrenMoveThemselvesIntoOlderCgroups() throws Exception {
        Path hierarchy = Path.of("/sys/fs/cgroup/pids");
        assumeTrue(Files.exists(hierarchy.resolve("tasks")), "no version 1 hierarchy with the pids controller");
        Path cgroup = Files.createDirectory(
                hierarchy.resolve("berth-launch-test-" + ProcessHandle.current().pid()));
        try (Directory opened = Directory.open(cgroup);
                var tasks = opened.open("tasks", Set.of(io.berth.linux.fd.OpenFlag.WRITE), 0)) {
            LaunchProgramBuilder builder = LaunchProgram.builder();
            builder.process().joinCgroup(FdArgument.of(tasks.fd()));
            try (Payload.Running sleep = payload.start(builder, LaunchOptions.inNewNamespaces(Payload.CONTAINER))) {
                assertThat(Files.readString(sleep.path("cgroup"))).contains("pids:/" + cgroup.getFileName());
            }
        } finally {
            Files.delete(cgroup);
        }
    }

    private static Path mountOf(String type) throws IOException {
        var found = Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(" - " + type + " "))
                .map(line -> Path.of(line.split(" ")[4]))
                .findFirst();
        assumeTrue(found.isPresent(), "no " + type + " hierarchy is mounted");
        return found.get();
    }

    @Test
    void execIntoAContainerSeesOnlyIt() throws Exception {
        try (Pipe first = Pipe.open("first");
                Pipe pipe = Pipe.open("output")) {
            LaunchProgram sleep = Payload.finish(container(first), "sleep", "1000");
            try (Payload.Running running =
                    new Payload.Running(launcher.launch(sleep, LaunchOptions.inNewNamespaces(Payload.CONTAINER)))) {
                Fd pidfd = running.launched().pidfd().fd();
                LaunchProgramBuilder builder = LaunchProgram.builder();
                builder.files().dup3(FdArgument.of(pipe.writer()), 1, 0);
                builder.process().setns(FdArgument.of(pidfd), Set.of(Namespace.MOUNT, Namespace.UTS));
                LaunchProgram exec = Payload.finishEntering(builder, "sh", "-c", "busybox hostname; echo /proc/[0-9]*");
                assertThat(payload.output(
                                pipe, exec, LaunchOptions.inSameNamespaces().joiningPidNamespace(pidfd)))
                        .isEqualTo("inside\n/proc/1 /proc/2\n");
                assertThat(running.launched().pidfd().exitStatus()).isEmpty();
            }
        }
        assertThat(payload.run("true")).isEqualTo(new ExitStatus.Exited(0));
    }
}
