package io.berth.engine.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.runtime.ContainerId;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerLaunch.Rlimit;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.DeviceLaunch;
import io.berth.engine.runtime.Isolation;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.engine.runtime.StdioMode;
import io.berth.engine.runtime.kernel.ContainerProgram.CgroupMount;
import io.berth.engine.runtime.kernel.ContainerProgram.KernelPaths;
import io.berth.engine.runtime.kernel.ProcessSetup.ChildStreams;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.cgroup.CgroupLimits;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.LaunchProgram;
import io.berth.linux.launch.Step;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.seccomp.SeccompFilter;
import io.berth.linux.user.UserDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Reads launch programs back: what is done, and in which order. */
class ContainerProgramTest {
    private static final SeccompFilter FILTER = new SeccompFilters()
            .filterFor(new SeccompChoice.Default(), CapabilitySet.DOCKER_DEFAULT)
            .orElseThrow();

    @Test
    void joinsCgroupsBeforeItMakesItsCgroupNamespace() {
        List<String> names = names(program(false, false, false));
        assertThat(indexOf(names, "join cgroup")).isLessThan(indexOf(names, "make namespaces [CGROUP]"));
    }

    @Test
    void leavesTheHostBeforeItMountsAnything() {
        List<String> names = names(program(false, false, false));
        assertThat(indexOf(names, "make mounts private")).isLessThan(indexOf(names, "attach the root"));
        assertThat(indexOf(names, "detach the host's root")).isLessThan(indexOf(names, "mount proc on /proc"));
        assertThat(indexOf(names, "mount proc on /proc")).isLessThan(indexOf(names, "mask /proc/kcore"));
    }

    @Test
    void protectsPathsOnlyWithoutPrivileges() {
        assertThat(names(program(false, false, false)))
                .contains("mask /proc/kcore", "mask /sys/firmware", "make /proc/sys read-only")
                .doesNotContain("mask /proc/missing");
        assertThat(names(program(true, false, false))).noneMatch(name -> name.startsWith("mask "));
    }

    @Test
    void makesTheRootReadOnlyAfterAllMounts() {
        List<String> names = names(program(false, true, false));
        assertThat(indexOf(names, "make the root read-only")).isGreaterThan(indexOf(names, "mask /proc/kcore"));
        assertThat(names(program(false, false, false))).doesNotContain("make the root read-only");
    }

    @Test
    void loadsTheFilterWhileItMay() {
        List<String> without = names(program(false, false, false));
        assertThat(indexOf(without, "load seccomp filter")).isLessThan(indexOf(without, "set capabilities"));
        List<String> with = names(program(false, false, true));
        assertThat(indexOf(with, "set no new privileges")).isLessThan(indexOf(with, "load seccomp filter"));
        assertThat(indexOf(with, "load seccomp filter")).isGreaterThan(indexOf(with, "set capabilities"));
    }

    @Test
    void closesEverythingAndEndsInTheProgram() {
        LaunchProgram program = program(false, false, false);
        List<String> names = names(program);
        assertThat(program.steps().getLast().kind()).isEqualTo(Step.Kind.EXEC);
        assertThat(program.steps(SyscallNumber.EXECVE).stream().map(step -> step.text(0)))
                .containsExactly("/usr/bin/app", "/bin/app");
        assertThat(program.steps(SyscallNumber.CLOSE_RANGE)).hasSize(1);
        assertThat(indexOf(names, "set user 1000")).isLessThan(indexOf(names, "execute /usr/bin/app"));
    }

    @Test
    void limitsOpenFilesWhenNothingMoreIsOpened() {
        List<String> names = names(program(false, false, false));
        int limit = indexOf(names, "set ulimit nofile to 1024:4096");
        assertThat(limit).isLessThan(indexOf(names, "set user 1000"));
        assertThat(names.subList(limit, names.size())).noneMatch(name -> name.startsWith("open"));
    }

    @Test
    void entersTheWorkingDirectoryBelowTheRootOnly() {
        assertThat(program(false, false, false).steps(SyscallNumber.OPENAT2).stream()
                        .map(Step::name))
                .containsExactly("open /dev/null as input", "chdir to cwd /proc/self/fd/7");
    }

    /** CVE-2025-52881: inside, what is called /proc may be the container's choice. */
    @Test
    void writesTheScoreBeforeItIsInTheContainer() {
        List<String> names = names(program(false, false, false));
        assertThat(indexOf(names, "set oom_score_adj to 0")).isLessThan(indexOf(names, "make mounts private"));
    }

