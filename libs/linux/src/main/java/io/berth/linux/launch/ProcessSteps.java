package io.berth.linux.launch;

import io.berth.linux.Errno;
import io.berth.linux.FileNameCodec;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.namespace.Namespace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Steps on the process as a whole, up to the one that becomes the program. */
public final class ProcessSteps {
    /** The request of {@link #controllingTerminal} (asm-generic/ioctls.h). */
    public static final long TIOCSCTTY = 0x540e;

    private static final int SIG_SETMASK = 2;
    private static final int SIGNAL_SET_SIZE = 8;
    private static final int SIGNALS = 64;
    private static final int SIGKILL = 9;
    private static final int SIGSTOP = 19;
    /** struct sigaction of the kernel on both architectures: handler, flags, restorer, mask. */
    private static final int SIGACTION_SIZE = 32;

    private static final int AT_EMPTY_PATH = 0x1000;
    /** What execvp goes on after, since the next directory of PATH may have the program. */
    private static final Integer[] NOT_HERE = {Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES};

    /** The same in every program, and a quarter of one: made once. */
    private static final List<Step> SIGNAL_RESET = signalReset();

    private final LaunchProgramBuilder builder;

    ProcessSteps(LaunchProgramBuilder builder) {
        this.builder = builder;
    }

    public void sethostname(String name) {
        builder.add(
                Step.Kind.CALL,
                "set host name " + name,
                SyscallNumber.SETHOSTNAME,
                Argument.of(name),
                Argument.of(FileNameCodec.encode(name).length));
    }

    public void setdomainname(String name) {
        builder.add(
                Step.Kind.CALL,
                "set domain name " + name,
                SyscallNumber.SETDOMAINNAME,
                Argument.of(name),
                Argument.of(FileNameCodec.encode(name).length));
    }

    /** Becomes the leader of a new session without a terminal. */
    public void setsid() {
        builder.add(Step.Kind.CALL, "start session", SyscallNumber.SETSID);
    }

    /** Makes a terminal the session's controlling one; after {@link #setsid}. */
    public void controllingTerminal(FdArgument terminal) {
        builder.add(
                Step.Kind.CALL,
                "set controlling terminal",
                SyscallNumber.IOCTL,
                terminal,
                Argument.of(TIOCSCTTY),
                Argument.of(0));
    }

    /**
     * Sets a resource limit. Every limit is to be set: the JVM raises its own soft limit of open files, and children
     * must not inherit that by accident.
     *
     * @param resource {@code RLIMIT_*} (asm-generic/resource.h)
     * @param soft unsigned; -1 is no limit
     * @param hard unsigned; -1 is no limit
     */
    public void setrlimit(int resource, long soft, long hard) {
        Blob limit = Blob.of("{" + Long.toUnsignedString(soft) + ", " + Long.toUnsignedString(hard) + "}", 16)
                .putLong(0, soft)
                .putLong(8, hard)
                .build();
        builder.add(
                Step.Kind.CALL,
                "set resource limit " + resource,
                SyscallNumber.PRLIMIT64,
                Argument.of(0),
                Argument.of(resource),
                new Argument.Structure(limit),
                Argument.NULL);
    }

    /**
     * Gives the program default signal handling: no signal blocked, none ignored.
     *
     * <p>{@code CLONE_CLEAR_SIGHAND} has cleared handlers by then, but signals that this process ignores stay ignored
     * (SIGHUP under nohup), and the child begins with the calling thread's mask (JVM threads block SIGQUIT).
     */
    public void resetSignals() {
        builder.addAll(SIGNAL_RESET);
    }

    private static List<Step> signalReset() {
        LaunchProgramBuilder reset = LaunchProgram.builder();
        Blob defaultAction = Blob.of("SIG_DFL", SIGACTION_SIZE).build();
        for (int signal = 1; signal <= SIGNALS; signal++) {
            if (signal != SIGKILL && signal != SIGSTOP) {
                reset.add(
                        Step.Kind.CALL,
                        "reset signal " + signal,
                        SyscallNumber.RT_SIGACTION,
                        Argument.of(signal),
                        new Argument.Structure(defaultAction),
                        Argument.NULL,
                        Argument.of(SIGNAL_SET_SIZE));
            }
        }
        reset.add(
                Step.Kind.CALL,
                "unblock signals",
                SyscallNumber.RT_SIGPROCMASK,
                Argument.of(SIG_SETMASK),
                new Argument.Structure(Blob.of("no signals", SIGNAL_SET_SIZE).build()),
                Argument.NULL,
                Argument.of(SIGNAL_SET_SIZE));
        return reset.steps();
    }

    /**
     * Joins namespaces.
     *
     * @param target a namespace's descriptor, or a pidfd
     * @param namespaces which of the pidfd's to join, or which kind the namespace is. Not PID, which would reach only
     *     children of the child: see {@link #enterPidNamespace}
     */
    public void setns(FdArgument target, Set<Namespace> namespaces) {
        if (namespaces.contains(Namespace.PID)) {
            throw new IllegalArgumentException("a child cannot join a pid namespace; the launch does that");
        }
        builder.add(
                Step.Kind.CALL,
                "join namespaces " + Set.copyOf(namespaces) + " of " + target,
                SyscallNumber.SETNS,
                target,
                Argument.of(Namespace.cloneFlags(namespaces)));
    }

