package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch.ProcessLaunch;
import io.berth.engine.runtime.ContainerLaunch.Rlimit;
import io.berth.linux.abi.Architecture;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.apparmor.AppArmor;
import io.berth.linux.capability.Capability;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.InitProcess;
import io.berth.linux.launch.LaunchProgram;
import io.berth.linux.launch.LaunchProgramBuilder;
import io.berth.linux.launch.ProcessSteps;
import io.berth.linux.seccomp.SeccompFilter;
import io.berth.linux.user.UserDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The last part of every launch program, the same for a container's first process and for an exec: streams, limits,
 * working directory, privileges, and the program itself. Everything before runs with the engine's privileges inside the
 * container's namespaces.
 *
 * @param process what to run
 * @param credentials whom to run it as
 * @param environment complete, with HOME
 * @param streams the three standard streams' descriptors in the child
 * @param seccompFilter compiled for the capabilities the process gets, or empty for none
 * @param init becomes the process and makes the program its child; or empty
 */
record ProcessSetup(
        ProcessLaunch process,
        UserDatabase.Credentials credentials,
        List<String> environment,
        ChildStreams streams,
        Optional<SeccompFilter> seccompFilter,
        Optional<InitProcess> init) {

    /** Without an init. */
    ProcessSetup(
            ProcessLaunch process,
            UserDatabase.Credentials credentials,
            List<String> environment,
            ChildStreams streams,
            Optional<SeccompFilter> seccompFilter) {
        this(process, credentials, environment, streams, seccompFilter, Optional.empty());
    }

    private static final int O_PATH = 010000000;
    private static final int O_DIRECTORY = Architecture.CURRENT == Architecture.X86_64 ? 0200000 : 040000;
    private static final int O_CLOEXEC = 02000000;
    private static final int O_RDWR = 2;
    private static final int O_WRONLY = 1;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_IN_ROOT = 0x10;
    private static final int UMASK = 022;
    private static final String PROCESSES = "nproc";
    private static final int RLIMIT_NPROC = 6;
    /** What the engine is itself. */
    private static final String UNCONFINED = "unconfined";

    /** Numbers of resources (asm-generic/resource.h; x86-64 and aarch64 use them unchanged), by Docker's names. */
    private static final Map<String, Integer> RESOURCES = Map.ofEntries(
            Map.entry("cpu", 0),
            Map.entry("fsize", 1),
            Map.entry("data", 2),
            Map.entry("stack", 3),
            Map.entry("core", 4),
            Map.entry("rss", 5),
            Map.entry(PROCESSES, RLIMIT_NPROC),
            Map.entry("nofile", 7),
            Map.entry("memlock", 8),
            Map.entry("as", 9),
            Map.entry("locks", 10),
            Map.entry("sigpending", 11),
            Map.entry("msgqueue", 12),
            Map.entry("nice", 13),
            Map.entry("rtprio", 14),
            Map.entry("rttime", 15));

    /** The engine's own: what it lacks it cannot give, which runc ignores likewise, even for a privileged container. */
    private static final CapabilitySet OWN_CAPABILITIES = ownCapabilities();

    private static CapabilitySet ownCapabilities() {
        try {
            return CapabilitySet.parseStatus(Files.readString(Path.of("/proc/self/status")), "CapPrm");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the child's standard streams come from. */
    sealed interface ChildStreams {
        /** One terminal for all three. */
        record Terminal(FdArgument terminal) implements ChildStreams {}

        /**
         * Three descriptors.
         *
         * @param stdin empty for the container's own /dev/null
         */
        record Pipes(Optional<FdArgument> stdin, FdArgument stdout, FdArgument stderr) implements ChildStreams {}
    }

    /** Adds the steps inside the container; the child's root and working directory are the container's root by now. */
    void addTo(LaunchProgramBuilder program) {
        prepare(program);
        takeTerminal(program);
        keepStreamsOnly(program);
        process.rlimits().forEach((name, limit) -> addRlimit(program, name, limit.soft(), limit.hard()));
        dropPrivileges(program, seccompFilter, false);
        execute(program);
    }

    /**
     * The same for a process that enters a pid namespace in which others may trace it. Nothing that is not the program's is left
     * when it does; a session and its terminal can only be the process's own.
     */
    void addEnteringTo(LaunchProgramBuilder program) {
        prepare(program);
        program.files().closeFrom(3, init.map(InitProcess::descriptors).orElse(List.of()));
        keepStreamsOnly(program);
        // The stage counts as one of the user's processes, until it ends.
        process.rlimits()
                .forEach((name, limit) ->
                        addRlimit(program, name, withStage(name, limit.soft()), withStage(name, limit.hard())));
        Optional<SeccompFilter> late = seccompFilter.filter(filter -> !permitsEntering(filter));
        dropPrivileges(program, late.isPresent() ? Optional.empty() : seccompFilter, late.isPresent());
        program.process().enterPidNamespace();
        program.process().setsid();
        takeTerminal(program);
        Rlimit processes = process.rlimits().get(PROCESSES);
        if (processes != null) {
            addRlimit(program, PROCESSES, processes.soft(), processes.hard());
        }
        late.ifPresent(filter -> loadLate(program, filter));
        execute(program);
    }

    private void prepare(LaunchProgramBuilder program) {
        connectStreams(program);
        enterWorkingDirectory(program);
        // umask last of what makes files: everything above names its modes exactly.
        program.files().umask(UMASK);
        program.process().resetSignals();
    }

    /** Nothing is opened afterwards, so that a small nofile does not fail the launch. */
    private void keepStreamsOnly(LaunchProgramBuilder program) {
        program.files().closeOnExecFrom(3);
        init.ifPresent(first -> first.keepReport(program));
    }

    private static long withStage(String name, long limit) {
        return name.equalsIgnoreCase(PROCESSES) && limit >= 0 ? limit + 1 : limit;
    }

    /** Whether what a stage and the process do between loading a filter and executing the program passes it. */
    private boolean permitsEntering(SeccompFilter filter) {
        return filter.permits(SyscallNumber.CLONE, LaunchProgram.ENTERING_CLONE_FLAGS)
                && filter.permits(SyscallNumber.SETSID)
                && filter.permits(SyscallNumber.EXIT_GROUP)
                && (!process.rlimits().containsKey(PROCESSES)
                        || filter.permits(SyscallNumber.PRLIMIT64, 0, RLIMIT_NPROC))
                && (!(streams instanceof ChildStreams.Terminal)
                        || filter.permits(SyscallNumber.IOCTL, 0, ProcessSteps.TIOCSCTTY));
    }

    /** The filter that refuses to make processes is loaded by the process, which may need a capability for that. */
    private void loadLate(LaunchProgramBuilder program, SeccompFilter filter) {
        program.credentials().seccompFilter(filter.encode(), filter.flags());
        if (!process.noNewPrivileges()) {
            long kept = kept().bits();
            program.credentials().capset(kept, kept, 0);
        }
    }

    private CapabilitySet kept() {
        return process.capabilities().intersection(OWN_CAPABILITIES);
    }

    private void execute(LaunchProgramBuilder program) {
        init.ifPresentOrElse(
                first -> first.execute(program, process.argv(), environment),
                () -> program.process()
                        .execveFirst(
                                programPaths(process.argv().getFirst(), environment), process.argv(), environment));
    }

    private void connectStreams(LaunchProgramBuilder program) {
        switch (streams) {
            case ChildStreams.Terminal(FdArgument terminal) -> {
                program.files().dup3(terminal, 0, 0);
                program.files().dup3(terminal, 1, 0);
                program.files().dup3(terminal, 2, 0);
            }
            case ChildStreams.Pipes(Optional<FdArgument> stdin, FdArgument stdout, FdArgument stderr) -> {
                // A running container may have anything there, also a link to a descriptor that only this child has.
                FdArgument input = stdin.orElseGet(() -> program.named("open /dev/null as input")
                        .files()
                        .openat2(
                                FdArgument.CWD,
                                "/dev/null",
                                O_RDWR | O_CLOEXEC,
                                0,
                                RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
                program.files().dup3(input, 0, 0);
                program.files().dup3(stdout, 1, 0);
                program.files().dup3(stderr, 2, 0);
            }
        }
    }

    private void takeTerminal(LaunchProgramBuilder program) {
        if (streams instanceof ChildStreams.Terminal) {
            program.process().controllingTerminal(FdArgument.number(0));
        }
    }

    private static void addRlimit(LaunchProgramBuilder program, String name, long soft, long hard) {
        Integer resource = RESOURCES.get(name.toLowerCase(Locale.ROOT));
        if (resource == null) {
            throw new IllegalArgumentException("invalid ulimit type: " + name);
        }
        program.named("set ulimit " + name + " to " + soft + ":" + hard)
                .process()
                .setrlimit(resource, soft, hard);
    }

    /**
     * Adds the steps that come before the child enters the container: there, a process of the container's could have put another
     * file of the kernel's in this one's place, and have the engine write to it (CVE-2025-52881). Always written: the child begins
     * with the engine's own score.
     */
    void addBeforeEntering(LaunchProgramBuilder program) {
        FdArgument score = program.named("open the host's oom_score_adj")
                .files()
                .openat(FdArgument.CWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
        program.named("set oom_score_adj to " + process.oomScoreAdj())
                .files()
                .write(score, Integer.toString(process.oomScoreAdj()));
        addAppArmorProfile(program);
    }

    /** For the program to be executed; until then nothing changes. */
    private void addAppArmorProfile(LaunchProgramBuilder program) {
        String profile = process.appArmorProfile();
        if (profile.isEmpty() || profile.equals(UNCONFINED)) {
            return;
        }
        FdArgument attribute = program.named("open the host's apparmor attribute")
                .files()
                .openat(FdArgument.CWD, AppArmor.EXEC_ATTRIBUTE, O_WRONLY | O_CLOEXEC, 0);
        program.named("apply apparmor profile " + profile).files().write(attribute, "exec " + profile);
    }

    /**
     * Resolved below the container's root and not through magic links, so that {@code /proc/self/fd/7} cannot lead to a
     * directory of the host (CVE-2024-21626).
     */
    private void enterWorkingDirectory(LaunchProgramBuilder program) {
        String path = process.workingDirectory().isEmpty() ? "/" : process.workingDirectory();
        FdArgument directory = program.named(STEP_WORKING_DIRECTORY + path)
                .files()
                .openat2(
                        FdArgument.CWD,
                        path,
                        O_PATH | O_DIRECTORY | O_CLOEXEC,
                        0,
                        RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
        program.named(STEP_WORKING_DIRECTORY + path).files().fchdir(directory);
    }

    /** Begins the name of the steps that fail when the working directory is not right. */
    static final String STEP_WORKING_DIRECTORY = "chdir to cwd ";

    /**
     * Without no-new-privileges only CAP_SYS_ADMIN may load a filter, so it is loaded while that is still there and has to
     * allow the calls that follow; with it, the filter comes last.
     *
     * @param filter to load here
     * @param mayLoad whether the capability to load a filter stays, if it takes one
     */
    private void dropPrivileges(LaunchProgramBuilder program, Optional<SeccompFilter> filter, boolean mayLoad) {
        CapabilitySet kept = kept();
        for (Capability capability : Capability.values()) {
            if (capability.number() <= Capability.lastSupported() && !kept.has(capability)) {
                program.named("drop " + capability + " from the bounding set")
                        .credentials()
                        .dropBounding(capability.number());
            }
        }
        if (!process.noNewPrivileges()) {
            filter.ifPresent(loaded -> program.credentials().seccompFilter(loaded.encode(), loaded.flags()));
        }
        program.credentials().keepCapabilities();
        program.credentials()
                .setgroups(credentials.groups().stream()
                        .mapToInt(Integer::intValue)
                        .toArray());
        program.credentials().setresgid(credentials.gid());
        program.credentials().setresuid(credentials.uid());
        // Inheritable stays empty (CVE-2022-24769); a user other than root loses the rest at execve, as with Docker.
        long held = mayLoad && !process.noNewPrivileges()
                ? kept.with(Capability.CAP_SYS_ADMIN).bits()
                : kept.bits();
        program.credentials().capset(held, held, 0);
        if (process.noNewPrivileges()) {
            program.credentials().noNewPrivileges();
            filter.ifPresent(loaded -> program.credentials().seccompFilter(loaded.encode(), loaded.flags()));
        }
    }

    /** Where the program may be: the path itself when it has a slash, else each directory of the environment's PATH. */
    static List<String> programPaths(String name, List<String> environment) {
        if (name.indexOf('/') >= 0) {
            return List.of(name);
        }
        List<String> paths = new ArrayList<>();
        for (String directory : searchPath(environment).split(":")) {
            // An empty entry would mean the working directory; running from there by accident is refused (as Go does).
            if (!directory.isEmpty()) {
                paths.add(directory + "/" + name);
            }
        }
        return paths.isEmpty() ? List.of("/" + name) : paths;
    }

    private static String searchPath(List<String> environment) {
        String path = "";
        for (String entry : environment) {
            if (entry.startsWith("PATH=")) {
                path = entry.substring("PATH=".length());
            }
        }
        return path;
    }

    /** The environment with HOME, which programs expect and neither image nor user need give. */
    static List<String> withHome(List<String> environment, String home) {
        if (environment.stream().anyMatch(entry -> entry.startsWith("HOME="))) {
            return environment;
        }
        List<String> complete = new ArrayList<>(environment);
        complete.add("HOME=" + home);
        return complete;
    }
}
