package io.berth.linux.launch;

import java.util.List;
import java.util.Optional;

/**
 * What a child does between {@code clone3} and becoming its program: a list of named system calls, made in order until
 * one fails that may not.
 *
 * <p>Immutable and free of native memory, so it can be read back, compared with expectations and launched any number of
 * times and concurrently. Descriptors it names ({@link FdArgument.Open}) must be open at each launch.
 */
public final class LaunchProgram {
    private final List<Step> steps;
    private final Optional<Rendezvous> rendezvous;

    LaunchProgram(List<Step> steps, Optional<Rendezvous> rendezvous) {
        this.steps = List.copyOf(steps);
        this.rendezvous = rendezvous;
    }

    /**
     * Where the child waits until this process has acted.
     *
     * @param ready the child stores a number other than zero here when it waits
     * @param go this process stores 1 here when the child may go on
     */
    record Rendezvous(Scratch ready, Scratch go) {}

    public static LaunchProgramBuilder builder() {
        return new LaunchProgramBuilder();
    }

    /** The calls in order. */
    public List<Step> steps() {
        return steps;
    }

    /** The steps that make one kind of call, in order. */
    public List<Step> steps(io.berth.linux.jna.SyscallNumber call) {
        return steps.stream().filter(step -> step.call() == call).toList();
    }

    /** Whether the child waits for a {@link ParentAction}. */
    public boolean awaitsParent() {
        return rendezvous.isPresent();
    }

    Optional<Rendezvous> rendezvous() {
        return rendezvous;
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        steps.forEach(step -> text.append(step).append('\n'));
        return text.toString();
    }
}