    /**
     * Becomes root of a user namespace: ids 0 of it, with all capabilities there and none here. To be root by name too keeps
     * the capabilities over an exec.
     */
    public void enterUserNamespace(FdArgument namespace) {
        setns(namespace, Set.of(Namespace.USER));
        builder.credentials().setgroups();
        builder.credentials().setresgid(0);
        builder.credentials().setresuid(0);
    }

    /**
     * Enters the pid namespace of {@link LaunchOptions#joinPidNamespace}: the steps before are a stage's that nobody in that
     * namespace can see, the steps from here on are those of a new process, which they can. Whoever may trace it there can take
     * over what it is by now and what it has open, so everything that is not for the program is to be gone: root and working
     * directory are the container's, descriptors are closed ({@link FileSteps#closeFrom}; the builder insists), credentials,
     * limits and filters are those of the program. What remains are steps that only the process can do for itself.
     *
     * <p>Steps from here on cannot use results of steps before.
     */
    public void enterPidNamespace() {
        builder.enterPidNamespace();
    }

    public void unshare(Set<Namespace> namespaces) {
        builder.add(
                Step.Kind.CALL,
                "make namespaces " + Set.copyOf(namespaces),
                SyscallNumber.UNSHARE,
                Argument.of(Namespace.cloneFlags(namespaces)));
    }

    /**
     * Moves the child into a cgroup by writing {@code 0}, for hierarchies of version 1.
     *
     * @param tasks the cgroup's open {@code tasks} file: a task that moves itself by it does not wait for RCU, as one
     *     that writes to {@code cgroup.procs} does (0.08 ms against 13 ms)
     */
    public void joinCgroup(FdArgument tasks) {
        builder.named("join cgroup " + tasks);
        builder.files().write(tasks, "0");
    }

    /**
     * Waits until this process has acted ({@link LaunchOptions#whileWaiting}), for example by writing the id maps of
     * the child's user namespace.
     *
     * @param timeout after which the child gives up: it must not wait for ever when this process has been killed
     */
    public void awaitParent(Duration timeout) {
        Scratch ready = builder.scratch("ready", Long.BYTES);
        Scratch go = builder.scratch("go", Long.BYTES);
        builder.rendezvous(new LaunchProgram.Rendezvous(ready, go));
        Blob limit = Blob.of(timeout.toString(), 16)
                .putLong(0, timeout.toSeconds())
                .putLong(8, timeout.toNanosPart())
                .build();
        // Any number other than zero will do, and a process id never is zero.
        builder.named("report to the engine");
        builder.add(Step.Kind.CALL, "", Optional.of(ready.at(0)), SyscallNumber.GETPID);
        builder.named("wake the engine")
                .call(
                        SyscallNumber.FUTEX,
                        ready.at(0),
                        Argument.of(LaunchProgramBuilder.FUTEX_WAKE_PRIVATE),
                        Argument.of(1));
        builder.named("wait for the engine")
                .tolerating(Errno.EAGAIN) // the engine was quicker
                .call(
                        SyscallNumber.FUTEX,
                        go.at(0),
                        Argument.of(LaunchProgramBuilder.FUTEX_WAIT_PRIVATE),
                        Argument.of(0),
                        new Argument.Structure(limit));
        builder.check("check that the engine has acted", go.at(0), 1);
    }

    /** Becomes a program. {@code path} is not searched for. */
    public void execve(String path, List<String> arguments, List<String> environment) {
        builder.add(
                Step.Kind.EXEC,
                "execute " + path,
                SyscallNumber.EXECVE,
                Argument.of(path),
                new Argument.Texts(arguments),
                new Argument.Texts(environment));
    }

    /**
     * Becomes the first of several programs that exists and may be executed, as a search of PATH does. An error that
     * says more than "not here" ends the search.
     *
     * <p>When all fail, {@link LaunchException#failures()} has each one's error, and {@link LaunchException#errno()} is
     * EACCES if any was refused.
     *
     * @param paths in the order to try, at least one
     */
    public void execveFirst(List<String> paths, List<String> arguments, List<String> environment) {
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("paths: none (expected: at least one)");
        }
        for (String path : paths.subList(0, paths.size() - 1)) {
            builder.tolerating(NOT_HERE);
            execve(path, arguments, environment);
        }
        execve(paths.getLast(), arguments, environment);
    }

    /** Becomes the program that a descriptor names, which may not be a script if it is close-on-exec. */
    public void execveat(FdArgument program, List<String> arguments, List<String> environment) {
        builder.add(
                Step.Kind.EXEC,
                "execute " + program,
                SyscallNumber.EXECVEAT,
                program,
                Argument.of(""),
                new Argument.Texts(arguments),
                new Argument.Texts(environment),
                Argument.of(AT_EMPTY_PATH));
    }

    /** Ends the child, for programs that only act on namespaces. */
    public void exit(int status) {
        builder.add(Step.Kind.EXIT, "exit " + status, SyscallNumber.EXIT_GROUP, Argument.of(status));
    }
}