    @Test
    void addsHomeOnlyWhenMissing() {
        assertThat(ProcessSetup.withHome(List.of("A=1"), "/root")).containsExactly("A=1", "HOME=/root");
        assertThat(ProcessSetup.withHome(List.of("HOME=/x"), "/root")).containsExactly("HOME=/x");
    }

    /** Its maker has done what new ones need, and sysfs shows the network namespace that its mounter is in. */
    @Test
    void joinsANetworkNamespaceThatWasMadeForItBeforeItMounts() {
        NamespaceProgram namespaces = NamespaceProgram.open(new Isolation(
                new NamespaceChoice.Private(),
                new NamespaceChoice.Private(),
                new NamespaceChoice.Private(),
                new NamespaceChoice.Prepared(users -> {
                    throw new IllegalStateException("made elsewhere");
                }),
                new NamespaceChoice.Private(),
                null,
                Map.of("net/ipv4/ip_forward", "1")));
        namespaces.joinNetwork(Fd.own(700, "made"));
        assertThat(namespaces.options().newNamespaces()).doesNotContain(Namespace.NETWORK);
        List<String> names = names(program(false, false, false, namespaces));
        assertThat(indexOf(names, "join namespaces [NETWORK] of fd(made)"))
                .isLessThan(indexOf(names, "mount sysfs on /sys"));
        assertThat(names)
                .doesNotContain("set lo up", "set sysctl net.ipv4.ip_unprivileged_port_start")
                .doesNotContain("set sysctl net.ipv4.ping_group_range");
        assertThat(names(program(false, false, false))).contains("set lo up");
    }

    private static LaunchProgram program(boolean privileged, boolean readonlyRoot, boolean noNewPrivileges) {
        return program(privileged, readonlyRoot, noNewPrivileges, NamespaceProgram.open(Isolation.FULL));
    }

    private static LaunchProgram program(
            boolean privileged, boolean readonlyRoot, boolean noNewPrivileges, NamespaceProgram namespaces) {
        ProcessLaunch process = new ProcessLaunch(
                List.of("app", "-x"),
                List.of("PATH=/usr/bin::/bin"),
                "/proc/self/fd/7",
                "1000",
                List.of(),
                CapabilitySet.DOCKER_DEFAULT,
                noNewPrivileges,
                new SeccompChoice.Default(),
                "",
                Map.of("nofile", new Rlimit(1024, 4096)),
                0,
                new StdioMode(false, false, false),
                null);
        ContainerLaunch launch = new ContainerLaunch(
                ContainerId.random(),
                Path.of("/nowhere"),
                List.of(),
                process,
                "host",
                "",
                CgroupLimits.NONE,
                readonlyRoot,
                privileged,
                List.of("/proc/kcore", "/proc/missing", "/sys/firmware"),
                List.of("/proc/sys"),
                64 << 20,
                List.of(),
                Isolation.FULL,
                DeviceLaunch.NONE,
                false,
                "",
                Map.of());
        return new ContainerProgram(
                        launch,
                        namespaces,
                        List.of(),
                        FdArgument.number(40),
                        "/attach",
                        FdArgument.number(41),
                        Optional.empty(),
                        List.of(FdArgument.number(42)),
                        List.of(new CgroupMount("memory", "cgroup", "memory")),
                        new MountProgram(List.of(), List.of()),
                        new FixedPaths(),
                        new ProcessSetup(
                                process,
                                new UserDatabase.Credentials(1000, 1000, List.of(1000), "/"),
                                process.env(),
                                new ChildStreams.Pipes(Optional.empty(), FdArgument.number(43), FdArgument.number(44)),
                                Optional.of(FILTER)))
                .build();
    }

    private static final class FixedPaths implements KernelPaths {
        @Override
        public Kind kind(String path) {
            return switch (path) {
                case "/proc/kcore" -> Kind.FILE;
                case "/proc/missing" -> Kind.MISSING;
                default -> Kind.DIRECTORY;
            };
        }

        @Override
        public boolean hasCgroupMountPoint() {
            return true;
        }
    }

    private static List<String> names(LaunchProgram program) {
        return program.steps().stream().map(Step::name).toList();
    }

    private static int indexOf(List<String> names, String beginning) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).startsWith(beginning)) {
                return i;
            }
        }
        throw new AssertionError("no step «" + beginning + "» in " + names);
    }
}
