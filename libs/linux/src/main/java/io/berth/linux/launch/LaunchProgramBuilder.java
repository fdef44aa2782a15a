package io.berth.linux.launch;

import io.berth.linux.Errno;
import io.berth.linux.abi.SyscallNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link LaunchProgram}. Steps are added in the order in which the child makes them, through {@link #files()},
 * {@link #mounts()}, {@link #credentials()} and {@link #process()}, or {@link #call} for any other system call.
 *
 * <p>{@link #named}, {@link #tolerating} and {@link #toleratingAll} apply to the next step only. Without a name a step
 * is called after its call and arguments. The result of a step that may fail cannot be used, since it may not exist:
 * decide on alternatives before the launch.
 *
 * <p>Not thread-safe.
 */
public final class LaunchProgramBuilder {
    private final List<Step> steps = new ArrayList<>();
    private int scratches;
    private @Nullable String nextName;
    private Set<Integer> nextTolerated = Set.of();
    private boolean nextToleratesAll;
    private int entry;
    private LaunchProgram.@Nullable Rendezvous rendezvous;

    LaunchProgramBuilder() {}

    /** Names the next step. */
    public LaunchProgramBuilder named(String name) {
        nextName = name;
        return this;
    }

    /**
     * Goes on when the next step fails with one of these errors.
     *
     * <p>The child compares error numbers modulo 64: tolerating ENOENT (2) also tolerates error 66 (EREMOTE).
     */
    public LaunchProgramBuilder tolerating(Integer... errnos) {
        nextTolerated = Set.of(errnos);
        return this;
    }

    /** Goes on when the next step fails, whatever the error. */
    public LaunchProgramBuilder toleratingAll() {
        nextToleratesAll = true;
        return this;
    }

    /** Steps on files and descriptors. */
    public FileSteps files() {
        return new FileSteps(this);
    }

    /** Steps on mounts and the root. */
    public MountSteps mounts() {
        return new MountSteps(this);
    }

    /** Steps on users, groups, capabilities and seccomp. */
    public CredentialSteps credentials() {
        return new CredentialSteps(this);
    }

    /** Steps on the process as a whole, up to the one that becomes the program. */
    public ProcessSteps process() {
        return new ProcessSteps(this);
    }

    /** Memory that the child and this process share while the program runs. */
    public Scratch scratch(String name, int size) {
        return new Scratch(scratches++, name, size);
    }

    /** Adds any system call, named after itself unless {@link #named}. */
    public FdArgument.Result call(SyscallNumber call, Argument... arguments) {
        return add(Step.Kind.CALL, call.callName() + describe(arguments), call, arguments);
    }

    /**
     * Fails the program unless a 32-bit word of shared memory has this value.
     *
     * <p>The kernel compares: {@code FUTEX_WAIT} with a timeout of zero ends with ETIMEDOUT where the word has the
     * value and with EAGAIN where it has not. So the child can check what a descriptor is before it trusts it.
     */
    public void check(String condition, Argument.ScratchAddress word, int value) {
        if (word.offset() % Integer.BYTES != 0) {
            throw new IllegalArgumentException("offset: " + word.offset() + " (expected: a multiple of 4)");
        }
        nextName = nextName == null ? condition : nextName;
        nextTolerated = Set.of(Errno.ETIMEDOUT);
        nextToleratesAll = false;
        add(
                Step.Kind.CHECK,
                condition,
                SyscallNumber.FUTEX,
                word,
                Argument.of(FUTEX_WAIT_PRIVATE),
                Argument.of(value & 0xffffffffL),
                new Argument.Structure(Blob.of("0 s", 16).build()));
    }

    /** Fails the program if a 32-bit word of shared memory has this value: the opposite of {@link #check}. */
    public void checkNot(String condition, Argument.ScratchAddress word, int value) {
        check(condition, word, value);
        Step same = steps.removeLast();
        steps.add(new Step(
                same.name(),
                same.kind(),
                same.call(),
                same.arguments(),
                Set.of(Errno.EAGAIN),
                false,
                same.resultTarget()));
    }

    static final int FUTEX_WAIT_PRIVATE = 128;
    static final int FUTEX_WAKE_PRIVATE = 129;

    /**
     * The finished program.
     *
     * @throws IllegalStateException when the last step is not one that ends the child's list: an exec or an exit
     */
    public LaunchProgram build() {
        if (steps.isEmpty()) {
            throw new IllegalStateException("program has no steps");
        }
        Step last = steps.getLast();
        boolean ends = last.kind() == Step.Kind.EXEC || last.kind() == Step.Kind.EXIT;
        if (!ends || last.toleratesAll() || !last.tolerated().isEmpty()) {
            // The child has no end of list to run into: after the last record lies other memory.
            throw new IllegalStateException("program ends in " + last + " (expected: an exec or exit that is final)");
        }
        return new LaunchProgram(steps, entry, Optional.ofNullable(rendezvous));
    }

    FdArgument.Result add(Step.Kind kind, String defaultName, SyscallNumber call, Argument... arguments) {
        return add(kind, defaultName, Optional.empty(), call, arguments);
    }

    FdArgument.Result add(
            Step.Kind kind,
            String defaultName,
            Optional<Argument.ScratchAddress> resultTarget,
            SyscallNumber call,
            Argument... arguments) {
        String name = nextName == null ? defaultName : nextName;
        for (Argument argument : arguments) {
            requireKnown(argument);
        }
        steps.add(new Step(name, kind, call, List.of(arguments), nextTolerated, nextToleratesAll, resultTarget));
        nextName = null;
        nextTolerated = Set.of();
        nextToleratesAll = false;
        return new FdArgument.Result(steps.size() - 1, name);
    }

    /** Adds steps that are the same in every program: they use no results. */
    void addAll(List<Step> same) {
        steps.addAll(same);
    }

    List<Step> steps() {
        return List.copyOf(steps);
    }

    private void requireKnown(Argument argument) {
        switch (argument) {
            case FdArgument.Result(int step, String name) -> {
                if (step < entry) {
                    throw new IllegalArgumentException("result of a step that another process has done: " + name);
                }
                if (step >= steps.size() || !steps.get(step).name().equals(name)) {
                    throw new IllegalArgumentException("result of another program: " + name);
                }
                if (steps.get(step).toleratesAll()
                        || !steps.get(step).tolerated().isEmpty()) {
                    throw new IllegalArgumentException("result of a step that may fail: " + name);
                }
            }
            case Argument.Structure(Blob blob) -> blob.members().forEach(member -> requireKnown(member.value()));
            default -> {
                // known by itself
            }
        }
    }

    /**
     * From here on the steps are those of a process in the pid namespace that it joins.
     *
     * @throws IllegalStateException when it would have descriptors that were only for the steps before
     */
    void enterPidNamespace() {
        if (entry > 0) {
            throw new IllegalStateException("program enters a pid namespace already");
        }
        boolean closed = steps.stream()
                .anyMatch(step ->
                        step.call() == SyscallNumber.CLOSE_RANGE && step.value(2) == 0 && isLast(step.value(1)));
        if (!closed) {
            throw new IllegalStateException("program enters a pid namespace with descriptors open");
        }
        entry = steps.size();
    }

    private static boolean isLast(long descriptor) {
        return descriptor == FileSteps.LAST_DESCRIPTOR;
    }

    void rendezvous(LaunchProgram.Rendezvous rendezvous) {
        if (this.rendezvous != null) {
            throw new IllegalStateException("program waits for its parent already");
        }
        this.rendezvous = rendezvous;
    }

    private static String describe(Argument... arguments) {
        return Arrays.stream(arguments).map(Argument::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
